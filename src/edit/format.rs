//! The structured formats that can be edited by keys.

use crate::model::path::RepoPath;

/// A structured format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// YAML 1.2, read so that 1.1's booleans are not mixed up with text.
    Yaml,
    /// JSON; comments and trailing commas are tolerated.
    Json,
    /// TOML 1.
    Toml,
}

impl Format {
    /// The format that a file's name tells.
    pub fn of(path: &RepoPath) -> Option<Self> {
        let name = path.file_name().to_lowercase();
        let whole = match name.as_str() {
            ".clang-format" | ".clang-tidy" | ".yamllint" | ".prettierrc.yaml" => Some(Format::Yaml),
            ".babelrc" | ".eslintrc" | ".swcrc" | "composer.lock" | "flake.lock" => Some(Format::Json),
            "cargo.lock" | "poetry.lock" | "uv.lock" | "pdm.lock" | "pipfile" => Some(Format::Toml),
            _ => None,
        };
        whole.or_else(|| match name.rsplit_once('.')?.1 {
            "yml" | "yaml" => Some(Format::Yaml),
            "json" | "jsonc" | "code-workspace" | "webmanifest" | "geojson" | "avsc" => Some(Format::Json),
            "toml" => Some(Format::Toml),
            _ => None,
        })
    }

    /// The word as rule ids spell it (`parse/yaml`).
    pub fn word(self) -> &'static str {
        match self {
            Format::Yaml => "yaml",
            Format::Json => "json",
            Format::Toml => "toml",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_formats() {
        for (name, format) in [
            (".github/workflows/ci.yml", Some(Format::Yaml)),
            ("a.YAML", Some(Format::Yaml)),
            ("package.json", Some(Format::Json)),
            ("x.code-workspace", Some(Format::Json)),
            ("Cargo.toml", Some(Format::Toml)),
            ("yaml", None),
            ("Dockerfile", None),
        ] {
            assert_eq!(Format::of(&RepoPath::new(name).unwrap()), format, "{name}");
        }
    }
}
