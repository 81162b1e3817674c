//! A computer of facts that obeys operations: the window with the real investigation, the real helper and the real proof.

use std::sync::{Arc, Mutex};

use portmedic::app::{Computer, Page};
use portmedic::helper::launch::InProcessElevator;
use portmedic::machine::{
    BindResult, BindTest, Exclusion, FailureKind, KnownFrom, Port, PortSet, Protocol, Service, ServicePort, ServiceState,
    Snapshot, SocketState, StartFailure, Store,
};
use portmedic::platform::{BindQuestion, Platform, PlatformError, Scope, ServiceScope, SocketScope};
use portmedic::remedy::{Operation, OperationState};

use super::machine::{With as _, connection, failed, linux, listener, process, running, service_port, unit_process};
use super::screen::Screen;

/// The facts, changed by what is done to them.
struct Facts(Mutex<Snapshot>);

impl Facts {
    fn new() -> Self {
        let failure = StartFailure {
            kind: FailureKind::InUse,
            message: "could not bind: Address already in use".to_owned(),
            source: "journal of db.service".to_owned(),
            time: None,
            port: Some(5432),
            protocol: Some(Protocol::Tcp),
            address: None,
        };
        let port = ServicePort { known_from: KnownFrom::Log, ..service_port(5432, Protocol::Tcp) };
        let db = Service { ports: vec![port], ..failed("db.service", failure) };
        let snapshot = linux()
            .with_dynamic_range(1024, 9000)
            .with_service(db)
            .with_service(running("backup.service", 4312))
            .with_process(unit_process(4312, "bkagent", "backup.service"))
            .with_socket(connection("10.0.0.5:5432", "10.0.0.9:9392", &[4312]));
        Self(Mutex::new(snapshot))
    }

    fn change<R>(&self, change: impl FnOnce(&mut Snapshot) -> R) -> R {
        change(&mut self.0.lock().unwrap())
    }

    fn excluded(snapshot: &Snapshot, store: Store) -> PortSet {
        snapshot.excluded(Protocol::Tcp, store)
    }
}

impl Platform for Facts {
    fn observe(&self, scope: &Scope) -> Result<Snapshot, PlatformError> {
        let mut seen = self.change(|facts| facts.clone());
        seen.services.retain(|service| match &scope.services {
            ServiceScope::None => false,
            ServiceScope::Named(name) => service.name == *name || service.name.strip_suffix(".service") == Some(name),
            ServiceScope::Failing => service.is_failing(),
            _ => true,
        });
        if matches!(scope.sockets, SocketScope::None) {
            seen.sockets.clear();
        }
        if scope.bind_tests {
            for address in ["0.0.0.0", "127.0.0.1"] {
                let question = BindQuestion {
                    protocol: Protocol::Tcp,
                    address: address.parse().unwrap(),
                    port: 5432,
                    v6only: false,
                    reuse_address: false,
                };
                seen.bind_tests.push(self.bind_test(&question));
            }
        }
        Ok(seen)
    }

    fn bind_test(&self, question: &BindQuestion) -> BindTest {
        let held = self.change(|facts| facts.sockets_on(question.port, question.protocol).next().is_some());
        BindTest {
            protocol: question.protocol,
            address: question.address,
            port: question.port,
            v6only: question.v6only,
            reuse_address: question.reuse_address,
            result: if held { BindResult::InUse } else { BindResult::Free },
            error: held.then(|| "98 (Address already in use)".to_owned()),
        }
    }

    fn sample_dynamic_ports(&self, _protocol: Protocol, count: usize) -> Result<Vec<Port>, PlatformError> {
        Ok((6000..).take(count).collect())
    }

    fn state_of(&self, operation: &Operation) -> Result<OperationState, PlatformError> {
        Ok(self.change(|facts| match operation {
            Operation::StopService { service } | Operation::StartService { service } | Operation::RestartService { service } => {
                let service = facts.service(service).unwrap();
                OperationState::Service { state: service.state, main_pid: service.main_pid }
            }
            Operation::CloseConnection { local, .. } => {
                OperationState::Connection { present: facts.sockets.iter().any(|socket| socket.local == *local) }
            }
            _ => OperationState::Exclusions {
                active: Self::excluded(facts, Store::Active),
                persistent: Self::excluded(facts, Store::Persistent),
                own_file: None,
            },
        }))
    }

    fn perform(&self, operation: &Operation) -> Result<(), PlatformError> {
        self.change(|facts| match operation {
            Operation::CloseConnection { local, .. } => facts.sockets.retain(|socket| socket.local != *local),
            Operation::AddExclusion { range, .. } => {
                for store in [Store::Active, Store::Persistent] {
                    let source = "a list".to_owned();
                    let (protocol, family, owner) = (None, None, None);
                    facts.exclusions.push(Exclusion {
                        range: *range,
                        protocol,
                        family,
                        store,
                        administered: true,
                        owner,
                        source,
                    });
                }
            }
            Operation::StartService { service } | Operation::RestartService { service } => {
                let at = facts.services.iter().position(|known| known.name == *service).unwrap();
                let before = facts.services[at].clone();
                facts.services[at] = Service { ports: before.ports, ..running(service, 7120) };
                facts.processes.insert(7120, process(7120, "db"));
                facts.sockets.push(listener("0.0.0.0:5432", &[7120]));
            }
            other => panic!("this plan should not need {other:?}"),
        });
        Ok(())
    }

    fn restore(&self, operation: &Operation, _: &OperationState, _: &OperationState) -> Result<(), PlatformError> {
        self.change(|facts| {
            if matches!(operation, Operation::AddExclusion { .. }) {
                facts.exclusions.clear();
                return;
            }
            let at = facts.services.iter().position(|known| known.name == "db.service").unwrap();
            facts.services[at].state = ServiceState::Stopped;
            facts.services[at].main_pid = None;
            facts.sockets.retain(|socket| socket.state != SocketState::Listen);
        });
        Ok(())
    }
}

#[test]
fn the_real_flows_heal_a_computer_and_take_it_back() {
    let facts = Arc::new(Facts::new());
    let platform: Arc<dyn Platform> = Arc::clone(&facts) as Arc<dyn Platform>;
    let elevator = Arc::new(InProcessElevator::new(Arc::clone(&platform)));
    let journal = Arc::clone(&elevator);
    let computer = Arc::new(Computer { platform, elevator, journal: Box::new(move || journal.history()) });
    let mut screen = Screen::open(&computer);
    screen.wait_for("db.service");
    screen.click("Check db.service");
    screen.until("the finding", |screen| screen.harness.state().state().case().is_some());
    screen.click("Find the owner");
    assert!(screen.has("blocks the port"));
    screen.click("Show the fixes");
    screen.click_primary();
    screen.wait_for("steps are done");
    screen.click("Verify");
    screen.wait_for("Fixed: ");
    assert!(screen.has("checks passed"), "every check is counted");
    assert!(screen.has("Port 5432 stays excluded after a restart"));
    screen.click("Make the report");
    assert_eq!(screen.page(), Page::Report);
    assert!(screen.has("**Result:** Fixed"));

    screen.click("History");
    screen.wait_for("Exclude 5432");
    screen.click_starting_with("Undo: ");
    screen.wait_for("What was there before the change is put back");
    screen.click("Undo");
    screen.wait_for("The change was taken back");
    assert!(facts.change(|facts| facts.exclusions.is_empty()), "nothing is excluded any more");
}
