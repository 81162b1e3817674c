//! Not a port conflict. Only where a security rule forbids the port is there something to do about it.

use super::move_port;
use crate::machine::FailureKind;
use crate::remedy::FixOption;
use crate::remedy::planner::Planner;

pub(super) fn options(planner: &Planner<'_>) -> Vec<FixOption> {
    let forbidden =
        planner.failure().is_some_and(|failure| matches!(failure.kind, FailureKind::Forbidden | FailureKind::Privileged));
    let (Some(port), true) = (planner.diagnosis.port, forbidden) else { return Vec::new() };
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
