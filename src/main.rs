//! Opens the window, runs a command, or is the helper. No logic.

use std::process::ExitCode;
use std::sync::Arc;

use portmedic::app::Backend;
use portmedic::{cli, ui};

fn main() -> ExitCode {
    cli::main(|computer| {
        let computer: Arc<dyn Backend> = Arc::new(computer);
        ui::open(&computer)
    })
}
