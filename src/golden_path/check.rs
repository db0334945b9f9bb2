//! What is well formed in a golden path and still wrong: found when it is opened, all of it at once.

use std::collections::{BTreeMap, BTreeSet};

use super::asset::{Asset, FileRule};
use super::fit;
use super::globs;
use super::manifest::{MANIFEST, Template};
use super::open::{GoldenPath, yaml_of};
use super::outline::Outline;
use super::place;
use super::question::{Question, Questions};
use super::sandbox::{Fault, Sandbox, unknown, with_stack};
use super::spot::Spot;
use crate::error::{Problem, Result};
use crate::model::answer::Answer;
use crate::model::document::nearest;
use crate::model::ownership::Ownership;
use crate::model::path::RepoPath;

/// Words of the template language, which cannot be variables in it.
const RESERVED: [&str; 14] =
    ["true", "false", "none", "True", "False", "None", "loop", "self", "not", "and", "or", "in", "is", "if"];

/// What `allow_newer` may name beside key paths.
const BUMPED: [&str; 2] = ["action-pins", "image-digests"];

/// What each template reads, by asset and by the file's name below `files/`.
pub(super) type Outlines = BTreeMap<String, BTreeMap<RepoPath, Outline>>;

/// Checks a path, and of its assets those that are its `own`; and what their templates read.
pub(super) fn path(path: &GoldenPath, own: &[String]) -> Result<(Vec<Problem>, Outlines)> {
    with_stack(|| {
        let mut checker = Checker {
            path,
            sandbox: Sandbox::new()?,
            ids: path.question_ids().collect(),
            later: BTreeSet::new(),
            problems: Vec::new(),
            outlines: Outlines::new(),
        };
        checker.manifest();
        for id in own {
            if let Some(asset) = path.assets.get(id) {
                checker.asset(id, asset);
            }
        }
        checker.same_questions();
        Ok((checker.problems, checker.outlines))
    })?
}

/// Whoever has this many mistakes has one, made many times; and each costs time to place.
const MAX_PROBLEMS: usize = 200;

struct Checker<'a> {
    path: &'a GoldenPath,
    sandbox: Sandbox,
    /// Ids of all questions.
    ids: BTreeSet<String>,
    /// Ids of questions that are not answered yet where the text stands that is looked at.
    later: BTreeSet<String>,
    problems: Vec<Problem>,
    outlines: Outlines,
}

