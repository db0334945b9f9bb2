//! Heredocs of `RUN`, `COPY` and `ADD`.

use std::ops::Range;

use super::lines::{Logical, bare};
use super::words;

/// A heredoc: the lines between the instruction and its terminator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heredoc {
    /// The word that ends it.
    pub name: String,
    /// Whether leading tabs go (`<<-`).
    pub strip_tabs: bool,
    /// Whether variables in it are replaced: its word is not quoted.
    pub expands: bool,
    /// The file descriptor before `<<`; none for standard input.
    pub descriptor: Option<u32>,
    /// Its lines in the file, without the terminator.
    pub body: Range<usize>,
    /// The word that opens it, in the file.
    pub opener: Range<usize>,
}

/// The heredocs that `line` opens, still without bodies.
pub(super) fn opened(line: &Logical, escape: char) -> Vec<Heredoc> {
    if !line.text().contains("<<") {
        return Vec::new();
    }
    words::ranges(line, escape)
        .into_iter()
        .filter_map(|range| opener(&line.text()[range.clone()], line.range(range)))
        .collect()
}

/// `3<<-"EOF"` and its kin; a word that only holds `<<` somewhere is none.
fn opener(word: &str, place: Range<usize>) -> Option<Heredoc> {
    let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let rest = word[digits..].strip_prefix("<<")?;
    let (strip_tabs, rest) = rest.strip_prefix('-').map_or((false, rest), |rest| (true, rest));
    let name = words::unquote(rest);
    if name.is_empty() || rest.contains('<') {
        return None;
    }
    let expands = !rest.contains(['"', '\'']);
    Some(Heredoc { name, strip_tabs, expands, descriptor: word[..digits].parse().ok(), body: 0..0, opener: place })
}

impl Heredoc {
    /// Whether `line` ends it.
    pub(super) fn ends_at(&self, line: &str) -> bool {
        let line = bare(line);
        let line = if self.strip_tabs { line.trim_start_matches('\t') } else { line };
        line == self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_words_open_a_heredoc() {
        let names = |text: &str| {
            let found = opened(&Logical::of(text, 0), '\\');
            found.into_iter().map(|heredoc| (heredoc.name, heredoc.strip_tabs, heredoc.expands)).collect::<Vec<_>>()
        };
        assert_eq!(names("cat <<EOF > /x"), [("EOF".into(), false, true)]);
        assert_eq!(names("<<-'A B' <<\"C\""), [("A B".into(), true, false), ("C".into(), false, false)]);
        assert_eq!(names("echo '<<EOF' a<<EOF <<<EOF $((1<<2))"), []);
    }
}
