//! The ways to administrator rights on Linux, in the order in which they are tried.

mod executable;

use std::env;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::child::{Heard, Unheard, hold};
use super::{Elevator, LaunchError, Method, Tried};
use crate::helper::journal::check_place;
use crate::helper::protocol::{Reply, Request};
use crate::platform::command::{self, find};

/// What pkexec exits with where its dialog was closed, and where it could not run the program (pkexec(1)).
const PKEXEC_CLOSED: i32 = 126;

/// Asks the system for rights.
#[derive(Debug, Clone, Copy)]
pub struct SystemElevator {
    /// Whether a password may be asked for on the terminal: a window must not, since nobody looks there.
    pub terminal: bool,
    /// The only way to try; `None` for all.
    pub only: Option<Method>,
}

impl SystemElevator {
    /// For a window: nobody looks at its terminal, so no password is asked for there.
    pub const fn in_window() -> Self {
        Self { terminal: false, only: None }
    }

    /// For a command, by this way only or by each in turn.
    pub fn for_command(only: Option<Method>) -> Self {
        Self { terminal: io::stdin().is_terminal(), only }
    }
}

/// What became of one way.
enum Way {
    /// The helper ran.
    Done,
    /// It leads nowhere here; another may.
    Closed(String),
    /// It was decided: no further prompt.
    Over(LaunchError),
}

impl Elevator for SystemElevator {
    fn method(&self) -> Method {
        self.ways().first().copied().unwrap_or(Method::Sudo)
    }

    fn run(
        &self,
        request: &Request,
        cancelled: &(dyn Fn() -> bool + Sync),
        on_reply: &mut dyn FnMut(Reply),
    ) -> Result<(), LaunchError> {
        check_place().map_err(|error| LaunchError::NoJournal(error.to_string()))?;
        // Who is root already gains nothing by the helper, whoever may have written the executable that runs.
        let own = if self.ways() == [Method::Root] { PathBuf::from("/proc/self/exe") } else { executable::own()? };
        let mut tried = Vec::new();
        for method in self.ways() {
            let Some(command) = self.command(method, &own) else {
                tried.push(Tried { method, why: "it is not installed".to_owned() });
                continue;
            };
            let way = match hold(command, request, cancelled, on_reply)? {
                Heard::All => Way::Done,
                Heard::Nothing(unheard) if unheard.cancelled => Way::Over(LaunchError::Declined { method }),
                Heard::Nothing(unheard) => self.judge(method, &unheard),
            };
            match way {
                Way::Done => return Ok(()),
                Way::Closed(why) => tried.push(Tried { method, why }),
                Way::Over(error) => return Err(error),
            }
        }
        Err(LaunchError::NoWay { tried })
    }
}

impl SystemElevator {
    /// The ways to try, in order.
    fn ways(self) -> Vec<Method> {
        match self.only {
            Some(method) => vec![method],
            None if rustix::process::geteuid().is_root() => vec![Method::Root],
            None => vec![Method::Pkexec, Method::Run0, Method::Sudo],
        }
    }

    /// The command that runs the helper this way; `None` where it is not installed.
    fn command(self, method: Method, own: &Path) -> Option<Command> {
        let mut command = match method {
            Method::Root | Method::InProcess | Method::Administrator | Method::Uac => command::program(own),
            Method::Pkexec => {
                let mut pkexec = command::program(&find("pkexec")?);
                // Its own prompt on the terminal does not work without a login session; ours is sudo's.
                pkexec.arg("--disable-internal-agent").arg(own);
                pkexec
            }
            Method::Run0 => {
                let mut run0 = command::program(&find("run0")?);
                run0.arg("--description=PortMedic");
                if !self.terminal {
                    run0.arg("--no-ask-password");
                }
                run0.arg("--").arg(own);
                run0
            }
            Method::Sudo => {
                let mut sudo = command::program(&find("sudo")?);
                let askpass = env::var_os("SUDO_ASKPASS").filter(|_| !self.terminal);
                match &askpass {
                    Some(program) => {
                        sudo.arg("-A").env("SUDO_ASKPASS", program);
                        keep_screen(&mut sudo);
                    }
                    None if self.terminal => {
                        sudo.arg("--prompt=Password of %p, for PortMedic: ");
                    }
                    None => {
                        sudo.arg("-n");
                    }
                }
                sudo.arg("--").arg(own);
                sudo
            }
        };
        command.arg("helper");
        Some(command)
    }

