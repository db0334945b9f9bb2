//! Findings as people read them on a terminal: by file, each with its frame, its owner and what mends it.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::encode;
use super::frame::Line;
use super::report::{Report, Row};
use crate::model::finding::{Finding, Level, Safety, Status};

/// With so many findings the worst are told first.
const MANY: usize = 4;
/// After so many the headline is said again at the end.
const LONG: usize = 10;
const WORST: usize = 3;
const MOST_CONTROLS: usize = 4;

/// A headline, the worst, then each file with its findings. Empty when there is nothing to say.
pub fn findings(report: &Report, colour: bool) -> String {
    if report.rows.is_empty() {
        return String::new();
    }
    let paint = Paint { colour };
    let mut text = format!("{}\n", paint.bold(&encode::line(&report.headline())));
    if report.rows.len() >= MANY {
        text.push_str(&worst(report, &paint));
    }
    for rows in report.rows.chunk_by(|a, b| a.path == b.path) {
        text.push('\n');
        text.push_str(&file(rows, &paint));
    }
    if report.rows.len() >= LONG {
        // The beginning has left the screen.
        let _ = writeln!(text, "\n{}", paint.bold(&encode::line(&report.headline())));
    }
    text
}

/// The worst few, in a line each, with what somebody gains by them.
fn worst(report: &Report, paint: &Paint) -> String {
    let rows = report.worst_first();
    // Three of a kind say less than one of three kinds.
    let mut seen = std::collections::BTreeSet::new();
    let (firsts, rest): (Vec<&Row>, Vec<&Row>) = rows
        .into_iter()
        .filter(|row| row.finding.level > Level::Info)
        .partition(|row| seen.insert((row.finding.level, row.finding.rule.as_str())));
    let mut worst: Vec<&Row> = firsts.into_iter().chain(rest).take(WORST).collect();
    worst.sort_by_key(|row| std::cmp::Reverse((row.finding.level, row.finding.severity)));
    if worst.is_empty() {
        return String::new();
    }
    let mut text = String::from("The worst:\n");
    let mut told = None;
    for row in worst {
        let at = encode::line(&row.at()).into_owned();
        let message = encode::line(&row.finding.message).into_owned();
        let _ = writeln!(text, "  {} {at}: {message}", paint.level(row));
        if let Some(why) = row.finding.why.as_deref().filter(|why| told != Some(*why)) {
            let _ = writeln!(text, "        {}", paint.dim(&encode::line(why)));
            told = Some(why);
        }
    }
    text
}

/// One file: its name, each finding, and once the command that mends the file.
fn file(rows: &[Row], paint: &Paint) -> String {
    let Some(first) = rows.first() else { return String::new() };
    let mut text = format!("{}\n", paint.file(&encode::line(&first.path)));
    let mut before = None;
    for row in rows {
        text.push_str(&one(row, before, paint));
        before = Some(row);
    }
    text
}

/// One finding. What it has in common with the one `before` it is not said again.
fn one(row: &Row, before: Option<&Row>, paint: &Paint) -> String {
    let finding = &row.finding;
    let message = encode::line(&finding.message).into_owned();
    let rule = paint.dim(&encode::line(&finding.rule));
    let mut text = format!("  {} {}  {rule}\n", paint.level(row), paint.bold(&message));
    let before = before.map(|row| &row.finding);
    let lines = row.frame();
    let width = lines.last().map_or(0, |line| line.number.to_string().len()).max(3);
    let margin = |label: &str| format!("  {} ", paint.dim(&format!("{label:>width$} │")));
    if let Some(span) = finding.span {
        // Terminals and editors make a link of it.
        let at = encode::line(&format!("{}:{}:{}", row.path, span.line, span.column)).into_owned();
        let _ = writeln!(text, "  {} {at}", paint.dim(&format!("{:>width$} ╭─", "")));
    }
    let seen = before.is_some_and(|before| before.span == finding.span);
    for line in lines.iter().filter(|_| !seen) {
        let [before, inside, after] = &line.parts;
        let _ = writeln!(text, "{}{before}{}{after}", margin(&line.number.to_string()), paint.marked(row, inside));
        let _ = writeln!(text, "{}{}", margin(""), paint.marked(row, &underline(line)));
    }
    let note = |text: &mut String, label: &str, what: &str| {
        let _ = writeln!(text, "  {:>width$} {} {}", "", paint.dim(&format!("{label:<5}")), encode::line(what));
    };
    let before = before.filter(|before| before.rule == finding.rule);
    if let Some(why) = finding.why.as_ref().filter(|why| before.is_none_or(|before| before.why.as_ref() != Some(*why)))
    {
        note(&mut text, "why", why);
    }
    let same = |before: &Finding| {
        (&before.owner, &before.controls, &before.asset) == (&finding.owner, &finding.controls, &finding.asset)
    };
    if !before.is_some_and(same) {
        note(&mut text, "owner", &about(finding));
    }
    match (&finding.next, &finding.fix) {
        (Some(next), Some(fix)) if fix.safety == Safety::Unsafe => {
            note(&mut text, "fix", &format!("{next} ({}; it may change what the file does)", fix.title));
        }
        (Some(next), Some(fix)) => note(&mut text, "fix", &format!("{next} ({})", fix.title)),
        (Some(next), None) => note(&mut text, "next", next),
        (None, Some(fix)) => note(&mut text, "fix", &fix.title),
        (None, None) => {}
    }
    if let Some(commit) = &finding.introduced {
        note(&mut text, "since", &commit[..commit.len().min(12)]);
    }
    text
}

/// Carets below the span of a line.
fn underline(line: &Line) -> String {
    let (before, inside) = line.columns();
    format!("{}{}", " ".repeat(before), "^".repeat(inside))
}

/// Who answers for it, and why it is asked.
fn about(finding: &Finding) -> String {
    let owner = finding.owner.clone().unwrap_or_else(|| "none".to_owned());
    let controls = match finding.controls.as_slice() {
        [] => None,
        few if few.len() <= MOST_CONTROLS => Some(few.join(", ")),
        many => Some(format!("{} and {} more", many[..MOST_CONTROLS - 1].join(", "), many.len() + 1 - MOST_CONTROLS)),
    };
    let asset = finding.asset.as_ref().map(|asset| format!("asset {asset}"));
    [Some(owner), controls, asset].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// `1 finding`, `2 findings`.
pub fn count(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// Colours, where they are wanted.
struct Paint {
    colour: bool,
}

impl Paint {
    fn with(&self, style: Style, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    fn bold(&self, text: &str) -> String {
        self.with(Style::new().bold(), text)
    }

    fn dim(&self, text: &str) -> String {
        self.with(Style::new().dimmed(), text)
    }

    fn file(&self, text: &str) -> String {
        self.with(Style::new().bold().underline(), text)
    }

    fn level(&self, row: &Row) -> String {
        self.marked(row, &format!("{:<5}", row.word()))
    }

    fn marked(&self, row: &Row, text: &str) -> String {
        let colour = match (row.finding.status, row.finding.level) {
            (Status::Excepted, _) => AnsiColor::Green,
            (_, Level::Block) => AnsiColor::Red,
            (_, Level::Warn) => AnsiColor::Yellow,
            (_, Level::Info) => AnsiColor::Cyan,
        };
        self.with(Style::new().bold().fg_color(Some(colour.into())), text)
    }
}
