//! What of somebody's own is otherwise afterwards, in words that a note can end with.

use std::collections::BTreeMap;

use super::content::{Clash, Versions};
use super::returned::Lists;
use super::settle::{Settling, Stand};
use crate::edit::Format;
use crate::edit::envelope::Envelope;
use crate::edit::told::{self, Told};
use crate::merge::edited;
use crate::model::file::File;
use crate::model::path::RepoPath;
use crate::plan::OnConflict;

/// What of somebody's own goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lost {
    /// Each thing, as far as it can be told.
    pub(super) what: Vec<String>,
    /// Whether what was laid is known; else it may be the path's own.
    pub(super) known: bool,
}

impl Lost {
    pub(super) fn nothing() -> Self {
        Lost { what: Vec::new(), known: true }
    }

    /// What there is, how it stands, and each thing of it.
    fn note(&self, becomes: &str) -> String {
        let head = if self.known { "what was edited here" } else { "what stood here" };
        let doubt = if self.known { "" } else { ", and nobody knows whether it was edited" };
        format!("{head} {becomes}{doubt}{}", self.named())
    }

    /// Each thing of it, the first ones by name, after a colon; nothing where there is none.
    fn named(&self) -> String {
        let named = first_ones(&self.what);
        if named.is_empty() { named } else { format!(": {named}") }
    }

    /// `lines`, and what of it is more than lines, after a colon.
    pub(super) fn at(&self, lines: &str) -> String {
        let others: Vec<&String> = self.what.iter().filter(|what| !what.starts_with("line")).collect();
        match (lines, first_ones(&others)) {
            ("", others) if others.is_empty() => String::new(),
            ("", others) => format!(": {others}"),
            (lines, others) if others.is_empty() => format!(": {lines}"),
            (lines, others) => format!(": {lines} ({others})"),
        }
    }
}

fn first_ones(what: &[impl AsRef<str>]) -> String {
    const MOST: usize = 5;
    let rest = what.len().saturating_sub(MOST);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    let first: Vec<&str> = what.iter().take(MOST).map(AsRef::as_ref).collect();
    format!("{}{more}", first.join(", "))
}

/// How what goes is said.
pub(super) const IN_FILE: &str = "is replaced, because the path owns this file";
pub(super) const IN_PART: &str = "is replaced, because the path owns that part of it";
pub(super) const COMES_BACK: &str = "comes back in part, because the golden path changed it";
pub(super) const GOES_ALONG: &str = "goes with what the path no longer asks for";
pub(super) const DECIDED: &str = "goes, because `--conflict theirs` asks for it";

impl Settling<'_> {
    /// Says what goes, if the file reached its target.
    pub(super) fn note_lost(&mut self, path: &RepoPath, stand: Stand, lost: &Lost, becomes: &str) {
        if stand == Stand::Reached {
            self.plan.notes.push(format!("{path}: {}", lost.note(becomes)));
        }
    }
}

impl Clash {
    /// What of somebody's own goes where the collision is decided in that way, and how it is said.
    pub(super) fn lost(
        &self,
        to: &RepoPath,
        ours: &File,
        chosen: &File,
        how: OnConflict,
    ) -> Option<(Lost, &'static str)> {
        if chosen == ours {
            return None;
        }
        match (how, &self.either) {
            (OnConflict::Theirs, Some(either)) => Some((either.theirs.1.clone(), DECIDED)),
            (OnConflict::Theirs, None) => {
                let base = self.sides.as_ref().and_then(|sides| sides.base.as_ref());
                let theirs = self.sides.as_ref().map_or(chosen, |sides| &sides.theirs);
                Some((of_files(to, base, ours, Some(theirs), Some(chosen)), DECIDED))
            }
            // What stood in a block stays, but where the path asks for something else.
            (OnConflict::Ours, Some(either)) if !either.ours.1.what.is_empty() => {
                Some((either.ours.1.clone(), IN_PART))
            }
            _ => None,
        }
    }

