//! One page of HTML that needs nothing else: no script, no image, no font, no request.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::encode::{coded, markup};
use super::report::{Report, Row};

const STYLE: &str = include_str!("html.css");

/// The page.
pub fn render(report: &Report) -> String {
    let title = format!("roadbed: {}", report.headline());
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{}'; \
         base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        base64(&Sha256::digest(STYLE)),
        markup(&title)
    );
    let path = &report.golden_path;
    let about = [
        Some(format!("golden path {} {}", path.source, path.version)),
        (report.directory != "." && report.directory != "*").then(|| format!("directory {}", report.directory)),
        report.commit.as_ref().map(|commit| format!("commit {commit}")),
        Some(format!("as of {}", report.as_of)),
    ];
    let about: Vec<String> = about.into_iter().flatten().collect();
    let _ = writeln!(
        page,
        "<header><h1>{}</h1><p>{}</p></header>\n<main>",
        coded(&report.headline()),
        markup(&about.join(" · "))
    );
    if report.rows.is_empty() {
        page.push_str("<p>Everything is as the golden path has it.</p>\n");
    } else {
        tables(&mut page, report);
    }
    for (n, rows) in report.rows.chunk_by(|a, b| a.path == b.path).enumerate() {
        let path = rows.first().map_or("", |row| row.path.as_str());
        let _ = writeln!(page, "<section id=\"f{n}\">\n<h2>{}</h2>", markup(path));
        for row in rows {
            article(&mut page, row);
        }
        page.push_str("</section>\n");
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// Where the findings are, and whose they are.
fn tables(page: &mut String, report: &Report) {
    page.push_str(
        "<table><caption>By file</caption><tr><th>File</th><th>Blocks</th><th>Warns</th><th>Other</th></tr>\n",
    );
    for (n, rows) in report.rows.chunk_by(|a, b| a.path == b.path).enumerate() {
        let path = rows.first().map_or("", |row| row.path.as_str());
        let _ = writeln!(page, "<tr><td><a href=\"#f{n}\">{}</a></td>{}</tr>", markup(path), cells(rows.iter()));
    }
    page.push_str("</table>\n");
    let mut owners: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in &report.rows {
        owners.entry(row.finding.owner.as_deref().unwrap_or("nobody")).or_default().push(row);
    }
    page.push_str(
        "<table><caption>By owner</caption><tr><th>Owner</th><th>Blocks</th><th>Warns</th><th>Other</th></tr>\n",
    );
    for (owner, rows) in owners {
        let _ = writeln!(page, "<tr><td>{}</td>{}</tr>", markup(owner), cells(rows.into_iter()));
    }
    page.push_str("</table>\n");
}

fn cells<'a>(rows: impl Iterator<Item = &'a Row>) -> String {
    let mut counts = [0; 3];
    for row in rows {
        let column = match row.word() {
            "block" => 0,
            "warn" => 1,
            _ => 2,
        };
        counts[column] += 1;
    }
    counts.map(|n| format!("<td class=\"n\">{n}</td>")).concat()
}

fn article(page: &mut String, row: &Row) {
    let finding = &row.finding;
    let word = row.word();
    let _ = writeln!(
        page,
        "<article class=\"{word}\">\n<h3><b>{word}</b> {}</h3>\n<p class=\"rule\">{} · {}</p>",
        coded(&finding.message),
        markup(&finding.rule),
        markup(&row.at())
    );
    let lines = row.frame();
    if !lines.is_empty() {
        page.push_str("<pre>");
        for line in lines {
            let [before, inside, after] = line.parts.map(|part| markup(&part));
            let _ = writeln!(page, "<i>{:>5}</i>  {before}<mark>{inside}</mark>{after}", line.number);
        }
        page.push_str("</pre>\n");
    }
    page.push_str("<dl>");
    let mut pair = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            let _ = write!(page, "<dt>{name}</dt><dd>{}</dd>", coded(value));
        }
    };
    pair("Why", finding.why.as_deref());
    pair("Owner", finding.owner.as_deref());
    pair("Controls", (!finding.controls.is_empty()).then(|| finding.controls.join(", ")).as_deref());
    pair("Asset", finding.asset.as_deref());
    pair("Fix", finding.fix.as_ref().map(|fix| fix.title.as_str()));
    pair("Next", finding.next.as_ref().map(|next| format!("`{next}`")).as_deref());
    pair("Since", finding.introduced.as_deref());
    pair("Fingerprint", Some(&finding.fingerprint));
    page.push_str("</dl>\n</article>\n");
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for n in 0..4 {
            let digit = DIGITS[(group >> (18 - 6 * n) & 63) as usize] as char;
            text.push(if n <= chunk.len() { digit } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        let pairs = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (plain, encoded) in pairs {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }
}
