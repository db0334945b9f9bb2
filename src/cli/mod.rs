//! The command line: one file a command. Arguments in, a plan, a view out.

mod add;
mod adopt;
mod allowed;
mod args;
mod ask;
mod base;
mod blame;
mod check;
mod completions;
mod diff;
mod eject;
mod explain;
mod fix;
mod given;
mod laid;
mod lay;
mod man;
mod new;
mod next;
mod online;
mod path;
mod remove;
mod report;
mod reshape;
mod schema;
mod select;
mod session;
mod since;
mod sources;
mod status;
mod survey;
mod target;
mod upgrade;
mod workspace;
mod write;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::builder::FalseyValueParser;
use clap::{ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum as _};

use crate::error::Error;
use args::Global;
use session::Session;

/// Puts repositories on a secured golden path, and keeps them there.
#[derive(Debug, Parser)]
#[command(
    name = "roadbed",
    version,
    propagate_version = false,
    disable_help_subcommand = true,
    after_help = "Every long option can also be set in the environment: --dry-run as ROADBED_DRY_RUN=true, \
                  an answer as ROADBED_SET_<ID>.\n\
                  Exit codes: 0 done, 1 findings, 2 wrong input (nothing was written), 3 conflicts for a person, 4 the environment failed."
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    New(new::New),
    Adopt(adopt::Adopt),
    Check(check::Check),
    Diff(diff::Diff),
    Fix(fix::Fix),
    Upgrade(upgrade::Upgrade),
    Add(add::Add),
    Remove(remove::Remove),
    Status(status::Status),
    Eject(eject::Eject),
    Explain(explain::Explain),
    #[command(subcommand)]
    Path(path::Path),
    Schema(schema::Schema),
    Completions(completions::Completions),
    Man(man::Man),
}

/// Runs the command line `args`, and says how it went.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let parsed =
        command().color(colour(&args)).try_get_matches_from(&args).and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return usage(&error, &args),
    };
    let session = match Session::new(&cli.global) {
        Ok(session) => session,
        Err(error) if cli.global.format == Some(args::Format::Json) => return Session::json().fail(&error),
        Err(error) => return Session::plain().fail(&error),
    };
    // One thread with a stack for the deepest template, instead of one for every expression.
    let run = || {
        crate::golden_path::with_stack(|| {
            reserve_memory();
            dispatch(&session, &cli.command)
        })
        .and_then(|done| done)
    };
    match run() {
        Ok(code) => ExitCode::from(code),
        Err(error) => session.fail(&error),
    }
}

/// Has glibc's allocator take room for a whole run in one call, where it otherwise asks the system for every few pages. What
/// is freed first and is larger than it keeps by itself makes it keep what is freed second.
fn reserve_memory() {
    for bytes in [1 << 20, 768 << 10] {
        drop(std::hint::black_box(Vec::<u8>::with_capacity(bytes)));
    }
}

fn dispatch(session: &Session, command: &Command) -> crate::error::Result<u8> {
    if !session.format.is_for_all() && !matches!(command, Command::Check(_)) {
        let format = session.format.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        return Err(Error::usage(format!("only `check` prints findings, so only `check` has --format {format}"))
            .hint("this command prints text or json"));
    }
    match command {
        Command::New(command) => command.run(session),
        Command::Adopt(command) => command.run(session),
        Command::Check(command) => command.run(session),
        Command::Diff(command) => command.run(session),
        Command::Fix(command) => command.run(session),
        Command::Upgrade(command) => command.run(session),
        Command::Add(command) => command.run(session),
        Command::Remove(command) => command.run(session),
        Command::Status(command) => command.run(session),
        Command::Eject(command) => command.run(session),
        Command::Explain(command) => command.run(session),
        Command::Path(command) => command.run(session),
        Command::Schema(command) => command.run(session),
        Command::Completions(command) => command.run(session),
        Command::Man(command) => command.run(session),
    }
}

/// A wrong command line: clap's own words, or a document where JSON was asked for.
fn usage(error: &clap::Error, args: &[OsString]) -> ExitCode {
    let wants_json = args.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json")
        || args.iter().any(|arg| arg == "--format=json")
        || crate::repo::surroundings::variable("ROADBED_FORMAT").is_some_and(|format| format == "json");
    if wants_json && error.use_stderr() {
        let text = error.render().to_string();
        let ends = ["\n\nUsage", "\n\nFor more information", "\n\n  tip:"];
        let end = ends.iter().filter_map(|end| text.find(end)).min().unwrap_or(text.len());
        let said = text[..end].trim_start_matches("error: ");
        let message = said.split_whitespace().collect::<Vec<_>>().join(" ");
        return Session::json().fail(&Error::usage(message).hint("roadbed --help"));
    }
    // Nothing is left to say where even this cannot be printed.
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}

/// What `--color` asks of help and of errors of the command line, which are printed before it is read.
fn colour(args: &[OsString]) -> clap::ColorChoice {
    let spaced = args.windows(2).find(|pair| pair[0] == "--color").map(|pair| pair[1].to_string_lossy());
    let joined = || args.iter().find_map(|arg| Some(arg.to_str()?.strip_prefix("--color=")?.into()));
    let named = || crate::repo::surroundings::variable("ROADBED_COLOR").map(Into::into);
    match spaced.or_else(joined).or_else(named).as_deref() {
        Some("always") => clap::ColorChoice::Always,
        Some("never") => clap::ColorChoice::Never,
        _ => clap::ColorChoice::Auto,
    }
}

/// The whole command line, each long option with its environment variable.
fn command() -> clap::Command {
    with_environment(Cli::command())
}

fn with_environment(command: clap::Command) -> clap::Command {
    let command = command.mut_args(|arg| {
        let Some(long) = arg.get_long() else { return arg };
        let variable = format!("ROADBED_{}", long.to_uppercase().replace('-', "_"));
        let arg = arg.env(variable).hide_env(true);
        if matches!(arg.get_action(), ArgAction::SetTrue) { arg.value_parser(FalseyValueParser::new()) } else { arg }
    });
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| command.mut_subcommand(name, with_environment))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }
}
