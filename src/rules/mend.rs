//! Applying repairs: without overlap, read back and compared, again and again until nothing changes.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Facts, Subject};
use super::rule::{Guard, Repair, Violation};
use super::run::run;
use crate::edit::Format;
use crate::edit::query::view::{Syntax, View};
use crate::edit::source::{Source, Splice};
use crate::edit::tree::{Document, Node};
use crate::model::file::File;
use crate::model::finding::Safety;
use crate::model::path::RepoPath;

/// A repair can make the next one possible, but not for ever: how many rounds there are beyond those that a file with many
/// repairs at one place needs, as of two that touch one waits.
const MAX_FURTHER_ROUNDS: usize = 12;

/// Each round judges the repository anew, so even a file made to need many gets no more.
const MAX_ROUNDS: usize = 200;

/// How many bytes of one file are read again to see which of its repairs can be carried out.
const MAX_PARSED: usize = 100_000_000;

/// Says whether a file may hold a text: a golden path owns parts of it.
pub(crate) type Accept<'f> = dyn Fn(&RepoPath, &str) -> bool + 'f;

/// A file after its repairs.
#[derive(Clone, Debug)]
pub(crate) struct Mended {
    /// What it becomes.
    pub file: File,
    /// The rules whose findings are mended.
    pub rules: BTreeSet<String>,
    /// Unsafe if one of the repairs is.
    pub safety: Safety,
}

/// Mends what `wanted` asks for. Pure: the files of `facts` stay as they are.
pub(crate) fn mend(
    facts: &Facts<'_>,
    violations: &[Violation],
    wanted: &dyn Fn(&Violation, &Repair) -> bool,
    accept: &Accept<'_>,
) -> BTreeMap<RepoPath, Mended> {
    let mut mended: BTreeMap<RepoPath, Mended> = BTreeMap::new();
    let mut files: BTreeMap<RepoPath, File> = BTreeMap::new();
    let mut newer: Option<(Facts<'_>, Vec<Violation>)> = None;
    let mut futile: BTreeSet<Placed> = BTreeSet::new();
    let busiest = by_path(violations, wanted).values().map(Vec::len).max().unwrap_or_default();
    for _ in 0..MAX_ROUNDS.min(busiest + MAX_FURTHER_ROUNDS) {
        let (facts_now, violations_now) = match &newer {
            Some((facts, violations)) => (facts, violations.as_slice()),
            None => (facts, violations),
        };
        let mut tried: BTreeSet<Placed> = BTreeSet::new();
        let mut shifts: BTreeMap<RepoPath, Moves> = BTreeMap::new();
        let given_up: BTreeSet<Placed> = futile.iter().map(Placed::in_line).collect();
        let hopeful = |violation: &Violation, repair: &Repair| {
            !given_up.contains(&placed(violation).in_line()) && wanted(violation, repair)
        };
        for (path, repairs) in by_path(violations_now, &hopeful) {
            let Some(subject) = facts_now.all().find(|subject| subject.path == *path) else { continue };
            let Some(file) = subject.file() else { continue };
            let Some((text, applied)) = apply(subject, &repairs, accept) else { continue };
            if text.as_bytes() == file.bytes {
                continue;
            }
            let file = File { mode: file.mode, bytes: text.into_bytes() };
            files.insert(path.clone(), file.clone());
            let entry = mended.entry(path.clone()).or_insert_with(|| Mended {
                file: file.clone(),
                rules: BTreeSet::new(),
                safety: Safety::Safe,
            });
            entry.file = file;
            let here = shifts.entry(path.clone()).or_default();
            for (index, rule, repair) in applied {
                entry.rules.insert(rule.to_owned());
                entry.safety = entry.safety.max(repair.safety);
                tried.insert(placed(&violations_now[index]));
                here.add(subject, repair);
            }
        }
        if tried.is_empty() {
            break;
        }
        let facts = facts.with(&files);
        let violations = run(&facts);
        // A repair that does not end what it is for would be carried out again and again. Its place is part of what is
        // compared: elsewhere another repair may just have made the same finding anew.
        let (before, after) = (counted(violations_now), counted(&violations));
        let moved = |place: &Placed| shifts.get(&place.path).map_or_else(|| place.clone(), |moves| moves.apply(place));
        let kept = |place: &&Placed| after.get(&moved(place).in_line()) >= before.get(&place.in_line());
        futile = futile.iter().chain(tried.iter().filter(kept)).map(moved).collect();
        newer = Some((facts, violations));
    }
    mended
}

/// A finding, and where it begins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Placed {
    rule: String,
    path: RepoPath,
    address: String,
    message: String,
    /// Line and column; zeros for what is missing.
    place: (usize, usize),
}

