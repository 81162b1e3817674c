//! What the catalogue knows about the service that wants the port and about those who have it.

use super::context::Scene;
use crate::catalog::{Product, product_called, product_of_unit, product_of_windows_service};
use crate::diagnosis::{Cause, Note, Owner, OwnerKind};
use crate::machine::System;

/// The notes of every product that takes part, the service's own first. None where the port is not the trouble.
pub(super) fn notes(scene: &Scene<'_>, cause: Cause, owners: &[Owner]) -> Vec<Note> {
    if !stands_in_the_way(cause) {
        return Vec::new();
    }
    let own = scene.symptom.service.as_deref().and_then(|service| of_service(scene, service));
    let own = own.or_else(|| product_called(scene.symptom.product.as_deref()?));
    let mut products: Vec<&Product> = own.into_iter().collect();
    for holder in owners.iter().filter_map(|owner| of_owner(scene, owner)) {
        if !products.contains(&holder) {
            products.push(holder);
        }
    }
    let of_product = |product: &Product| {
        let note = |text: &String| Note { about: product.name.clone(), text: text.clone(), source: product.source.clone() };
        product.notes.iter().map(note).collect::<Vec<_>>()
    };
    let mut notes: Vec<Note> = products.into_iter().flat_map(of_product).collect();
    notes.extend(reserved_of_old(scene));
    notes
}

/// What the registry value `ReservedPorts` was, where it names the port: people who set it believe that the port is kept.
fn reserved_of_old(scene: &Scene<'_>) -> Option<Note> {
    let port = scene.symptom.port.filter(|port| scene.snapshot.windows.reserved_ports.contains(*port))?;
    Some(Note {
        about: "ReservedPorts".to_owned(),
        text: format!(
            "The registry value of this name is set and holds {port}, and it does nothing: Windows has ignored it since Windows Server 2008. \
             An excluded port range is what keeps a port from clients today."
        ),
        source: "https://learn.microsoft.com/troubleshoot/windows-server/networking/reserve-a-range-of-ephemeral-ports"
            .to_owned(),
    })
}

/// Whether somebody or something keeps the port from the service.
const fn stands_in_the_way(cause: Cause) -> bool {
    match cause {
        Cause::HeldByListener
        | Cause::HeldByOwnInstance
        | Cause::HeldByClient
        | Cause::HeldByBoundSocket
        | Cause::HeldByClosingConnection
        | Cause::HeldBySocketUnit
        | Cause::HeldByContainer
        | Cause::HeldByHttpSys
        | Cause::HeldByPortproxy
        | Cause::ReservedRange
        | Cause::PrivilegedPort => true,
        Cause::PortFree
        | Cause::AddressNotLocal
        | Cause::Exhausted
        | Cause::Refused
        | Cause::NotAPortProblem
        | Cause::Unknown => false,
    }
}

fn of_service(scene: &Scene<'_>, service: &str) -> Option<&'static Product> {
    match scene.snapshot.host.system {
        System::Linux => product_of_unit(service),
        System::Windows => product_of_windows_service(service),
    }
}

fn of_owner(scene: &Scene<'_>, owner: &Owner) -> Option<&'static Product> {
    match owner.kind {
        OwnerKind::HttpSys => product_called("HTTP.sys"),
        OwnerKind::Portproxy => product_called("portproxy"),
        _ => {
            let service = owner.service.as_deref().and_then(|service| of_service(scene, service));
            // Programs such as lsass.exe are several services at once.
            let windows = scene.snapshot.host.system == System::Windows;
            service.or_else(|| product_called(owner.process.as_deref().filter(|_| windows)?))
        }
    }
}
