//! How long Windows needs for the questions of `owner` and `ports`, beside netstat2's reading of the table alone, in the same run.
//!
//! `cargo bench --bench windows_owners`; with `cargo test --bench windows_owners` it runs as the tests are built.

#[cfg(not(windows))]
fn main() {}

#[cfg(windows)]
fn main() {
    windows::main();
}

#[cfg(windows)]
mod windows {
    use std::hint::black_box;
    use std::net::{TcpListener, TcpStream};
    use std::time::{Duration, Instant};

    use netstat2::{AddressFamilyFlags, ProtocolFlags};
    use portmedic::platform::{OwnerSearch, Scope, SocketScope, live};

    /// Connections of this program with itself; each is two rows of the table.
    const CONNECTIONS: usize = 200;
    const RUNS: usize = 20;

    pub fn main() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        let held: Vec<_> = (0..CONNECTIONS)
            .map(|_| (TcpStream::connect(address).expect("a connection"), listener.accept().expect("its other end")))
            .collect();
        let platform = live();
        let on_port = |port, owners| Scope { sockets: SocketScope::Port { port, protocol: None }, owners, ..Scope::default() };
        let look = |scope: &Scope| platform.observe(scope).expect("a look").sockets.len();
        let client = held[0].0.local_addr().expect("its address").port();
        let free = {
            let other = TcpListener::bind("127.0.0.1:0").expect("a port");
            other.local_addr().expect("its address").port()
        };
        println!("{:<44} {:>10} {:>8}", "median of 20", "time", "rows");
        measure("netstat2 alone", || {
            let rows = netstat2::iterate_sockets_info(AddressFamilyFlags::all(), ProtocolFlags::all()).expect("the table");
            rows.count()
        });
        measure("ports", || look(&Scope { sockets: SocketScope::All, ..Scope::default() }));
        measure("owner of a listener", || look(&on_port(address.port(), OwnerSearch::ControlGroup)));
        measure("owner of a listener, with --all", || look(&on_port(address.port(), OwnerSearch::All)));
        measure("owner of a client", || look(&on_port(client, OwnerSearch::ControlGroup)));
        measure("owner of a free port", || look(&on_port(free, OwnerSearch::ControlGroup)));
    }

    fn measure(what: &str, question: impl Fn() -> usize) {
        let mut rows = question();
        let mut times: Vec<Duration> = (0..RUNS)
            .map(|_| {
                let begin = Instant::now();
                rows = black_box(question());
                begin.elapsed()
            })
            .collect();
        times.sort_unstable();
        println!("{what:<44} {:>7.2} ms {rows:>8}", times[RUNS / 2].as_secs_f64() * 1000.0);
    }
}
