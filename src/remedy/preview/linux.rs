//! What a step will run on Linux, as text for a POSIX shell.

use std::net::{IpAddr, SocketAddr};

use crate::machine::{PortRange, PortSet, ProcessId, Protocol, Snapshot, Store};
use crate::remedy::paths::{
    DYNAMIC_RANGE_FILE, EXCLUSIONS_FILE, LOW_PORT_DROP_IN, OWN_PORTS_MARK, REPEATED_PORTS_MARK, TASK_PROGRAM,
};
use crate::remedy::shell::quote;
use crate::remedy::{Operation, PreviewKind, SECONDS_TO_END, Stores, Task, TaskName};

const RESERVED_PORTS: &str = "net.ipv4.ip_local_reserved_ports";
const PORT_RANGE: &str = "net.ipv4.ip_local_port_range";

/// The longest list that `sysctl -w` passes on whole: the kernel takes at most a page at once, and procps does not write the rest.
const SYSCTL_LIMIT: usize = 4000;

pub(super) fn preview(operation: &Operation, snapshot: &Snapshot) -> (String, PreviewKind) {
    match operation {
        Operation::StopService { service } => (format!("systemctl stop {}", quote(service)), PreviewKind::Command),
        Operation::StartService { service } => (unit_command("start", service), PreviewKind::Command),
        Operation::RestartService { service } => (unit_command("restart", service), PreviewKind::Command),
        Operation::CloseConnection { protocol, local, remote, .. } => {
            (close_command(*protocol, *local, *remote), PreviewKind::SystemCall)
        }
        Operation::EndProcess { process: ProcessId { pid, .. }, .. } => (
            format!("! kill -TERM {pid} || timeout {SECONDS_TO_END} tail --pid={pid} -f /dev/null || kill -KILL {pid}"),
            PreviewKind::SystemCall,
        ),
        Operation::AddExclusion { range, stores, .. } => {
            let lists = Lists::of(snapshot).changed(|ports| ports.insert(*range));
            (lists.commands(*stores), PreviewKind::Command)
        }
        Operation::RemoveExclusion { range, stores, .. } => {
            let lists = Lists::of(snapshot).changed(|ports| ports.remove(*range));
            (lists.commands(*stores), PreviewKind::Command)
        }
        Operation::SetDynamicRange { range, stores, .. } => (range_commands(*range, *stores), PreviewKind::Command),
        Operation::AllowLowPort { service } => (low_port_commands(service), PreviewKind::Command),
        Operation::RestartWinnat { .. }
        | Operation::DeletePortproxy { .. }
        | Operation::SetRpcPort { .. }
        | Operation::ExcludeFromDnsPool { .. }
        | Operation::RemoveMaxUserPort
        | Operation::StartTrace
        | Operation::StopTrace => ("Only Windows has this setting".to_owned(), PreviewKind::NoCommand),
        Operation::InstallTask { task } => (install_task_commands(task, snapshot.host.program.as_deref()), PreviewKind::Command),
        Operation::RemoveTask { task } => (remove_task_commands(*task), PreviewKind::Command),
        Operation::Manual { instructions } => (instructions.join("\n"), PreviewKind::Manual),
    }
}

/// Earlier failures are forgotten first: after too many of them systemd refuses every start. Of a unit that it has not loaded there is nothing
/// to forget, and it calls that an error.
pub(in crate::remedy) fn unit_command(verb: &str, unit: &str) -> String {
    let unit = quote(unit);
    format!("systemctl reset-failed {unit} || true; systemctl {verb} {unit}")
}

/// `ss` closes what its filter finds; both ends name one connection. `-a` because a resting connection is no connection to `ss`.
fn close_command(protocol: Protocol, local: SocketAddr, remote: SocketAddr) -> String {
    let option = match protocol {
        Protocol::Tcp => "-taK",
        Protocol::Udp => "-uaK",
    };
    let ip = |end: SocketAddr| match end.ip() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => quote(&format!("[{ip}]")),
    };
    format!("ss {option} src {} sport = :{} dst {} dport = :{}", ip(local), local.port(), ip(remote), remote.port())
}

/// The excluded ports by where they are kept and whose they are.
struct Lists {
    /// In force now.
    running: PortSet,
    /// In our own file.
    own: PortSet,
    /// What other files reserve, which our file has to repeat.
    others: PortSet,
}

impl Lists {
    fn of(snapshot: &Snapshot) -> Self {
        let kept = |own: bool| {
            let rows = snapshot.exclusions.iter().filter(move |row| row.store == Store::Persistent);
            rows.filter(move |row| (row.owner.as_deref() == Some("PortMedic")) == own).map(|row| row.range).collect::<PortSet>()
        };
        let running = snapshot.exclusions.iter().filter(|row| row.store == Store::Active).map(|row| row.range).collect();
        Self { running, own: kept(true), others: kept(false) }
    }

    fn changed(mut self, change: impl Fn(&mut PortSet)) -> Self {
        change(&mut self.running);
        change(&mut self.own);
        self.own = self.own.difference(&self.others);
        self
    }

