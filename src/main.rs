//! Opens the window, runs a command, or is the helper. No logic.

fn main() {}
