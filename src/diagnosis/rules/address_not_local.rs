//! The service asks for an address that this computer does not have.

use super::{Certainty, Context, Finding};
use crate::diagnosis::Cause;
use crate::diagnosis::judge::Answer;
use crate::diagnosis::names::sentence;
use crate::machine::FailureKind;

pub(super) fn rule(context: &Context<'_>) -> Option<Finding> {
    let scene = &context.scene;
    let told = scene.says(FailureKind::NotLocal);
    let tested = context.answer == Answer::NotLocal;
    if !told && !tested {
        return None;
    }
    let address = scene.address();
    let here = &scene.snapshot.addresses;
    // It may have come in the meantime: many services start before the network is up.
    if address.is_some_and(|address| scene.has_address(address) == Some(true) || context.answer == Answer::Free) {
        return None;
    }
    let certainty = match address {
        Some(_) if tested || !here.is_empty() => Certainty::Certain,
        Some(_) => Certainty::likely("the addresses of this computer were not read"),
        None => Certainty::likely("the address itself is not known"),
    };
    let server = scene.server();
    let named = address.map_or_else(|| "the address".to_owned(), |address| format!("the address {address}"));
    let have: Vec<String> = here.iter().map(ToString::to_string).collect();
    let mut evidence = Vec::new();
    if !have.is_empty() {
        evidence.push(scene.fact(
            format!("This computer has {} addresses, and {named} is none of them", have.len()),
            "network interfaces",
            Some(have.join("\n")),
        ));
    }
    evidence.extend(context.bind_fact());
    evidence.extend(scene.log_fact());
    Some(Finding {
        cause: Cause::AddressNotLocal,
        certainty,
        headline: format!("{} asks for an address that this computer does not have", sentence(&server)),
        explanation: format!(
            "{server} wants {} on {named}, and no network interface has it. The port itself is not the problem.",
            context.port_name(),
            server = sentence(&server),
        ),
        next_step: "Correct the address in the configuration, or wait until the network has it".to_owned(),
        evidence,
        owners: Vec::new(),
        gaps: Vec::new(),
    })
}
