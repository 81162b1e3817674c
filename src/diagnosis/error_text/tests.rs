use super::{ErrorText, read_error_lines, read_error_text};
use crate::machine::FailureKind::{self, Exhausted, Forbidden, InUse, NotAPort, NotLocal, Privileged, Refused, Unknown};
use crate::machine::Protocol::{self, Tcp, Udp};

/// What one line must give: kind, port, protocol, address.
type Expected = (FailureKind, u16, Option<Protocol>, &'static str);

#[track_caller]
fn check(line: &str, (kind, port, protocol, address): Expected) {
    let Some(error) = read_error_text(line) else { panic!("nothing was read in: {line}") };
    let expected = ErrorText {
        kind,
        port: (port > 0).then_some(port),
        protocol,
        address: (!address.is_empty()).then(|| address.parse().unwrap()),
        product: error.product.clone(),
    };
    assert_eq!(error, expected, "{line}");
}

#[test]
fn reads_a_port_that_is_in_use() {
    let table: &[(&str, Expected)] = &[
        ("nginx: [emerg] bind() to 0.0.0.0:8081 failed (98: Address already in use)", (InUse, 8081, Some(Tcp), "0.0.0.0")),
        (
            "2026/02/11 02:58:14 [emerg] 98#98: bind() to [::]:8081 failed (98: Address already in use)",
            (InUse, 8081, Some(Tcp), "::"),
        ),
        ("(98)Address already in use: AH00072: make_sock: could not bind to address [::]:80", (InUse, 80, Some(Tcp), "::")),
        ("# Could not create server TCP listening socket *:6379: bind: Address already in use", (InUse, 6379, Some(Tcp), "")),
        (
            "# Could not create server TCP listening socket 127.0.0.1:6379: bind: Address already in use",
            (InUse, 6379, Some(Tcp), "127.0.0.1"),
        ),
        ("error: Bind to port 22 on 0.0.0.0 failed: Address already in use.", (InUse, 22, Some(Tcp), "0.0.0.0")),
        ("error: Bind to port 22 on :: failed: Address already in use.", (InUse, 22, Some(Tcp), "::")),
        (
            "[ALERT] 071/104122 (98) : Starting proxy web: cannot bind socket (Address already in use) [0.0.0.0:8080]",
            (InUse, 8080, None, "0.0.0.0"),
        ),
        (
            "[ALERT]    (713) : Binding [/etc/haproxy/haproxy.cfg:12] for frontend web: cannot bind socket (Address already in use) for [:::8080]",
            (InUse, 8080, None, "::"),
        ),
        ("Error: listen EADDRINUSE: address already in use :::3000", (InUse, 3000, Some(Tcp), "::")),
        ("Error: listen EADDRINUSE: address already in use ::1:3000", (InUse, 3000, Some(Tcp), "::1")),
        ("Error: bind EADDRINUSE 0.0.0.0:5353", (InUse, 5353, Some(Udp), "0.0.0.0")),
        ("BindHttpException: Failed to bind to 192.0.2.9:[9200-9300]: Address already in use", (InUse, 9200, None, "192.0.2.9")),
        ("Failed to bind to web1:8081: Address already in use", (InUse, 8081, None, "")),
        ("Error: bind EADDRINUSE null:3091", (InUse, 3091, Some(Tcp), "")),
        ("OSError: [Errno 98] Address already in use", (InUse, 0, None, "")),
        (
            "OSError: [Errno 98] error while attempting to bind on address ('127.0.0.1', 8000): address already in use",
            (InUse, 8000, None, "127.0.0.1"),
        ),
        ("[ERROR] Connection in use: ('0.0.0.0', 8000)", (InUse, 8000, None, "0.0.0.0")),
        ("2026/02/11 02:58:14 listen tcp :8080: bind: address already in use", (InUse, 8080, Some(Tcp), "")),
        (
            r#"ts=2026-02-11T02:58:14Z level=error msg="Unable to start" err="listen tcp 0.0.0.0:9090: bind: address already in use""#,
            (InUse, 9090, Some(Tcp), "0.0.0.0"),
        ),
        ("java.net.BindException: Address already in use: bind", (InUse, 0, None, "")),
        ("java.net.BindException: Address already in use: JVM_Bind <null>:8010", (InUse, 8010, None, "")),
        ("java.io.IOException: Failed to bind to 0.0.0.0/0.0.0.0:8080: Address already in use", (InUse, 8080, None, "0.0.0.0")),
        ("Web server failed to start. Port 8080 was already in use.", (InUse, 8080, None, "")),
        ("Something is already running on port 3001.", (InUse, 3001, None, "")),
        (
            "docker: Error response from daemon: driver failed programming external connectivity on endpoint web (1a2b): Bind for 0.0.0.0:80 failed: port is already allocated.",
            (InUse, 80, None, "0.0.0.0"),
        ),
        (
            "Error response from daemon: Ports are not available: exposing port UDP 0.0.0.0:53 -> 0.0.0.0:0: listen udp 0.0.0.0:53: bind: Only one usage of each socket address (protocol/network address/port) is normally permitted.",
            (InUse, 53, Some(Udp), "0.0.0.0"),
        ),
        ("web.socket: Failed to create listening socket (0.0.0.0:1433): Address already in use", (InUse, 1433, None, "0.0.0.0")),
        ("web.socket: Failed to listen on sockets: Address already in use", (InUse, 0, None, "")),
        (
            "web.socket: Failed to create listening socket ([::]:1433): Die Adresse wird bereits verwendet",
            (InUse, 1433, None, "::"),
        ),
        ("Can't start server: Bind on TCP/IP port: Address already in use", (InUse, 0, Some(Tcp), "")),
        ("[Server] Do you already have another mysqld server running on port: 3306 ?", (InUse, 3306, Some(Tcp), "")),
        (
            "Server TCP provider failed to listen on [ 'any' <ipv6> 1433]. Tcp port is already in use.",
            (InUse, 1433, Some(Tcp), ""),
        ),
        (
            "Server TCP provider failed to listen on [ 127.0.0.1 <ipv4> 1434]. Tcp port is already in use.",
            (InUse, 1434, Some(Tcp), "127.0.0.1"),
        ),
        ("spid23s     Error: 26023, Severity: 16, State: 1.", (InUse, 0, None, "")),
        (
            "TDSSNIClient initialization failed with error 0x2740, status code 0xa. Reason: Unable to initialize the TCP/IP listener.",
            (InUse, 0, Some(Tcp), ""),
        ),
        ("Der Dienst endete: Fehler 10048", (InUse, 0, None, "")),
        (
            "TCP/UDP: Socket bind failed on local address [AF_INET][undef]:1194: Address already in use (errno=98)",
            (InUse, 1194, None, ""),
        ),
        ("commBind: Cannot bind socket FD 10 to [::]:3128: (98) Address already in use", (InUse, 3128, Some(Tcp), "::")),
        ("failed to listen on TCP port 11211: Address already in use", (InUse, 11211, Some(Tcp), "")),
        ("[1703:0] error: can't bind socket: Address already in use for 0.0.0.0 port 53", (InUse, 53, None, "0.0.0.0")),
        ("postfix/master[98]: fatal: bind 0.0.0.0 port 25: Address already in use", (InUse, 25, Some(Tcp), "0.0.0.0")),
        ("master: Error: bind(0.0.0.0, 143) failed: Address already in use", (InUse, 143, None, "0.0.0.0")),
        (
            "open_socket_in failed: bind failed on port 445 socket_addr = 0.0.0.0: Address already in use",
            (InUse, 445, None, "0.0.0.0"),
        ),
        ("creating TCP socket 127.0.0.1#53: address in use", (InUse, 53, Some(Tcp), "127.0.0.1")),
        ("Failed to bind to address http://127.0.0.1:5000: address already in use.", (InUse, 5000, None, "127.0.0.1")),
        (r#"{"level":"fatal","pid":4461,"port":8080,"error":"EADDRINUSE"}"#, (InUse, 8080, None, "")),
        (r#"Address already in use - bind(2) for "127.0.0.1" port 3000 (Errno::EADDRINUSE)"#, (InUse, 3000, None, "127.0.0.1")),
        (
            "thread 'main' panicked at src/main.rs:12:10: Os { code: 98, kind: AddrInUse, message: \"Address already in use\" }",
            (InUse, 0, None, ""),
        ),
        ("\u{1B}[31mError: listen EADDRINUSE: address already in use 0.0.0.0:3000\u{1B}[0m", (InUse, 3000, Some(Tcp), "0.0.0.0")),
        ("Address already in use", (InUse, 0, None, "")),
        ("nginx says address already in use", (InUse, 0, None, "")),
        ("Адрес уже используется: bind 0.0.0.0:80", (InUse, 80, None, "0.0.0.0")),
        ("listen tcp :8080: bind: 地址已在使用", (InUse, 8080, Some(Tcp), "")),
    ];
    for (line, expected) in table {
        check(line, *expected);
    }
}

#[test]
fn tells_a_missing_right_from_a_forbidden_port() {
    let table: &[(&str, Expected)] = &[
        ("nginx: [emerg] bind() to 0.0.0.0:443 failed (13: Permission denied)", (Privileged, 443, Some(Tcp), "0.0.0.0")),
        ("Error: listen EACCES: permission denied 0.0.0.0:80", (Privileged, 80, Some(Tcp), "0.0.0.0")),
        ("listen tcp :80: bind: permission denied", (Privileged, 80, Some(Tcp), "")),
        ("error: Bind to port 22 on 0.0.0.0 failed: Permission denied.", (Privileged, 22, Some(Tcp), "0.0.0.0")),
        ("listen tcp :80: bind: Keine Berechtigung", (Privileged, 80, Some(Tcp), "")),
        ("Error: listen EACCES: permission denied 0.0.0.0:5037", (Forbidden, 5037, Some(Tcp), "0.0.0.0")),
        (
            "Error starting userland proxy: Bind for 0.0.0.0:50000: unexpected error Permission denied.",
            (Forbidden, 50000, None, "0.0.0.0"),
        ),
        (
            "bind() to 0.0.0.0:443 failed (10013: An attempt was made to access a socket in a way forbidden by its access permissions)",
            (Forbidden, 443, None, "0.0.0.0"),
        ),
        ("TDSSNIClient initialization failed with error 0x271d, status code 0xa.", (Forbidden, 0, Some(Tcp), "")),
    ];
    for (line, expected) in table {
        check(line, *expected);
    }
}

#[test]
fn reads_addresses_connections_and_exhaustion() {
    let table: &[(&str, Expected)] = &[
        (
            "nginx: [emerg] bind() to 10.9.8.7:80 failed (99: Cannot assign requested address)",
            (NotLocal, 80, Some(Tcp), "10.9.8.7"),
        ),
        ("java.net.BindException: Cannot assign requested address: bind", (NotLocal, 0, None, "")),
        ("listen tcp 10.9.8.7:80: bind: cannot assign requested address", (NotLocal, 80, Some(Tcp), "10.9.8.7")),
        ("dial tcp 10.0.0.5:5432: connect: cannot assign requested address", (Exhausted, 5432, Some(Tcp), "10.0.0.5")),
        (
            "An operation on a socket could not be performed because the system lacked sufficient buffer space or because a queue was full. (10055)",
            (Exhausted, 0, None, ""),
        ),
        (
            "A request to allocate an ephemeral port number from the global TCP port space has failed due to all such ports being in use.",
            (Exhausted, 0, Some(Tcp), ""),
        ),
        (
            "TCP/IP failed to establish an outgoing connection because the selected local endpoint was recently used to connect to the same remote endpoint. This error typically occurs when outgoing connections are opened and closed at a high rate, causing all available local ports to be used and forcing TCP/IP to reuse a local port for an outgoing connection.",
            (Exhausted, 0, Some(Tcp), ""),
        ),
        ("dial tcp 127.0.0.1:5432: connect: connection refused", (Refused, 5432, Some(Tcp), "127.0.0.1")),
        (
            r#"[error] 4519#4519: *17 connect() failed (111: Connection refused) while connecting to upstream, client: 192.0.2.15, server: a.test, request: "GET / HTTP/1.1", upstream: "http://127.0.0.1:9000/", host: "a.test:8443""#,
            (Refused, 9000, Some(Tcp), "127.0.0.1"),
        ),
        ("curl: (7) Failed to connect to localhost port 8080 after 0 ms: Connection refused", (Refused, 8080, Some(Tcp), "")),
        (
            "TCP Provider: No connection could be made because the target machine actively refused it.",
            (Refused, 0, Some(Tcp), ""),
        ),
    ];
    for (line, expected) in table {
        check(line, *expected);
    }
}

#[test]
fn leaves_the_cause_open_where_the_line_does_not_tell_it() {
    check(
        "Error response from daemon: ports are not available: exposing port TCP 0.0.0.0:54323 -> 127.0.0.1:0: /forwards/expose returned unexpected status: 500",
        (Unknown, 54323, Some(Tcp), "0.0.0.0"),
    );
}

#[test]
fn knows_servers_that_give_up_without_a_reason() {
    check("Error opening specified endpoint \"127.0.0.1\"", (Unknown, 0, Some(Udp), ""));
    let named = "listening on IPv4 interface lo, 127.0.0.1#53\ncreating IPv4 interface lo failed; interface ignored\n\
                 unable to listen on any configured interfaces\nloading configuration: failure";
    check(named, (Unknown, 53, None, "127.0.0.1"));
}

#[test]
fn names_reasons_that_are_no_port() {
    for line in [
        "nginx: [emerg] unknown directive \"lisen\" in /etc/nginx/nginx.conf:12",
        "nginx: [emerg] cannot load certificate \"/etc/ssl/web.pem\": BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory)",
        "AH00526: Syntax error on line 12 of /etc/apache2/sites-enabled/web.conf:",
        "FATAL:  could not open file \"/etc/postgresql/15/main/pg_hba.conf\": No such file or directory",
        "FileNotFoundError: [Errno 2] No such file or directory: '/etc/app.ini'",
        "PermissionError: [Errno 13] Permission denied: '/var/lib/app/data.db'",
        "Error: listen EACCES: permission denied /var/run/app.sock",
        "bind() to unix:/run/web.sock failed (98: Address already in use)",
        "docker.socket: Failed to create listening socket (/run/docker.sock): Address already in use",
        "/etc/ssh/sshd_config: line 12: Bad configuration option: Prot",
        "app.service: Failed at step EXEC spawning /opt/app/run: No such file or directory",
        "TDSSNIClient initialization failed with error 0x80092004, status code 0x80. Reason: Unable to initialize SSL support.",
        "Error: 26014, Severity: 16, State: 1.",
        "Fehler: 26014, Schweregrad: 16, Status: 1.",
        "java.lang.OutOfMemoryError: Java heap space",
    ] {
        check(line, (NotAPort, 0, None, ""));
    }
}

#[test]
fn does_not_take_prose_times_and_numbers_for_errors() {
    for line in [
        "",
        "nginx",
        "postgresql@15-main.service",
        "Hello, since the update on 12.03.2024 10:30:45 our app is slow. We use TCP port 8080 and UDP 5353 (see RFC 6335).",
        "I read on the net that \"address already in use\" can happen, and that EADDRINUSE means error 98, but we do not see that.",
        "Version 10.0.19045.4170, ticket 1433, phone ext. 3306, room 5432. The ratio is 16:9 and the meeting is 14:00:00.",
        "The address 10.20.30.41:8080 answers fine, http://portal.test:8443/login too. Build finished in 10048 ms, 10013 tests passed.",
        "The Tcp port setting is 1433 by default; change it in SQL Server Configuration Manager.",
        "Server is listening on [ 'any' <ipv4> 1433].",
        "Server listening on 0.0.0.0 port 22.",
        "2026-02-11 02:58:14.838 UTC [98] LOG:  database system is ready to accept connections",
        "Feb 11 02:58:14 web01 nginx[10048]: started",
        "Started nginx.service - A high performance web server and a reverse proxy server.",
        "10 ports of 65535 are used",
    ] {
        assert_eq!(read_error_text(line), None, "{line}");
    }
}

#[test]
fn finds_the_port_on_another_line_of_the_same_message() {
    let table: &[(&str, usize, Expected)] = &[
        (
            "LOG:  starting PostgreSQL 15.6\nLOG:  could not bind IPv4 address \"127.0.0.1\": Address already in use\nHINT:  Is another postmaster already running on port 5433? If not, wait a few seconds and retry.",
            1,
            (InUse, 5433, Some(Tcp), "127.0.0.1"),
        ),
        (
            "LOG:  could not bind IPv6 address \"::\": Permission denied\nHINT:  Is another postmaster already running on port 55432? If not, wait a few seconds and retry.",
            0,
            (Forbidden, 55432, Some(Tcp), "::"),
        ),
        (
            "[ERROR] Can't start server: Bind on TCP/IP port: Address already in use\n[ERROR] Do you already have another mysqld server running on port: 3306 ?\n[ERROR] Aborting",
            0,
            (InUse, 3306, Some(Tcp), ""),
        ),
        (
            "SEVERE [main] org.apache.catalina.util.LifecycleBase Failed to initialize component [Connector[\"http-nio-8080\"]]\n\tProtocol handler initialization failed\n\t\tat org.apache.catalina.connector.Connector.initInternal(Connector.java:1042)\n\tCaused by: java.net.BindException: Address already in use: bind",
            3,
            (InUse, 8080, Some(Tcp), ""),
        ),
        (
            "ports are not available: exposing port TCP 0.0.0.0:54322 -> 127.0.0.1:0:\nlisten tcp 0.0.0.0:54322: bind: An attempt was made to access a socket in a way forbidden by its\naccess permissions.",
            1,
            (Forbidden, 54322, Some(Tcp), "0.0.0.0"),
        ),
        (
            "Fehler: 26023, Schweregrad: 16, Status: 1.\nFehler beim Abhören durch den Server-TCP-Anbieter auf [ 'any' <ipv4> 1433]. Der TCP-Port wird bereits verwendet.",
            1,
            (InUse, 1433, Some(Tcp), ""),
        ),
        (
            "Error: 26024, Severity: 16, State: 1.\nServer failed to listen on 'any' <ipv4> 1433. Error: 0x271d. To proceed, notify your system administrator.",
            1,
            (Forbidden, 1433, Some(Tcp), ""),
        ),
        (
            "TCP Provider: No connection could be made because the target machine actively refused it.\nData Source=tcp:srv-sql01.test,14330;Initial Catalog=Orders",
            0,
            (Refused, 14330, Some(Tcp), ""),
        ),
        (
            "  File \"/opt/app/srv.py\", line 4, in <module>\n    s.bind((host, 80))\nPermissionError: [Errno 13] Permission denied",
            2,
            (Forbidden, 0, None, ""),
        ),
        ("connecting to database at 10.0.0.5:5432\nOSError: [Errno 98] Address already in use", 1, (InUse, 0, None, "")),
    ];
    for (text, index, expected) in table {
        check(text, *expected);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(read_error_lines(&lines).unwrap().0, *index, "{text}");
    }
}

#[test]
fn takes_the_first_of_several_ports_and_the_product_from_the_lines_around() {
    let text = "SEVERE org.apache.catalina.util.LifecycleBase Failed to initialize component [Connector[\"http-nio-8080\"]]\n\
                Caused by: java.net.BindException: Address already in use: bind\n\
                \tat java.base/sun.nio.ch.Net.bind0(Native Method)\n\
                java.net.BindException: Address already in use: JVM_Bind <null>:8010";
    let error = read_error_text(text).unwrap();
    assert_eq!((error.port, error.product.as_deref()), (Some(8080), Some("Apache Tomcat")));
}

#[test]
fn puts_a_port_before_every_other_reason() {
    let lines = [
        "could not open error log file: open() \"/var/log/web.log\" failed (2: No such file or directory)",
        "bind() to 0.0.0.0:80 failed (98: Address already in use)",
        "connect() failed (111: Connection refused) while connecting to 127.0.0.1:9000",
        "still could not bind()",
    ];
    let (index, error) = read_error_lines(&lines).unwrap();
    assert_eq!((index, error.port), (1, Some(80)));
}

proptest::proptest! {
    #[test]
    fn reads_any_text_without_panic(
        parts in proptest::collection::vec("bind\\(|port|:|\\[|::|->|0x2740|\\(98\\)|99999|[0-9]{1,6}|адрес|\u{1B}\\[1m|in use|denied|\\PC", 0..24),
    ) {
        let _read = read_error_text(&parts.concat());
        let _read = read_error_text(&parts.join(" "));
    }
}
