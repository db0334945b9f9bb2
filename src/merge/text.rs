//! Line by line.

use std::fmt;
use std::ops::Range;

use similar::{Algorithm, MergeRegion, MergeResolution, TextMerge, TextMergeConfig};

use super::differ::named;
use super::file::Labels;

/// Lines of a text, counted from 0, the end excluded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lines(pub(super) Range<usize>);

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Range { start, end } = self.0;
        match end.saturating_sub(start) {
            0 if start == 0 => write!(f, "before line 1"),
            0 => write!(f, "after line {start}"),
            1 => write!(f, "line {end}"),
            _ => write!(f, "lines {}-{end}", start + 1),
        }
    }
}

/// Lines that both sides changed.
#[derive(Clone, Debug)]
pub(super) struct Clash {
    /// Ours and theirs, place by place.
    pub(super) lines: Vec<(Lines, Lines)>,
    /// The text with conflict markers.
    pub(super) marked: String,
}

impl Clash {
    /// What collides, and where.
    pub(super) fn message(&self) -> String {
        format!("both sides changed the same place: {}", named(&self.lines))
    }
}

/// The merge of base, ours and theirs, whose lines all end with LF.
pub(super) fn merge(texts: &[String; 3], labels: &Labels) -> Result<String, Clash> {
    let [base, ours, theirs] = texts;
    let merge = TextMerge::from_lines(base.as_str(), ours.as_str(), theirs.as_str());
    if !merge.is_conflicted() {
        return Ok(merge.to_string());
    }
    if let Some(merged) = by_rare_lines(texts) {
        return Ok(merged);
    }
    let lines = merge.conflicts().map(|region| (Lines(region.ours_range()), Lines(region.theirs_range()))).collect();
    Err(Clash { lines, marked: marked(texts, labels, &MergeRegion::is_conflict) })
}

/// The merge by the differences that `git merge` takes (histogram). A text may have several shortest differences from another,
/// and what collides in one of them need not collide in the others: rare lines tell what belongs together.
fn by_rare_lines([base, ours, theirs]: &[String; 3]) -> Option<String> {
    let merge = TextMergeConfig::default().algorithm(Algorithm::Histogram).merge_lines(
        base.as_str(),
        ours.as_str(),
        theirs.as_str(),
    );
    (!merge.is_conflicted()).then(|| merge.to_string())
}

/// Ours with markers at each place that theirs changed, for where lines merge but their meaning does not.
pub(super) fn marked_everywhere(texts: &[String; 3], labels: &Labels) -> String {
    marked(texts, labels, &is_of_theirs)
}

/// Each place that theirs changed.
pub(super) fn changed([base, ours, theirs]: &[String; 3]) -> Vec<(Lines, Lines)> {
    let merge = TextMerge::from_lines(base.as_str(), ours.as_str(), theirs.as_str());
    let regions = merge.regions().iter().filter(|region| is_of_theirs(region));
    regions.map(|region| (Lines(region.ours_range()), Lines(region.theirs_range()))).collect()
}

fn is_of_theirs(region: &MergeRegion) -> bool {
    region.is_conflict() || region.resolution() == MergeResolution::Theirs
}

fn marked(texts: &[String; 3], labels: &Labels, is_marked: &dyn Fn(&MergeRegion) -> bool) -> String {
    let [base, ours, theirs] = texts;
    let merge = TextMerge::from_lines(base.as_str(), ours.as_str(), theirs.as_str());
    let (our_lines, their_lines) = (lines(ours), lines(theirs));
    let mut out = String::new();
    for region in merge.regions() {
        let (here, there) = (&our_lines[region.ours_range()], &their_lines[region.theirs_range()]);
        if is_marked(region) {
            mark(&mut out, here, there, labels);
        } else if region.resolution() == MergeResolution::Theirs {
            out.extend(there.iter().copied());
        } else {
            out.extend(here.iter().copied());
        }
    }
    out
}

/// The merge with each collision decided for one side; the rest of both sides stays.
pub(super) fn decided(texts: &[String; 3], for_ours: bool) -> String {
    let [base, ours, theirs] = texts;
    let merge = TextMerge::from_lines(base.as_str(), ours.as_str(), theirs.as_str());
    let (our_lines, their_lines) = (lines(ours), lines(theirs));
    let mut out = String::new();
    for region in merge.regions() {
        let take_theirs = if region.is_conflict() { !for_ours } else { region.resolution() == MergeResolution::Theirs };
        let taken = if take_theirs { &their_lines[region.theirs_range()] } else { &our_lines[region.ours_range()] };
        out.extend(taken.iter().copied());
    }
    out
}

/// A text by its lines, each with its end.
pub(super) fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

pub(super) fn mark(out: &mut String, ours: &[&str], theirs: &[&str], labels: &Labels) {
    let one_line = |label: &str| label.replace(['\r', '\n'], " ");
    out.extend(["<<<<<<< ", &one_line(&labels.ours), "\n"]);
    out.extend(ours.iter().copied());
    out.push_str("=======\n");
    out.extend(theirs.iter().copied());
    out.extend([">>>>>>> ", &one_line(&labels.theirs), "\n"]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_collides_in_one_shortest_difference_alone_is_merged() {
        let texts = ["a\nb\nd\na\n", "b\nd\n", "b\na\nd\n"].map(str::to_owned);
        let labels = Labels { ours: "ours".to_owned(), theirs: "theirs".to_owned() };
        assert!(TextMerge::from_lines(texts[0].as_str(), texts[1].as_str(), texts[2].as_str()).is_conflicted());
        assert_eq!(merge(&texts, &labels).unwrap(), "b\na\nd\n");
        let texts = ["a\nb\nc\n", "a\nx\nc\n", "a\ny\nc\n"].map(str::to_owned);
        assert!(merge(&texts, &labels).is_err());
    }
}
