//! Programs that hold ports, each a process of its own: this executable again, with its part as an argument.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;
use std::{io, thread};

use rustix::net::{self, AddressFamily, SocketFlags, SocketType, sockopt};
use serde::{Deserialize, Serialize};

/// The first argument with which this executable plays a part.
pub const PUPPET: &str = "--puppet";

/// The instance that [`Part::Browse`] knows, as SQL Server Browser writes it.
pub const SALES: &str = "ServerName;DB1;InstanceName;SALES;IsClustered;No;Version;16.0.1000.6;tcp;50123;;";

/// What a puppet does before it says that it is ready and waits for its end.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub enum Part {
    /// Listens, and never accepts; so many connections of its own wait in its queue.
    Listen { at: SocketAddr, v6only: bool, reuse_port: bool, waiting: usize },
    /// Listens, accepts, and closes each connection once its peer has.
    Serve { at: SocketAddr },
    /// Listens, accepts, and closes each connection at once, before its peer does.
    HangUp { at: SocketAddr },
    /// Listens with the smallest queue, never accepts, and has filled the queue itself.
    Jam { at: SocketAddr },
    /// Listens, accepts, and says a line as SSH servers do.
    Speak { at: SocketAddr },
    /// Answers as SQL Server Browser does, for one instance: [`SALES`].
    Browse { at: SocketAddr },
    /// Has a UDP port.
    Receive { at: SocketAddr },
    /// Binds so many sockets and neither listens nor connects.
    Bind { at: SocketAddr, count: usize },
    /// Connects up to so many times and keeps the connections, until the kernel refuses.
    Connect { to: SocketAddr, count: usize },
    /// Connects up to so many times and closes each at once, until the kernel refuses.
    Flee { to: SocketAddr, count: usize },
    /// Binds one more socket every so many milliseconds and keeps them all, from when it is ready on.
    Leak { at: SocketAddr, every_ms: u64 },
    /// Connects so many times at once, closes these after so many milliseconds and begins anew, from when it is ready on.
    Churn { to: SocketAddr, at_once: usize, every_ms: u64 },
    /// Accepts so many connections whose peers have closed, and does not close them.
    Hoard { at: SocketAddr, count: usize },
    /// Accepts one connection and stops listening.
    Outlive { at: SocketAddr },
    /// Listens and starts a second process that has the same socket.
    Share { at: SocketAddr },
    /// Keeps the socket that it was started with.
    Keep,
}

impl Part {
    /// The address that the part is about.
    fn address(self) -> String {
        match self {
            Self::Listen { at, .. }
            | Self::Serve { at }
            | Self::HangUp { at }
            | Self::Jam { at }
            | Self::Speak { at }
            | Self::Browse { at }
            | Self::Receive { at }
            | Self::Bind { at, .. }
            | Self::Leak { at, .. }
            | Self::Hoard { at, .. }
            | Self::Outlive { at }
            | Self::Share { at } => at.to_string(),
            Self::Connect { to, .. } | Self::Flee { to, .. } | Self::Churn { to, .. } => to.to_string(),
            Self::Keep => "what it was given".to_owned(),
        }
    }
}

/// What a puppet says when it is ready.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Ready {
    /// How many sockets it has, or connections it has made.
    pub count: usize,
    /// The error number with which the kernel refused one more.
    pub refused: Option<i32>,
    /// The process it shares its socket with.
    pub partner: Option<u32>,
}

/// A puppet that plays; it ends when this is dropped.
#[derive(Debug)]
pub struct Puppet {
    child: Child,
    /// What it said when it was ready.
    pub ready: Ready,
}

/// A listener on `at`, with nothing special about it.
pub fn listen(at: &str) -> Puppet {
    Puppet::start(&Part::Listen { at: address(at), v6only: false, reuse_port: false, waiting: 0 })
}

/// One connection to `to`.
pub fn connect(to: &str) -> Puppet {
    Puppet::start(&Part::Connect { to: address(to), count: 1 })
}

