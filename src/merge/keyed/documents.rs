//! Files as one document or several, each found by what Kubernetes calls it.

use super::clash::{Clash, ClashKind, lines};
use super::comments::survive;
use super::identity::Member;
use super::order::arrange;
use super::splice::carry_out;
use super::walk::{NOTHING, Outcome, Versions, walk};
use crate::edit::ops::same_roots;
use crate::edit::tree::{Document, Kind, Node, Scalar};
use crate::edit::{Format, Match};

/// The documents of a file, each with the number of lines above it.
pub(super) fn split(format: Format, text: &str) -> Vec<(usize, &str)> {
    if format != Format::Yaml {
        return vec![(0, text)];
    }
    let mut documents = Vec::new();
    let (mut start, mut above, mut place) = (0, 0, 0);
    let mut said = false;
    for (n, line) in text.split_inclusive('\n').enumerate() {
        let marker = line.strip_prefix("---").is_some_and(|rest| rest.starts_with([' ', '\n', '\t']));
        if marker && said {
            documents.push((above, &text[start..place]));
            (start, above) = (place, n);
        }
        // What stands above the first marker belongs to its document, if it is but comments.
        said |= marker || !(line.trim().is_empty() || line.starts_with(['#', '%']));
        place += line.len();
    }
    documents.push((above, &text[start..]));
    documents
}

/// What a file merges to, and how to make it of ours.
pub(super) struct Judged {
    format: Format,
    meant: Vec<Node>,
    /// Each document of the result as text; none where the keys cannot be edited in place.
    texts: Option<Vec<String>>,
}

impl Judged {
    /// Whether `text` says what the merge means.
    pub(super) fn is_said_by(&self, text: &str) -> bool {
        let documents = split(self.format, text);
        documents.len() == self.meant.len()
            && documents.iter().zip(&self.meant).all(|((_, text), meant)| {
                Document::parse(self.format, text).is_ok_and(|read| {
                    let named = named_aliases(read);
                    same_roots(named.root.as_ref(), Some(meant))
                })
            })
    }

    /// Ours with the golden path's changes, unless that would lose a comment of ours.
    pub(super) fn spliced(&self, [base, ours, theirs]: &[String; 3]) -> Option<String> {
        let mut result = String::new();
        for text in self.texts.as_ref()? {
            if !result.is_empty() && !text.starts_with("---") {
                result.push_str("---\n");
            }
            result.push_str(text);
            if !result.ends_with('\n') && !result.is_empty() {
                result.push('\n');
            }
        }
        (self.is_said_by(&result) && survive(self.format, base, ours, theirs, &result)).then_some(result)
    }
}

/// Merges by keys; an error says what collides.
pub(super) fn judge(format: Format, texts: &[String; 3], matching: &Match) -> Result<Judged, String> {
    let whose = ["the golden path's earlier file", "the file here", "the golden path's file"];
    let mut files = Vec::new();
    for (text, whose) in texts.iter().zip(whose) {
        let mut documents = Vec::new();
        for (above, text) in split(format, text) {
            let document = Document::parse(format, text).map_err(|error| {
                let line = error.position.map(|at| format!(" (line {})", at.line + above)).unwrap_or_default();
                format!("{whose} cannot be merged by keys: {}{line}", error.message)
            })?;
            documents.push((above, named_aliases(document)));
        }
        files.push(documents);
    }
    let [base, ours, theirs] = &files[..] else { return Err(String::new()) };
    merge_files(format, [base, ours, theirs], texts, matching).map_err(|clash| clash.message())
}

type Documents = [(usize, Document)];

