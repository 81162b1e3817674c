//! `Get-Service` and `Win32_Service` of CIM, as table, list, CSV or JSON. Only the second one tells how a service ended.

use super::{Page, Problem, Reading, Stopped, Taken};
use crate::evidence::kind::Kind;
use crate::evidence::readers::properties::{self, Wanted};

const WANTED: Wanted = Wanted { has: is_service, any_of: &["DisplayName", "StartMode", "ExitCode", "ServiceType", "StartType"] };

fn is_service(names: &[&str]) -> bool {
    let has = |known: &str| names.iter().any(|name| known.eq_ignore_ascii_case(name));
    let how = ["Status", "State"].into_iter().any(has);
    let of_services = ["DisplayName", "StartMode", "StartType", "ExitCode", "ServiceType"].into_iter().any(has);
    has("Name") && how && of_services
}

/// Reads the services that begin at `at`.
pub fn powershell(page: &Page<'_>, at: usize, reading: &mut Reading, problems: &mut Vec<Problem>) -> Option<Taken> {
    let (next, _) = properties::read(page, at, WANTED, problems, &mut |row, _| {
        let Some((name, exit_code)) = row.text(&["Name"]).zip(row.number(&["ExitCode"])) else { return };
        let is_stopped = row.text(&["State"]).is_some_and(|state| state == "Stopped" || state == "1");
        // A narrow column cuts names.
        if is_stopped && !name.ends_with("...") && !name.ends_with('\u{2026}') {
            let own_code = row.number(&["ServiceSpecificExitCode"]).unwrap_or_default();
            let message = format!("{name}: ExitCode {exit_code}");
            Stopped { name: &name, exit_code, own_code }.tell(message, page.places(row.lines.clone()), reading);
        }
    })?;
    Some(Taken { lines: next - at, kind: Kind::PowerShellServices })
}
