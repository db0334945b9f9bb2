//! What a team does to a file: each thing it writes bears a word that stands nowhere else.

use super::dice::Dice;
use super::formats::Format;

/// A file after somebody's edits.
#[derive(Debug)]
pub struct Edited {
    /// None where it is deleted.
    pub bytes: Option<Vec<u8>>,
    pub executable: bool,
    /// The edits, as a failure tells them.
    pub how: Vec<String>,
}

const KINDS: [&str; 15] = [
    "comment", "comment", "key", "key", "value", "value", "remove", "remove", "swap", "behind", "ends", "bom", "crlf",
    "mode", "rare",
];

/// The file with up to three edits; the words start with `word`.
pub fn edit(format: Format, laid: &str, word: &str, dice: &mut Dice) -> Edited {
    let mut edited = Edited { bytes: None, executable: false, how: Vec::new() };
    let mut lines: Vec<String> = laid.lines().map(str::to_owned).collect();
    let (mut crlf, mut bom, mut ended) = (false, false, true);
    for n in 0..=dice.below(3) {
        let kind = dice.one(&KINDS);
        let (at, own) = (dice.below(lines.len() + 1), format!("{word}{n}"));
        edited.how.push(format!("{kind} {at}"));
        match kind {
            "comment" => lines.insert(at, format!("{}{}", indent(&lines, at), format.comment(&own))),
            "key" => lines.insert(at, key(format, &indent(&lines, at), &own)),
            "value" if at < lines.len() => lines[at] = value(format, &lines[at], &own),
            "remove" if at < lines.len() && lines.len() > 1 => {
                lines.remove(at);
            }
            "swap" if at + 1 < lines.len() => lines.swap(at, at + 1),
            "behind" if at < lines.len() && format != Format::Dockerfile => {
                lines[at] = format!("{} {}", lines[at], format.comment(&own));
            }
            "ends" => ended = false,
            "bom" => bom = format.has_keys(),
            "crlf" => crlf = true,
            "mode" => edited.executable = cfg!(unix),
            "rare" => match dice.below(4) {
                0 => return edited,
                1 => lines = vec![key(format, "", &own)],
                2 => lines.insert(at, own),
                _ => lines.extend(["<<<<<<< a", &own, "=======", "b", ">>>>>>> c"].map(str::to_owned)),
            },
            _ => {}
        }
    }
    let mut text = lines.join(if crlf { "\r\n" } else { "\n" });
    if ended {
        text.push_str(if crlf { "\r\n" } else { "\n" });
    }
    edited.bytes = Some(format!("{}{text}", if bom { "\u{feff}" } else { "" }).into_bytes());
    edited
}

/// As far in as the line at `at`.
fn indent(lines: &[String], at: usize) -> String {
    let line = lines.get(at).map_or("", String::as_str);
    line.chars().take_while(|c| c.is_whitespace()).collect()
}

fn key(format: Format, indent: &str, own: &str) -> String {
    match format {
        Format::Yaml => format!("{indent}{own}: 1"),
        Format::Toml | Format::Makefile => format!("{own} = 1"),
        Format::Json => format!("{indent}\"{own}\": 1,"),
        Format::Dockerfile => format!("ENV {own}=1"),
    }
}

/// The line with another value, where it has one.
fn value(format: Format, line: &str, own: &str) -> String {
    let comma = if line.ends_with(',') { "," } else { "" };
    let split = match format {
        Format::Yaml | Format::Json => {
            line.split_once(": ").filter(|(_, value)| !value.starts_with(['[', '{', '"']) || !value.contains('}'))
        }
        _ => line.split_once(" = "),
    };
    match (format, split) {
        _ if line.trim_start().starts_with(['#', '/']) => format!("{line} {own}"),
        (Format::Yaml, Some((key, _))) => format!("{key}: {own}"),
        (Format::Json, Some((key, value))) if !value.starts_with(['[', '{']) => format!("{key}: \"{own}\"{comma}"),
        (Format::Toml, Some((key, _))) => format!("{key} = \"{own}\""),
        (Format::Makefile | Format::Dockerfile, _) => format!("{line} {own}"),
        _ => line.to_owned(),
    }
}