impl Placed {
    /// The same, told by its line alone: a column moves with all that changes before it.
    fn in_line(&self) -> Placed {
        Placed { place: (self.place.0, 0), ..self.clone() }
    }
}

fn placed(violation: &Violation) -> Placed {
    Placed {
        rule: violation.rule.to_string(),
        path: violation.path.clone(),
        address: violation.address.clone(),
        message: violation.message.clone(),
        place: violation.span.map(|span| (span.line, span.column)).unwrap_or_default(),
    }
}

/// How the lines of a file move with its repairs: from which place on, and by how many.
#[derive(Default)]
struct Moves(Vec<((usize, usize), isize)>);

impl Moves {
    fn add(&mut self, subject: &Subject<'_>, repair: &Repair) {
        let lines = |text: &str| text.matches('\n').count().cast_signed();
        for splice in &repair.splices {
            let gone = subject.seen().get(splice.start..splice.end).unwrap_or_default();
            let span = subject.span(&(splice.start..splice.start));
            self.0.push(((span.line, span.column), lines(&splice.text) - lines(gone)));
        }
    }

    fn apply(&self, finding: &Placed) -> Placed {
        let before = self.0.iter().filter(|(from, _)| *from <= finding.place);
        let by = before.map(|(_, by)| by).sum();
        let line = finding.place.0.saturating_add_signed(by);
        Placed { place: (line, finding.place.1), ..finding.clone() }
    }
}

/// How often each finding occurs in each line.
fn counted(violations: &[Violation]) -> BTreeMap<Placed, usize> {
    let mut counts = BTreeMap::new();
    for violation in violations {
        *counts.entry(placed(violation).in_line()).or_default() += 1;
    }
    counts
}

/// Takes back the repairs that cannot be carried out, so that nobody is promised one.
pub(crate) fn keep_feasible(facts: &Facts<'_>, violations: &mut [Violation], accept: &Accept<'_>) {
    let mut refused = BTreeSet::new();
    for (path, repairs) in by_path(violations, &|_, _| true) {
        let subject = facts.all().find(|subject| subject.path == *path);
        let Some(subject) = subject.filter(|subject| subject.file().is_some()) else {
            refused.extend(repairs.iter().map(|(index, _, _)| *index));
            continue;
        };
        let mut rest = repairs;
        // Of repairs that share a place each needs a reading of its own, and no fix comes to more of them than this.
        let mut rounds = MAX_ROUNDS.min(MAX_PARSED / subject.seen().len().max(1)).max(MAX_FURTHER_ROUNDS);
        while !rest.is_empty() {
            if rounds == 0 {
                refused.extend(rest.iter().map(|(index, _, _)| *index));
                break;
            }
            rounds -= 1;
            let together: BTreeMap<usize, Numbered<'_>> = apart(&rest).into_iter().map(|one| (one.0, one)).collect();
            rest.retain(|(index, _, _)| !together.contains_key(index));
            let all: Vec<Numbered<'_>> = together.into_values().collect();
            let held: BTreeSet<usize> = holding(subject, &all, accept).into_iter().map(|(index, _, _)| index).collect();
            refused.extend(all.iter().map(|(index, _, _)| *index).filter(|index| !held.contains(index)));
        }
    }
    for index in refused {
        violations[index].repair = None;
    }
}

type Numbered<'v> = (usize, &'v str, &'v Repair);

fn by_path<'v>(
    violations: &'v [Violation],
    wanted: &dyn Fn(&Violation, &Repair) -> bool,
) -> BTreeMap<&'v RepoPath, Vec<Numbered<'v>>> {
    let mut paths: BTreeMap<&RepoPath, Vec<Numbered<'_>>> = BTreeMap::new();
    for (index, violation) in violations.iter().enumerate() {
        if let Some(repair) = violation.repair.as_ref().filter(|repair| wanted(violation, repair)) {
            paths.entry(&violation.path).or_default().push((index, violation.rule.as_ref(), repair));
        }
    }
    paths
}

