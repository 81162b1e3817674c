//! The data is checked here: that it can be read, is complete and does not contradict itself.

use std::collections::{BTreeMap, BTreeSet};

use super::product::plain;
use super::{
    FILES, Product, WindowsPlace, parse, product_called, product_of_line, product_of_unit, product_of_windows_service, products,
};
use crate::machine::{Protocol, System};

fn id(product: Option<&Product>) -> Option<&str> {
    product.map(|product| product.id.as_str())
}

#[test]
fn every_file_can_be_read() {
    for (name, text) in FILES {
        let products = parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!products.is_empty(), "{name}");
        assert!(text.lines().count() <= 400, "{name} is too long to read; split it by field");
    }
}

#[test]
fn no_name_means_two_products() {
    let mut names = BTreeMap::new();
    for product in products() {
        for name in product.names() {
            let other = names.insert(plain(name), &product.id);
            assert!(other.is_none_or(|other| *other == product.id), "{name} is {} and {}", product.id, other.unwrap());
        }
    }
}

#[test]
fn every_port_is_possible_and_named_once() {
    for product in products() {
        let mut ports = BTreeSet::new();
        for port in &product.ports {
            assert!(port.port > 0 && !port.purpose.is_empty(), "{} has an impossible port", product.id);
            assert!(ports.insert((port.port, port.protocol == Protocol::Tcp)), "{} has {} twice", product.id, port.port);
        }
    }
}

#[test]
fn no_unit_belongs_to_two_products() {
    let mut units = BTreeSet::new();
    for product in products() {
        for unit in &product.units {
            assert!(!unit.ends_with(".service") && !unit.contains('@'), "{}: {unit} is written without suffix", product.id);
            assert!(units.insert(unit), "two products have the unit {unit}");
        }
    }
}

#[test]
fn no_windows_service_belongs_to_two_products() {
    let services: Vec<(String, &str)> = products()
        .iter()
        .flat_map(|product| product.windows_services.iter().map(|service| (service.to_lowercase(), product.id.as_str())))
        .collect();
    for (index, (service, product)) in services.iter().enumerate() {
        assert!(service.matches('*').count() <= 1 && service.trim() == service, "{product}: {service}");
        for (other, its) in &services[..index] {
            assert!(!overlap(service, other), "{service} of {product} and {other} of {its} can be the same service");
        }
    }
}

/// Whether one name fits both patterns, each with one `*` at most.
fn overlap(one: &str, other: &str) -> bool {
    match (one.split_once('*'), other.split_once('*')) {
        (Some((before, after)), Some((others_before, others_after))) => {
            (before.starts_with(others_before) || others_before.starts_with(before))
                && (after.ends_with(others_after) || others_after.ends_with(after))
        }
        _ => super::fits(one, other) || super::fits(other, one),
    }
}

