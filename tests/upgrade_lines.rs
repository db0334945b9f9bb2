//! Every line that the team wrote, and every line that it took out, is as the team left it after an upgrade, or the upgrade
//! said of the file that it is not; also where the golden path changed the line that was taken out.
//!
//! Some dozens of golden paths and edits, by number: `LINES=17 cargo test --test upgrade_lines` plays number 17 alone, and
//! `LINES=0..500` many.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]
#![allow(unreachable_pub, reason = "each module has its own part of it")]

mod lines;
mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use lines::dice::Dice;
use lines::edits::{Edited, edit};
use lines::formats::{FORMATS, Format};
use serde_json::{Value, json};
use support::Bed;

/// So many take some 20 seconds of a debug build.
const CASES: u64 = 100;
/// Files of one golden path, each edited in its own way. The first one nobody edits.
const FILES: usize = 16;

/// What becomes of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Kept,
    Renamed,
    Dropped,
    LetGo,
}

struct Case {
    format: Format,
    from: &'static str,
    to: &'static str,
    fate: Fate,
    conflict: &'static str,
    next: String,
}

impl Case {
    fn of(dice: &mut Dice) -> Self {
        let format = dice.one(&FORMATS);
        Case {
            format,
            from: dice.one(format.modes()),
            to: dice.one(format.modes()),
            fate: dice.one(&[
                Fate::Kept,
                Fate::Kept,
                Fate::Kept,
                Fate::Renamed,
                Fate::Renamed,
                Fate::Dropped,
                Fate::LetGo,
            ]),
            conflict: dice.one(&["keep", "keep", "keep", "markers", "ours", "theirs"]),
            next: format.next(dice),
        }
    }

    fn laid_at(&self, n: usize) -> String {
        format!("f{n}/{}", self.format.name())
    }

    fn goes_to(&self, n: usize) -> String {
        if self.fate == Fate::Renamed { format!("f{n}/{}", self.format.other_name()) } else { self.laid_at(n) }
    }

    /// The repository at 1.0.0, and the golden path at 1.1.0.
    fn lay(&self, bed: &Bed) {
        let all = |name: &dyn Fn(usize) -> String| (0..FILES).map(name).collect::<Vec<_>>();
        let old = all(&|n| self.laid_at(n));
        release(bed, "1.0.0", (self.format.first(), self.from), &old, &json!({}));
        bed.run(".", &["new", "service", "repo", "--defaults", "--golden-path", "acme"]).ok();
        let (files, says) = match self.fate {
            Fate::Kept => (old, json!({})),
            Fate::Renamed => {
                let renames: Vec<Value> =
                    (0..FILES).map(|n| json!({"from": self.laid_at(n), "to": self.goes_to(n)})).collect();
                (all(&|n| self.goes_to(n)), json!({"renames": renames}))
            }
            Fate::Dropped => (Vec::new(), json!({})),
            Fate::LetGo => (Vec::new(), json!({"lets_go": old})),
        };
        release(bed, "1.1.0", (&self.next, self.to), &files, &says);
    }
}

/// Releases the golden path at a version with `files`.
fn release(bed: &Bed, version: &str, (text, mode): (&str, &str), files: &[String], says: &Value) {
    let assets = bed.path("acme/assets");
    if assets.exists() {
        std::fs::remove_dir_all(assets).unwrap();
    }
    let owns = files.iter().map(|path| match mode {
        "block" => json!({"path": path, "mode": mode, "block": "b"}),
        "keys" => json!({"path": path, "mode": mode, "match": {"steps": ["name"]}}),
        _ => json!({"path": path, "mode": mode}),
    });
    let mut asset = json!({"schema": "roadbed/asset/v1", "description": "An asset", "files": owns.collect::<Vec<_>>()});
    asset.as_object_mut().unwrap().extend(says.as_object().unwrap().clone());
    bed.write("acme/assets/base/asset.yaml", asset.to_string());
    bed.write("acme/assets/base/files/README.md", "A service\n");
    for path in files {
        bed.write(&format!("acme/assets/base/files/{path}"), text);
    }
    let path = json!({"schema": "roadbed/path/v1", "name": "acme", "version": version, "questions": {},
        "templates": {"service": {"description": "A service", "assets": ["base"]}}, "profiles": {"growth": {"levels": {}}}});
    bed.write("acme/golden-path.yaml", path.to_string());
    bed.run(".", &["-C", "acme", "path", "release", version]).ok();
}

