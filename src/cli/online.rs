//! `--online`: what a plan lacks is asked for, and the next plan knows it.

use std::collections::BTreeSet;

use super::session::Session;
use crate::catalogue::Known;
use crate::error::Result;
use crate::model::lookup::Lookup;
use crate::online::{Network, resolve};

/// The network, and what it has told in this run.
pub(super) struct Online {
    network: Network,
    known: Known,
    asked: BTreeSet<Lookup>,
}

impl Online {
    /// The network, where it is wanted.
    pub(super) fn begin(wanted: bool) -> Result<Option<Self>> {
        if !wanted {
            return Ok(None);
        }
        Ok(Some(Online { network: Network::from_environment()?, known: Known::new(), asked: BTreeSet::new() }))
    }

    /// Asks for what was not asked for yet, and says what came of it.
    pub(super) fn ask(&mut self, session: &Session, lookups: BTreeSet<Lookup>) {
        let new: BTreeSet<Lookup> = lookups.into_iter().filter(|lookup| !self.asked.contains(lookup)).collect();
        for line in resolve(&new, &mut self.known, &self.network) {
            session.say(&line);
        }
        self.asked.extend(new);
    }

    /// The catalogue, and what was told.
    pub(super) fn known(&self) -> &Known {
        &self.known
    }
}
