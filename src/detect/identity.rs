//! What the thing is called and what it is for, by its manifests.

use super::observation::Observation;
use super::remote;
use super::scene::Scene;
use crate::model::path::RepoPath;

pub(super) fn detect(scene: &Scene<'_>) -> Vec<Observation> {
    let mut seen = Vec::new();
    for manifest in scene.manifests().iter().filter(|manifest| manifest.path.parent().is_none()) {
        if let Some((name, line)) = &manifest.name {
            let word = name.to_lowercase().replace(['_', '.'], "-");
            seen.push(
                Observation::new("name", word, "the manifest").at(&manifest.path, *line).likely().answers("name"),
            );
        }
        if let Some((text, line)) = manifest.description.as_ref().filter(|(text, _)| !text.trim().is_empty()) {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let told = Observation::new("description", text, "the manifest").at(&manifest.path, *line);
            seen.push(told.answers("description"));
        }
    }
    seen.extend(readme(scene));
    seen
}

/// What a repository is for where nothing in it says so: its name is true, which a sample's words would not be.
pub(super) fn named_alone(scene: &Scene<'_>) -> Option<Observation> {
    let address = remote::address(scene).filter(|_| !scene.files.is_empty())?;
    let told = Observation::new("description", address.repo, "its name: nothing here says more");
    Some(told.likely().answers("description"))
}

/// No longer sentence is what a thing does in one line.
const LONGEST: usize = 200;

/// The first prose of the README: no heading, badge, image, list, table or markup.
fn readme(scene: &Scene<'_>) -> Option<Observation> {
    let is_readme = |path: &RepoPath| path.parent().is_none() && path.file_name().to_lowercase() == "readme.md";
    let path = scene.files.iter().find(|path| is_readme(path))?;
    let text = scene.text(path)?;
    let (mut in_code, mut in_comment) = (false, false);
    for (n, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with("##") {
            // What follows is about something of its own.
            return None;
        }
        in_code ^= line.starts_with("```");
        in_comment |= line.starts_with("<!--");
        if in_comment {
            in_comment = !line.contains("-->");
            continue;
        }
        let is_prose =
            line.starts_with(|c: char| c.is_alphabetic() || "*_`".contains(c)) && line.split_whitespace().count() > 2;
        if in_code || !is_prose || line.starts_with("```") || line.starts_with("* ") {
            continue;
        }
        let plain = plain(line);
        let end = plain.find(". ").map_or(plain.len(), |at| at + 1);
        let sentence = plain[..end].trim_end_matches(['.', ':']).trim();
        let fits = !sentence.is_empty() && sentence.chars().count() <= LONGEST;
        return fits.then(|| {
            Observation::new("description", sentence, "the README").at(path, n + 1).likely().answers("description")
        });
    }
    None
}

/// A line of Markdown without emphasis, and with the words of its links alone.
fn plain(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('[') {
        let Some((words, after)) = rest[start + 1..].split_once(']') else { break };
        text.push_str(&rest[..start]);
        text.push_str(words);
        rest = match after.strip_prefix('(').and_then(|after| after.split_once(')')) {
            Some((_, after)) => after,
            None => after,
        };
    }
    text.push_str(rest);
    text.replace(['*', '`', '_'], "").split_whitespace().collect::<Vec<_>>().join(" ")
}
