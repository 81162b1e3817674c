//! Not a port conflict. Only where a security rule forbids the port is there something to do about it.

use super::move_port;
use crate::machine::{FailureKind, Port};
use crate::remedy::FixOption;
use crate::remedy::planner::Planner;

pub(super) fn options(planner: &Planner<'_>) -> Vec<FixOption> {
    let forbidden =
        planner.failure().is_some_and(|failure| matches!(failure.kind, FailureKind::Forbidden | FailureKind::Privileged));
    // On Windows the bind test tells it too, and the port is not free then.
    let forbidden = forbidden || (!planner.is_linux() && planner.is_denied());
    let (Some(port), true) = (planner.diagnosis.port, forbidden) else { return Vec::new() };
    if !planner.is_linux() {
        return std::iter::once(on_windows(planner, port)).chain(move_port::option(planner)).collect();
    }
    let protocol = planner.protocol().as_str();
    let mut instructions = vec![
        format!(
            "SELinux: ausearch -m avc -ts recent shows the denial; semanage port -a -t TYPE -p {protocol} {port} allows the port"
        ),
        "AppArmor: journalctl -k -g apparmor shows the denial; allow the port in the program's profile".to_owned(),
        "systemd: look for SocketBindDeny= and RestrictAddressFamilies= in the unit".to_owned(),
    ];
    instructions.extend(planner.start_by_hand());
    let allow = planner.by_hand(
        "Allow the port in the security rules".to_owned(),
        "The rule is there for a reason: allow this one port for this one program.".to_owned(),
        instructions,
        "Nothing",
    );
    std::iter::once(allow).chain(move_port::option(planner)).collect()
}

fn on_windows(planner: &Planner<'_>, port: Port) -> FixOption {
    let mut instructions = vec![
        "Look into the log of the security product (antivirus, host firewall) for the time of the failure, and allow the program there"
            .to_owned(),
        format!("Look for port {port} in the filters of Windows: netsh wfp show netevents"),
        format!("Look for a URL on port {port} that is kept for another account: netsh http show urlacl"),
    ];
    instructions.extend(planner.start_by_hand());
    planner.by_hand(
        "Allow the port in what forbids it".to_owned(),
        "The rule is there for a reason: allow this one port for this one program.".to_owned(),
        instructions,
        "Nothing",
    )
}
