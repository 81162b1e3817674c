//! What a frame of the window takes while the live table shows very many sockets that come and go.
//!
//! `cargo bench --bench window [-- SOCKETS]`; 200000 unless named. The real window without a screen, on a computer that is made up: each
//! look shows one socket in a hundred changed. A frame is everything from the input to the shapes to draw, and the tree for screen readers,
//! which a person who uses none does not pay for; the graphics card's part is not in it. The time that a processor gave the frame is told
//! beside the time on the clock, in which other threads may have had the processor.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use eframe::egui::accesskit::Role;
use eframe::egui::{Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, TouchPhase, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use portmedic::app::{Backend, Computer, Settings};
use portmedic::machine::{BindTest, Host, Port, Process, ProcessId, Protocol, Snapshot, Socket, SocketState, System};
use portmedic::platform::{self, BindQuestion, Platform, PlatformError, Scope, SocketScope};
use portmedic::remedy::{Operation, OperationState};
use portmedic::ui::Window;

/// How long each thing that a user does goes on.
const TIME: Duration = Duration::from_secs(6);
const PROCESSES: u32 = 9;

fn main() {
    let named = std::env::args().skip(1).find(|argument| argument != "--bench");
    let sockets = named.map_or(200_000, |number| number.parse().expect("a number of sockets"));
    let busy = Arc::new(Busy { sockets, looks: AtomicUsize::new(0) });
    let platform: Arc<dyn Platform> = Arc::clone(&busy) as Arc<dyn Platform>;
    let backend: Arc<dyn Backend> = Arc::new(Computer { platform, ..Computer::live() });
    let settings = Settings { reduce_motion: true, ..Settings::default() };
    let window = |creation: &mut eframe::CreationContext<'_>| {
        Window::with_clock(&creation.egui_ctx, backend, settings, Arc::new(Timestamp::now), TimeZone::UTC)
    };
    let mut harness = Harness::builder().with_size((1100.0, 720.0)).build_eframe(window);
    println!("{sockets} sockets, each second one in a hundred changed; milliseconds a frame");
    let heads = ["median", "99 of 100", "most", "median", "99 of 100", "most"];
    println!("{:<45} of a processor{:>16} on the clock", "", "");
    println!("{:<24} {:>6} {}  looks", "what the user does", "frames", heads.map(|head| format!("{head:>9}")).join(" "));

    let live = platform::live();
    let mut measure = |what: &str, act: &mut dyn FnMut(&mut Harness<'_, Window>, usize)| {
        let looks = busy.looks.load(Ordering::Relaxed);
        let (mut given, mut times) = (Vec::new(), Vec::new());
        let begin = Instant::now();
        while begin.elapsed() < TIME {
            act(&mut harness, times.len());
            let (frame, before) = (Instant::now(), live.effort());
            harness.step();
            given.push(live.effort().saturating_sub(before));
            times.push(frame.elapsed());
            thread::sleep(Duration::from_millis(4));
        }
        let frames = times.len();
        let told = [given, times].map(|mut times| {
            times.sort_unstable();
            let at = |share: usize| times[(frames * share / 100).min(frames - 1)].as_secs_f64() * 1e3;
            format!("{:>9.2} {:>9.2} {:>9.2}", at(50), at(99), at(100))
        });
        let looks = busy.looks.load(Ordering::Relaxed) - looks;
        println!("{what:<24} {frames:>6} {} {looks:>6}", told.join(" "));
    };
    measure("opens the page", &mut |harness, frame| {
        if frame == 0 {
            harness.get_by_label("Ports").click();
        }
    });
    measure("nothing", &mut |_, _| {});
    measure("scrolls", &mut |harness, _| {
        let wheel = Event::MouseWheel {
            unit: MouseWheelUnit::Line,
            delta: vec2(0.0, -7.0),
            phase: TouchPhase::Move,
            source: MouseWheelSource::Wheel,
            modifiers: Modifiers::NONE,
        };
        harness.hover_at(eframe::egui::pos2(700.0, 500.0));
        harness.event(wheel);
    });
    measure("sorts by another column", &mut |harness, frame| {
        if frame % 100 == 0 {
            let head = ["Remote", "PID", "Local"][frame / 100 % 3];
            harness
                .get_by(move |node| {
                    node.role() == Role::ColumnHeader && node.label().is_some_and(|label| label.starts_with(head))
                })
                .click();
        }
    });
    measure("filters by typing", &mut |harness, frame| {
        if frame == 0 {
            harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
        } else if frame % 60 == 0 {
            harness.event(Event::Text(["1", "4", "3", "3"][frame / 60 % 4].to_owned()));
        } else if frame % 240 == 59 {
            harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        }
    });
}

