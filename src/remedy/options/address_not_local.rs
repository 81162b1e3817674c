//! The address is not this computer's: the configuration or the network has to change.

use super::move_port::place;
use crate::remedy::FixOption;
use crate::remedy::planner::Planner;
use crate::remedy::shell::{powershell, quote};

pub(super) fn options(planner: &Planner<'_>) -> Vec<FixOption> {
    let address = planner.diagnosis.address.map_or_else(|| "the address".to_owned(), |address| address.to_string());
    let have: Vec<String> = planner.snapshot.addresses.iter().map(ToString::to_string).collect();
    let mut instructions = vec![place(planner).replace("Change the port", "Change the address")];
    if !have.is_empty() {
        instructions.push(format!("Use one that this computer has: {}", have.join(", ")));
    }
    instructions.extend(planner.start_by_hand());
    let correct = planner.by_hand(
        "Correct the address in the configuration".to_owned(),
        format!("The service listens on an address that exists. Clients that use {address} do not reach it."),
        instructions,
        "Nothing",
    );
    let command = if planner.is_linux() {
        format!("ip address add {address}/PREFIX dev NAME")
    } else {
        format!("New-NetIPAddress -IPAddress {address} -PrefixLength LENGTH -InterfaceAlias NAME")
    };
    let mut instructions = vec![format!("Give a network interface the address {address}: {command}")];
    if let Some(service) = planner.service.filter(|_| !planner.is_linux()) {
        let name = powershell(&service.name);
        instructions.push(format!(
            "Where the address only comes late, let the service start later: sc.exe config {name} start= delayed-auto"
        ));
    } else if let Some(service) = planner.service {
        let unit = quote(&service.name);
        instructions.push(format!(
            "Where the address only comes late, let the unit wait: systemctl edit {unit}, and write [Unit], Wants=network-online.target \
             and After=network-online.target"
        ));
    }
    instructions.extend(planner.start_by_hand());
    let wait = planner.by_hand(
        "Bring the address to this computer".to_owned(),
        "Right where the address is missing by mistake, or comes up only after the service has started.".to_owned(),
        instructions,
        "Nothing",
    );
    vec![correct, wait]
}
