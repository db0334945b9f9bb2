//! From what a plan lacks to what is known: at most eight asked at once, each repository and each image once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use super::network::{Refs, Remote};
use crate::catalogue::images::Reference;
use crate::catalogue::{self, Known};
use crate::model::lookup::Lookup;
use crate::repo::remote::Failed;

/// How many are asked at once.
const AT_ONCE: usize = 8;
/// How many repositories and images are asked for at most: what a file names costs time, and the file may be anybody's.
const MOST: usize = 500;

/// One repository or image to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Whom<'l> {
    Action(&'l str),
    Image(&'l str, &'l str),
}

enum Answer {
    /// The references, and for each commit that none of them names, whose history holds it.
    Refs(Refs, BTreeMap<String, Result<Option<String>, Failed>>),
    Digest(String),
}

/// Asks for `lookups`, adds what comes back to `known`, and says each thing that was resolved or was not, and why.
pub fn resolve(lookups: &BTreeSet<Lookup>, known: &mut Known, remote: &dyn Remote) -> Vec<String> {
    let mut asked: BTreeMap<Whom<'_>, Vec<&Lookup>> = BTreeMap::new();
    for lookup in lookups {
        let whom = match lookup {
            Lookup::Tag { action, .. } | Lookup::Commit { action, .. } | Lookup::Release { action } => {
                Whom::Action(action)
            }
            Lookup::Image { name, tag, .. } => Whom::Image(name, tag),
        };
        asked.entry(whom).or_default().push(lookup);
    }
    let mut said = Vec::new();
    let all: Vec<(Whom<'_>, Vec<&Lookup>)> = asked.into_iter().collect();
    let (now, left) = all.split_at(all.len().min(MOST));
    for ((whom, lookups), answer) in now.iter().zip(answers(now, remote)) {
        match (whom, answer) {
            (Whom::Action(action), Ok(Answer::Refs(refs, holding))) => {
                // A name that is a branch, too, may mean either.
                let sure = refs.tags.iter().filter(|(tag, _)| !refs.branches.contains_key(*tag));
                known.add_tags(action, sure.map(|(tag, commit)| (tag.clone(), commit.clone())).collect());
                said.extend(lookups.iter().filter_map(|lookup| of_action(lookup, &refs, &holding, known)));
            }
            (Whom::Image(name, tag), Ok(Answer::Digest(digest))) => {
                let image = Reference { name: (*name).to_owned(), tag: Some((*tag).to_owned()), digest: None };
                said.extend(lookups.iter().map(|lookup| of_image(lookup, &digest)));
                known.add_image(&image, digest);
            }
            (_, Ok(_)) => {}
            (_, Err(failed)) => {
                said.extend(lookups.iter().map(|lookup| format!("{}: not resolved: {}", name(lookup), failed.message)));
            }
        }
    }
    if !left.is_empty() {
        said.push(format!("{} more were not asked for; run it again, or name fewer paths", left.len()));
    }
    said
}

/// The answer to each question, in order.
fn answers(questions: &[(Whom<'_>, Vec<&Lookup>)], remote: &dyn Remote) -> Vec<Result<Answer, Failed>> {
    let next = Mutex::new(questions.iter().enumerate());
    let done: Mutex<BTreeMap<usize, Result<Answer, Failed>>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(questions.len()) {
            scope.spawn(|| {
                loop {
                    let taken = next.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((n, (whom, lookups))) = taken else { break };
                    let answer = ask(*whom, lookups, remote);
                    done.lock().unwrap_or_else(PoisonError::into_inner).insert(n, answer);
                }
            });
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
}

fn ask(whom: Whom<'_>, lookups: &[&Lookup], remote: &dyn Remote) -> Result<Answer, Failed> {
    match whom {
        Whom::Action(action) => {
            let refs = remote.refs(action)?;
            let mut holding = BTreeMap::new();
            for lookup in lookups {
                let Lookup::Commit { commit, .. } = lookup else { continue };
                if !refs.tags.values().chain(refs.branches.values()).any(|tip| tip == commit) {
                    holding.insert(commit.clone(), remote.holding(action, commit));
                }
            }
            Ok(Answer::Refs(refs, holding))
        }
        Whom::Image(name, tag) => {
            let image = Reference { name: name.to_owned(), tag: Some(tag.to_owned()), digest: None };
            remote.digest(&image).map(Answer::Digest)
        }
    }
}

/// What a file says.
fn name(lookup: &Lookup) -> String {
    match lookup {
        Lookup::Tag { action, tag } => format!("{action}@{tag}"),
        Lookup::Commit { action, commit } => format!("{action}@{commit}"),
        Lookup::Release { action } => action.clone(),
        Lookup::Image { name, tag, digest: None } => format!("{name}:{tag}"),
        Lookup::Image { name, tag, digest: Some(digest) } => format!("{name}:{tag}@{digest}"),
    }
}

/// What became of a tag or a commit; a commit that the action holds is confirmed.
fn of_action(
    lookup: &Lookup,
    refs: &Refs,
    holding: &BTreeMap<String, Result<Option<String>, Failed>>,
    known: &mut Known,
) -> Option<String> {
    let name = name(lookup);
    match lookup {
        Lookup::Tag { action, tag } => Some(match (refs.tags.get(tag), refs.branches.get(tag)) {
            (Some(_), Some(_)) => format!("{name}: not resolved: it is both a tag and a branch"),
            (Some(commit), None) if catalogue::compromised(action, commit) => {
                format!("{name}: not resolved: {commit} is known to be compromised")
            }
            (Some(commit), None) => {
                let exact = known.newest_tag(action, commit).unwrap_or_else(|| tag.clone());
                format!("{name} → {commit} ({exact})")
            }
            (None, Some(_)) => format!("{name}: not resolved: it is a branch, which moves; name a release"),
            (None, None) => format!("{name}: not resolved: {action} has no such tag"),
        }),
        Lookup::Commit { action, commit } => {
            let tip = |refs: &BTreeMap<String, String>| {
                refs.iter().find(|(_, other)| *other == commit).map(|(name, _)| name.clone())
            };
            let tag = known.newest_tag(action, commit);
            let found = tag
                .or_else(|| tip(&refs.branches))
                .map_or_else(|| holding.get(commit).cloned().unwrap_or(Ok(None)), |name| Ok(Some(name)));
            Some(match found {
                Ok(Some(place)) => {
                    known.confirm(action, commit);
                    format!("{name}: confirmed, {place} of {action} holds it")
                }
                Ok(None) => format!("{name}: no branch or tag of {action} holds it"),
                Err(failed) => format!("{name}: not confirmed: {}", failed.message),
            })
        }
        Lookup::Release { action } => Some(match known.newest_release(action) {
            Some((tag, commit)) => format!("{name} → {commit} ({tag})"),
            None => format!("{name}: not resolved: no tag of it is a whole version"),
        }),
        Lookup::Image { .. } => None,
    }
}

fn of_image(lookup: &Lookup, digest: &str) -> String {
    let name = name(lookup);
    match lookup {
        Lookup::Image { digest: Some(found), .. } if found == digest => format!("{name}: confirmed, the tag names it"),
        Lookup::Image { digest: Some(_), .. } => format!("{name}: not confirmed: the tag names {digest}"),
        _ => format!("{name} → {digest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A network in memory.
    struct Stub;

    fn sha(digit: char) -> String {
        digit.to_string().repeat(40)
    }

    impl Remote for Stub {
        fn refs(&self, action: &str) -> Result<Refs, Failed> {
            if action == "acme/gone" {
                return Err(Failed::unreachable("nobody answers"));
            }
            let map = |pairs: &[(&str, char)]| {
                pairs.iter().map(|(name, digit)| ((*name).to_owned(), sha(*digit))).collect::<BTreeMap<_, _>>()
            };
            Ok(Refs {
                tags: map(&[("v1", 'a'), ("v1.2", 'a'), ("v1.2.3", 'a'), ("both", 'b')]),
                branches: map(&[("main", 'c'), ("both", 'd')]),
            })
        }

        fn holding(&self, _: &str, commit: &str) -> Result<Option<String>, Failed> {
            Ok((commit == sha('e')).then(|| "main".to_owned()))
        }

        fn digest(&self, image: &Reference) -> Result<String, Failed> {
            match image.tag.as_deref() {
                Some("1") => Ok(format!("sha256:{}", "1".repeat(64))),
                _ => Err(Failed::refused("no such tag")),
            }
        }
    }

    fn image(tag: &str, digest: Option<&str>) -> Lookup {
        Lookup::Image { name: "acme/app".to_owned(), tag: tag.to_owned(), digest: digest.map(str::to_owned) }
    }

    #[test]
    fn each_lookup_is_answered_or_says_why_not() {
        let mut known = Known::new();
        let mut say = |lookup: Lookup| resolve(&[lookup].into(), &mut known, &Stub).join("\n");
        assert_eq!(say(Lookup::tag("acme/a", "v1")), format!("acme/a@v1 → {} (v1.2.3)", sha('a')));
        assert_eq!(
            say(Lookup::tag("acme/a", "main")),
            "acme/a@main: not resolved: it is a branch, which moves; name a release"
        );
        assert_eq!(say(Lookup::tag("acme/a", "both")), "acme/a@both: not resolved: it is both a tag and a branch");
        assert_eq!(say(Lookup::tag("acme/a", "v9")), "acme/a@v9: not resolved: acme/a has no such tag");
        assert_eq!(say(Lookup::tag("acme/gone", "v1")), "acme/gone@v1: not resolved: nobody answers");
        for (digit, end) in [
            ('a', "confirmed, v1.2.3 of acme/a holds it"),
            ('c', "confirmed, main of acme/a holds it"),
            ('e', "confirmed, main of acme/a holds it"),
            ('f', "no branch or tag of acme/a holds it"),
        ] {
            let commit = sha(digit);
            assert_eq!(say(Lookup::commit("acme/a", &commit)), format!("acme/a@{commit}: {end}"));
        }
        assert_eq!(say(Lookup::release("acme/a")), format!("acme/a → {} (v1.2.3)", sha('a')));
        let digest = format!("sha256:{}", "1".repeat(64));
        assert_eq!(say(image("1", None)), format!("acme/app:1 → {digest}"));
        assert_eq!(say(image("1", Some(&digest))), format!("acme/app:1@{digest}: confirmed, the tag names it"));
        assert_eq!(
            say(image("1", Some("sha256:0"))),
            format!("acme/app:1@sha256:0: not confirmed: the tag names {digest}")
        );
        assert_eq!(say(image("2", None)), "acme/app:2: not resolved: no such tag");
        assert_eq!(known.commit("acme/a", "v1"), Some(sha('a').as_str()));
        assert!(known.has_commit("acme/a", &sha('e')) && !known.has_commit("acme/a", &sha('f')));
    }

    #[test]
    fn a_name_that_is_both_a_tag_and_a_branch_is_not_pinned() {
        let mut known = Known::new();
        resolve(&[Lookup::tag("acme/a", "both"), Lookup::tag("acme/a", "v1")].into(), &mut known, &Stub);
        assert_eq!(known.commit("acme/a", "both"), None);
        assert_eq!(known.commit("acme/a", "v1"), Some(sha('a').as_str()));
    }

    #[test]
    fn what_one_run_asks_for_is_bounded() {
        let lookups: BTreeSet<Lookup> = (0..MOST + 2).map(|n| Lookup::tag(&format!("acme/{n}"), "v1")).collect();
        let said = resolve(&lookups, &mut Known::new(), &Stub);
        assert_eq!(said.len(), MOST + 1);
        assert!(said.last().unwrap().starts_with("2 more were not asked for"), "{:?}", said.last());
    }
}
