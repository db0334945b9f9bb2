//! The lock, read from the very text that `lock_text` writes.
//!
//! Every command reads the lock, and of a check of an untouched repository its YAML was a fifth of all work. What roadbed
//! wrote is read line by line as JSON. The value counts only where it writes to the same text again, so a slip here can
//! cost time and nothing else: every other lock goes through the YAML reader.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use super::lock_text::lock_text;
use crate::model::repo_files::Lock;

/// The lock that `text` is, if roadbed wrote it like that.
pub fn written_lock(text: &str) -> Option<Lock> {
    let mut lines = text.lines().skip(1);
    let schema = lines.next()?.strip_prefix("schema: ")?.to_owned();
    let base = flow(lines.next()?.strip_prefix("base: ")?)?;
    let mut lock = Lock { schema, base, bases: BTreeMap::new(), files: Vec::new() };
    for line in lines {
        if let Some(file) = line.strip_prefix("  - ") {
            lock.files.push(flow(file)?);
        } else if let Some(entry) = line.strip_prefix("  ") {
            let (id, base) = entry.split_once(": ")?;
            lock.bases.insert(flow(id)?, flow(base)?);
        }
    }
    (lock_text(&lock) == text).then_some(lock)
}

fn flow<T: DeserializeOwned>(yaml: &str) -> Option<T> {
    serde_json::from_str(&json(yaml)?).ok()
}

/// A flow value as JSON: what is plain in YAML is quoted, unless it is a number, a boolean or null.
fn json(flow: &str) -> Option<String> {
    const MARKS: [char; 8] = ['{', '}', '[', ']', ',', ':', ' ', '"'];
    let mut json = String::with_capacity(flow.len() + flow.len() / 4);
    let mut rest = flow;
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '"' => string_end(rest)?,
            _ if MARKS.contains(&first) => 1,
            _ => rest.find(MARKS).unwrap_or(rest.len()),
        };
        let (part, after) = rest.split_at(end);
        let is_number = || part.strip_prefix('-').unwrap_or(part).bytes().all(|byte| byte.is_ascii_digit());
        if MARKS.contains(&first) || ["null", "true", "false"].contains(&part) || is_number() {
            json.push_str(part);
        } else {
            json.extend(["\"", part, "\""]);
        }
        rest = after;
    }
    Some(json)
}

/// Where the quoted text ends that `text` begins with.
fn string_end(text: &str) -> Option<usize> {
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return Some(at + 1),
            b'\\' => {
                bytes.next();
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::answer::{Answer, Answers};
    use crate::model::file::BlobId;
    use crate::model::ownership::Ownership;
    use crate::model::path::RepoPath;
    use crate::model::repo_files::{Base, LockedFile};

    fn lock(texts: &[&str]) -> Lock {
        let answers: Answers = texts.iter().map(|text| ((*text).to_owned(), Answer::from(*text))).collect();
        let list = Answer::List(vec![Answer::Integer(-8080), Answer::Boolean(true), Answer::from("a, b: {c}")]);
        let base = Base {
            source: "../path \"x\"".to_owned(),
            version: semver::Version::new(1, 2, 3),
            commit: None,
            digest: "sha256:00".to_owned(),
            engine: 1,
            extends: vec!["builtin@1.0.0 sha256:ab".to_owned()],
            template: Some("service".to_owned()),
            assets: texts.iter().map(|text| (*text).to_owned()).collect(),
            answers: answers.into_iter().chain([("list".to_owned(), list)]).collect(),
        };
        let file = |text: &&str| LockedFile {
            path: RepoPath::new(format!("d/{text}x")).unwrap(),
            asset: (*text).to_owned(),
            mode: Ownership::Block,
            block: Some((*text).to_owned()),
            base: Some("1e5".to_owned()),
            lies_at: Some(RepoPath::new(format!("e/{text}x")).unwrap()),
            pristine: BlobId::of(text.as_bytes()),
            written: BlobId::NULL,
        };
        let (schema, id) = ("roadbed/lock/v1".to_owned(), "7f3a9c".to_owned());
        let bases = BTreeMap::from([(id.clone(), base)]);
        Lock { schema, base: id, bases, files: texts.iter().map(file).collect() }
    }

    #[test]
    fn what_was_written_reads_as_it_was_and_as_yaml_reads_it() {
        let texts = [
            "main",
            "1.0.0",
            "@acme/x",
            "true",
            "No",
            "null",
            "",
            " x",
            "a: b",
            "a#b",
            "1e5",
            "12",
            "-1",
            ".5",
            "ä",
            "-",
            "~",
            "a\"b",
            "a\\b",
            "a\\\"b",
            "^1",
            "{x}",
            "[x",
            "*a",
            "&a",
            "!t",
            "line\nbreak",
            "\u{1b}",
            "\u{2028}",
            "\u{85}",
            "\u{feff}",
            "\u{7f}",
            "😀",
        ];
        let lock = lock(&texts);
        let text = lock_text(&lock);
        assert_eq!(written_lock(&text).as_ref(), Some(&lock));
        assert_eq!(serde_yaml::from_str::<Lock>(&text).unwrap(), lock);
        let empty = Lock { files: Vec::new(), ..lock };
        assert_eq!(written_lock(&lock_text(&empty)), Some(empty));
    }

    #[test]
    fn what_anybody_touched_is_left_to_the_reader_of_yaml() {
        let text = lock_text(&lock(&["a", "b"]));
        let touched = [
            text.replace("# Written", "# written"),
            text.replace("mode: block", "mode:  block"),
            text.replace("asset: a", "asset: 'a'"),
            text.replace("asset: a,", "asset: a, asset: a,"),
            text.replace("files:\n", "files:\n\n"),
            text.replace("engine: 1", "engine: 1.0"),
            text.replace('\n', "\r\n"),
            format!("{text}more: 1\n"),
            text.trim_end().to_owned(),
            String::new(),
        ];
        for touched in touched {
            assert_eq!(written_lock(&touched), None, "{touched}");
        }
    }
}