/// A made up computer with very many sockets.
struct Busy {
    sockets: usize,
    looks: AtomicUsize,
}

impl Busy {
    fn socket(&self, number: usize, look: usize) -> Socket {
        // One in a hundred is replaced at each look.
        let generation = if number % 100 == look % 100 { look } else { 0 };
        let end = |host: u8, number: usize| {
            let port = u16::try_from(1024 + number % 60_000).unwrap_or(1);
            SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::new(10, 0, host, u8::try_from(number / 60_000).unwrap_or(0)), port))
        };
        let state = match number % 10 {
            0 => SocketState::Listen,
            1 | 2 => SocketState::TimeWait,
            _ => SocketState::Established,
        };
        let rests = state == SocketState::TimeWait;
        let identity = u64::try_from(1 + number + generation * self.sockets).unwrap_or(0);
        Socket {
            remote: (state != SocketState::Listen).then(|| end(2, number + generation)),
            inode: (!rests).then_some(identity),
            cookie: Some(identity),
            uid: (!rests).then_some(0),
            cgroup: Some("/system.slice/busy.service".into()),
            expires_ms: rests.then_some(30_000),
            pids: if rests { Arc::default() } else { [100 + u32::try_from(number).unwrap_or(0) % PROCESSES].into() },
            ..Socket::bare(Protocol::Tcp, end(1, number), state)
        }
    }
}

const MADE_UP: &str = "this computer is made up";

impl Platform for Busy {
    fn observe(&self, scope: &Scope) -> Result<Snapshot, PlatformError> {
        let look = self.looks.fetch_add(1, Ordering::Relaxed);
        let host = Host { name: "busy".to_owned(), elevated: true, ..Host::of(System::Linux) };
        let is_asked = scope.sockets == SocketScope::All;
        let sockets = (0..self.sockets).filter(|_| is_asked).map(|number| self.socket(number, look)).collect();
        let process =
            |pid| (pid, Process { user: Some("busy".to_owned()), ..Process::named(ProcessId { pid, started: 1 }, "busy") });
        let processes = (100..100 + PROCESSES).map(process).collect();
        Ok(Snapshot { sockets, processes, searched_everywhere: true, ..Snapshot::new(Timestamp::now(), host) })
    }

    fn bind_test(&self, _question: &BindQuestion) -> BindTest {
        unreachable!("the Ports page makes no bind test")
    }

    fn sample_dynamic_ports(&self, _protocol: Protocol, _count: usize) -> Result<Vec<Port>, PlatformError> {
        Err(PlatformError::Refused(MADE_UP.to_owned()))
    }

    fn state_of(&self, _operation: &Operation) -> Result<OperationState, PlatformError> {
        Err(PlatformError::Refused(MADE_UP.to_owned()))
    }

    fn perform(&self, _operation: &Operation) -> Result<(), PlatformError> {
        Err(PlatformError::Refused(MADE_UP.to_owned()))
    }

    fn restore(&self, _: &Operation, _: &OperationState, _: &OperationState) -> Result<(), PlatformError> {
        Err(PlatformError::Refused(MADE_UP.to_owned()))
    }
}