/// Those of the repairs that can be carried out. Each attempt reads the whole file, so the bad ones are looked for by
/// halves: a file with a thousand findings is not read a thousand times.
fn holding<'v>(subject: &Subject<'_>, repairs: &[Numbered<'v>], accept: &Accept<'_>) -> Vec<Numbered<'v>> {
    let all: Vec<&Repair> = repairs.iter().map(|(_, _, repair)| *repair).collect();
    if attempt(subject, &all, accept).is_some() {
        return repairs.to_vec();
    }
    if repairs.len() < 2 {
        return Vec::new();
    }
    let (first, second) = repairs.split_at(repairs.len() / 2);
    let mut held = holding(subject, first, accept);
    held.extend(holding(subject, second, accept));
    held
}

/// The text after as many of the repairs as go together, and which those are.
fn apply<'v>(
    subject: &Subject<'_>,
    repairs: &[Numbered<'v>],
    accept: &Accept<'_>,
) -> Option<(String, Vec<Numbered<'v>>)> {
    let apart = apart(repairs);
    let all: Vec<&Repair> = apart.iter().map(|(_, _, repair)| *repair).collect();
    if let Some(text) = attempt(subject, &all, accept) {
        return Some((text, apart));
    }
    let held = holding(subject, &apart, accept);
    let all: Vec<&Repair> = held.iter().map(|(_, _, repair)| *repair).collect();
    if let Some(text) = attempt(subject, &all, accept).filter(|_| !held.is_empty()) {
        return Some((text, held));
    }
    // They do not go together after all; a later round takes up the others.
    repairs.iter().find_map(|numbered| {
        let text = attempt(subject, &[numbered.2], accept)?;
        (text != subject.source().original()).then(|| (text, vec![*numbered]))
    })
}

/// The repairs that keep out of each other's way, the first of two that do not.
fn apart<'v>(repairs: &[Numbered<'v>]) -> Vec<Numbered<'v>> {
    let mut taken = Taken::default();
    let mut kept = Vec::new();
    for numbered in repairs {
        let splices = &numbered.2.splices;
        if splices.iter().any(|splice| taken.touching(splice.start, splice.end).is_some()) {
            continue;
        }
        for splice in splices {
            taken.take(splice.start, splice.end);
        }
        kept.push(*numbered);
    }
    kept
}

/// Ranges of a text, none of which touches another: those that do become one.
#[derive(Default)]
struct Taken(BTreeMap<usize, usize>);

impl Taken {
    /// The range that this one overlaps or adjoins.
    fn touching(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        // Of ranges that keep apart, the last that starts before the end also ends last.
        self.0.range(..=end).next_back().map(|(from, to)| (*from, *to)).filter(|(_, to)| *to >= start)
    }

    fn take(&mut self, mut start: usize, mut end: usize) {
        while let Some((from, to)) = self.touching(start, end) {
            self.0.remove(&from);
            (start, end) = (start.min(from), end.max(to));
        }
        self.0.insert(start, end);
    }
}

/// The whole text after these repairs, if it reads back as what they announce.
fn attempt(subject: &Subject<'_>, repairs: &[&Repair], accept: &Accept<'_>) -> Option<String> {
    let source: &Source = subject.source();
    let splices: Vec<Splice> = repairs.iter().flat_map(|repair| repair.splices.iter().cloned()).collect();
    let text = source.splice(splices).ok()?;
    let mut addresses: Vec<&Vec<String>> = Vec::new();
    let mut format = None;
    let mut values: BTreeMap<Syntax, Vec<&Vec<String>>> = BTreeMap::new();
    // Repairs of one family have one guard, and each reads the whole file.
    let mut held: Vec<fn(&str, &str) -> bool> = Vec::new();
    for repair in repairs {
        match &repair.guard {
            Guard::Holds(holds) => {
                if held.iter().any(|known| std::ptr::fn_addr_eq(*known, *holds)) {
                    continue;
                }
                if !holds(source.original(), &text) {
                    return None;
                }
                held.push(*holds);
            }
            Guard::Same(of, changed) => {
                format = Some(*of);
                addresses.extend(changed);
            }
            Guard::Values(syntax, changed) => values.entry(*syntax).or_default().extend(changed),
            Guard::StillReads => {
                let reads = |format: &Format| Document::parse(*format, source.original()).is_ok();
                let named = Format::of(&subject.path).filter(reads);
                if named.is_some_and(|format| Document::parse(format, &text).is_err()) {
                    return None;
                }
            }
        }
    }
    for (syntax, changed) in values {
        let after = View::parse(syntax, &Source::new(&text).text).ok()?;
        if !subject.view(syntax)?.same_but(&after, &changed) {
            return None;
        }
    }
    if let Some(format) = format {
        let after = Document::parse(format, &text).ok()?;
        let before = subject.document()?;
        addresses.sort_unstable();
        if !same_but(before.root.as_ref()?, after.root.as_ref()?, &mut Vec::new(), &addresses) {
            return None;
        }
    }
    accept(&subject.path, &text).then_some(text)
}

