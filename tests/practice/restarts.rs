//! What was changed before a restart and is checked after it.

use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;
use portmedic::app::Backend;
use portmedic::app::recheck::{Rechecked, Standing, outlook, recheck, standing};
use portmedic::helper::journal::Entry;
use portmedic::machine::{BindTest, Boot, Port, Protocol, Snapshot};
use portmedic::platform::practice::{Behaviour, Machine};
use portmedic::platform::{BindQuestion, Platform, PlatformError, Scope};
use portmedic::remedy::{Operation, OperationState, Outcome, Recheck, Stores, Verification};

use crate::session::Session;

/// A practice machine that tells which run of it this is.
struct Running<'a>(&'a dyn Platform, Boot);

impl Platform for Running<'_> {
    fn observe(&self, scope: &Scope) -> Result<Snapshot, PlatformError> {
        self.0.observe(scope)
    }

    fn bind_test(&self, question: &BindQuestion) -> BindTest {
        self.0.bind_test(question)
    }

    fn sample_dynamic_ports(&self, protocol: Protocol, count: usize) -> Result<Vec<Port>, PlatformError> {
        self.0.sample_dynamic_ports(protocol, count)
    }

    fn state_of(&self, operation: &Operation) -> Result<OperationState, PlatformError> {
        self.0.state_of(operation)
    }

    fn perform(&self, operation: &Operation) -> Result<(), PlatformError> {
        self.0.perform(operation)
    }

    fn restore(&self, operation: &Operation, before: &OperationState, after: &OperationState) -> Result<(), PlatformError> {
        self.0.restore(operation, before, after)
    }

    fn boot(&self) -> Option<Boot> {
        Some(self.1.clone())
    }

    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn clock(&self) -> Duration {
        self.0.clock()
    }

    fn wait(&self, time: Duration) {
        self.0.wait(time);
    }
}

fn boot(number: u64) -> Boot {
    Boot::new("0f", number)
}

/// A machine on which a client had the port of a database and the recommended fix was made, in its first run.
struct Fixed {
    session: Session,
    entries: Vec<Entry>,
}

fn fixed() -> Fixed {
    let machine = Machine::all().unwrap().into_iter().find(|machine| machine.name == "postgresql-client").unwrap();
    let mut session = Session::begin(&machine, Behaviour::default());
    session.apply().unwrap();
    session.verify();
    assert_eq!(session.found.case.outcome, Some(Outcome::Fixed));
    let mut entries = session.computer.history().unwrap();
    entries.reverse();
    for entry in &mut entries {
        entry.boot = Some(boot(1));
    }
    Fixed { session, entries }
}

impl Fixed {
    fn in_run(&self, number: u64) -> Vec<Rechecked> {
        recheck(&Running(&*self.session.computer.platform, boot(number)), &self.entries, true, &mut |_| {}).unwrap()
    }

    fn port(&self) -> Port {
        self.session.found.case.target.port.unwrap()
    }

    /// Somebody hands the port out again, by hand.
    fn lose_the_exclusion(&self) {
        let range = portmedic::machine::PortRange::new(self.port(), self.port()).unwrap();
        let remove = Operation::RemoveExclusion { range, protocol: None, stores: Stores::Both };
        self.session.computer.platform.perform(&remove).unwrap();
    }
}

#[test]
fn a_fix_is_written_down_with_the_service_and_the_port_it_is_for() {
    let fixed = fixed();
    let purpose = fixed.entries[0].purpose.clone().unwrap();
    let target = &fixed.session.found.case.target;
    assert_eq!((purpose.service, purpose.port), (target.service.clone(), target.port));
}

#[test]
fn it_waits_until_the_computer_was_restarted() {
    let found = fixed().in_run(1);
    assert_eq!(found.len(), 1);
    assert!(found[0].check.is_none() && !found[0].is_problem());
    assert_eq!(found[0].headline(), "Waits for the next restart");
}

#[test]
fn what_is_still_so_after_the_restart_holds() {
    let found = fixed().in_run(2).remove(0);
    let check = found.check.clone().unwrap();
    assert_eq!((check.verification.outcome, check.boot, found.is_news), (Outcome::Fixed, boot(2), true), "{found:?}");
    assert!(found.headline().starts_with("Holds after the restart: "), "{}", found.headline());
    assert!(check.verification.checks.len() >= 3, "the service, its port and both lists: {:?}", check.verification.checks);
}

