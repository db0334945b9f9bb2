//! By keys: the judge of whether lines that merge still mean what both sides meant, and the way to
//! merge where lines do not.

mod clash;
mod comments;
mod documents;
mod identity;
mod notes;
mod order;
mod script;
mod splice;
mod tail;
mod walk;

use super::differ::named;
use super::file::Labels;
use super::text;
use crate::edit::{Format, Match};

/// The merge of base, ours and theirs, whose lines all end with LF. Where it fails: why, and ours with markers.
pub(super) fn merge(
    format: Format,
    texts: &[String; 3],
    matching: &Match,
    labels: &Labels,
) -> Result<String, (String, String)> {
    let lines = text::merge(texts, labels);
    let judged = documents::judge(format, texts, matching);
    let why = match (&lines, judged) {
        (Ok(text), Ok(judged)) if judged.is_said_by(text) => return Ok(text.clone()),
        (_, Ok(judged)) => match judged.spliced(texts) {
            Some(text) => return Ok(text),
            None => match &lines {
                Err(clash) => clash.message(),
                Ok(_) => {
                    let why =
                        "the lines merge, but not to what both sides mean, and the keys cannot be edited in place";
                    format!("{why}: {}", named(&text::changed(texts)))
                }
            },
        },
        (_, Err(message)) => message,
    };
    let marked = lines.map_or_else(|clash| clash.marked, |_| text::marked_everywhere(texts, labels));
    Err((why, marked))
}