type Files = BTreeMap<String, (Vec<u8>, bool)>;

fn files(bed: &Bed, dir: &str) -> Files {
    bed.files(dir).into_iter().map(|(path, bytes, runs)| (path, (bytes, runs))).collect()
}

/// A line as it is compared: what stands around it, and JSON's comma behind it, say nothing.
fn flat(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.trim_start_matches('\u{feff}').lines();
    lines.map(|line| line.trim().trim_end_matches(',').to_owned()).filter(|line| line.len() > 1).collect()
}

fn play(seed: u64) -> Result<(), String> {
    let mut dice = Dice::of(seed);
    let case = Case::of(&mut dice);
    let bed = Bed::new();
    case.lay(&bed);
    let mut edits: Vec<Edited> = Vec::new();
    for n in 0..FILES {
        let path = format!("repo/{}", case.laid_at(n));
        let laid = bed.read(&path);
        let nothing = || Edited { bytes: Some(laid.clone().into_bytes()), executable: false, how: Vec::new() };
        let edited = if n == 0 { nothing() } else { edit(case.format, &laid, &format!("MINE{n}x"), &mut dice) };
        match &edited.bytes {
            Some(bytes) => bed.write(&path, bytes),
            None => bed.remove(&path),
        }
        #[cfg(unix)]
        if edited.executable && edited.bytes.is_some() {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(bed.path(&path), std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        edits.push(edited);
    }
    bed.commit("repo");
    let laid = flat(case.format.first().as_bytes());
    let target = flat(case.next.as_bytes());
    let flat_line = |line: &String| flat(line.as_bytes()).pop().unwrap_or_default();
    let changed: Vec<(String, String)> =
        case.format.changed_lines(&case.next).iter().map(|(old, new)| (flat_line(old), flat_line(new))).collect();

    let before = files(&bed, "repo");
    let args = ["upgrade", "--format", "json", "--conflict", case.conflict];
    let ran = bed.run("repo", &args);
    if ![0, 3].contains(&ran.code) {
        return Err(format!("it ended with {}: {}{}", ran.code, ran.stdout, ran.stderr));
    }
    let (after, plan) = (files(&bed, "repo"), ran.json());
    let mut wrong = String::new();
    let rows = |key: &str| plan[key].as_array().cloned().unwrap_or_default();
    let places = |n: usize| [case.laid_at(n), case.goes_to(n)];
    for (n, edited) in edits.iter().enumerate() {
        let [old, new] = places(n);
        let mut fail = |why: String| {
            let text =
                |files: &Files, path: &str| files.get(path).map(|file| String::from_utf8_lossy(&file.0).into_owned());
            let _ = writeln!(
                wrong,
                "{old} ({:?}): {why}\nbefore: {:?}\nafter: {:?}",
                edited.how,
                text(&before, &old),
                text(&after, &new)
            );
        };
        let conflict = rows("conflicts").iter().any(|row| row["path"] == *old || row["path"] == *new);
        let is_about =
            |note: &Value| places(n).iter().any(|path| note.as_str().unwrap().starts_with(&format!("{path}: ")));
        let said = conflict || rows("notes").iter().any(is_about);
        let (was, now) = (before.get(&old), after.get(&new).or_else(|| after.get(&old)));
        if conflict && case.conflict == "keep" {
            if after.get(&old) != was {
                fail("it is a conflict, and was changed".to_owned());
            }
            continue;
        }
        if n == 0 {
            if said && case.fate != Fate::LetGo {
                fail("nobody edited it, and something is said".to_owned());
            }
            continue;
        }
        let (was, now) = (was.map_or(&[][..], |file| &file.0), now.map_or(&[][..], |file| &file.0));
        let (ours, then) = (flat(was), flat(now));
        let word = format!("MINE{n}x");
        let words = |lines: &[String]| -> Vec<String> {
            let words = lines.iter().flat_map(|line| line.split(|c: char| !c.is_alphanumeric()));
            words.filter(|found| found.starts_with(&word)).map(str::to_owned).collect()
        };
        let there = words(&then);
        if let Some(lost) = words(&ours).into_iter().find(|own| !there.contains(own)).filter(|_| !said) {
            fail(format!("{lost} is gone, and nothing is said"));
        }
        let back = laid.iter().find(|line| !ours.contains(line) && target.contains(line) && then.contains(line));
        if let Some(back) = back.filter(|_| !said) {
            fail(format!("`{back}` is back, and nothing is said"));
        }
        let comes = |(old, new): &&(String, String)| !ours.contains(old) && !ours.contains(new) && then.contains(new);
        if let Some((old, new)) = changed.iter().find(comes).filter(|_| !said) {
            fail(format!("`{old}` is back as `{new}`, and nothing is said"));
        }
    }
    let again = bed.run("repo", &args);
    if files(&bed, "repo") != after {
        let _ = writeln!(wrong, "a second upgrade changes something: {}", again.stdout);
    }
    if bed.findings("repo", &["--pedantic"]).iter().any(|finding| finding.contains("drift/lock-forged")) {
        wrong.push_str("the lock is forged\n");
    }
    let and_back = if seed.is_multiple_of(6) { there_and_back(&case, &bed, &before, &after) } else { String::new() };
    wrong.extend([without_a_place(&rows("conflicts")), and_back]);
    let head =
        format!("LINES={seed}: {:?} {} -> {} {:?} {}", case.format, case.from, case.to, case.fate, case.conflict);
    if wrong.is_empty() { Ok(()) } else { Err(format!("{head}\n{wrong}\nnext: {:?}\nplan: {plan:#}", case.next)) }
}

/// The conflicts that say neither in which lines they are, nor what it is that has none.
fn without_a_place(conflicts: &[Value]) -> String {
    let says = |row: &&Value| {
        let message = row["message"].as_str().unwrap();
        ["line", "mode", "symlink", "binary"].iter().any(|word| message.contains(word))
    };
    let silent: Vec<String> = conflicts.iter().filter(|row| !says(row)).map(Value::to_string).collect();
    if silent.is_empty() { String::new() } else { format!("conflicts say not where: {}\n", silent.join(", ")) }
}

/// What nobody edited is after an upgrade as a new repository has it, after the way back as it was, and again after the next.
fn there_and_back(case: &Case, bed: &Bed, before: &Files, after: &Files) -> String {
    let (old, new) = (case.laid_at(0), case.goes_to(0));
    let mut wrong = String::new();
    if [case.from, case.to].contains(&"once") || case.fate == Fate::LetGo {
        return wrong;
    }
    bed.run(".", &["new", "service", "fresh", "--defaults", "--golden-path", "acme"]).ok();
    let mut same = |what: &str, now: &Files, then: &Files| {
        for path in [&old, &new].into_iter().filter(|path| now.get(*path) != then.get(*path)) {
            let (now, then) = (now.get(path), then.get(path));
            let _ = writeln!(wrong, "{path}, which nobody edited, is not {what}: {now:?} is not {then:?}");
        }
    };
    same("as a new repository has it", after, &files(bed, "fresh"));
    bed.commit("repo");
    bed.run("repo", &["upgrade", "--to", "1.0.0"]);
    same("as it was, after the way back", &files(bed, "repo"), before);
    bed.commit("repo");
    bed.run("repo", &["upgrade"]);
    same("as it was, after the second way there", &files(bed, "repo"), after);
    wrong
}

#[test]
fn what_the_team_wrote_is_there_or_something_is_said() {
    let asked = std::env::var("LINES").unwrap_or_default();
    let seeds = match asked.split_once("..") {
        _ if asked.is_empty() => 0..CASES,
        Some((from, to)) => from.parse().unwrap()..to.parse().unwrap(),
        None => asked.parse().unwrap()..asked.parse::<u64>().unwrap() + 1,
    };
    let (next, failures) = (AtomicU64::new(seeds.start), Mutex::new(Vec::new()));
    let worker = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                break;
            }
            if let Err(why) = play(seed) {
                failures.lock().unwrap().push(why);
            }
        }
    };
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(worker);
        }
    });
    let mut failures = failures.into_inner().unwrap();
    failures.sort();
    assert!(failures.is_empty(), "{} of {seeds:?} failed\n\n{}", failures.len(), failures.join("\n\n"));
}
