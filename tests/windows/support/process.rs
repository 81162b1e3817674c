//! A process that has a port and is no service: this test program itself, started once more.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Stdio};

/// What comes before the port in what the process says.
const HAS: &str = "has port ";

/// A process that has a port until it is ended.
pub struct Process {
    child: Child,
    port: u16,
}

impl Process {
    /// One that listens.
    #[expect(clippy::disallowed_methods, reason = "a test starts itself")]
    pub fn listening() -> Self {
        let arguments = ["--exact", "support::process::listens", "--ignored", "--nocapture"];
        let own = std::env::current_exe().unwrap();
        let mut child = std::process::Command::new(own).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = said.find_map(|line| line.unwrap().split_once(HAS)?.1.parse().ok());
        Self { child, port: port.unwrap() }
    }

    /// The port that it has.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended already cannot be ended, which is as good.
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}

#[test]
#[ignore = "only a test that needs such a process can run it"]
fn listens() {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    println!("{HAS}{}", listener.local_addr().unwrap().port());
    // Nobody connects; it stays until it is ended.
    let _nobody = listener.accept();
}
