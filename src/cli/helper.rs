//! `portmedic helper`: not for people. PortMedic starts it with administrator rights.

use std::process::ExitCode;

use clap::Args;

/// What the helper is told when it is started. Without arguments it is spoken to on standard input.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The named pipe on which PortMedic waits
    #[cfg(windows)]
    #[arg(long, requires = "parent")]
    pipe: Option<String>,
    /// The process that waits there
    #[cfg(windows)]
    #[arg(long, requires = "pipe")]
    parent: Option<u32>,
}

/// Is the helper.
#[cfg(windows)]
pub fn run(arguments: Arguments) -> ExitCode {
    match arguments {
        Arguments { pipe: Some(pipe), parent: Some(parent) } => {
            crate::helper::main_helper_at(&crate::helper::Door { pipe, parent })
        }
        Arguments { .. } => crate::helper::main_helper(),
    }
}

/// Is the helper.
#[cfg(not(windows))]
pub fn run(_arguments: Arguments) -> ExitCode {
    crate::helper::main_helper()
}