    /// What comes in of the golden path's where a person decided for the repo's side: what they took out may be among it, in
    /// another form, and nothing can tell.
    pub(super) fn rest(&self, ours: &File, chosen: &File) -> Option<String> {
        let lines = self.sides.as_ref().map(|_| edited(ours, chosen)).filter(|lines| !lines.is_empty())?;
        Some(format!(
            "your side stands where both changed the same place; elsewhere the golden path's changes come in: {lines}"
        ))
    }
}

/// A text as it was laid, as it is, as the path has it now (nothing where it has it no more), and as it will be.
#[derive(Clone, Copy)]
pub(super) struct Texts<'a> {
    pub(super) laid: &'a str,
    pub(super) ours: &'a str,
    pub(super) theirs: &'a str,
    pub(super) after: &'a str,
}

/// What of somebody's own goes where a whole file becomes `after`, because the path has `theirs` there; or goes.
pub(super) fn of_files(
    path: &RepoPath,
    base: Option<&File>,
    ours: &File,
    theirs: Option<&File>,
    after: Option<&File>,
) -> Lost {
    let texts = [base, theirs, after].map(|file| file.map_or(Some(""), File::text));
    let what = match (texts, ours.text()) {
        ([Some(laid), Some(theirs), Some(after)], Some(ours)) => {
            Texts { laid, ours, theirs, after }.named(Format::of(path), &|_, _, _| false)
        }
        _ => Vec::new(),
    };
    let mode = what.is_empty() && base.is_some_and(|base| base.mode != ours.mode);
    Lost { what: if mode { vec!["its mode".to_owned()] } else { what }, known: base.is_some() }
}

/// The comments that somebody took out, and that a merge brings back as the golden path has them now: no value tells of them,
/// so the merge by keys keeps both sides'.
pub(super) fn comments_back(path: &RepoPath, sides: &Versions, after: &File) -> Option<Lost> {
    let format = Format::of(path)?;
    let told = |file: &File| told::told(format, file.text()?);
    let (laid, ours) = (told(sides.base.as_ref()?)?, told(&sides.ours)?);
    if laid.comments.iter().all(|(line, n)| ours.comments.get(line) >= Some(n)) {
        return None;
    }
    let (theirs, after) = (told(&sides.theirs)?, told(after)?);
    let lists = Lists { laid: &laid.said, ours: &ours.said, theirs: &theirs.said, after: &after.said };
    let what: Vec<String> =
        lists.returned().iter().map(|(out, comes)| format!("the comment {}", came_back(out, comes))).collect();
    (!what.is_empty()).then_some(Lost { what, known: true })
}

/// Says of a value (with its place) or a comment (without) whether it is nobody's edit, by what was laid.
pub(super) type Raised<'a> = &'a dyn Fn(&Told, Option<&str>, &str) -> bool;

impl Texts<'_> {
    /// Each thing that somebody wrote, or took out of what was laid, and that is otherwise afterwards.
    pub(super) fn named(&self, format: Option<Format>, raised: Raised<'_>) -> Vec<String> {
        let told = format.and_then(|format| {
            let texts = [self.laid, self.ours, self.theirs, self.after];
            let [laid, ours, theirs, after] = texts.map(|text| told::told(format, text));
            Some([laid?, ours?, theirs?, after?])
        });
        match &told {
            Some(told) => by_keys(told, raised),
            None => self.by_lines(),
        }
    }

    fn by_lines(&self) -> Vec<String> {
        let texts = [self.laid, self.ours, self.theirs, self.after].map(|text| Envelope::of(text).strip(text));
        let [laid, ours, theirs, after] =
            texts.each_ref().map(|text| text.lines().map(str::trim_end).collect::<Vec<_>>());
        let [before, now, then] = [&laid, &ours, &after].map(|lines| counts(lines));
        let count = |of: &BTreeMap<&str, usize>, line: &str| of.get(line).copied().unwrap_or_default();
        let own = |line: &str| count(&now, line).saturating_sub(count(&before, line));
        let mut gone: Vec<usize> = Vec::new();
        for (n, line) in ours.iter().enumerate() {
            if !line.trim().is_empty() && own(line) > count(&then, line) {
                gone.push(n + 1);
            }
        }
        let mut named = ranges(&gone);
        for (line, n) in &before {
            let here = count(&now, line);
            if !line.trim().is_empty() && here < *n && count(&then, line) > here {
                named.push(format!("`{}`, which was taken out", short(line.trim())));
            }
        }
        let lists = Lists { laid: &laid, ours: &ours, theirs: &theirs, after: &after };
        for (out, comes) in lists.returned() {
            if !out.trim().is_empty() && !comes.trim().is_empty() {
                named.push(came_back(out, comes));
            }
        }
        if reordered(&laid, &ours, &after) {
            named.push("the order of lines".to_owned());
        }
        named
    }
}

