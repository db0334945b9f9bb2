//! How a file's own comments look, by its name.

use crate::model::path::RepoPath;

/// How a comment on a line of its own looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommentStyle {
    /// What opens it.
    pub open: &'static str,
    /// What closes it; empty where the line's end does.
    pub close: &'static str,
}

const HASH: CommentStyle = CommentStyle { open: "#", close: "" };
const SLASHES: CommentStyle = CommentStyle { open: "//", close: "" };
const DASHES: CommentStyle = CommentStyle { open: "--", close: "" };
const SEMICOLON: CommentStyle = CommentStyle { open: ";", close: "" };
const PERCENT: CommentStyle = CommentStyle { open: "%", close: "" };
const MARKUP: CommentStyle = CommentStyle { open: "<!--", close: "-->" };
const STARRED: CommentStyle = CommentStyle { open: "/*", close: "*/" };

const HASH_NAMES: &[&str] = &[
    "codeowners",
    "makefile",
    "gnumakefile",
    "justfile",
    "gemfile",
    "rakefile",
    "vagrantfile",
    "brewfile",
    "podfile",
    "fastfile",
    "procfile",
    "tiltfile",
    "snakefile",
    "cmakelists.txt",
    "requirements.txt",
    "constraints.txt",
    "robots.txt",
    "build",
    "workspace",
    "pipfile",
    "cargo.lock",
    "poetry.lock",
    ".gitattributes",
    ".gitconfig",
    ".gitmodules",
    ".mailmap",
    ".editorconfig",
    ".npmrc",
    ".yarnrc",
    ".pylintrc",
    ".flake8",
    ".coveragerc",
    ".curlrc",
    ".wgetrc",
    ".bashrc",
    ".zshrc",
    ".profile",
    ".envrc",
    ".env",
    ".tool-versions",
    ".yamllint",
    ".clang-format",
    ".clang-tidy",
    ".shellcheckrc",
    ".terraformrc",
    ".buildkite",
    ".git-blame-ignore-revs",
];

const HASH_ENDINGS: &[&str] = &[
    "yml",
    "yaml",
    "toml",
    "sh",
    "bash",
    "zsh",
    "fish",
    "ksh",
    "py",
    "pyi",
    "rb",
    "gemspec",
    "pl",
    "pm",
    "r",
    "jl",
    "ex",
    "exs",
    "nix",
    "tcl",
    "awk",
    "sed",
    "tf",
    "tfvars",
    "hcl",
    "nomad",
    "sentinel",
    "rego",
    "mk",
    "mak",
    "make",
    "cmake",
    "bzl",
    "bazel",
    "star",
    "conf",
    "cfg",
    "cnf",
    "properties",
    "env",
    "dockerfile",
    "containerfile",
    "dockerignore",
    "ps1",
    "psm1",
    "psd1",
    "graphql",
    "gql",
    "feature",
    "service",
    "socket",
    "timer",
    "desktop",
    "gitignore",
    "gitattributes",
    "just",
    "nu",
    "cr",
    "coffee",
    "po",
    "pip",
];

const SLASH_ENDINGS: &[&str] = &[
    "rs",
    "go",
    "js",
    "mjs",
    "cjs",
    "jsx",
    "ts",
    "mts",
    "cts",
    "tsx",
    "java",
    "kt",
    "kts",
    "scala",
    "sbt",
    "sc",
    "groovy",
    "gradle",
    "jenkinsfile",
    "c",
    "h",
    "cc",
    "cpp",
    "cxx",
    "hh",
    "hpp",
    "cs",
    "csx",
    "fs",
    "fsx",
    "swift",
    "dart",
    "proto",
    "sol",
    "zig",
    "scss",
    "less",
    "jsonc",
    "json5",
    "code-workspace",
    "mod",
    "work",
    "bicep",
    "cue",
    "jsonnet",
    "libsonnet",
    "m",
    "mm",
    "v",
    "sv",
    "d",
    "hx",
    "glsl",
    "wgsl",
    "thrift",
    "avdl",
];

const MARKUP_ENDINGS: &[&str] = &[
    "md", "markdown", "mdown", "html", "htm", "xhtml", "xml", "xsd", "xsl", "xslt", "svg", "pom", "csproj", "fsproj",
    "vbproj", "props", "targets", "nuspec", "plist", "config", "vue", "svelte", "resx", "xaml", "wsdl",
];

/// The comments of the file at `path`; none where its format has none (JSON), or is not known.
pub fn comment_style(path: &RepoPath) -> Option<CommentStyle> {
    let name = path.file_name().to_lowercase();
    let stem = name.split('.').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    if HASH_NAMES.contains(&name.as_str())
        || matches!(stem, "dockerfile" | "containerfile")
        || (stem.starts_with("requirements") && ending == Some("txt"))
        || (name.starts_with('.') && name.ends_with("ignore"))
        || name.starts_with(".env.")
    {
        return Some(HASH);
    }
    if stem == "jenkinsfile" {
        return Some(SLASHES);
    }
    let ending = ending?;
    let listed = |list: &[&str]| list.contains(&ending);
    match ending {
        _ if listed(HASH_ENDINGS) => Some(HASH),
        _ if listed(SLASH_ENDINGS) => Some(SLASHES),
        _ if listed(MARKUP_ENDINGS) => Some(MARKUP),
        "sql" | "ddl" | "lua" | "hs" | "elm" | "adb" | "ads" | "vhd" | "vhdl" => Some(DASHES),
        "ini" | "inf" | "reg" | "lisp" | "el" | "clj" | "cljs" | "edn" | "scm" | "asm" => Some(SEMICOLON),
        "tex" | "sty" | "cls" | "bib" | "erl" | "hrl" => Some(PERCENT),
        "css" => Some(STARRED),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_endings_tell_the_comments() {
        for (name, open) in [
            (".github/CODEOWNERS", Some("#")),
            (".gitignore", Some("#")),
            (".dockerignore", Some("#")),
            ("build/Dockerfile", Some("#")),
            ("Dockerfile.dev", Some("#")),
            ("api.Dockerfile", Some("#")),
            ("Makefile", Some("#")),
            ("requirements-dev.txt", Some("#")),
            ("requirements.txt", Some("#")),
            ("main.tf", Some("#")),
            ("Jenkinsfile", Some("//")),
            ("ci/Jenkinsfile.release", Some("//")),
            ("src/main.rs", Some("//")),
            ("go.mod", Some("//")),
            ("README.md", Some("<!--")),
            ("pom.xml", Some("<!--")),
            ("schema.SQL", Some("--")),
            ("setup.ini", Some(";")),
            ("package.json", None),
            ("logo.png", None),
            ("LICENSE", None),
        ] {
            let found = comment_style(&RepoPath::new(name).unwrap());
            assert_eq!(found.map(|style| style.open), open, "{name}");
        }
    }
}