#[test]
fn every_setting_has_a_full_place_and_moves_a_port_of_its_product() {
    let known = |product: &Product, purpose: &Option<String>| {
        let of = |purpose: &String| product.ports.iter().any(|port| port.purpose == *purpose);
        assert!(purpose.as_ref().is_none_or(of), "{}: no port is for {purpose:?}", product.id);
    };
    for product in products() {
        for place in &product.config {
            known(product, &place.purpose);
            assert!(place.file.starts_with('/') && !place.setting.is_empty(), "{}: {place:?}", product.id);
        }
        for place in &product.windows_config {
            known(product, &place.purpose);
            let full = match &place.place {
                WindowsPlace::File(file) => is_windows_path(file),
                WindowsPlace::Registry(key) => key.starts_with(r"HKLM\") && !key.ends_with('\\'),
                WindowsPlace::Tool(tool) => !tool.contains(['\\', '/', '%']),
            };
            assert!(full && !place.setting.is_empty(), "{}: {place:?}", product.id);
        }
    }
}

#[test]
fn every_log_has_a_full_path() {
    for product in products() {
        assert!(product.logs.iter().all(|log| log.starts_with('/')), "{}: {:?}", product.id, product.logs);
        assert!(product.windows_logs.iter().all(|log| is_windows_path(log)), "{}: {:?}", product.id, product.windows_logs);
    }
}

/// From a drive or one of the variables that every service has.
fn is_windows_path(path: &str) -> bool {
    let starts = ["%ProgramData%", "%ProgramFiles%", "%ProgramFiles(x86)%", "%SystemRoot%", "%SystemDrive%", "C:"];
    let rest = starts.iter().find_map(|start| path.strip_prefix(start));
    rest.is_some_and(|rest| rest.starts_with('\\') && !rest.contains(['/', '%']))
}

#[test]
fn no_mark_is_found_in_lines_of_another_product() {
    for product in products() {
        for mark in &product.marks {
            assert!(mark.len() > 3, "{}: {mark} is too short to tell anything", product.id);
            assert_eq!(id(product_of_line(mark)), Some(product.id.as_str()), "{mark}");
        }
    }
}

#[test]
fn every_source_is_a_page() {
    for product in products() {
        let page = product.source.strip_prefix("https://").or_else(|| product.source.strip_prefix("http://"));
        let host = page.and_then(|page| page.split('/').next()).unwrap_or_default();
        assert!(host.contains('.') && !product.source.contains(char::is_whitespace), "{}: {}", product.id, product.source);
    }
}

#[test]
fn notes_are_a_few_plain_sentences() {
    for product in products() {
        assert!(product.notes.len() <= 3, "{} says too much", product.id);
        for note in &product.notes {
            let whole = note.starts_with(char::is_uppercase) || product.names().any(|name| note.starts_with(name.as_str()));
            assert!(whole && note.ends_with('.') && note.len() <= 200, "{}: {note}", product.id);
            let codes = ["0x", "WSA", "EADDR", "EACCES", "10013", "10048", "errno"];
            assert!(!codes.iter().any(|code| note.contains(code)), "{}: a code in {note}", product.id);
        }
    }
}

#[test]
fn finds_a_product_by_unit_name_and_line() {
    assert_eq!(id(product_of_unit("postgresql@15-main.service")), Some("postgresql"));
    assert_eq!(id(product_of_unit("ssh.socket")), Some("openssh"));
    assert_eq!(product_of_unit("nginx-old.service"), None);
    assert_eq!(id(product_called("SQL Server")), Some("sqlserver"));
    assert_eq!(id(product_called("sql-server")), Some("sqlserver"));
    assert_eq!(product_called("--"), None);
    assert_eq!(id(product_of_line("nginx: [emerg] bind() to 0.0.0.0:80 failed")), Some("nginx"));
}

#[test]
fn finds_a_product_by_its_windows_service_whatever_its_case_and_instance() {
    assert_eq!(id(product_of_windows_service("MSSQLSERVER")), Some("sqlserver"));
    assert_eq!(id(product_of_windows_service("mssql$sales")), Some("sqlserver"));
    assert_eq!(id(product_of_windows_service("sqlbrowser")), Some("sqlbrowser"));
    for service in ["MSSQL$", "MSSQL", "xMSSQLSERVER", ""] {
        assert_eq!(product_of_windows_service(service), None, "{service}");
    }
}

/// The services that the articles on lost ports tell of, and those that helpdesks ask for most.
#[test]
fn the_services_that_lose_their_ports_are_known() {
    let services = [
        ("MSSQLSERVER", "sqlserver"),
        ("MSSQL$SQLEXPRESS", "sqlserver"),
        ("SQLBrowser", "sqlbrowser"),
        ("MSSQLServerOLAPService", "analysis-services"),
        ("BlackBerry Router", "blackberry-router"),
        ("IAS", "nps"),
        ("DNS", "dns-server"),
        ("SamSs", "lsass"),
        ("NTDS", "active-directory"),
        ("PolicyAgent", "ipsec"),
        ("IKEEXT", "ipsec"),
        ("WinRM", "winrm"),
        ("TermService", "rdp"),
        ("LanmanServer", "smb-server"),
        ("RpcSs", "rpc"),
        ("HTTP", "http.sys"),
        ("W3SVC", "iis"),
        ("iphlpsvc", "portproxy"),
        ("winnat", "winnat"),
        ("hns", "hns"),
        ("MSExchangeTransport", "exchange-transport"),
        ("MSExchangeFrontEndTransport", "exchange-frontend"),
    ];
    for (service, product) in services {
        assert_eq!(id(product_of_windows_service(service)), Some(product), "{service}");
    }
    let port = |name: &str, port| product_called(name).unwrap().ports.iter().any(|usual| usual.port == port);
    assert!(port("BlackBerry Router", 3101) && port("SQL Server", 1433) && port("SQL Server Browser", 1434));
    assert!([1645, 1646, 1812, 1813].into_iter().all(|radius| port("IAS", radius)));
    assert!(products().len() >= 150, "{} products", products().len());
}

#[test]
fn tells_where_the_port_is_set() {
    let product = product_called("SQL Server").unwrap();
    assert_eq!(
        product.place_of_port(1433, System::Linux).as_deref(),
        Some("tcpport in the section network of /var/opt/mssql/mssql.conf")
    );
    assert_eq!(product.place_of_port(5000, System::Linux), product.place_of_port(1433, System::Linux));
    assert_eq!(product.place_of_port(1434, System::Linux), None, "the setting moves the other port");
    let windows = product.place_of_port(1433, System::Windows).unwrap();
    assert!(windows.ends_with("in SQL Server Configuration Manager"), "{windows}");
}