impl Checker<'_> {
    fn is_full(&self) -> bool {
        self.problems.len() >= MAX_PROBLEMS
    }

    fn manifest(&mut self) {
        let bytes = self.path.tree.get_str(MANIFEST).map_or(&[][..], |file| &file.bytes);
        let spot = Spot::new(MANIFEST, bytes);
        let path = self.path;
        self.questions(spot, &path.manifest.questions);
        for (id, template) in &path.manifest.templates {
            self.template(spot, id, template);
        }
        for (id, profile) in &path.manifest.profiles {
            let parts = [
                ("levels", &profile.levels),
                ("public", &profile.public),
                ("internal", &profile.internal),
                ("tier1", &profile.tier1),
                ("tier2", &profile.tier2),
                ("tier3", &profile.tier3),
                ("tier4", &profile.tier4),
            ];
            for (part, levels) in parts {
                for rule in levels.keys() {
                    self.glob(spot, &["profiles", id, part, rule], rule);
                }
            }
        }
    }

    fn template(&mut self, spot: Spot<'_>, id: &str, template: &Template) {
        if self.is_full() {
            return;
        }
        self.id(spot, &["templates", id], id, "template");
        for (n, asset) in template.assets.iter().enumerate() {
            self.asset_id(spot, &["templates", id, "assets", &n.to_string()], asset);
        }
        for (n, glob) in template.detect.iter().enumerate() {
            self.glob(spot, &["templates", id, "detect", &n.to_string()], glob);
        }
        for (question, answer) in &template.answers {
            let keys = ["templates", id, "answers", question];
            let found = self.path.manifest.questions.get(question);
            let found = found.or_else(|| self.path.assets.values().find_map(|asset| asset.questions.get(question)));
            match found {
                None => {
                    let fault = unknown(question, &self.ids);
                    self.problems.push(fault.in_value("the template's answer", question, |m| spot.problem(&keys, m)));
                }
                Some(found) => {
                    if let Err(why) = Self::literal(found, answer) {
                        let problem = spot.problem(&keys, format!("the answer does not fit its question: {why}"));
                        self.problems.push(problem.hint(format!("write another, or change what `{question}` takes")));
                    }
                }
            }
        }
    }

    fn asset(&mut self, id: &str, asset: &Asset) {
        let file = yaml_of(id);
        let bytes = self.path.tree.get_str(&file).map_or(&[][..], |file| &file.bytes);
        let spot = Spot::new(&file, bytes);
        self.id(spot, &[], id, "asset");
        self.questions(spot, &asset.questions);
        for (key, list) in [("requires", &asset.requires), ("conflicts", &asset.conflicts)] {
            for (n, other) in list.iter().enumerate() {
                let n = n.to_string();
                if other == id {
                    self.problems.push(spot.problem(&[key, &n], format!("the asset names itself under `{key}`")));
                }
                self.asset_id(spot, &[key, &n], other);
            }
        }
        for other in asset.requires.iter().filter(|other| asset.conflicts.contains(other)) {
            let message = format!("the asset both requires `{other}` and conflicts with it");
            self.problems.push(spot.problem(&["conflicts"], message));
        }
        for (n, rule) in asset.files.iter().enumerate() {
            self.file_rule(spot, &n.to_string(), rule);
        }
        for (n, rename) in asset.renames.iter().enumerate() {
            for (key, path) in [("from", &rename.from), ("to", &rename.to)] {
                self.inline(spot, &["renames", &n.to_string(), key], "the path", path.as_str());
            }
        }
        for (n, path) in asset.lets_go.iter().enumerate() {
            self.inline(spot, &["lets_go", &n.to_string()], "the path", path.as_str());
        }
        for (n, glob) in asset.forbids.iter().enumerate() {
            self.glob(spot, &["forbids", &n.to_string()], glob);
        }
        self.sources(id);
    }

    /// Every template of an asset: that it may run, and that somebody asks for what it reads.
    fn sources(&mut self, id: &str) {
        let path = self.path;
        let Some(files) = path.files.get(id) else { return };
        for (inside, file) in files.iter() {
            if self.is_full() {
                return;
            }
            let name = format!("assets/{id}/files/{inside}");
            for part in inside.parts().filter(|part| part.contains("<{")) {
                if let Err(fault) = self.reads(part) {
                    self.problems.push(fault.in_value("the name", part, |m| Problem::new(m).in_file(&name)));
                }
            }
            if place::is_template(inside.as_str()) {
                match std::str::from_utf8(&file.bytes) {
                    Err(_) => self.problems.push(
                        Problem::new("a template must be UTF-8")
                            .in_file(&name)
                            .hint("drop `.jinja` from its name, and it is copied as it is"),
                    ),
                    Ok(text) => match self.reads(text) {
                        Ok(outline) => {
                            self.outlines.entry(id.to_owned()).or_default().insert(inside.clone(), outline);
                        }
                        Err(fault) => self.problems.push(fault.in_template(&name, text)),
                    },
                }
            }
        }
    }

    fn reads(&self, template: &str) -> Result<Outline, Fault> {
        let outline = self.sandbox.outline(template)?;
        self.known(&outline)?;
        Ok(outline)
    }

    /// Whether everything that is read is asked for, and before.
    fn known(&self, outline: &Outline) -> Result<(), Fault> {
        outline.reads.iter().try_for_each(|used| {
            let name = &used.name;
            if !self.ids.contains(name) {
                return Err(unknown(name, &self.ids).at(used.at));
            }
            if self.later.contains(name) {
                let fault = Fault::new(format!("`{name}` is not answered yet: its question comes later"));
                return Err(fault.at(used.at).hint("questions are asked in the order of the file"));
            }
            Ok(())
        })
    }

    fn file_rule(&mut self, spot: Spot<'_>, n: &str, rule: &FileRule) {
        if self.is_full() {
            return;
        }
        let at = |key: &'static str| ["files", n, key];
        self.glob(spot, &at("path"), &rule.path);
        self.inline(spot, &at("path"), "the path", &rule.path);
        if let Some(when) = &rule.when {
            self.expression(spot, &at("when"), when);
        }
        let mut wrong = |key: &'static str, message: String| self.problems.push(spot.problem(&at(key), message));
        let only =
            |what: &str, mode: Ownership| format!("`{what}` is for `mode: {mode}` only; this is `{}`", rule.mode);
        // A merge finds the items of lists by the same keys.
        if !rule.matching.is_empty() && !matches!(rule.mode, Ownership::Keys | Ownership::Merged) {
            wrong("match", only("match", Ownership::Keys));
        }
        if rule.block.is_some() && rule.mode != Ownership::Block {
            wrong("block", only("block", Ownership::Block));
        }
        if rule.at.is_some() && rule.mode != Ownership::Block {
            wrong("at", only("at", Ownership::Block));
        }
        if !rule.allow_newer.is_empty()
            && !matches!(rule.mode, Ownership::Enforced | Ownership::Keys | Ownership::Merged)
        {
            wrong("allow_newer", format!("`allow_newer` has no meaning for `mode: {}`", rule.mode));
        }
        for (number, allowed) in rule.allow_newer.iter().enumerate() {
            if let Some(near) = nearest(allowed, BUMPED.into_iter()).filter(|near| near != allowed) {
                let keys = ["files", n, "allow_newer", &number.to_string()];
                let problem = spot.problem(&keys, format!("`{allowed}` is nothing that may be newer"));
                self.problems.push(problem.hint(format!("did you mean `{near}`? A key path is written `a.b.c`")));
            }
        }
        let mut wrong = |key: &'static str, message: String| self.problems.push(spot.problem(&at(key), message));
        if let Some(block) = rule.block.as_deref().filter(|block| !is_id(block)) {
            wrong("block", format!("the block's id `{block}` must be lower-case letters, digits and `-`"));
        }
        if let Some(name) = rule.path.rsplit('/').next().filter(|name| !name.contains(['*', '?', '[', '{', '<'])) {
            if rule.mode == Ownership::Keys && !globs::has_keys(name) {
                wrong("mode", format!("`{name}` is neither YAML, JSON nor TOML, so no keys can be owned in it"));
            }
            if rule.mode == Ownership::Block && globs::is_json(name) {
                wrong("mode", format!("`{name}` is JSON, which has no comments, so no block can be marked in it"));
            }
        }
    }

    fn questions(&mut self, spot: Spot<'_>, questions: &Questions) {
        if questions.0.len() > 200 {
            self.problems.push(spot.problem(&["questions"], "there must be at most 200 questions"));
        }
        for (n, (id, question)) in questions.iter().enumerate() {
            self.later = questions.0[n..].iter().map(|(id, _)| id.clone()).collect();
            self.question(spot, id, question);
        }
        self.later.clear();
    }

    fn question(&mut self, spot: Spot<'_>, id: &str, question: &Question) {
        if self.is_full() {
            return;
        }
        let at = |key: &'static str| ["questions", id, key];
        let named = id.starts_with(|c: char| c.is_ascii_lowercase())
            && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !named || RESERVED.contains(&id) {
            let message = format!("`{id}` cannot be a question's id: it must be lower-case letters, digits and `_`");
            self.problems.push(spot.problem(&["questions", id], message));
        }
        if let Some(Err(why)) = question.pattern.as_deref().map(fit::pattern) {
            self.problems.push(spot.problem(&at("pattern"), why));
            return;
        }
        if question.kind.has_choices() == question.choices.is_empty() {
            let message = if question.choices.is_empty() {
                format!("a {} must have `choices`", question.kind)
            } else {
                format!("`choices` are for `choice` and `multichoice`; this is a `{}`", question.kind)
            };
            self.problems.push(spot.problem(&at("choices"), message));
        }
        if let Some(when) = &question.when {
            self.expression(spot, &at("when"), when);
        }
        for (n, choice) in question.choices.iter().enumerate() {
            if matches!(choice, Answer::List(_)) {
                self.problems
                    .push(spot.problem(&["questions", id, "choices", &n.to_string()], "a choice must not be a list"));
            }
            for text in texts(choice) {
                self.inline(spot, &["questions", id, "choices", &n.to_string()], "the choice", text);
            }
        }
        if let Some(default) = &question.default {
            for text in texts(default) {
                self.inline(spot, &at("default"), "the default", text);
            }
            if let Err(why) = Self::literal(question, default) {
                let problem = spot.problem(&at("default"), format!("the default does not fit its question: {why}"));
                self.problems.push(problem.hint("write another, or change what the question takes"));
            }
        }
        if let Some(validate) = &question.validate {
            self.later.remove(id);
            self.expression(spot, &at("validate"), validate);
        }
        for (old, new) in &question.map {
            if let Err(why) = Self::literal(question, new) {
                let message = format!("what `{old}` is mapped to does not fit its question: {why}");
                self.problems.push(spot.problem(&["questions", id, "map", old], message));
            }
        }
    }

    /// The same id in two places is the same question, so it must say the same.
    fn same_questions(&mut self) {
        let mut seen: BTreeMap<&str, (&str, &Question)> = BTreeMap::new();
        for (asset, definition) in &self.path.assets {
            for (id, question) in definition.questions.iter() {
                let own = self.path.manifest.questions.get(id);
                let first = own.map(|own| ("the path", own)).or_else(|| seen.get(id).copied());
                let differs = |other: &Question| {
                    other.kind != question.kind
                        || other.choices != question.choices
                        || other.pattern != question.pattern
                };
                if let Some((place, _)) = first.filter(|(_, other)| differs(other)) {
                    let message = format!(
                        "the question `{id}` differs from the one of {place}; the same id means the same question"
                    );
                    self.problems.push(Problem::new(message).in_file(yaml_of(asset)));
                }
                seen.entry(id).or_insert((asset, question));
            }
        }
    }

    /// Whether a value that holds no placeholder fits; what `validate` says needs answers, so it waits.
    fn literal(question: &Question, answer: &Answer) -> Result<(), String> {
        let open = |answer: &Answer| texts(answer).iter().any(|text| text.contains("<{") || text.contains("<%"));
        if open(answer) || question.choices.iter().any(open) {
            return Ok(());
        }
        fit::check(question, &question.choices, answer)
    }

    fn inline(&mut self, spot: Spot<'_>, keys: &[&str], what: &str, text: &str) {
        if self.is_full() {
            return;
        }
        if let Err(fault) = self.reads(text) {
            self.problems.push(fault.in_value(what, text, |message| spot.problem(keys, message)));
        }
    }

    fn expression(&mut self, spot: Spot<'_>, keys: &[&str], text: &str) {
        if self.is_full() {
            return;
        }
        let found = self.sandbox.outline_expression(text).and_then(|outline| self.known(&outline));
        if let Err(fault) = found {
            self.problems.push(fault.in_value("the expression", text, |message| spot.problem(keys, message)));
        }
    }

    fn glob(&mut self, spot: Spot<'_>, keys: &[&str], text: &str) {
        if self.is_full() {
            return;
        }
        if let Err(why) = globs::of_rule(&globs::as_written(text)) {
            self.problems.push(spot.problem(keys, why));
        }
    }

    fn id(&mut self, spot: Spot<'_>, keys: &[&str], id: &str, what: &str) {
        if !is_id(id) {
            let message = format!("the {what}'s id `{id}` must be lower-case letters, digits and `-`");
            self.problems.push(spot.problem(keys, message));
        }
    }

    fn asset_id(&mut self, spot: Spot<'_>, keys: &[&str], id: &str) {
        if self.is_full() || self.path.assets.contains_key(id) {
            return;
        }
        let problem = spot.problem(keys, format!("there is no asset `{id}`"));
        self.problems.push(match nearest(id, self.path.assets.keys().map(String::as_str)) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => problem.hint(format!("make the directory `assets/{id}`, or take the name out")),
        });
    }
}

fn is_id(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

fn texts(answer: &Answer) -> Vec<&str> {
    match answer {
        Answer::String(text) => vec![text],
        Answer::List(items) => items.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}
