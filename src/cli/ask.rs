//! Asks on the terminal before something is changed.

use std::io::{self, BufRead, IsTerminal, Write};

/// Whether to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Yes, by `--yes` or typed.
    Yes,
    /// No, typed or by an empty line.
    No,
    /// There is no terminal to ask on, and `--yes` was not given.
    NobodyToAsk,
}

impl Answer {
    /// Why nothing was changed, for the message; `None` for yes.
    pub const fn refusal(self) -> Option<&'static str> {
        match self {
            Self::Yes => None,
            Self::No => Some("You answered no. Nothing was changed"),
            Self::NobodyToAsk => Some("There is no terminal to ask on and --yes was not given. Nothing was changed"),
        }
    }
}

/// Asks a question that is answered with yes or no; no is the answer to everything else.
///
/// The question goes to standard error, so that it shows where the answer of the command is redirected.
///
/// # Errors
/// Where the terminal cannot be read or written.
pub fn ask(question: &str, yes: bool) -> io::Result<Answer> {
    if yes {
        return Ok(Answer::Yes);
    }
    if !io::stdin().is_terminal() {
        return Ok(Answer::NobodyToAsk);
    }
    write!(io::stderr(), "{question} [y/N] ")?;
    io::stderr().flush()?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    let agreed = matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes");
    Ok(if agreed { Answer::Yes } else { Answer::No })
}
