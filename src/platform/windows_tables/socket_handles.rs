//! How many handles of a process are sockets: those of type `File` whose device is `\Device\Afd`
//! (<https://learn.microsoft.com/troubleshoot/windows-client/networking/tcp-ip-port-exhaustion-troubleshooting>).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;

use crate::machine::{Gap, Handles, SYSTEM_PID, visible};

/// Security software takes a look at its handles for a theft of passwords.
const LEFT_ALONE: &str = "lsass.exe";
/// How many programs a gap names one by one.
const NAMED: usize = 5;
const EXPLORER: &str = "Process Explorer as administrator: View, Lower Pane View, Handles";

/// Windows, asked for handles.
pub trait Source {
    /// The handles of these processes that are of the type of sockets, which is that of files too.
    ///
    /// # Errors
    /// Why nothing can be told of sockets.
    fn files(&self, pids: &BTreeSet<u32>) -> Result<HashMap<u32, Vec<usize>>, String>;

    /// How many of these handles of a process are sockets; `None` where the time is over before all were looked at.
    ///
    /// # Errors
    /// Where the process may not be looked at.
    fn sockets(&self, pid: u32, handles: &[usize]) -> io::Result<Option<u32>>;
}

/// Why the sockets of a process were not counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Because {
    LeftAlone,
    Refused(String),
    Late,
}

/// Counts the sockets among the handles of these processes; says of whom it could not.
pub fn count(source: &dyn Source, processes: &mut [Handles]) -> Vec<Gap> {
    let mut not_seen: BTreeMap<Because, Vec<String>> = BTreeMap::new();
    let pids = processes.iter().map(|own| own.pid).collect();
    let files = match source.files(&pids) {
        Ok(files) => files,
        Err(because) => {
            return vec![Gap::new(r"how many of the handles of each process are sockets (\Device\Afd)", because, EXPLORER)];
        }
    };
    for own in processes {
        let name = own.process.as_deref().unwrap_or_default();
        let handles = files.get(&own.pid).map_or(&[][..], Vec::as_slice);
        let told = match source_of(own.pid, name) {
            Err(because) => Err(because),
            Ok(()) => match source.sockets(own.pid, handles) {
                Ok(Some(sockets)) => Ok(sockets),
                Ok(None) => Err(Because::Late),
                Err(error) => Err(Because::Refused(error.to_string())),
            },
        };
        match told {
            Ok(sockets) => own.sockets = Some(sockets),
            Err(because) => {
                let name = if name.is_empty() { format!("process {}", own.pid) } else { visible(name) };
                not_seen.entry(because).or_default().push(name);
            }
        }
    }
    not_seen.into_iter().map(|(because, names)| gap(&because, &names)).collect()
}

/// Whether the handles of this process are to be looked at.
fn source_of(pid: u32, name: &str) -> Result<(), Because> {
    let left_alone = pid <= SYSTEM_PID || name.eq_ignore_ascii_case(LEFT_ALONE);
    if left_alone { Err(Because::LeftAlone) } else { Ok(()) }
}

fn gap(because: &Because, names: &[String]) -> Gap {
    let whose = match names.len() {
        0..=NAMED => names.join(", "),
        number => format!("{} and {} more programs", names[..NAMED].join(", "), number - NAMED),
    };
    let what = format!(r"how many of the handles of {whose} are sockets (\Device\Afd)");
    match because {
        Because::LeftAlone => Gap::new(
            what,
            "the kernel gives its handles to nobody, and security software takes a look at those of lsass.exe for a theft of passwords",
            EXPLORER,
        ),
        Because::Refused(error) => Gap::new(
            what,
            format!("Windows does not let PortMedic look at them ({error})"),
            format!("administrator rights, or {EXPLORER}"),
        ),
        Because::Late => Gap::new(what, "looking at so many handles took too long", EXPLORER),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashMap};
    use std::io;

    use super::{Source, count};
    use crate::machine::Handles;

    /// A Windows in which every process has three files, of which these are sockets.
    struct Fake(HashMap<u32, io::Result<Option<u32>>>);

    impl Source for Fake {
        fn files(&self, pids: &BTreeSet<u32>) -> Result<HashMap<u32, Vec<usize>>, String> {
            if self.0.is_empty() { Err("Wine".to_owned()) } else { Ok(pids.iter().map(|pid| (*pid, vec![4, 8, 12])).collect()) }
        }

        fn sockets(&self, pid: u32, handles: &[usize]) -> io::Result<Option<u32>> {
            assert_eq!(handles, [4, 8, 12]);
            match &self.0[&pid] {
                Ok(sockets) => Ok(*sockets),
                Err(error) => Err(error.kind().into()),
            }
        }
    }

    fn rows(rows: &[(u32, &str)]) -> Vec<Handles> {
        let row = |(pid, name): &(u32, &str)| Handles { pid: *pid, process: Some((*name).to_owned()), handles: 9, sockets: None };
        rows.iter().map(row).collect()
    }

    #[test]
    fn sockets_are_counted_process_by_process() {
        let mut own = rows(&[(7, "agent.exe"), (8, "other.exe")]);
        let gaps = count(&Fake(HashMap::from([(7, Ok(Some(3))), (8, Ok(Some(0)))])), &mut own);
        assert_eq!((own[0].sockets, own[1].sockets, gaps.len()), (Some(3), Some(0), 0));
    }

    #[test]
    fn what_was_not_looked_at_is_no_number_and_is_said() {
        let mut own = rows(&[(4, "System"), (700, "LSASS.EXE"), (8, "busy.exe"), (9, "strange.exe"), (10, "large.exe")]);
        let refused = || Err(io::ErrorKind::PermissionDenied.into());
        let gaps = count(&Fake(HashMap::from([(8, refused()), (9, refused()), (10, Ok(None))])), &mut own);
        assert!(own.iter().all(|own| own.sockets.is_none()), "{own:?}");
        let whose: Vec<&str> = gaps.iter().map(|gap| gap.what.as_str()).collect();
        let of = |names: &str| format!(r"how many of the handles of {names} are sockets (\Device\Afd)");
        assert_eq!(whose, [of("System, LSASS.EXE"), of("busy.exe, strange.exe"), of("large.exe")]);
    }

    #[test]
    fn a_windows_that_does_not_tell_gives_one_gap() {
        let mut own = rows(&[(7, "agent.exe")]);
        let gaps = count(&Fake(HashMap::new()), &mut own);
        assert_eq!((own[0].sockets, gaps.len(), gaps[0].because.as_str()), (None, 1, "Wine"));
    }
}