/// Whether two documents differ at most at the addresses, which are sorted.
fn same_but(before: &Node, after: &Node, here: &mut Vec<String>, addresses: &[&Vec<String>]) -> bool {
    // What lies below a place stands together, and the place itself before it.
    let first = addresses.partition_point(|address| *address < here);
    let below = &addresses[first..];
    let relevant = &below[..below.partition_point(|address| address.starts_with(here))];
    let Some(nearest) = relevant.first() else { return before.same(after) };
    if nearest.len() == here.len() {
        return true;
    }
    if let (Some(old), Some(new)) = (before.entries(), after.entries()) {
        let keys: BTreeSet<&str> = old.iter().chain(new).map(|entry| entry.key.as_str()).collect();
        return keys.into_iter().all(|key| {
            here.push(key.to_owned());
            let same = match (before.entry(key), after.entry(key)) {
                (Some((_, old)), Some((_, new))) => same_but(&old.value, &new.value, here, relevant),
                _ => relevant.binary_search(&&*here).is_ok(),
            };
            here.pop();
            same
        });
    }
    if let (Some(old), Some(new)) = (before.items(), after.items()) {
        return old.len() == new.len()
            && old.iter().zip(new).enumerate().all(|(n, (old, new))| {
                here.push(n.to_string());
                let same = same_but(&old.value, &new.value, here, relevant);
                here.pop();
                same
            });
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(before: &str, after: &str, addresses: &[&[&str]]) -> bool {
        let addresses: Vec<Vec<String>> =
            addresses.iter().map(|way| way.iter().map(|key| (*key).to_owned()).collect()).collect();
        let parse = |text: &str| Document::parse(Format::Yaml, text).unwrap().root.unwrap();
        let mut addresses: Vec<&Vec<String>> = addresses.iter().collect();
        addresses.sort_unstable();
        same_but(&parse(before), &parse(after), &mut Vec::new(), &addresses)
    }

    #[test]
    fn ranges_that_overlap_or_adjoin_touch_and_others_do_not() {
        let mut taken = Taken::default();
        for (start, end) in [(10, 20), (30, 30), (15, 18), (20, 22), (40, 50)] {
            taken.take(start, end);
        }
        assert_eq!(taken.0.iter().collect::<Vec<_>>(), [(&10, &22), (&30, &30), (&40, &50)]);
        for (start, end, touches) in [(0, 9, false), (0, 10, true), (12, 13, true), (22, 22, true), (23, 29, false)] {
            assert_eq!(taken.touching(start, end).is_some(), touches, "{start}..{end}");
        }
        assert!(taken.touching(30, 30).is_some() && taken.touching(0, 99).is_some());
        assert!(taken.touching(51, 60).is_none());
    }

    #[test]
    fn places_are_told_apart_whatever_the_order() {
        let (before, after) = ("a: {b: 1, c: 2}\nab: [1, 2, 3]\n", "a: {b: 1, c: 3}\nab: [1, 9, 3]\n");
        assert!(same(before, after, &[&["ab", "1"], &["a", "c"], &["ab", "10"]]));
        assert!(!same(before, after, &[&["ab", "1"], &["ab", "0"], &["a", "b"]]));
        assert!(!same(before, after, &[&["ab", "2"], &["ab", "0"], &["a"]]));
    }

    #[test]
    fn only_the_announced_places_may_differ() {
        let text = "a: 1\nb:\n  - c: 2\n    d: 3\n";
        assert!(same(text, "a: 1\nb:\n  - c: 9\n    d: 3\n", &[&["b", "0", "c"]]));
        assert!(!same(text, "a: 1\nb:\n  - c: 9\n    d: 4\n", &[&["b", "0", "c"]]));
        assert!(same(text, "a: 1\nb:\n  - c: 2\n    d: 3\n    e: 4\n", &[&["b", "0", "e"]]));
        assert!(!same(text, "a: 1\nb:\n  - c: 2\n    d: 3\n    e: 4\n", &[&["b", "0", "f"]]));
        assert!(same(text, "b:\n  - c: 2\n    d: 3\n", &[&["a"]]));
        assert!(!same(text, "b:\n  - c: 2\n    d: 3\n", &[]));
    }
}
