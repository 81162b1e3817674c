//! Deletes one portproxy rule, and adds it again.

use crate::machine::PortproxyRule;
use crate::platform::PlatformError;
use crate::platform::windows::{facts, netsh};
use crate::remedy::OperationState;

/// Whether the rule is there, exactly so.
pub fn state(rule: &PortproxyRule) -> Result<OperationState, PlatformError> {
    Ok(OperationState::Portproxy { present: is_there(rule)? })
}

/// Deletes the rule; one that is not there is no error.
pub fn delete(rule: &PortproxyRule) -> Result<(), PlatformError> {
    settle(rule, false)
}

/// Puts the rule back to what it was.
pub fn restore(rule: &PortproxyRule, before: &OperationState) -> Result<(), PlatformError> {
    match before {
        OperationState::Portproxy { present } => settle(rule, *present),
        _ => Err(PlatformError::Refused("the record of this step is about something else".to_owned())),
    }
}

fn settle(rule: &PortproxyRule, present: bool) -> Result<(), PlatformError> {
    if is_there(rule)? == present {
        return Ok(());
    }
    let failed = |why: String| PlatformError::Failed {
        what: format!("could not {} the portproxy rule for port {}", if present { "add" } else { "delete" }, rule.listen_port),
        why,
    };
    let listens = [format!("listenport={}", rule.listen_port), format!("listenaddress={}", rule.listen_address)];
    let connects = [format!("connectport={}", rule.connect_port), format!("connectaddress={}", rule.connect_address)];
    let mut arguments = vec!["interface", "portproxy", if present { "add" } else { "delete" }, rule.kind()];
    arguments.extend(listens.iter().map(String::as_str));
    if present {
        arguments.extend(connects.iter().map(String::as_str));
    }
    netsh::change(&arguments).map_err(failed)?;
    let done = is_there(rule)? == present;
    if done { Ok(()) } else { Err(failed("netsh reported success, and the registry shows no change".to_owned())) }
}

fn is_there(rule: &PortproxyRule) -> Result<bool, PlatformError> {
    Ok(facts::portproxy_rules()?.contains(rule))
}
