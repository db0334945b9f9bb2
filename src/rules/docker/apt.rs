//! What `apt` and its kin are asked to do in a `RUN`.

use crate::edit::dockerfile::Instruction;
use crate::edit::dockerfile::shell::Command;

/// Every command of the script, and the one that `sudo` or `env` runs in its place.
pub(super) fn commands(run: &Instruction) -> impl Iterator<Item = Command> {
    run.script.commands.iter().map(|command| command.unwrapped().unwrap_or_else(|| command.clone()))
}

/// Whether it is `apt-get SUBCOMMAND` or `apt SUBCOMMAND`.
pub(super) fn is_apt(command: &Command, subcommand: &str) -> bool {
    matches!(command.name(), "apt" | "apt-get" | "aptitude") && command.has_arg(subcommand)
}

/// Whether a script updates the package lists.
pub(super) fn updates(run: &Instruction) -> bool {
    commands(run).any(|command| is_apt(&command, "update"))
}

/// Whether a script installs or upgrades packages with apt.
pub(super) fn installs(run: &Instruction) -> bool {
    commands(run).any(|command| {
        ["install", "upgrade", "dist-upgrade", "full-upgrade", "build-dep"].iter().any(|sub| is_apt(&command, sub))
    })
}

/// Whether a script removes the package lists.
pub(super) fn removes_lists(run: &Instruction) -> bool {
    commands(run).any(|command| {
        let lists = |text: &str| {
            text.trim_end_matches(['*', '/']).ends_with("/var/lib/apt/lists")
                || text == "/var/lib/apt"
                || text == "/var/lib/apt/"
        };
        let cleans = ["dist-clean", "distclean"].iter().any(|sub| is_apt(&command, sub));
        // `bash -c "… rm -rf /var/lib/apt/lists/*"`
        let called = matches!(command.name(), "sh" | "bash" | "dash")
            && command.args().iter().any(|word| word.text.contains("rm ") && word.text.contains("/var/lib/apt/lists"));
        cleans || called || command.name() == "rm" && command.args().iter().any(|word| lists(&word.text))
    })
}

/// Whether the lists lie in a mount, so that they are no part of the image.
pub(super) fn lists_are_mounted(run: &Instruction) -> bool {
    run.flags.iter().filter(|flag| flag.name == "mount").filter_map(|flag| flag.value.as_deref()).any(|mount| {
        let target = mount
            .split(',')
            .find_map(|part| ["target=", "dst=", "destination="].iter().find_map(|key| part.strip_prefix(key)));
        let kind = mount.split(',').any(|part| part == "type=cache" || part == "type=tmpfs");
        kind && target.is_some_and(|target| {
            let target = target.trim_end_matches('/');
            target == "/var/lib/apt" || target == "/var/lib/apt/lists"
        })
    })
}

/// Whether the user is asked before packages are installed.
pub(super) fn asks(command: &Command) -> bool {
    let quiet = command.count_flag("q") + command.count_flag("quiet") >= 2 || command.has_arg("-q=2");
    let yes = ["y", "yes", "assume-yes", "qq"].iter().any(|flag| command.has_flag(flag));
    !yes && !quiet
}

/// Whether what packages recommend is installed too.
pub(super) fn takes_recommended(command: &Command) -> bool {
    let off = |text: &str| {
        let text = text.to_lowercase();
        text.contains("apt::install-recommends=") && ["false", "0", "no", "off"].iter().any(|no| text.ends_with(no))
    };
    !command.has_flag("no-install-recommends") && !command.args().iter().any(|word| off(&word.text))
}
