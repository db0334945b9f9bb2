//! What package managers of languages are asked to install, and whether a lock holds it.

use std::ops::Range;

use super::file::File;
use crate::edit::dockerfile::Instruction;
use crate::edit::dockerfile::shell::Command;

/// An installation that no lock holds.
pub(super) struct Unlocked {
    pub message: String,
    /// The word of npm that could be `ci`.
    pub ci: Option<Range<usize>>,
}

/// What must be known beside the command.
pub(super) struct Around {
    /// Whether npm has a lock here.
    pub npm_lock: bool,
    /// Whether pip keeps no cache whatever its options.
    pub pip_cache_off: bool,
}

/// Judges one command.
pub(super) fn unlocked(command: &Command, around: &Around) -> Option<Unlocked> {
    let name = command.name();
    let message = match name {
        "npm" => return npm(command, around),
        "go" => go(command)?,
        "cargo" => cargo(command)?,
        _ if is_pip(command) => pip(command, around)?,
        _ => return None,
    };
    Some(Unlocked { message, ci: None })
}

fn is_pip(command: &Command) -> bool {
    let name = command.name();
    let args: Vec<&str> = command.args().iter().map(|word| word.text.as_str()).collect();
    if name.starts_with("pip") && !name.starts_with("pipenv") {
        return args.contains(&"install");
    }
    name.starts_with("python") && args.windows(3).any(|words| words == ["-m", "pip", "install"])
}

/// Options of `pip install` that take a value.
const PIP_VALUED: [&str; 30] = [
    "abi",
    "b",
    "build",
    "c",
    "constraint",
    "e",
    "editable",
    "extra-index-url",
    "f",
    "find-links",
    "i",
    "index-url",
    "implementation",
    "no-binary",
    "only-binary",
    "platform",
    "prefix",
    "progress-bar",
    "proxy",
    "python",
    "python-version",
    "r",
    "requirement",
    "root",
    "root-user-action",
    "src",
    "t",
    "target",
    "trusted-host",
    "upgrade-strategy",
];

fn pip(command: &Command, around: &Around) -> Option<String> {
    if command.has_flag("require-hashes") {
        return None;
    }
    let args: Vec<&str> = command.args().iter().map(|word| word.text.as_str()).collect();
    let file = requirements(command);
    let local = args.contains(&".");
    let constrained = command.has_flag("constraint") || command.has_flag("c");
    let operands = command.operands(&PIP_VALUED);
    let packages = operands.iter().map(|word| word.text.as_str()).skip_while(|word| *word != "install").skip(1);
    if file.is_none()
        && !local
        && !constrained
        && let Some(package) = packages.into_iter().find(|package| !is_pinned_for_pip(package))
    {
        return Some(format!("`{package}` is installed in whatever version pip finds"));
    }
    let wraps = ["pipx", "pipenv"].iter().any(|wrapper| command.name().contains(wrapper));
    (!command.has_arg("--no-cache-dir") && !around.pip_cache_off && !wraps)
        .then(|| "pip checks no hashes here, and its cache stays in the image".to_owned())
}

/// The file of requirements that `pip install` is given, if hashes are not asked for.
pub(super) fn requirements(command: &Command) -> Option<&str> {
    if !is_pip(command) || command.has_flag("require-hashes") {
        return None;
    }
    let args: Vec<&str> = command.args().iter().map(|word| word.text.as_str()).collect();
    args.iter().enumerate().find_map(|(at, arg)| match *arg {
        "-r" | "--requirement" => args.get(at + 1).copied(),
        _ => arg.strip_prefix("--requirement=").or_else(|| arg.strip_prefix("-r").filter(|rest| !rest.is_empty())),
    })
}

fn is_pinned_for_pip(package: &str) -> bool {
    let vcs = ["git+", "git:", "hg+", "svn+", "svn:", "bzr+"].iter().any(|scheme| package.starts_with(scheme));
    if vcs {
        return package.contains('@');
    }
    ["==", ">=", "<=", ">", "<", "!=", "~="].iter().any(|sign| package.contains(sign))
        || [".whl", ".tar.gz"].iter().any(|end| package.ends_with(end))
        || package.contains('/')
}

