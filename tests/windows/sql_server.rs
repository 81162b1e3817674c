//! Instances of SQL Server, as their setup writes them into the registry.

use std::fs;

use windows_registry::LOCAL_MACHINE;

use crate::answer::{json, service};
use crate::support::netsh::turn;
use crate::support::process::Process;
use crate::support::service::Installed;

const ROOT: &str = r"SOFTWARE\Microsoft\Microsoft SQL Server";

/// The keys of one instance, removed when it goes.
struct Instance {
    name: &'static str,
    id: String,
}

impl Instance {
    fn new(name: &'static str, port: u16, error_log: &str) -> Self {
        let id = format!("MSSQL16.{name}");
        LOCAL_MACHINE.create(format!(r"{ROOT}\Instance Names\SQL")).unwrap().set_string(name, &id).unwrap();
        let server = LOCAL_MACHINE.create(format!(r"{ROOT}\{id}\MSSQLServer")).unwrap();
        let tcp = server.create(r"SuperSocketNetLib\Tcp").unwrap();
        tcp.set_u32("Enabled", 1).unwrap();
        tcp.set_u32("ListenOnAllIPs", 1).unwrap();
        tcp.create("IPAll").unwrap().set_string("TcpPort", port.to_string()).unwrap();
        let parameters = server.create("Parameters").unwrap();
        parameters.set_string("SQLArg0", r"-dC:\data\master.mdf").unwrap();
        parameters.set_string("SQLArg1", format!("-e{error_log}")).unwrap();
        Self { name, id }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        LOCAL_MACHINE.create(format!(r"{ROOT}\Instance Names\SQL")).unwrap().remove_value(self.name).unwrap();
        LOCAL_MACHINE.create(ROOT).unwrap().remove_tree(&self.id).unwrap();
    }
}

#[test]
fn an_instance_that_lost_its_port_is_explained_by_its_error_log_and_fixed() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ERRORLOG");
    let mut holder = Process::listening();
    let port = holder.port();
    let now = jiff::Zoned::now().strftime("%Y-%m-%d %H:%M:%S.00").to_string();
    // A German server: only the numbers are the same everywhere.
    let log = format!(
        "\u{FEFF}{now} Server      Microsoft SQL Server 2022\r\n{now} Server      Fehler: 26023, Schweregrad: 16, Status: 1.\r\n\
         {now} Server      Der TCP-Anbieter kann an [ 'any' <ipv4> {port}] nicht lauschen.\r\n"
    );
    fs::write(&path, log.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()).unwrap();
    let _keys = Instance::new("PMTAKEN", port, &path.display().to_string());
    let own = Installed::new("MSSQL$PMTAKEN", port, &[]);
    own.start();

    let (answer, _) = json(&["services", "--failing"]);
    let seen = service(&answer, "MSSQL$PMTAKEN").unwrap();
    assert_eq!((&seen["product"], &seen["failure"]["kind"]), (&"SQL Server".into(), &"in_use".into()), "{seen}");
    assert!(seen["failure"]["source"].as_str().unwrap().ends_with("ERRORLOG"), "{seen}");
    assert_eq!((&seen["ports"][0]["port"], &seen["ports"][0]["known_from"]), (&port.into(), &"log".into()), "{seen}");

    let (case, exit) = json(&["fix", "MSSQL$PMTAKEN", "--yes", "--elevate", "uac"]);
    assert_eq!((&case["outcome"], exit), (&"fixed".into(), 0), "{case:#}");
    let symptom = &case["symptom"];
    assert_eq!((&symptom["port"], &symptom["port_known_from"]), (&port.into(), &"log".into()), "{case:#}");
    assert!(symptom["failure"]["source"].as_str().unwrap().ends_with("ERRORLOG"), "{case:#}");
    assert!(own.runs() && holder.has_ended());
}

#[test]
fn the_port_of_an_instance_is_known_from_the_registry() {
    let _keys = Instance::new("PMIDLE", 15433, r"C:\none\ERRORLOG");
    let _own = Installed::new("MSSQL$PMIDLE", 15433, &[]);
    let (answer, _) = json(&["services"]);
    let port = &service(&answer, "MSSQL$PMIDLE").unwrap()["ports"][0];
    assert_eq!((&port["port"], &port["known_from"]), (&15433.into(), &"configuration".into()), "{port}");
    let source =
        r"TcpPort of HKLM\SOFTWARE\Microsoft\Microsoft SQL Server\MSSQL16.PMIDLE\MSSQLServer\SuperSocketNetLib\Tcp\IPAll";
    assert_eq!(port["source"], source);
}
