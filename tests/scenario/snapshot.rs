//! A tree as data, and how two of them differ.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use similar::TextDiff;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    File,
    Executable,
    Link,
    EmptyDirectory,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub kind: Kind,
    pub bytes: Vec<u8>,
}

/// Files by path; bytes of names that are not UTF-8 are written `\xff`.
pub type Snapshot = BTreeMap<String, Entry>;

/// Everything below `root` but what is called `.git`.
pub fn snapshot(root: &Path) -> Snapshot {
    let mut all = Snapshot::new();
    walk(root, root, &mut all);
    all
}

fn walk(root: &Path, dir: &Path, all: &mut Snapshot) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().is_some_and(|name| name == ".git") {
            continue;
        }
        let meta = path.symlink_metadata().unwrap();
        let (kind, bytes) = if meta.is_symlink() {
            (Kind::Link, fs::read_link(&path).unwrap().into_os_string().into_vec())
        } else if meta.is_dir() {
            walk(root, &path, all);
            if fs::read_dir(&path).unwrap().next().is_some() {
                continue;
            }
            (Kind::EmptyDirectory, Vec::new())
        } else {
            let executable = meta.permissions().mode() & 0o111 != 0;
            (if executable { Kind::Executable } else { Kind::File }, fs::read(&path).unwrap())
        };
        all.insert(name_of(path.strip_prefix(root).unwrap()), Entry { kind, bytes });
    }
}

fn name_of(path: &Path) -> String {
    let mut name = String::new();
    for chunk in path.as_os_str().as_bytes().utf8_chunks() {
        name.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(name, "\\x{byte:02x}");
        }
    }
    name
}

/// The path that a scenario's `name` stands for.
pub fn path_of(root: &Path, name: &str) -> PathBuf {
    let mut parts = name.split("\\x");
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(digits, 16).unwrap());
        bytes.extend(rest.as_bytes());
    }
    root.join(OsString::from_vec(bytes))
}

/// Writes an entry, in place of whatever is there.
pub fn put(root: &Path, name: &str, entry: Option<&Entry>) {
    let path = path_of(root, name);
    if let Ok(meta) = path.symlink_metadata() {
        if meta.is_dir() {
            fs::remove_dir_all(&path).unwrap();
        } else {
            fs::remove_file(&path).unwrap();
        }
    }
    let Some(entry) = entry else {
        // As git does: a directory goes with its last file.
        for dir in path.ancestors().skip(1).take_while(|dir| *dir != root) {
            if fs::remove_dir(dir).is_err() {
                break;
            }
        }
        return;
    };
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    match entry.kind {
        Kind::Link => std::os::unix::fs::symlink(OsString::from_vec(entry.bytes.clone()), &path).unwrap(),
        Kind::EmptyDirectory => fs::create_dir_all(&path).unwrap(),
        Kind::File | Kind::Executable => {
            fs::write(&path, &entry.bytes).unwrap();
            let mode = if entry.kind == Kind::Executable { 0o755 } else { 0o644 };
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        }
    }
}

/// What tells `actual` from `expected`, for people; empty where nothing does.
pub fn differences(expected: &Snapshot, actual: &Snapshot) -> String {
    let mut out = String::new();
    for (name, entry) in expected {
        match actual.get(name) {
            None => {
                let _ = writeln!(out, "{name}: is gone; it should be\n{}", indented(&shown(entry)));
            }
            Some(found) if found != entry => {
                if found.kind != entry.kind {
                    let _ = writeln!(out, "{name}: is {:?}; it should be {:?}", found.kind, entry.kind);
                }
                if found.bytes != entry.bytes {
                    let (wanted, got) = (shown(entry), shown(found));
                    let diff = TextDiff::from_lines(&wanted, &got);
                    let diff = diff.unified_diff().header("expected", "actual").to_string();
                    let _ = writeln!(out, "{name}:\n{}", indented(&diff));
                }
            }
            Some(_) => {}
        }
    }
    for (name, entry) in actual.iter().filter(|(name, _)| !expected.contains_key(*name)) {
        let _ = writeln!(out, "{name}: should not be here; it is {:?}\n{}", entry.kind, indented(&shown(entry)));
    }
    out
}

/// Text as it is, with what does not show made visible; bytes as hexadecimal digits.
fn shown(entry: &Entry) -> String {
    if entry.bytes.contains(&0) {
        return entry.bytes.iter().map(|byte| format!("{byte:02x} ")).collect();
    }
    let mut text = String::new();
    for chunk in entry.bytes.utf8_chunks() {
        text.push_str(&chunk.valid().replace('\r', "\\r").replace('\u{feff}', "\\u{feff}"));
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}