/// The place of the first requirement that neither a version nor a hash holds.
pub(super) fn loose(requirements: &str) -> Option<Range<usize>> {
    if requirements.contains("--hash=") {
        return None;
    }
    let mut start = 0;
    requirements.split_inclusive('\n').find_map(|whole| {
        let line = whole.split(" #").next().unwrap_or(whole).trim();
        let open = !line.is_empty()
            && !line.starts_with(['#', '-'])
            && !line.contains("==")
            && !line.contains('/')
            && !line.contains('@');
        let at = start + whole.len() - whole.trim_start().len();
        start += whole.len();
        open.then(|| at..at + line.len())
    })
}

/// Whether pip keeps no cache in this step: `PIP_NO_CACHE_DIR`, or a cache mount.
pub(super) fn pip_cache_is_off(file: &File<'_>, run: &Instruction) -> bool {
    let on = |value: &str| ["1", "true", "on", "yes"].iter().any(|yes| value.eq_ignore_ascii_case(yes));
    let stage = run.stage.unwrap_or_default();
    let set =
        file.chain(stage).into_iter().flat_map(|stage| file.docker.stage(stage)).filter(|env| env.keyword == "ENV");
    let by_env = set.filter(|env| env.span.start < run.span.start).flat_map(Instruction::pairs).any(|pair| {
        pair.name == "PIP_NO_CACHE_DIR" && pair.value.is_some_and(|value| on(value.trim_matches(['"', '\''])))
    });
    let assigned = run.script.commands.iter().flat_map(|command| command.assignments.iter().chain(command.args()));
    let by_script = assigned.into_iter().any(|word| word.text.strip_prefix("PIP_NO_CACHE_DIR=").is_some_and(on));
    let mounted = run.flags.iter().any(|flag| {
        flag.name == "mount"
            && flag.value.as_deref().is_some_and(|value| value.contains("type=cache") && value.contains(".cache"))
    });
    by_env || by_script || mounted
}

fn npm(command: &Command, around: &Around) -> Option<Unlocked> {
    let operands = command.operands(&["loglevel", "registry", "prefix", "C", "cache"]);
    let (verb, packages) = operands.split_first()?;
    if !matches!(verb.text.as_str(), "install" | "i") {
        return None;
    }
    if packages.is_empty() {
        let message = "`npm install` may take other versions than the lock beside it; `npm ci` takes those".to_owned();
        return around.npm_lock.then(|| Unlocked { message, ci: (verb.text == "install").then(|| verb.span.clone()) });
    }
    let package = packages.iter().find(|package| !is_pinned_for_npm(&package.text))?;
    let message = format!("`{}` is installed in whatever version npm finds", package.text);
    Some(Unlocked { message, ci: None })
}

fn is_pinned_for_npm(package: &str) -> bool {
    if ["git://", "git+ssh://", "git+http://", "git+https://"].iter().any(|scheme| package.starts_with(scheme)) {
        return package.contains('#');
    }
    let file = [".tar", ".tar.gz", ".tgz"].iter().any(|end| package.ends_with(end))
        || ["/", "./", "../", "~/"].iter().any(|start| package.starts_with(start));
    // The first `@` of a scoped name is part of it.
    let version = package.get(1..).unwrap_or_default().contains('@');
    file || version && !package.ends_with("@latest")
}

fn go(command: &Command) -> Option<String> {
    let operands = command.operands(&[]);
    let (verb, packages) = operands.split_first()?;
    let packages: Vec<&str> = packages.iter().map(|word| word.text.as_str()).filter(|word| *word != "tool").collect();
    let packages = match verb.text.as_str() {
        "install" | "get" => packages,
        "run" => packages.into_iter().take(1).collect(),
        _ => return None,
    };
    let package = packages.into_iter().find(|package| {
        let local = package.starts_with(['.', '/']);
        !local && (!package.contains('@') || package.ends_with("@latest") || package.ends_with("@none"))
    })?;
    Some(format!("`{package}` is built in whatever version Go finds"))
}

fn cargo(command: &Command) -> Option<String> {
    let operands = command.operands(&[
        "version", "vers", "git", "branch", "tag", "rev", "path", "root", "features", "F", "target", "profile", "j",
        "jobs", "bin", "registry",
    ]);
    let first = operands.iter().find(|word| !word.text.starts_with('+'))?;
    let fixed = command.has_flag("locked") || command.has_flag("frozen");
    (first.text == "install" && !fixed)
        .then(|| "`cargo install` without `--locked` ignores the lock that the program was released with".to_owned())
}