/// Reads an address.
pub fn address(text: &str) -> SocketAddr {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

impl Puppet {
    /// Starts a puppet and waits until it is ready.
    pub fn start(part: &Part) -> Self {
        Self::start_by(Command::new(own()), part)
    }

    /// The same in a network namespace of its own.
    pub fn start_elsewhere(part: &Part) -> Self {
        let mut command = Command::new("unshare");
        command.arg("--net").arg("--").arg(own());
        Self::start_by(command, part)
    }

    /// The same from another executable file, a copy of this one.
    pub fn start_from(executable: &Path, part: &Part) -> Self {
        Self::start_by(Command::new(executable), part)
    }

    /// The same by a command that ends with a copy of this executable.
    pub fn start_by(mut command: Command, part: &Part) -> Self {
        let part = serde_json::to_string(part).expect("a part");
        let mut child = command
            .args([PUPPET, &part])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let ready = serde_json::from_str(&line).unwrap_or_else(|error| panic!("the puppet for {part} said \"{line}\": {error}"));
        Self { child, ready }
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it still plays.
    pub fn lives(&mut self) -> bool {
        self.child.try_wait().expect("its state").is_none()
    }
}

impl Drop for Puppet {
    fn drop(&mut self) {
        // It may have been ended by what is tested.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The path of this executable.
pub fn own() -> PathBuf {
    std::env::current_exe().expect("the path of this executable")
}

/// Plays the part and never returns, unless it cannot.
pub fn play(part: &str) -> ExitCode {
    let part: Part = serde_json::from_str(part).expect("a part");
    match act(part) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("could not use {}: {error}", part.address());
            ExitCode::FAILURE
        }
    }
}

fn act(part: Part) -> io::Result<()> {
    match part {
        Part::Listen { at, v6only, reuse_port, waiting } => {
            let socket = stream(at)?;
            sockopt::set_socket_reuseport(&socket, reuse_port)?;
            if at.is_ipv6() {
                sockopt::set_ipv6_v6only(&socket, v6only)?;
            }
            net::bind(&socket, &at)?;
            net::listen(&socket, 1024)?;
            let peers = (0..waiting).map(|_| TcpStream::connect(at)).collect::<io::Result<Vec<_>>>()?;
            ready(&Ready { count: peers.len(), ..Ready::default() })
        }
        Part::Serve { at } => {
            let listener = TcpListener::bind(at)?;
            thread::Builder::new().name("accept".to_owned()).spawn(move || {
                for peer in listener.incoming().flatten() {
                    // Ends when the peer has closed; ours closes with it.
                    io::copy(&mut &peer, &mut io::sink()).ok();
                }
            })?;
            ready(&Ready::default())
        }
        Part::HangUp { at } => {
            let listener = TcpListener::bind(at)?;
            thread::Builder::new().name("accept".to_owned()).spawn(move || listener.incoming().flatten().for_each(drop))?;
            ready(&Ready::default())
        }
        Part::Jam { at } => {
            let socket = stream(at)?;
            net::bind(&socket, &at)?;
            net::listen(&socket, 0)?;
            let own = SocketAddr::new([127, 0, 0, 1].into(), at.port());
            // A queue of none has room for one.
            let _waiting = TcpStream::connect(own)?;
            ready(&Ready { count: 1, ..Ready::default() })
        }
        Part::Speak { at } => {
            let listener = TcpListener::bind(at)?;
            thread::Builder::new().name("accept".to_owned()).spawn(move || {
                for mut peer in listener.incoming().flatten() {
                    peer.write_all(b"SSH-2.0-puppet\r\n").ok();
                    // Ends when the peer has closed; ours closes with it.
                    io::copy(&mut &peer, &mut io::sink()).ok();
                }
            })?;
            ready(&Ready::default())
        }
        Part::Browse { at } => {
            let socket = UdpSocket::bind(at)?;
            thread::Builder::new().name("browser".to_owned()).spawn(move || {
                let mut question = [0; 64];
                while let Ok((length, from)) = socket.recv_from(&mut question) {
                    // It keeps silent on a question for an instance that it does not know.
                    if question[..length] == [0x03] || question[..length] == *b"\x04SALES\0" {
                        socket.send_to(&browser_answer(), from).ok();
                    }
                }
            })?;
            ready(&Ready::default())
        }
        Part::Receive { at } => {
            let _socket = UdpSocket::bind(at)?;
            ready(&Ready::default())
        }
        Part::Bind { at, count } => {
            let mut sockets = Vec::new();
            for _ in 0..count {
                let socket = stream(at)?;
                net::bind(&socket, &at)?;
                sockets.push(socket);
            }
            ready(&Ready { count: sockets.len(), ..Ready::default() })
        }
        Part::Connect { to, count } => {
            let mut sockets = Vec::new();
            let refused = until_refused(count, || {
                let socket = stream(to)?;
                net::connect(&socket, &to)?;
                sockets.push(socket);
                Ok(())
            });
            ready(&Ready { count: sockets.len(), refused, ..Ready::default() })
        }
        Part::Flee { to, count } => {
            let mut fled = 0;
            let refused = until_refused(count, || {
                net::connect(stream(to)?, &to)?;
                fled += 1;
                Ok(())
            });
            ready(&Ready { count: fled, refused, ..Ready::default() })
        }
        Part::Leak { at, every_ms } => {
            say(&Ready::default())?;
            let mut kept = Vec::new();
            loop {
                let socket = stream(at)?;
                // Where no port is left it tries again, as leaking programs do.
                if net::bind(&socket, &at).is_ok() {
                    kept.push(socket);
                }
                thread::park_timeout(Duration::from_millis(every_ms));
            }
        }
        Part::Churn { to, at_once, every_ms } => {
            say(&Ready::default())?;
            loop {
                let connected = |_| stream(to).ok().filter(|socket| net::connect(socket, &to).is_ok());
                let live: Vec<OwnedFd> = (0..at_once).filter_map(connected).collect();
                thread::park_timeout(Duration::from_millis(every_ms));
                drop(live);
            }
        }
        Part::Hoard { at, count } => {
            let listener = TcpListener::bind(at)?;
            let mut kept = Vec::new();
            for _ in 0..count {
                let peer = TcpStream::connect(at)?;
                kept.push(listener.accept()?);
                drop(peer);
            }
            ready(&Ready { count: kept.len(), ..Ready::default() })
        }
        Part::Outlive { at } => {
            let listener = TcpListener::bind(at)?;
            let _peer = TcpStream::connect(at)?;
            let _kept = listener.accept()?;
            drop(listener);
            ready(&Ready::default())
        }
        Part::Share { at } => {
            let listener = TcpListener::bind(at)?;
            let socket = OwnedFd::from(listener.try_clone()?);
            let part = serde_json::to_string(&Part::Keep)?;
            let mut partner = Command::new(own()).args([PUPPET, &part]).stdin(socket).stdout(Stdio::piped()).spawn()?;
            let mut line = String::new();
            BufReader::new(partner.stdout.take().expect("its output")).read_line(&mut line)?;
            ready(&Ready { partner: Some(partner.id()), ..Ready::default() })
        }
        Part::Keep => ready(&Ready::default()),
    }
}

/// What SQL Server Browser says of the one instance that it knows.
fn browser_answer() -> Vec<u8> {
    let mut answer = vec![0x05];
    answer.extend(u16::try_from(SALES.len()).expect("a short answer").to_le_bytes());
    answer.extend(SALES.as_bytes());
    answer
}

/// A TCP socket that sets no option: what most clients have.
fn stream(at: SocketAddr) -> rustix::io::Result<OwnedFd> {
    let family = if at.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    net::socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC, None)
}

/// Repeats up to `count` times and gives the error number that ended it early.
fn until_refused(count: usize, mut act: impl FnMut() -> rustix::io::Result<()>) -> Option<i32> {
    (0..count).find_map(|_| act().err()).map(rustix::io::Errno::raw_os_error)
}

/// Says that it is ready.
fn say(said: &Ready) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, said)?;
    writeln!(out)?;
    out.flush()
}

/// Says so, and waits for the end.
fn ready(said: &Ready) -> io::Result<()> {
    say(said)?;
    loop {
        thread::park();
    }
}
