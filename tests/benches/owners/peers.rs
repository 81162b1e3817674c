//! Who answers the questions: PortMedic, the tools of the system, and two libraries, for which the bench itself is the program.

use std::hint::black_box;

use netstat2::{AddressFamilyFlags, ProtocolFlags, ProtocolSocketInfo};

use super::bare;
use super::table::Asked;
use super::whole_process::Program;

/// The argument with which the bench plays a program that there is only as a library.
pub const PEER: &str = "--peer";

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub enum Question {
    /// Who has this port.
    Owner(Asked),
    /// Who has each socket.
    Ports,
}

/// Everybody who can answer; the first is PortMedic, the others are told as so many times its time.
pub fn all(question: Question) -> Vec<Program> {
    let port = if let Question::Owner(asked) = question { asked.port() } else { 0 };
    let text = port.to_string();
    let portmedic = |arguments: &[&str]| Program::new("portmedic", env!("CARGO_BIN_EXE_portmedic"), arguments);
    let own = |name: &str| {
        let executable = std::env::current_exe().expect("this executable");
        Program::new(name, executable.to_str().expect("a plain path"), &[PEER, name, &text])
    };
    let tool = |program: &str, arguments: &[&str]| Program::new(program, program, arguments);
    match question {
        Question::Owner(asked) => {
            let filter = format!("sport = :{port}");
            let of_listeners = if asked == Asked::Listener { "-Htlnp" } else { "-Htanp" };
            let mut all = vec![portmedic(&["owner", &text])];
            if asked == Asked::Listener {
                all.push(own(LISTEN_DUMP));
                all.push(own(LISTENERS));
            }
            all.extend([
                own(NETSTAT2),
                tool("ss", &[of_listeners, &filter]),
                tool("lsof", &["-nP", &format!("-iTCP:{port}")]),
                tool("fuser", &["-n", "tcp", &text]),
            ]);
            all
        }
        Question::Ports => vec![
            portmedic(&["ports"]),
            portmedic(&["ports", "--json"]).called("portmedic --json"),
            own(DUMP_AND_SCAN),
            own(NETSTAT2),
            own(LISTENERS),
            tool("ss", &["-Htanp"]),
            tool("lsof", &["-nP", "-iTCP"]),
            tool("netstat", &["-tanp"]),
        ],
    }
}

/// Programs that do nothing but start.
pub fn starts() -> Vec<Program> {
    let own = std::env::current_exe().expect("this executable");
    vec![
        Program::new("portmedic --version", env!("CARGO_BIN_EXE_portmedic"), &["--version"]),
        Program::new("a Rust program", own.to_str().expect("a plain path"), &[PEER, NOTHING, "0"]),
    ]
}

const NOTHING: &str = "nothing";
/// The kernel's list of listeners, which nobody who wants a listener's inode can do without.
const LISTEN_DUMP: &str = "listeners' dump";
/// The least that tells who has each socket without more rights than reading: both lists of TCP, and a look at every descriptor by two
/// threads. It prints nothing.
const DUMP_AND_SCAN: &str = "dump and scan";
const NETSTAT2: &str = "netstat2";
const LISTENERS: &str = "listeners";

/// Plays one of them.
pub fn play(name: &str, port: u16) {
    match name {
        NOTHING => {}
        LISTEN_DUMP => drop(black_box(bare::dump(bare::LISTEN, port))),
        DUMP_AND_SCAN => drop(black_box(bare::dump_and_scan())),
        NETSTAT2 => {
            let families = AddressFamilyFlags::IPV4 | AddressFamilyFlags::IPV6;
            let sockets = netstat2::get_sockets_info(families, ProtocolFlags::TCP).expect("the sockets");
            let is_meant =
                |info: &ProtocolSocketInfo| matches!(info, ProtocolSocketInfo::Tcp(tcp) if port == 0 || tcp.local_port == port);
            black_box(sockets.iter().filter(|socket| is_meant(&socket.protocol_socket_info)).count());
        }
        LISTENERS if port == 0 => drop(black_box(listeners::get_all().expect("the sockets"))),
        LISTENERS => drop(black_box(listeners::get_process_by_port(port, listeners::Protocol::TCP).expect("the holder"))),
        _ => panic!("{name}"),
    }
}
