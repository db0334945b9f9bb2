//! What an asset lays, as it is written: for those who look before they answer.

use super::globs;
use super::open::GoldenPath;
use super::place;
use crate::model::ownership::Ownership;

/// The files of an asset with who owns each, placeholders in their names as they are written.
pub fn files_of(path: &GoldenPath, id: &str) -> Vec<(String, Ownership)> {
    let (Some(asset), Some(files)) = (path.assets.get(id), path.files.get(id)) else { return Vec::new() };
    let owner = |name: &str| {
        let rule = asset.files.iter().find(|rule| {
            globs::of_rule(&globs::as_written(&rule.path)).is_ok_and(|glob| glob.is_match(globs::as_written(name)))
        });
        rule.map_or(Ownership::default(), |rule| rule.mode)
    };
    files.iter().map(|(file, _)| place::stem(file.as_str())).map(|name| (name.to_owned(), owner(name))).collect()
}
