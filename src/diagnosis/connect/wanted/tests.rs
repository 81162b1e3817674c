//! What people and connection strings write, and what is made of it.

use super::{PortFrom, Wanted, WantedError};

fn read(host: &str, what: Option<&str>) -> (String, Option<u16>, Option<String>) {
    let wanted = Wanted::parse(host, what).unwrap_or_else(|error| panic!("{host} {what:?}: {error}"));
    (wanted.host, wanted.port, wanted.instance)
}

#[test]
fn every_way_of_writing_a_server_is_read() {
    let sales = || Some("SALES".to_owned());
    for (host, what, expected) in [
        ("db1", Some("1433"), ("db1", Some(1433), None)),
        ("db1:5432", None, ("db1", Some(5432), None)),
        ("[::1]:5432", None, ("::1", Some(5432), None)),
        ("::1", Some("80"), ("::1", Some(80), None)),
        ("fe80::1%2", Some("22"), ("fe80::1%2", Some(22), None)),
        (r"db1\SALES", None, ("db1", None, sales())),
        ("db1", Some("SALES"), ("db1", None, sales())),
        (r"tcp:db1\SALES,1500", None, ("db1", Some(1500), sales())),
        ("TCP:db1,1500", None, ("db1", Some(1500), None)),
        (r"np:\\db1\pipe\MSSQL$SALES\sql\query", None, ("db1", None, sales())),
        (r"\\db1\pipe\sql\query", None, ("db1", None, None)),
        (r".\SALES", None, ("localhost", None, sales())),
        ("(local)", Some("MSSQLSERVER"), ("localhost", Some(1433), None)),
        ("db1", Some("postgresql"), ("db1", Some(5432), None)),
        (r"db1\MSSQLSERVER", None, ("db1", Some(1433), Some("MSSQLSERVER".to_owned()))),
        ("db1", Some("SQL Server"), ("db1", Some(1433), None)),
        ("postgres://app:secret@db1/orders?x=1", None, ("db1", Some(5432), None)),
        ("https://db1:8443/x", None, ("db1", Some(8443), None)),
        ("https://web1", None, ("web1", Some(443), None)),
        ("db1", Some("443/tcp"), ("db1", Some(443), None)),
        ("db1", Some("https"), ("db1", Some(443), None)),
        ("db1", Some("postgresql.service"), ("db1", Some(5432), None)),
    ] {
        let (name, port, instance) = expected;
        assert_eq!(read(host, what), (name.to_owned(), port, instance), "{host} {what:?}");
    }
}

#[test]
fn the_password_of_a_url_is_not_kept_as_the_host() {
    let wanted = Wanted::parse("redis://:secret@cache:6380/0", None).unwrap();
    assert_eq!((wanted.host.as_str(), wanted.port), ("cache", Some(6380)));
    assert_eq!(wanted.asked, "redis://cache:6380", "nor anywhere else");
}

#[test]
fn what_names_nothing_is_refused_with_a_reason() {
    for (host, what) in [
        ("", None),
        ("db1", None),
        ("db1", Some("0")),
        ("db1", Some("70000")),
        ("db1", Some("-5")),
        ("db1", Some("80 81")),
        ("db1", Some("53/udp")),
        ("db1:", None),
        ("db1,x", None),
        ("-h", Some("80")),
        ("a b", Some("80")),
        ("a;b", Some("80")),
        ("[::1", Some("80")),
        (r"db1\", None),
        ("db1:80", Some("81")),
        ("db1", Some("é$(x)")),
        ("a\u{202E}b", Some("80")),
    ] {
        assert!(Wanted::parse(host, what).is_err(), "{host} {what:?}: {:?}", Wanted::parse(host, what));
    }
    assert!(matches!(Wanted::parse(r"(localdb)\MSSQLLocalDB", None), Err(WantedError::LocalDb(_))));
}

#[test]
fn sql_server_is_known_by_name_port_or_instance() {
    let sql = |host: &str, what: Option<&str>| Wanted::parse(host, what).unwrap().is_sql();
    assert!(sql("db1", Some("1433")) && sql(r"db1\SALES", None) && sql("db1", Some("SQL Server")));
    assert!(!sql("db1", Some("5432")) && !sql("db1", Some("postgresql")));
    let default = Wanted::parse("db1", Some("MSSQLSERVER")).unwrap();
    assert_eq!((default.named_instance(), default.port_from), (None, Some(PortFrom::Catalogue)));
}

#[test]
fn a_whole_connection_string_names_its_server_and_keeps_its_secrets() {
    let sales = || Some("SALES".to_owned());
    for (text, expected) in [
        ("Server=tcp:db1,1500;Database=orders;User Id=app;Password=secret", ("db1", Some(1500), None)),
        (r"Data Source=db1\SALES;Initial Catalog=orders;Password=secret", ("db1", None, sales())),
        ("Data Source=db1;Integrated Security=True", ("db1", Some(1433), None)),
        ("Driver={ODBC Driver 18 for SQL Server};Server={db1};PWD={secret}", ("db1", Some(1433), None)),
        ("Host=db1;Port=5433;Username=app;Password='secret'", ("db1", Some(5433), None)),
        ("Server=db1,1433;Password=secret;Enclave Attestation Url=https://hgs.corp:443/x", ("db1", Some(1433), None)),
        ("host=db1 port=5432 dbname=orders password=secret", ("db1", Some(5432), None)),
        ("jdbc:postgresql://db1/orders?password=secret", ("db1", Some(5432), None)),
        (r"jdbc:sqlserver://db1\SALES;databaseName=orders;password=secret", ("db1", None, sales())),
        ("mongodb://app:secret@db1:27017/orders", ("db1", Some(27017), None)),
        ("tcp:db1, 1500", ("db1", Some(1500), None)),
    ] {
        let wanted = Wanted::read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let (host, port, instance) = expected;
        assert_eq!((wanted.host.as_str(), wanted.port, wanted.instance), (host, port, instance), "{text}");
        assert!(!wanted.asked.contains("secret"), "{text}: {}", wanted.asked);
    }
    for text in ["Database=orders;Password=secret", "Host=db1;Password=secret", "=;=", "Server=;Password=secret"] {
        let error = Wanted::read(text).unwrap_err().to_string();
        assert!(!error.contains("secret"), "{text}: {error}");
    }
}

#[test]
fn an_address_of_every_network_needs_its_interface() {
    let wanted = Wanted::read("[fe80::1%eth0]:5432").unwrap();
    assert_eq!((wanted.host.as_str(), wanted.address()), ("fe80::1%eth0", "fe80::1".parse().ok()));
    assert!(matches!(Wanted::read("fe80::1 5432"), Err(WantedError::NoInterface(_))));
    assert_eq!(Wanted::read("10.0.0.1%eth0 80").unwrap().address(), None, "only addresses of IPv6 have one");
}
