//! From a verdict of the wizard to the question of a client.

use crate::case::Case;
use crate::diagnosis::Cause;
use crate::machine::Protocol;
use crate::remedy::Outcome;

/// What a client asks for, where the Case leaves open whether clients get through: the service is back, or the port is not its trouble.
pub fn as_client(case: &Case) -> Option<String> {
    let open = matches!(case.verdict.cause, Cause::PortFree | Cause::Refused | Cause::NotAPortProblem);
    if !open && case.outcome != Some(Outcome::Fixed) {
        return None;
    }
    let port = case.target.port.filter(|_| case.target.protocol != Some(Protocol::Udp))?;
    // The address of the one who refused is the one to ask.
    let refused_at = case.symptom.failure.as_ref().and_then(|failure| failure.address).filter(|own| !own.is_unspecified());
    let host = refused_at.map_or_else(|| case.host.name.clone(), |address| address.to_string());
    Some(format!("{host} {port}"))
}
