//! Opens the window, runs a command, or is the helper. No logic.

use std::process::ExitCode;

fn main() -> ExitCode {
    portmedic::cli::main()
}
