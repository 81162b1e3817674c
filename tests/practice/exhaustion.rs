//! The practice machines of used up ports, watched.

use std::time::Duration;

use portmedic::app::exhaustion::{Exhaustion, Monitor, Pace, watch};
use portmedic::app::{Cancel, Computer};
use portmedic::diagnosis::exhaustion::Standing;
use portmedic::platform::Platform;
use portmedic::platform::practice::{Behaviour, Machine};
use portmedic::remedy::Operation;

fn watched(platform: &dyn Platform, minutes: u64) -> Exhaustion {
    let pace = Pace { every: Duration::from_secs(10), over: Some(Duration::from_mins(minutes)) };
    watch(platform, &mut Monitor::default(), None, pace, &Cancel::default(), &mut |_| {}).unwrap()
}

fn computer(name: &str) -> Computer {
    Computer::practice(&Machine::find(name).unwrap(), Behaviour::default())
}

#[test]
fn every_machine_of_used_up_ports_stands_as_its_story_says() {
    for (name, standing) in [
        ("leak-linux", Standing::Exhausted),
        ("leak-windows", Standing::Exhausted),
        ("resting-linux", Standing::Exhausted),
        ("sign-in-windows", Standing::HeadingThere),
        ("group-policy-windows", Standing::HeadingThere),
        ("shares-windows", Standing::ManyTimeWait),
        ("sql-client", Standing::NotExhausted),
    ] {
        let found = watched(&*computer(name).platform, 2);
        assert_eq!(found.standing, standing, "{name}: {:#?}", found.case.verdict);
        assert_eq!(found.case.host.practice.as_deref(), Some(name));
        let rests = found.guides.iter().any(|guide| guide.title.contains("rest for a shorter time"));
        assert!(rests || standing != Standing::ManyTimeWait, "{name}: {:#?}", found.guides);
        assert_eq!(found.guides.len() > 1, standing.is_trouble(), "{name}");
    }
}

#[test]
fn the_range_is_full_when_the_forecast_said() {
    let computer = computer("sign-in-windows");
    let found = watched(&*computer.platform, 2);
    assert_eq!(found.case.owners[0].process.as_deref(), Some("bkagent.exe"));
    let minutes = found.forecast().unwrap().full_in_minutes.unwrap();
    let seconds = (minutes * 60.0).round();
    computer.platform.wait(Duration::from_secs_f64(seconds - 15.0));
    assert_ne!(watched(&*computer.platform, 0).standing, Standing::Exhausted, "not before");
    computer.platform.wait(Duration::from_secs(30));
    assert_eq!(watched(&*computer.platform, 0).standing, Standing::Exhausted, "full {minutes:.1} minutes later");
}

#[test]
fn restarting_the_program_that_leaks_ends_it() {
    let computer = computer("sign-in-windows");
    let restart = Operation::RestartService { service: "BackupAgent".to_owned() };
    let offered = watched(&*computer.platform, 2).case.plan.options;
    assert!(offered.iter().any(|option| option.steps.iter().any(|step| step.operation == restart)), "{offered:#?}");
    computer.platform.perform(&restart).unwrap();
    let found = watched(&*computer.platform, 5);
    assert_eq!(found.standing, Standing::NotExhausted, "{:#?}", found.case.verdict);
}

#[test]
fn a_cancelled_watch_still_answers() {
    let cancel = Cancel::default();
    let asked = cancel.clone();
    let mut looks = 0;
    let pace = Pace { every: Duration::from_secs(10), over: None };
    let platform = computer("group-policy-windows").platform;
    let found = watch(&*platform, &mut Monitor::default(), None, pace, &cancel, &mut |_| {
        looks += 1;
        if looks == 3 {
            asked.cancel();
        }
    });
    assert_eq!((looks, found.unwrap().points(0).len()), (3, 3));
}

#[test]
fn a_trace_of_windows_runs_until_it_is_stopped() {
    let computer = computer("leak-windows");
    let guides = watched(&*computer.platform, 0).guides;
    let trace = guides.iter().find(|guide| guide.title == "Prove it by a trace").unwrap();
    assert_eq!(trace.operations, [Operation::StartTrace, Operation::StopTrace]);
    for operation in [Operation::StartTrace, Operation::StopTrace] {
        assert!(!operation.is_reached_in(&computer.platform.state_of(&operation).unwrap()), "{operation}");
        computer.platform.perform(&operation).unwrap();
        assert!(operation.is_reached_in(&computer.platform.state_of(&operation).unwrap()), "{operation}");
    }
}

#[test]
fn linux_has_no_such_trace() {
    let refused = computer("leak-linux").platform.state_of(&Operation::StartTrace).unwrap_err();
    assert!(refused.to_string().contains("only Windows has this setting"), "{refused}");
}