/// By values and comments, wherever they stand: keys may move, and lists may grow.
fn by_keys([laid, ours, theirs, after]: &[Told; 4], raised: Raised<'_>) -> Vec<String> {
    let mut named: Vec<String> = Vec::new();
    let mut name = |what: String| {
        if !named.contains(&what) {
            named.push(what);
        }
    };
    let count = |of: &Told, key: &(String, String)| of.values.get(key).copied().unwrap_or_default();
    for (key, n) in &ours.values {
        if *n > count(laid, key) && *n > count(after, key) && !raised(laid, Some(&key.0), &key.1) {
            name(format!("`{}`", told::shown(&key.0)));
        }
    }
    for (key, n) in &laid.values {
        let (place, here) = (&key.0, count(ours, key));
        let is_out = ours.at(place) < laid.at(place);
        // In a list others may have come: only a value tells whether one is back.
        let is_back = is_out && !place.contains("\n[]") && after.at(place) > ours.at(place);
        if is_back || (here < *n && count(after, key) > here) {
            let out = if is_out { ", which was taken out" } else { "" };
            name(format!("`{}`{out}", told::shown(place)));
        }
    }
    for (place, values) in &laid.keyed {
        let [ours, theirs, after] =
            [ours, theirs, after].map(|told| told.keyed.get(place).map_or(&[][..], Vec::as_slice));
        let lists = Lists { laid: values, ours, theirs, after };
        if lists.returned().iter().any(|(_, comes)| !raised(laid, Some(place), comes)) {
            name(format!("`{}`, which was taken out", told::shown(place)));
        }
    }
    let count = |of: &Told, line: &str| of.comments.get(line).copied().unwrap_or_default();
    for (line, n) in &ours.comments {
        if *n > count(laid, line) && *n > count(after, line) && !raised(laid, None, line) {
            name(format!("the comment `{}`", short(line)));
        }
    }
    for (line, n) in &laid.comments {
        if count(ours, line) < *n && count(after, line) > count(ours, line) {
            name(format!("the comment `{}`, which was taken out", short(line)));
        }
    }
    let [one, two, three, four] = [laid, ours, theirs, after].map(|told| told.said.as_slice());
    for (out, comes) in (Lists { laid: one, ours: two, theirs: three, after: four }).returned() {
        if !raised(laid, None, comes) {
            name(format!("the comment {}", came_back(out, comes)));
        }
    }
    for (place, items) in &ours.lists {
        if let (Some(before), Some(then)) = (laid.lists.get(place), after.lists.get(place))
            && reordered(before, items, then)
        {
            name(format!("the order of `{}`", told::shown(place)));
        }
    }
    named
}

/// What was taken out and comes in another form.
fn came_back(out: &str, comes: &str) -> String {
    format!("`{}`, which was taken out, as `{}`", short(out.trim()), short(comes.trim()))
}

fn counts<'a>(lines: &[&'a str]) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for line in lines {
        *counts.entry(*line).or_default() += 1;
    }
    counts
}