#[test]
fn what_was_found_is_shown_also_where_the_last_case_cannot_be_told_of_it() {
    let fixed = fixed();
    fixed.lose_the_exclusion();
    let platform = Running(&*fixed.session.computer.platform, boot(2));
    let outlook = outlook(&platform, &fixed.entries, |_| Err("the disk is full".to_owned())).unwrap();
    assert_eq!((outlook.changes.len(), outlook.not_kept.as_deref()), (1, Some("the disk is full")));
    assert!(outlook.changes[0].is_problem());
}

#[test]
fn what_is_gone_after_the_restart_is_lost() {
    let fixed = fixed();
    fixed.lose_the_exclusion();
    let found = fixed.in_run(2).remove(0);
    assert!(found.is_problem() && found.headline().starts_with("Lost again after the restart: "), "{}", found.headline());
    assert_eq!(found.holds_since, None);
}

#[test]
fn a_service_that_did_not_come_up_is_lost_with_its_cause() {
    let fixed = fixed();
    let service = fixed.session.found.case.target.service.clone().unwrap();
    fixed.session.computer.platform.perform(&Operation::StopService { service }).unwrap();
    assert!(fixed.in_run(2).remove(0).is_problem());
}

#[test]
fn a_check_of_this_run_is_news_once_and_holds_since_the_first_one() {
    let mut fixed = fixed();
    let first = fixed.in_run(2).remove(0).check.unwrap();
    fixed.entries[0].rechecks.push(first.clone());
    let again = fixed.in_run(2).remove(0);
    assert_eq!((again.is_news, again.holds_since), (false, Some(first.time)));
    let later = fixed.in_run(3).remove(0);
    assert_eq!((later.is_news, later.holds_since), (true, Some(first.time)));
}

#[test]
fn what_was_taken_back_or_replaced_waits_for_nothing() {
    let mut fixed = fixed();
    fixed.entries[0].undone = Some(Timestamp::UNIX_EPOCH);
    assert_eq!(fixed.in_run(2), []);
    fixed.entries[0].undone = None;
    let mut again = fixed.entries[0].clone();
    again.id = "again".to_owned();
    fixed.entries.push(again);
    let names: Vec<_> = fixed.in_run(2).into_iter().map(|one| one.entry).collect();
    assert_eq!(names, ["again"], "the same service and the same exclusion");
}

#[test]
fn a_change_of_an_older_version_waits_for_nothing() {
    let mut fixed = fixed();
    fixed.entries[0].boot = None;
    assert_eq!(fixed.in_run(2), []);
}

#[test]
fn a_practice_machine_is_never_restarted() {
    let fixed = fixed();
    let why = recheck(&*fixed.session.computer.platform, &fixed.entries, false, &mut |_| {}).unwrap_err();
    assert!(why.to_string().contains("nothing waits for a restart here"), "{why}");
}

#[test]
fn the_journal_tells_how_a_change_stands_without_a_look() {
    let mut fixed = fixed();
    let of = |fixed: &Fixed, number: u64| format!("{:?}", standing(&fixed.entries[0], &[], &boot(number)));
    assert_eq!(of(&fixed, 1), "Some(WaitsForRestart)");
    assert_eq!(of(&fixed, 2), "Some(Due)");
    for (number, outcome) in [(2, Outcome::Fixed), (3, Outcome::NotFixed), (4, Outcome::CouldNotCheck)] {
        let verification = Verification { outcome, headline: String::new(), checks: Vec::new() };
        fixed.entries[0].rechecks.push(Recheck { time: Timestamp::UNIX_EPOCH, boot: boot(number), verification, verdict: None });
        let word = match standing(&fixed.entries[0], &[], &boot(number)).unwrap() {
            Standing::Holds { .. } => Outcome::Fixed,
            Standing::Lost(_) => Outcome::NotFixed,
            Standing::Unseen(_) => Outcome::CouldNotCheck,
            other => panic!("{other:?}"),
        };
        assert_eq!(word, outcome);
    }
}

#[test]
fn an_address_of_the_service_is_kept_with_its_purpose() {
    let entry = r#"{"record":"begin","entry":"a","time":"2026-11-21T03:02:00Z","request":"r","asker":{"uid":0,"name":null,"by":"root"},
        "title":"t","purpose":{"service":"db.service","port":1433,"protocol":"tcp","address":"127.0.0.1"},"boot":"0f/7"}"#;
    let entry = portmedic::helper::journal::read([entry.replace('\n', " ").as_str()].into_iter()).remove(0);
    assert_eq!(entry.purpose.unwrap().address, Some(IpAddr::from([127, 0, 0, 1])));
    assert_eq!(entry.boot, Some(Boot::new("0f", 7)));
}
