//! The proof on Windows: each setting read back, and a restart that is still to come told as such.

use portmedic::diagnosis::{Symptom, diagnose};
use portmedic::machine::{BindResult, Snapshot};
use portmedic::remedy::{CheckOutcome, Outcome, Verification, plan, verify};

use super::{
    TCP, UDP, asked, client_on_1433, dns_on_1645, excluded, healed, lsass_on_3101, plain, portproxy_on_8080, windows_range,
    winnat_on_50080,
};
use crate::machine::{listener, udp};
use crate::verdicts::of_service;

/// What the recommended option comes to where the computer looks like `after`.
fn proof(before: &Snapshot, symptom: &Symptom, after: &Snapshot) -> Verification {
    let diagnosis = diagnose(before, symptom);
    let option = plan(before, symptom, &diagnosis).options.remove(0);
    verify(before, after, &diagnosis, &option, Ok(&[50_000]))
}

fn failed_rows(proof: &Verification) -> Vec<&str> {
    let failed = proof.checks.iter().filter(|check| check.outcome == CheckOutcome::Failed);
    failed.map(|check| check.what.as_str()).collect()
}

#[test]
fn sql_server_with_its_port_back_is_fixed() {
    let (before, symptom) = (client_on_1433(), of_service("MSSQLSERVER", 1433));
    let after = healed(&before, "MSSQLSERVER", plain(listener("0.0.0.0:1433", &[500])));
    let proved = proof(&before, &symptom, &excluded(after.clone(), TCP, (1433, 1433), true));
    assert_eq!((proved.outcome, proved.headline.as_str()), (Outcome::Fixed, "Fixed: SQL Server runs and listens on 1433"));
    let reserved = excluded(after, TCP, (1400, 1499), false);
    let proved = proof(&before, &symptom, &reserved);
    assert_eq!(proved.outcome, Outcome::NotFixed, "a reserved block is no exclusion");
}

#[test]
fn a_dns_server_that_still_may_take_the_port_is_not_fixed() {
    let symptom = Symptom { protocol: Some(UDP), ..of_service("IAS", 1645) };
    let before = dns_on_1645();
    let mut after = healed(&before, "IAS", plain(udp("0.0.0.0:1645", &[500])));
    after = excluded(after, UDP, (1645, 1645), true);
    assert_eq!(failed_rows(&proof(&before, &symptom, &after)), ["UDP ports the DNS server leaves alone"]);
    after.windows.dns_socket_pool.as_mut().unwrap().excluded = "1645-1646,1812-1813".parse().unwrap();
    assert_eq!(proof(&before, &symptom, &after).outcome, Outcome::Fixed);
    after.windows.dns_socket_pool = None;
    assert_eq!(proof(&before, &symptom, &after).outcome, Outcome::CouldNotCheck);
}

#[test]
fn a_rule_that_is_still_there_is_not_fixed() {
    let (before, symptom) = (portproxy_on_8080(), of_service("Tomcat10", 8080));
    let mut after = healed(&before, "Tomcat10", plain(listener("0.0.0.0:8080", &[500])));
    assert_eq!(failed_rows(&proof(&before, &symptom, &after)), ["Portproxy rule for *:8080"]);
    after.windows.portproxy.clear();
    assert_eq!(proof(&before, &symptom, &after).outcome, Outcome::Fixed);
}

#[test]
fn what_waits_for_a_restart_is_neither_fixed_nor_not() {
    let (before, symptom) = (lsass_on_3101(), of_service("BBRouter", 3101));
    let waits = windows_range(before.clone(), TCP, 49152, 65535);
    let proved = proof(&before, &symptom, &waits);
    assert_eq!(proved.outcome, Outcome::CouldNotCheck);
    assert_eq!(proved.headline, "Not shown yet: restart the computer, then check again");
    assert_eq!(proof(&before, &symptom, &before).outcome, Outcome::NotFixed, "the range was not set");
}

#[test]
fn a_port_out_of_the_block_is_fixed() {
    let (before, symptom) = (winnat_on_50080(), of_service("DemoApp", 50080));
    let mut after = healed(&before, "DemoApp", plain(listener("0.0.0.0:50080", &[500])));
    (after.exclusions, after.bind_tests) = (Vec::new(), Vec::new());
    after = asked(after, TCP, 50080, BindResult::InUse);
    assert_eq!(failed_rows(&proof(&before, &symptom, &after)).len(), 2, "excluded in neither store");
    let after = excluded(after, TCP, (50080, 50080), true);
    assert_eq!(proof(&before, &symptom, &after).outcome, Outcome::Fixed);
}