    fn commands(&self, stores: Stores) -> String {
        let mut commands = Vec::new();
        if stores.active() {
            commands.push(list_command(&self.running));
        }
        if stores.persistent() {
            commands.push(if self.own.is_empty() {
                format!("rm -f {EXCLUSIONS_FILE}")
            } else {
                let all = self.own.union(&self.others);
                let lines = [
                    format!("{OWN_PORTS_MARK}{}", self.own),
                    format!("{REPEATED_PORTS_MARK}{}", self.others).trim_end().to_owned(),
                    format!("{RESERVED_PORTS} = {all}"),
                ];
                write_command(&lines, EXCLUSIONS_FILE)
            });
        }
        commands.join("; ")
    }
}

/// Sets the running list.
pub(in crate::remedy) fn list_command(ports: &PortSet) -> String {
    let list = ports.to_string();
    if list.len() < SYSCTL_LIMIT {
        return format!("sysctl -w {RESERVED_PORTS}={list}");
    }
    // A shell writes in blocks that cut numbers in two, which the kernel takes for other ports. dd writes the rest.
    format!("printf '%s\\n' {list} | dd of=/proc/sys/net/ipv4/ip_local_reserved_ports bs=1M iflag=fullblock status=none")
}

/// Sets the running range.
pub(in crate::remedy) fn range_command(range: PortRange) -> String {
    format!("sysctl -w '{PORT_RANGE}={} {}'", range.start(), range.end())
}

fn range_commands(range: PortRange, stores: Stores) -> String {
    let mut commands = Vec::new();
    if stores.active() {
        commands.push(range_command(range));
    }
    if stores.persistent() {
        let line = format!("{PORT_RANGE} = {} {}", range.start(), range.end());
        commands.push(write_command(&[line], DYNAMIC_RANGE_FILE));
    }
    commands.join("; ")
}

fn low_port_commands(unit: &str) -> String {
    let folder = format!("/etc/systemd/system/{unit}.d");
    let lines = ["[Service]".to_owned(), "AmbientCapabilities=CAP_NET_BIND_SERVICE".to_owned()];
    let write = write_command(&lines, &format!("{folder}/{LOW_PORT_DROP_IN}"));
    format!("mkdir -p {}; {write}; systemctl daemon-reload", quote(&folder))
}

/// Puts the program where only root can exchange it, writes the unit and switches it on. `own` is the program that runs.
fn install_task_commands(task: &Task, own: Option<&str>) -> String {
    let unit = task_file_commands(task.name(), &task.unit_lines());
    match own {
        Some(TASK_PROGRAM) => unit,
        Some(own) => format!("install -D -m 755 {} {TASK_PROGRAM}; {unit}", quote(own)),
        None => format!("install -D -m 755 \"$(command -v portmedic)\" {TASK_PROGRAM}; {unit}"),
    }
}

/// Writes the unit, switches it on and, where it shall run all the time, starts it.
pub(in crate::remedy) fn task_file_commands(task: TaskName, lines: &[String]) -> String {
    let start = match task {
        TaskName::Recheck => String::new(),
        TaskName::Recorder => format!("; systemctl restart {}", task.unit()),
    };
    let write = write_command(lines, &task.unit_file());
    format!("{write}; systemctl daemon-reload; systemctl enable {}{start}", task.unit())
}

/// Stops the unit and takes away all that was put there. The program stays as long as another task starts it.
pub(in crate::remedy) fn remove_task_commands(task: TaskName) -> String {
    let others = TaskName::ALL.into_iter().filter(|other| *other != task);
    let unless_used = others.map(|other| format!("[ -e {} ] || ", other.unit_file())).collect::<Vec<_>>().concat();
    let folder = TASK_PROGRAM.rsplit_once('/').map_or(TASK_PROGRAM, |(folder, _)| folder);
    let (unit, file) = (task.unit(), task.unit_file());
    format!(
        "systemctl disable --now {unit}; rm -f {file}; systemctl daemon-reload; {unless_used}{{ rm -f {TASK_PROGRAM}; rmdir {folder}; }}"
    )
}

/// A command that writes these lines into a file.
pub(in crate::remedy) fn write_command(lines: &[String], file: &str) -> String {
    let lines: Vec<String> = lines.iter().map(|line| quote(line)).collect();
    format!("printf '%s\\n' {} > {}", lines.join(" "), quote(file))
}

#[cfg(test)]
mod tests {
    use super::install_task_commands;
    use crate::remedy::Task;

    #[test]
    fn a_task_is_a_copy_of_the_program_that_runs() {
        let command = |own| install_task_commands(&Task::Recheck, own);
        let copy = "install -D -m 755 '/home/a b/portmedic' /usr/local/lib/portmedic/portmedic; printf";
        assert!(command(Some("/home/a b/portmedic")).starts_with(copy));
        assert!(command(Some("/usr/local/lib/portmedic/portmedic")).starts_with("printf"), "it lies there already");
        assert!(command(None).contains("$(command -v portmedic)"));
    }
}
