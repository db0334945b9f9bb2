//! Before the commit point: new contents beside their targets, and the way back.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::super::os::stamp::Stamp;
use super::super::os::{Entry, failed};
use super::check::Steps;
use super::journal::Journal;
use super::site::{Site, is_empty_dir};
use crate::error::Result;
use crate::model::file::FileMode;

/// Writes every new content beside its target, durably. Tells the stamps of those that were written at once, in the order of
/// the journal's `places`.
pub(super) fn stage(site: &Site, steps: &Steps) -> Result<Vec<Option<Stamp>>> {
    let mut touched: BTreeSet<PathBuf> = BTreeSet::new();
    for dir in &steps.journal.dirs {
        site.create_dir(dir)?;
        let native = site.native(dir)?;
        touched.extend(native.parent().map(PathBuf::from));
        touched.insert(native);
    }
    for placing in &steps.journal.places {
        touched.extend(site.native(&placing.temp)?.parent().map(PathBuf::from));
    }
    let at_once = site.disk.syncs_at_once(steps.journal.places.len(), &touched);
    let mut stamps = Vec::with_capacity(steps.contents.len());
    for (placing, content) in steps.journal.places.iter().zip(&steps.contents) {
        let temp = site.native(&placing.temp)?;
        let mut stamp = None;
        let written = if content.mode == FileMode::Symlink {
            site.disk.symlink(&content.bytes, &temp)
        } else {
            let target = site.native(&placing.path)?;
            let replaces_file = placing.old.is_some_and(|old| old.mode != FileMode::Symlink);
            let like = replaces_file.then_some(target.as_path());
            let executable = content.mode == FileMode::Executable;
            if at_once {
                site.disk.write_unsynced(&temp, &content.bytes, executable, like).map(|stamped| stamp = stamped.0)
            } else {
                site.disk.write_new(&temp, &content.bytes, executable, like)
            }
        };
        written.map_err(|e| failed("staging", &temp, &e))?;
        stamps.push(stamp);
    }
    for probe in &steps.journal.probes {
        let native = site.native(probe)?;
        site.disk.write_new(&native, b"", false, None).map_err(|e| failed("writing beside", &native, &e))?;
        site.remove_file(&native)?;
    }
    if at_once {
        site.sync_at_once(&touched)?;
    } else {
        touched.iter().try_for_each(|dir| site.sync_dir(dir))?;
    }
    Ok(stamps)
}

/// Removes whatever was staged, then the journal. The targets were not touched yet.
pub(super) fn roll_back(site: &Site, journal: &Journal) -> Result<()> {
    for temp in journal.places.iter().map(|placing| &placing.temp).chain(&journal.probes) {
        if site.look(temp)? != Entry::Absent {
            site.remove_file(&site.native(temp)?)?;
        }
    }
    for dir in journal.dirs.iter().rev() {
        let native = site.native(dir)?;
        if is_empty_dir(&native) {
            site.remove_dir(&native)?;
        }
    }
    site.remove_journal()
}
