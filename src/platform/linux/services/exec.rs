//! `ExecStart=` and its kin as `systemctl show` prints them: the command, and how it ended.

/// One command of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exec {
    /// The words of the command. systemctl joins the arguments with blanks, so one with a blank in it is several here.
    pub words: Vec<String>,
    /// How it ended; `None` while it runs or has not run.
    pub end: Option<End>,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// `exited`, `killed` or `dumped`.
    pub code: String,
    /// The exit status, or the number of the signal.
    pub status: u32,
}

impl Exec {
    /// Reads `{ path=... ; argv[]=... ; ignore_errors=no ; ... ; pid=89 ; code=exited ; status=1 }`.
    pub fn parse(text: &str) -> Option<Self> {
        let (_, rest) = text.split_once(" ; argv[]=")?;
        // The arguments may have this, too; it cannot follow them twice.
        let (arguments, facts) = rest.rsplit_once(" ; ignore_errors=").or_else(|| rest.rsplit_once(" ; flags="))?;
        let fact = |name: &str| facts.split(" ; ").find_map(|fact| fact.strip_prefix(name)?.strip_prefix('='));
        let code = fact("code").filter(|code| *code != "(null)");
        let status = fact("status").map(|status| status.trim_end_matches([' ', '}']));
        let status = status.and_then(|status| status.split('/').next()?.parse().ok());
        Some(Self {
            words: arguments.split_whitespace().map(str::to_owned).collect(),
            end: code.zip(status).map(|(code, status)| End { code: code.to_owned(), status }),
        })
    }
}

impl End {
    /// Whether the command did what it should.
    pub fn success(&self) -> bool {
        self.code == "exited" && self.status == 0
    }

    /// Whether systemd itself could not start the program: it ends with one of its own numbers then (systemd.exec(5), "Process exit codes").
    pub fn before_the_program(&self) -> bool {
        self.code == "exited" && (200..=245).contains(&self.status)
    }
}

#[cfg(test)]
mod tests {
    use super::{End, Exec};

    const NGINX: &str = "{ path=/usr/sbin/nginx ; argv[]=/usr/sbin/nginx -g daemon on; master_process on; ; ignore_errors=no ; \
                         start_time=[Sat 2026-11-21 03:03:41 UTC] ; stop_time=[n/a] ; pid=89 ; code=exited ; status=1 }";

    #[test]
    fn reads_arguments_with_semicolons_and_the_status_after_them() {
        let exec = Exec::parse(NGINX).unwrap();
        assert_eq!(exec.words, ["/usr/sbin/nginx", "-g", "daemon", "on;", "master_process", "on;"]);
        assert_eq!(exec.end, Some(End { code: "exited".to_owned(), status: 1 }));
    }

    #[test]
    fn a_command_that_has_not_run_has_no_end() {
        let exec = Exec::parse(&NGINX.replace("code=exited ; status=1", "code=(null) ; status=0/0")).unwrap();
        assert_eq!(exec.end, None);
    }

    #[test]
    fn a_program_that_is_missing_is_not_its_own_failure() {
        let exec = Exec::parse(&NGINX.replace("status=1 }", "status=203 }")).unwrap();
        assert!(exec.end.unwrap().before_the_program());
    }
}
