//! What somebody took out of what was laid, and what comes back in another form, because the golden path changed it meanwhile.

use std::collections::BTreeMap;
use std::hash::Hash;

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// A list as it was laid, as it is, as the path has it now, and as it will be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lists<'a, T> {
    pub(super) laid: &'a [T],
    pub(super) ours: &'a [T],
    pub(super) theirs: &'a [T],
    pub(super) after: &'a [T],
}

impl<'a, T: Ord + Hash> Lists<'a, T> {
    /// Each that was taken out, with what the path has in its place and nobody wrote here.
    ///
    /// The order of `after` says nothing: what the team kept may stand outside of what the path owns there.
    pub(super) fn returned(&self) -> Vec<(&'a T, &'a T)> {
        let [before, here, then] = [self.laid, self.ours, self.after].map(counts);
        let count = |of: &BTreeMap<&T, usize>, item: &T| of.get(item).copied().unwrap_or_default();
        let is_out = |item: &T| count(&here, item) < count(&before, item);
        let comes = |item: &T| count(&here, item) == 0 && count(&before, item) == 0 && count(&then, item) > 0;
        if !self.laid.iter().any(is_out) {
            return Vec::new();
        }
        // Where somebody wrote something else there, and that goes, it is said of what he wrote.
        let goes = |item: &T| count(&here, item) > count(&before, item) && count(&here, item) > count(&then, item);
        let edits = capture_diff_slices(Algorithm::Myers, self.laid, self.ours);
        let is_told = |n: usize| {
            let edit = edits.iter().find(|op| op.old_range().contains(&n));
            edit.is_some_and(|op| self.ours[op.new_range()].iter().any(goes))
        };
        let mut returned = Vec::new();
        for op in capture_diff_slices(Algorithm::Myers, self.laid, self.theirs) {
            let DiffOp::Replace { old_index, .. } = op else { continue };
            let (old, new) = (&self.laid[op.old_range()], &self.theirs[op.new_range()]);
            for (n, item) in old.iter().enumerate().filter(|(n, item)| is_out(item) && !is_told(old_index + n)) {
                // Line by line where there are as many of both, else the nearest that comes.
                let other = new.get(n).filter(|other| old.len() == new.len() || comes(other));
                let other = other.or_else(|| new.iter().find(|new| comes(new)));
                returned.extend(other.filter(|new| comes(new)).map(|new| (item, new)));
            }
        }
        returned
    }
}

fn counts<T: Ord>(items: &[T]) -> BTreeMap<&T, usize> {
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(item).or_default() += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn returned(laid: &str, ours: &str, theirs: &str, after: &str) -> Vec<String> {
        let [laid, ours, theirs, after] = [laid, ours, theirs, after].map(|text| text.split(' ').collect::<Vec<_>>());
        let lists = Lists { laid: &laid, ours: &ours, theirs: &theirs, after: &after };
        lists.returned().iter().map(|(out, comes)| format!("{out} as {comes}")).collect()
    }

    #[test]
    fn what_was_taken_out_is_found_in_its_new_form_alone() {
        assert_eq!(returned("a b c", "a c", "a B c", "a c a B c"), ["b as B"]);
        assert_eq!(returned("a b c", "a b c", "a B c", "a B c"), [""; 0]);
        assert_eq!(returned("a b c", "a c", "a c d", "a c d"), [""; 0]);
        assert_eq!(returned("a b c d", "a d", "a B C d", "a B C d"), ["b as B", "c as C"]);
        assert_eq!(returned("a b c d", "a b d", "a B C d", "a B C d"), ["c as C"]);
        assert_eq!(returned("a b c d", "a d", "a x d", "a x d"), ["b as x", "c as x"]);
    }

    #[test]
    fn the_same_change_on_both_sides_brings_nothing_back() {
        assert_eq!(returned("a b c", "a B c", "a B c", "a B c a B c"), [""; 0]);
        assert_eq!(returned("a b c", "a x c", "a B c", "a x c"), [""; 0]);
    }

    #[test]
    fn what_somebody_wrote_in_its_place_speaks_for_it_where_it_goes() {
        assert_eq!(returned("a b c", "a x c", "a B c", "a B c"), [""; 0]);
        assert_eq!(returned("a b c", "a x c", "a B c", "a x c a B c"), ["b as B"]);
    }
}
