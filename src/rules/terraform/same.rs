//! What must stay the same when a file of Terraform is mended.

use crate::edit::hcl::{Block, Body, Value, parse};
use crate::edit::source::Source;
use crate::rules::rule::Guard;

/// The names of the variables that subjects with numbers take.
pub(super) const IDS: [&str; 2] = ["github_owner_id", "github_repository_id"];

/// The file says the same, but for what the fixes of this family add: `sensitive`, versions, and the numbers of a
/// subject with their variables.
pub(super) const GUARD: Guard = Guard::Holds(holds);

fn holds(before: &str, after: &str) -> bool {
    let read = |text: &str| parse(&Source::new(text).text).ok().map(|body| words(&body));
    let before = read(before);
    before.is_some() && before == read(after)
}

fn words(body: &Body) -> Vec<String> {
    let attributes =
        body.attributes.iter().filter(|attribute| !matches!(attribute.key.as_str(), "sensitive" | "required_version"));
    let mut all: Vec<String> =
        attributes.map(|attribute| format!("{}={}", attribute.key, bare(&attribute.value.value))).collect();
    all.extend(body.blocks.iter().filter_map(of_block));
    all
}

fn of_block(block: &Block) -> Option<String> {
    if block.kind == "variable" && block.labels.iter().any(|label| IDS.contains(&label.as_str())) {
        return None;
    }
    let inner = match block.kind.as_str() {
        // An entry without a version may get one, and an entry may come.
        "required_providers" => return None,
        _ => words(&block.body),
    };
    let empty = block.kind == "terraform" && inner.is_empty();
    (!empty).then(|| format!("{} {:?} {inner:?}", block.kind, block.labels))
}

fn bare(value: &Value) -> String {
    let listed =
        |items: &[crate::edit::hcl::Expr]| items.iter().map(|item| bare(&item.value)).collect::<Vec<_>>().join(",");
    match value {
        Value::List(items) => listed(items),
        Value::Object(entries) => {
            entries.iter().map(|(key, item)| format!("{key:?}:{}", bare(&item.value))).collect::<Vec<_>>().join(",")
        }
        Value::Call(name, args) => format!("{name}({})", listed(args)),
        Value::Text(text) | Value::Template(text) => {
            let plain = IDS.iter().fold(text.clone(), |text, id| text.replace(&format!("@${{var.{id}}}"), ""));
            format!("{plain:?}")
        }
        other => format!("{other:?}"),
    }
}
