//! Which user a stage ends as, and which users a file creates.

use super::file::File;
use crate::edit::dockerfile::Instruction;
use crate::edit::dockerfile::shell::Command;

/// A user that a `RUN` creates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Created {
    pub name: String,
    /// `UID:GID`, or the `UID` alone where the group's number is not known.
    pub numbers: Option<String>,
}

/// `USER`'s words, variables replaced where their values are known.
pub(super) fn named(file: &File<'_>, user: &Instruction) -> Option<String> {
    let stage = file.docker.stages.get(user.stage?)?;
    stage.vars.expand(user.args.text(), user.escape())
}

/// Whether the text after `USER` means root.
pub(super) fn is_root(user: &str) -> bool {
    let name = user.split(':').next().unwrap_or(user).trim();
    name == "root" || name == "0"
}

/// The users that a stage creates, or those that it is built from.
pub(super) fn created(file: &File<'_>, stage: usize) -> Vec<Created> {
    let mut stages = file.chain(stage);
    stages.reverse();
    let runs = stages.iter().flat_map(|stage| file.docker.stage(*stage)).filter(|i| i.keyword == "RUN" && !i.onbuild);
    let commands: Vec<&Command> = runs.flat_map(|run| &run.script.commands).collect();
    let mut groups: Vec<(String, String)> = Vec::new();
    let mut users = Vec::new();
    for command in commands {
        let valued: &[&str] = match command.name() {
            "groupadd" => &["g", "gid", "K", "key", "R", "root", "P", "prefix"],
            "addgroup" => &["g", "gid"],
            "useradd" => USERADD,
            "adduser" => ADDUSER,
            _ => continue,
        };
        let operands = command.operands(valued);
        if matches!(command.name(), "groupadd" | "addgroup") {
            let number = value(command, &["g", "gid"]).filter(|gid| is_number(gid));
            if let (Some(number), Some(name)) = (number, operands.last()) {
                groups.push((name.text.clone(), number));
            }
            continue;
        }
        // `adduser USER GROUP` adds to a group.
        let [name] = operands.as_slice() else { continue };
        let uid = value(command, &["u", "uid"]).filter(|uid| is_number(uid));
        let asked = if command.name() == "useradd" { ["g", "gid"] } else { ["G", "ingroup"] };
        let group = value(command, &asked).or_else(|| value(command, &["gid"]));
        let gid = match &group {
            Some(gid) if is_number(gid) => Some(gid.clone()),
            Some(name) => groups.iter().rfind(|(known, _)| known == name).map(|(_, gid)| gid.clone()),
            // A group of its own gets the user's number.
            None => uid.clone(),
        };
        let numbers = uid.map(|uid| match gid {
            Some(gid) => format!("{uid}:{gid}"),
            None => uid,
        });
        users.push(Created { name: name.text.clone(), numbers });
    }
    users
}

const USERADD: &[&str] = &[
    "b",
    "base-dir",
    "c",
    "comment",
    "d",
    "home-dir",
    "home",
    "e",
    "expiredate",
    "f",
    "inactive",
    "g",
    "gid",
    "G",
    "groups",
    "k",
    "skel",
    "K",
    "key",
    "p",
    "password",
    "R",
    "root",
    "s",
    "shell",
    "u",
    "uid",
    "Z",
    "selinux-user",
];
const ADDUSER: &[&str] =
    &["h", "home", "g", "gecos", "s", "shell", "G", "ingroup", "gid", "u", "uid", "k", "conf", "firstuid", "lastuid"];

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// The value of the first of these flags: `-u 1`, `-u1` as its own word, `--uid=1`, or the last of bundled letters.
fn value(command: &Command, flags: &[&str]) -> Option<String> {
    let args = command.args();
    args.iter().enumerate().find_map(|(at, word)| {
        let text = word.text.as_str();
        let next = || args.get(at + 1).map(|word| word.text.clone());
        if let Some(long) = text.strip_prefix("--") {
            let (name, inline) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
            return flags.contains(&name).then(|| inline.map(ToOwned::to_owned).or_else(next)).flatten();
        }
        let short = text.strip_prefix('-')?;
        let letter = short.chars().next()?;
        if flags.contains(&letter.to_string().as_str()) && short.len() > 1 && is_number(&short[1..]) {
            return Some(short[1..].to_owned());
        }
        let last = short.chars().last()?;
        flags.contains(&last.to_string().as_str()).then(next).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::dockerfile::Logical;
    use crate::edit::dockerfile::shell::split;

    #[test]
    fn the_value_of_a_flag_is_found_in_every_form() {
        for (text, expected) in [
            ("useradd -u 10 x", Some("10")),
            ("useradd -u10 x", Some("10")),
            ("useradd -mu 10 x", Some("10")),
            ("useradd --uid=10 x", Some("10")),
            ("useradd --uid 10 x", Some("10")),
            ("useradd -m x", None),
        ] {
            let script = split(&Logical::of(text, 0));
            assert_eq!(value(&script.commands[0], &["u", "uid"]).as_deref(), expected, "{text}");
        }
    }
}
