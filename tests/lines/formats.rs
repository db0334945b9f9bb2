//! One small file in each format, and what a next version changes in it.

use super::dice::Dice;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Yaml,
    Toml,
    Json,
    Makefile,
    Dockerfile,
}

pub const FORMATS: [Format; 5] = [Format::Yaml, Format::Toml, Format::Json, Format::Makefile, Format::Dockerfile];

impl Format {
    pub fn name(self) -> &'static str {
        match self {
            Format::Yaml => "conf.yaml",
            Format::Toml => "conf.toml",
            Format::Json => "conf.json",
            Format::Makefile => "Makefile",
            Format::Dockerfile => "Dockerfile",
        }
    }

    /// The name of a file of that format elsewhere.
    pub fn other_name(self) -> &'static str {
        match self {
            Format::Yaml => "moved.yaml",
            Format::Toml => "moved.toml",
            Format::Json => "moved.json",
            Format::Makefile => "moved.mk",
            Format::Dockerfile => "moved.Dockerfile",
        }
    }

    /// The modes in which such a file can be owned.
    pub fn modes(self) -> &'static [&'static str] {
        match self {
            Format::Yaml | Format::Toml => &["enforced", "merged", "block", "keys", "once"],
            Format::Json => &["enforced", "merged", "keys", "once"],
            Format::Makefile | Format::Dockerfile => &["enforced", "merged", "block", "once"],
        }
    }

    pub fn has_keys(self) -> bool {
        matches!(self, Format::Yaml | Format::Toml | Format::Json)
    }

    pub fn comment(self, text: &str) -> String {
        if self == Format::Json { format!("// {text}") } else { format!("# {text}") }
    }

    pub fn first(self) -> &'static str {
        match self {
            Format::Yaml => {
                "# head\nname: alpha\non: [push]\nlimits:\n  # about cpu\n  cpu: 1\n  # about memory\n  memory: 200\nsteps:\n  \
                 - name: one\n    run: make one\n  - name: two\n    run: make two\n  - name: three\n    run: make three\ntail: omega\n"
            }
            Format::Toml => {
                "# head\nname = \"alpha\"\non = [\"push\"]\ntail = \"omega\"\n\n[limits]\n# about cpu\ncpu = 1\n# about memory\n\
                 memory = 200\n\n[[steps]]\nname = \"one\"\nrun = \"make one\"\n\n[[steps]]\nname = \"two\"\nrun = \"make two\"\n\n\
                 [[steps]]\nname = \"three\"\nrun = \"make three\"\n"
            }
            Format::Json => {
                "{\n  \"name\": \"alpha\",\n  \"on\": [\"push\"],\n  \"limits\": {\n    \"cpu\": 1,\n    \"memory\": 200\n  },\n  \
                 \"steps\": [\n    {\"name\": \"one\", \"run\": \"make one\"},\n    {\"name\": \"two\", \"run\": \"make two\"},\n    \
                 {\"name\": \"three\", \"run\": \"make three\"}\n  ],\n  \"tail\": \"omega\"\n}\n"
            }
            Format::Makefile => {
                "# head\nname = alpha\non = push\nlimits =\n# about cpu\ncpu = 1\n# about memory\nmemory = 200\none:\n\tmake one\n\
                 two:\n\tmake two\nthree:\n\tmake three\ntail = omega\n"
            }
            Format::Dockerfile => {
                "# head\nFROM scratch AS alpha\nLABEL on=\"push\"\nENV limits=1\n# about cpu\nENV cpu=1\n# about memory\n\
                 ENV memory=200\nRUN make one\nRUN make two\nRUN make three\nCMD [\"tail\", \"omega\"]\n"
            }
        }
    }

    /// What the next version may change: pairs of texts.
    fn changes(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Format::Yaml => &[
                ("cpu: 1", "cpu: 2"),
                ("# about cpu", "# about the cpu"),
                ("tail: omega\n", ""),
                ("make three\n", "make three\n  - name: four\n    run: make four\n"),
                ("name: alpha\n", "name: alpha\nextra: new\n"),
                ("[push]", "[push, pull]"),
                ("  - name: two\n    run: make two\n", ""),
                ("make one\n", "make one first\n"),
            ],
            Format::Toml => &[
                ("cpu = 1", "cpu = 2"),
                ("# about cpu", "# about the cpu"),
                ("tail = \"omega\"\n", ""),
                ("\"make three\"\n", "\"make three\"\n\n[[steps]]\nname = \"four\"\nrun = \"make four\"\n"),
                ("name = \"alpha\"\n", "name = \"alpha\"\nextra = \"new\"\n"),
                ("[\"push\"]", "[\"push\", \"pull\"]"),
                ("[[steps]]\nname = \"two\"\nrun = \"make two\"\n\n", ""),
                ("\"make one\"", "\"make one first\""),
            ],
            Format::Json => &[
                ("\"cpu\": 1", "\"cpu\": 2"),
                ("],\n  \"tail\": \"omega\"\n", "]\n"),
                ("\"make three\"}\n", "\"make three\"},\n    {\"name\": \"four\", \"run\": \"make four\"}\n"),
                ("\"alpha\",\n", "\"alpha\",\n  \"extra\": \"new\",\n"),
                ("[\"push\"]", "[\"push\", \"pull\"]"),
                ("    {\"name\": \"two\", \"run\": \"make two\"},\n", ""),
                ("\"make one\"", "\"make one first\""),
            ],
            Format::Makefile => &[
                ("cpu = 1", "cpu = 2"),
                ("# about cpu", "# about the cpu"),
                ("tail = omega\n", ""),
                ("\tmake three\n", "\tmake three\nfour:\n\tmake four\n"),
                ("name = alpha\n", "name = alpha\nextra = new\n"),
                ("two:\n\tmake two\n", ""),
            ],
            Format::Dockerfile => &[
                ("cpu=1", "cpu=2"),
                ("# about cpu", "# about the cpu"),
                ("CMD [\"tail\", \"omega\"]\n", ""),
                ("make three\n", "make three\nRUN make four\n"),
                ("AS alpha\n", "AS alpha\nENV extra=new\n"),
                ("RUN make two\n", ""),
            ],
        }
    }

    /// Each line of the first version that `next` has in another form, with that form.
    pub fn changed_lines(self, next: &str) -> Vec<(String, String)> {
        let one_line = |text: &str| !text.trim_end_matches('\n').contains('\n');
        let made = self.changes().iter().filter(|(from, to)| one_line(from) && one_line(to) && next.contains(to));
        let lines = made.filter_map(|(from, to)| {
            let (from, to) = (from.trim_end_matches('\n'), to.trim_end_matches('\n'));
            let line = self.first().lines().find(|line| line.contains(from))?;
            Some((line.to_owned(), line.replacen(from, to, 1)))
        });
        lines.collect()
    }

    /// The file as the next version has it: some of its changes, or none.
    pub fn next(self, dice: &mut Dice) -> String {
        let mut text = self.first().to_owned();
        let often = 1 + dice.below(4);
        for (from, to) in self.changes() {
            if dice.once_in(often) {
                assert!(text.contains(from), "{self:?} lacks {from:?}");
                text = text.replacen(from, to, 1);
            }
        }
        text
    }
}