    /// What it means that the helper did not speak. English is certain: the tools run without the user's language.
    fn judge(self, method: Method, unheard: &Unheard) -> Way {
        let said = unheard.said.as_str();
        let says = |parts: &[&str]| parts.iter().any(|part| said.contains(part));
        let not_authorized = || Way::Over(LaunchError::NotAuthorized { method, said: said.to_owned() });
        match method {
            Method::Root | Method::InProcess | Method::Administrator | Method::Uac => {
                Way::Over(LaunchError::HelperDied { step: None, said: said.to_owned() })
            }
            Method::Pkexec if unheard.code == Some(PKEXEC_CLOSED) => Way::Over(LaunchError::Declined { method }),
            Method::Pkexec if says(&["No authentication agent found", "No session for cookie"]) => {
                Way::Closed("no program that asks for the password runs in this session".to_owned())
            }
            Method::Pkexec | Method::Run0 if says(&["Not authorized"]) => not_authorized(),
            Method::Run0 if says(&["Interactive authentication required"]) => {
                Way::Closed("no program that asks for the password runs in this session".to_owned())
            }
            Method::Run0 if says(&["Access denied", "Permission denied"]) => not_authorized(),
            Method::Sudo if says(&["incorrect password"]) => not_authorized(),
            Method::Sudo if says(&["no password was provided"]) || self.terminal && says(&["a password is required"]) => {
                Way::Over(LaunchError::Declined { method })
            }
            Method::Sudo if says(&["a password is required", "a terminal is required"]) => {
                Way::Closed("it needs a password, and there is no terminal to ask for it".to_owned())
            }
            Method::Sudo if says(&["not in the sudoers file", "may not run sudo", "is not allowed to"]) => {
                Way::Closed("this user may not use it".to_owned())
            }
            Method::Pkexec | Method::Run0 | Method::Sudo => Way::Closed(said.to_owned()),
        }
    }
}

/// What a program needs to show a window.
fn keep_screen(command: &mut Command) {
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY"] {
        if let Some(value) = env::var_os(name) {
            command.env(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LaunchError, Method, SystemElevator, Unheard, Way};

    fn judge(terminal: bool, method: Method, code: i32, said: &str) -> Way {
        let unheard = Unheard { code: Some(code), said: said.to_owned(), cancelled: false };
        SystemElevator { terminal, only: None }.judge(method, &unheard)
    }

    #[test]
    fn a_closed_prompt_is_a_result_and_no_further_one_opens() {
        for (terminal, method, code, said) in [
            (false, Method::Pkexec, 126, "Error executing command as another user: Request dismissed"),
            (true, Method::Sudo, 1, "sudo: a password is required"),
            (false, Method::Sudo, 1, "sudo: no password was provided"),
        ] {
            let way = judge(terminal, method, code, said);
            assert!(matches!(way, Way::Over(LaunchError::Declined { .. })), "{said}");
        }
    }

    #[test]
    fn a_wrong_password_ends_the_search() {
        for (method, code, said) in [
            (Method::Pkexec, 127, "Error executing command as another user: Not authorized"),
            (Method::Run0, 1, "Failed to start transient service unit: Access denied"),
            (Method::Sudo, 1, "sudo: 3 incorrect password attempts"),
        ] {
            let way = judge(true, method, code, said);
            assert!(matches!(way, Way::Over(LaunchError::NotAuthorized { .. })), "{said}");
        }
    }

    #[test]
    fn where_nobody_can_be_asked_the_next_way_is_tried() {
        for (method, code, said) in [
            (Method::Pkexec, 127, "Error executing command as another user: No authentication agent found."),
            (Method::Pkexec, 127, "pkexec must be setuid root"),
            (Method::Run0, 1, "Failed to start transient service unit: Interactive authentication required."),
            (Method::Sudo, 1, "sudo: a password is required"),
            (Method::Sudo, 1, "bob is not in the sudoers file."),
            (Method::Sudo, 1, "sudo: The \"no new privileges\" flag is set, which prevents sudo from running as root."),
        ] {
            assert!(matches!(judge(false, method, code, said), Way::Closed(_)), "{said}");
        }
    }

    #[test]
    fn a_way_that_was_asked_for_is_the_only_one() {
        let elevator = SystemElevator { terminal: false, only: Some(Method::Sudo) };
        assert_eq!(elevator.ways(), [Method::Sudo]);
    }
}
