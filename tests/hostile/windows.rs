//! What Windows' tools and registry say.

use portmedic::machine::Family;
use portmedic::platform::windows_text::services::{command_line, name};
use portmedic::platform::windows_text::{access, dynamic_ports, excluded_ports, http_sys, nsi_store, portproxy, winhttp};
use proptest::prelude::*;

use crate::damage::damaged_one_of;
use crate::{cases, damaged_text};

/// The outputs of `netsh` among the cases of the tests of evidence.
fn outputs() -> Vec<Vec<u8>> {
    let folders = std::fs::read_dir("tests/evidence/cases").unwrap().map(|entry| entry.unwrap().path());
    let netsh = folders.filter(|folder| folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with("netsh")));
    let mut files: Vec<_> =
        netsh.flat_map(|folder| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path())).collect();
    files.sort();
    let mut outputs: Vec<Vec<u8>> = files.iter().map(|path| std::fs::read(path).unwrap()).collect();
    outputs.push(b"Protocol tcp Port Exclusion Ranges\r\n\r\nStart Port    End Port\r\n----------    --------\r\n      1433        1433     *\r\n".to_vec());
    outputs.push(b"Start Port      : 49152\r\nNumber of Ports : 16384\r\n".to_vec());
    outputs.push(b"    Reserved URL : http://+:80/a/\r\n        User: NT SERVICE\\x\r\n            Listen: Yes\r\n".to_vec());
    outputs
}

const SDDL: &str = "O:BAG:SYD:PAI(A;OICI;FA;;;SY)(A;OICIIO;GA;;;BA)(A;;0x1301bf;;;S-1-5-21-1-2-3-1001)(XA;;FX;;;WD;(@User.x == \"y\"))S:(AU;SA;FA;;;WD)";
const LINES: &[&str] =
    &[r#""C:\Program Files\a b\x.exe" -s "q\\" --port=80 %SystemRoot%\y"#, "127.0.0.1/8080", "C:\\a\\b.exe /port:80"];

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn damaged_outputs_are_read_to_their_end(bytes in damaged_one_of(outputs())) {
        let text = String::from_utf8_lossy(&bytes);
        let _range = dynamic_ports::read(&text);
        let _rows = excluded_ports::read(&text);
        let _urls = http_sys::read(&text);
        let _proxy = winhttp::read(&bytes);
        let _store = nsi_store::row(&text, &bytes);
    }

    #[test]
    fn who_may_do_everything_is_not_overlooked_behind_a_damaged_access_list(sddl in damaged_text(&[SDDL])) {
        let open_to_all = format!("{sddl}(A;;FA;;;WD)");
        for rights in [access::CHANGE, access::EXCHANGE] {
            prop_assert!(access::stranger(&open_to_all, rights, Some("S-1-5-21-1-2-3-1001")).is_some(), "{open_to_all}");
        }
    }

    #[test]
    fn damaged_lines_of_the_registry_are_read(line in damaged_text(LINES), other in damaged_text(LINES)) {
        let _words = command_line::words(&line);
        let _program = (command_line::of_service(&line), command_line::file_name(&line), command_line::folder(&line));
        for kind in portproxy::KINDS {
            if let Some(rule) = portproxy::rule(kind, &line, &other) {
                prop_assert!(rule.listen_port != 0 && rule.connect_port != 0);
                prop_assert!(matches!(rule.listen_family, Family::Ipv4 | Family::Ipv6));
            }
        }
        let _name = name::check(&line);
    }
}
