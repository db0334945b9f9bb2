//! The `roadbed` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    roadbed::cli::run(std::env::args_os())
}
