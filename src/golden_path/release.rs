//! Making a release: the version in the manifest, and the packed tree beside the others.

use semver::Version;

use super::archive::pack;
use super::digest::{RELEASES, digest};
use super::manifest::MANIFEST;
use super::open;
use super::splice::set_scalar;
use super::versions::Versions;
use crate::error::{Error, Kind, Problem, Result};
use crate::model::file::File;
use crate::model::path::RepoPath;
use crate::model::tree::MemoryTree;

/// What a release changes in the golden path's directory; empty where it is there already.
pub type Edits = Vec<(RepoPath, File)>;

/// Releases the tree as it stands as `version`.
///
/// The manifest's `version` is set, and nothing else of it is touched. A release that exists with other
/// contents is refused: releases never change.
pub fn release(versions: &Versions, version: &Version) -> Result<Edits> {
    let tree = versions.tree();
    let text = tree.get_str(MANIFEST).and_then(File::text).unwrap_or_default();
    let manifest_path = RepoPath::new(MANIFEST).map_err(|fault| Error::internal(fault.to_string()))?;
    let name = format!("{RELEASES}/{version}.tar.zst");
    let release_path = RepoPath::new(name.as_str()).map_err(|fault| Error::internal(fault.to_string()))?;
    let mut edits = Edits::new();

    let mut released: MemoryTree = tree.iter().map(|(path, file)| (path.clone(), file.clone())).collect();
    if versions.current_version() != version {
        let text = set_scalar(text, "version", &version.to_string())
            .ok_or_else(|| Error::golden_path("`version` must be a text of its own").in_file(MANIFEST))?;
        released.insert(manifest_path.clone(), File::regular(text.clone()));
        edits.push((manifest_path, File::regular(text)));
    }
    let base = versions.base(&released, &open::manifest(&released)?)?;
    // A path that does not open is never released.
    open::load(versions.source(), &released, base.as_ref())?;
    let frozen = open::frozen(&released, base.as_ref().map(|base| &base.identity))?;

    match versions.release(version) {
        Some(bytes) if digest(&super::archive::unpack(bytes)?) == digest(&frozen) => {}
        Some(_) => {
            let message = format!("version {version} was released with other contents, and a release never changes");
            let next = Version::new(version.major, version.minor, version.patch + 1);
            let problem = Problem::new(message).in_file(name).hint(format!("roadbed path release {next}"));
            return Err(Error::new(Kind::GoldenPath, problem));
        }
        None => edits.push((release_path, File::regular(pack(&frozen)?))),
    }
    Ok(edits)
}