/// Whether somebody put what all three have in another order, and it does not stay there.
fn reordered<T: Ord>(laid: &[T], ours: &[T], after: &[T]) -> bool {
    let [before, now, then] = [laid, ours, after].map(only_ones);
    let shared = || ours.iter().filter(|item| now.contains_key(item));
    let rises = |places: &BTreeMap<&T, usize>, others: &BTreeMap<&T, usize>| {
        let common = shared().filter(|item| others.contains_key(item));
        common.filter_map(|item| places.get(item)).is_sorted()
    };
    !rises(&before, &then) && !rises(&then, &before)
}

/// Where each item stands that stands there once.
fn only_ones<T: Ord>(list: &[T]) -> BTreeMap<&T, usize> {
    let mut places: BTreeMap<&T, Option<usize>> = BTreeMap::new();
    for (n, item) in list.iter().enumerate() {
        places.entry(item).and_modify(|place| *place = None).or_insert(Some(n));
    }
    places.into_iter().filter_map(|(item, place)| Some((item, place?))).collect()
}

/// Lines, counted from 1, as people say them.
fn ranges(lines: &[usize]) -> Vec<String> {
    let run = lines.chunk_by(|a, b| a + 1 == *b);
    let said = run.filter_map(|run| match (run.first()?, run.last()?) {
        (first, last) if first == last => Some(format!("line {first}")),
        (first, last) => Some(format!("lines {first}-{last}")),
    });
    said.collect()
}

/// What is somebody's, short enough to be quoted.
fn short(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST { text.to_owned() } else { text.chars().take(MOST).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(format: Option<Format>, laid: &str, ours: &str, after: &str) -> Vec<String> {
        Texts { laid, ours, theirs: after, after }.named(format, &|_, _, _| false)
    }

    #[test]
    fn keys_comments_and_orders_are_named() {
        let yaml = |laid, ours, after| named(Some(Format::Yaml), laid, ours, after);
        assert_eq!(yaml("a: 1\nb: 1\n", "a: 9\nb: 1\n", "a: 2\nb: 1\n"), ["`a`"]);
        assert_eq!(
            yaml("a: 1\nb: 1\n", "b: 1 # why\n", "a: 2\nb: 1\n"),
            ["`a`, which was taken out", "the comment `# why`"]
        );
        assert_eq!(yaml("a: [1, 2]\n", "a: [2, 1]\n", "a: [1, 2, 3]\n"), ["the order of `a`"]);
        assert_eq!(yaml("a: [1, 2]\n", "a: [2, 1]\n", "a: [2, 1, 3]\n"), [""; 0]);
        assert_eq!(yaml("a: [1, 2]\n", "a: [1]\n", "a: [1, 3]\n"), [""; 0]);
    }

    #[test]
    fn lines_are_named_where_there_are_no_keys() {
        let lines = |laid, ours, after| named(None, laid, ours, after);
        assert_eq!(lines("a\nb\n", "a\nx\ny\nz\n", "a\ny\nb\n"), ["line 2", "line 4", "`b`, which was taken out"]);
        assert_eq!(lines("a\n", "a\nx\ny\n", "a\n"), ["lines 2-3"]);
        assert_eq!(lines("a\nb\n", "b\na\n", "a\nb\nc\n"), ["the order of lines"]);
        assert_eq!(lines("a\n", "a\r\nx\r\n", "a\nx\n"), [""; 0]);
        assert_eq!(named(Some(Format::Yaml), "a: 1\n", "a: [\n", "a: 1\n"), ["line 1", "`a: 1`, which was taken out"]);
    }

    #[test]
    fn a_note_names_the_first_and_counts_the_rest() {
        let lost = Lost { what: (1..=7).map(|n| format!("line {n}")).collect(), known: true };
        assert_eq!(lost.note("goes"), "what was edited here goes: line 1, line 2, line 3, line 4, line 5 and 2 more");
        let lost = Lost { what: Vec::new(), known: false };
        assert_eq!(lost.note("goes"), "what stood here goes, and nobody knows whether it was edited");
    }
}