fn merge_files(
    format: Format,
    [base, ours, theirs]: [&Vec<(usize, Document)>; 3],
    texts: &[String; 3],
    matching: &Match,
) -> Result<Judged, Clash> {
    let splice = |text: &str, outcome: Outcome<'_>| carry_out(format, text, outcome).ok();
    if base.len() == 1 && ours.len() == 1 && theirs.len() == 1 {
        let versions =
            Versions { base: &base[0].1, ours: &ours[0].1, theirs: &theirs[0].1, above: (ours[0].0, theirs[0].0) };
        let outcome = walk(versions, matching)?;
        let meant = vec![outcome.node.clone()];
        return Ok(Judged { format, meant, texts: splice(&texts[1], outcome).map(|text| vec![text]) });
    }
    let root = |document: &'_ Document| document.root.clone().unwrap_or_else(|| NOTHING.clone());
    let roots = |documents: &Documents| documents.iter().map(|(_, document)| root(document)).collect::<Vec<_>>();
    let (old, own, new) = (roots(base), roots(ours), roots(theirs));
    let clash = |kind| Clash { address: String::new(), kind, ours: None, theirs: None };
    let place = |documents: &Documents, n: usize| {
        let (above, document) = &documents[n];
        document.root.as_ref().map(|root| lines(document, &root.span, *above))
    };
    let of_both = |kind, o, t| Clash { ours: place(ours, o), theirs: place(theirs, t), ..clash(kind) };
    let arranged = arrange(&members(&old), members(&own), members(&new)).map_err(clash)?;
    for slot in &arranged.gone {
        let Some(b) = slot.base else { continue };
        match (slot.ours, slot.theirs) {
            (Some(o), None) if !own[o].same(&old[b]) => {
                return Err(Clash { ours: place(ours, o), ..clash(ClashKind::DeletedThere) });
            }
            (None, Some(t)) if !new[t].same(&old[b]) => {
                return Err(Clash { theirs: place(theirs, t), ..clash(ClashKind::DeletedHere) });
            }
            _ => {}
        }
    }
    let (our_texts, their_texts) = (split(format, &texts[1]), split(format, &texts[2]));
    let (mut meant, mut results) = (Vec::new(), Some(Vec::new()));
    for slot in &arranged.kept {
        let (node, text) = match (slot.base, slot.ours, slot.theirs) {
            (Some(b), Some(o), Some(t)) => {
                if slot.vague && !old[b].same(&own[o]) && !old[b].same(&new[t]) && !own[o].same(&new[t]) {
                    return Err(of_both(ClashKind::Alike, o, t));
                }
                let above = (ours[o].0, theirs[t].0);
                let versions = Versions { base: &base[b].1, ours: &ours[o].1, theirs: &theirs[t].1, above };
                let outcome = walk(versions, matching)?;
                (outcome.node.clone(), splice(our_texts[o].1, outcome))
            }
            (_, Some(o), Some(t)) if !own[o].same(&new[t]) => return Err(of_both(ClashKind::Added, o, t)),
            (_, Some(o), _) => (own[o].clone(), Some(our_texts[o].1.to_owned())),
            (_, None, Some(t)) => (new[t].clone(), Some(their_texts[t].1.to_owned())),
            (_, None, None) => continue,
        };
        meant.push(node);
        results = results.zip(text).map(|(mut all, text)| {
            all.push(text);
            all
        });
    }
    Ok(Judged { format, meant, texts: results })
}

/// Documents by `apiVersion`, `kind`, `metadata.namespace` and `metadata.name`.
fn members(roots: &[Node]) -> Vec<Member<'_>> {
    let text = |node: Option<&Node>| node.and_then(Node::scalar).map(|scalar: &Scalar| scalar.text.clone());
    let value = |node: &'_ Node, key: &str| node.entry(key).map(|(_, entry)| entry.value.clone());
    let name = |root: &Node| {
        let metadata = value(root, "metadata")?;
        let kind = text(value(root, "kind").as_ref())?;
        let name = text(value(&metadata, "name").as_ref())?;
        let version = text(value(root, "apiVersion").as_ref()).unwrap_or_default();
        let namespace = text(value(&metadata, "namespace").as_ref()).unwrap_or_default();
        Some([version, kind, namespace, name].join("\n"))
    };
    roots.iter().map(|root| Member::named(root, vec![name(root)])).collect()
}

/// Aliases told by their names, so that those of different texts compare.
fn named_aliases(mut document: Document) -> Document {
    if let Some(mut root) = document.root.take() {
        let text = document.text().to_owned();
        rename(&mut root, &text);
        document.root = Some(root);
    }
    document
}

fn rename(node: &mut Node, text: &str) {
    let name = &text[node.span.clone()];
    match &mut node.kind {
        Kind::Alias(id) => {
            // FNV-1a, cut to what every platform's `usize` holds.
            let hash =
                name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
            *id = usize::try_from(hash).unwrap_or(usize::MAX);
        }
        Kind::Scalar(_) => {}
        Kind::Sequence(_, items) => items.iter_mut().for_each(|item| rename(&mut item.value, text)),
        Kind::Mapping(_, entries) => entries.iter_mut().for_each(|entry| rename(&mut entry.value, text)),
    }
}
