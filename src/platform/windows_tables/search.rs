//! Which tables are asked for what one wants to know: nothing is read that the question does not need.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};

use super::sockets::{Row, Table, TcpPart, rows};
use crate::machine::{Family, Gap, Port, Protocol, SocketState};

/// The command that shows what a table would have shown.
const SHOWN_BY: &str = "`netstat -anoq` in a command prompt, or `Get-NetTCPConnection` in PowerShell";
const FAMILIES: [Family; 2] = [Family::Ipv4, Family::Ipv6];

/// Who answers for a table: the live system, or a record of one.
pub trait Tables {
    /// The table as Windows writes it.
    ///
    /// # Errors
    /// Why there is none.
    fn read(&self, table: Table) -> Result<Vec<u8>, NoTable>;
}

/// Why there is no table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoTable {
    /// This Windows does not have it.
    Missing,
    /// Windows refused it with this error number.
    Refused(u32),
}

/// The rows that were found, and what could not be seen.
#[derive(Debug, Default)]
pub struct Found {
    /// The rows.
    pub rows: Vec<Row>,
    /// What is missing.
    pub gaps: Vec<Gap>,
}

/// Every socket on a port.
pub fn all_on(tables: &dyn Tables, port: Port, protocols: &[Protocol]) -> Found {
    let mut found = Found::default();
    for protocol in protocols {
        match protocol {
            Protocol::Tcp => {
                found.read(tables, |family| Table::Tcp(family, TcpPart::All), Some(port));
                found.read(tables, Table::Bound, Some(port));
            }
            Protocol::Udp => found.read(tables, Table::Udp, Some(port)),
        }
    }
    found
}

/// The sockets on a port, the quickest question first: for TCP listeners, then connections, then bound sockets, up to the first that finds
/// any. UDP has no such order.
pub fn first_on(tables: &dyn Tables, port: Port, protocols: &[Protocol]) -> Found {
    let mut found = Found::default();
    for protocol in protocols {
        match protocol {
            Protocol::Tcp => {
                let before = found.rows.len();
                let stages: [fn(Family) -> Table; 3] = [
                    |family| Table::Tcp(family, TcpPart::Listeners),
                    |family| Table::Tcp(family, TcpPart::Connections),
                    Table::Bound,
                ];
                for stage in stages {
                    found.read(tables, stage, Some(port));
                    if found.rows.len() > before {
                        break;
                    }
                }
            }
            Protocol::Udp => found.read(tables, Table::Udp, Some(port)),
        }
    }
    found
}

/// The sockets on a few ports, for one who looks again and again: listeners, everything else on TCP ports that nobody listens on, and UDP.
///
/// # Errors
/// Where Windows refuses a table. One that it does not have is left out.
pub fn watched(tables: &dyn Tables, tcp: &BTreeSet<Port>, udp: &BTreeSet<Port>) -> Result<Vec<Row>, NoTable> {
    let mut found = Vec::new();
    let mut read = |table: Table, ports: &BTreeSet<Port>| {
        let bytes = match tables.read(table) {
            Err(NoTable::Missing) => return Ok(()),
            answer => answer?,
        };
        let all = rows(table, &bytes, None).unwrap_or_default();
        found.extend(all.into_iter().filter(|row| ports.contains(&row.local.port())));
        Ok(())
    };
    if !tcp.is_empty() {
        FAMILIES.into_iter().try_for_each(|family| read(Table::Tcp(family, TcpPart::Listeners), tcp))?;
    }
    if !udp.is_empty() {
        FAMILIES.into_iter().try_for_each(|family| read(Table::Udp(family), udp))?;
    }
    let listening = |port: &&Port| found.iter().any(|row| row.state == SocketState::Listen && row.local.port() == **port);
    let without: BTreeSet<Port> = tcp.iter().filter(|port| !listening(port)).copied().collect();
    if !without.is_empty() {
        let mut rest = Found::default();
        rest.read(tables, |family| Table::Tcp(family, TcpPart::Connections), None);
        rest.read(tables, Table::Bound, None);
        found.extend(rest.rows.into_iter().filter(|row| without.contains(&row.local.port())));
    }
    Ok(found)
}

/// Adds to `base`, the whole table as netstat2 reads it, what it does not tell: when a socket was made, the tag of its service and the
/// interface of a link-local address; and the sockets that are only bound.
pub fn complete(tables: &dyn Tables, base: Vec<Row>) -> Found {
    let mut details = Found::default();
    details.read(tables, |family| Table::Tcp(family, TcpPart::All), None);
    details.read(tables, Table::Udp, None);
    let mut by_ends: HashMap<_, Vec<Row>> = HashMap::new();
    for row in details.rows {
        by_ends.entry(ends(&row)).or_default().push(row);
    }
    // A socket that was made or closed between the two looks is told as netstat2 saw it.
    let detailed = |row: Row| by_ends.get_mut(&ends(&row)).and_then(Vec::pop).unwrap_or(row);
    let mut found = Found { rows: base.into_iter().map(detailed).collect(), gaps: details.gaps };
    found.read(tables, Table::Bound, None);
    found
}

/// What both tables tell of a socket: protocol, local end, far end and process; of the ends not the interface.
type Ends = (Protocol, (IpAddr, Port), Option<(IpAddr, Port)>, Option<u32>);

fn ends(row: &Row) -> Ends {
    let bare = |end: SocketAddr| (end.ip(), end.port());
    (row.protocol, bare(row.local), row.remote.map(bare), row.pid)
}

impl Found {
    /// Reads a table of both families.
    fn read(&mut self, tables: &dyn Tables, table: impl Fn(Family) -> Table, port: Option<Port>) {
        for table in FAMILIES.map(table) {
            match tables.read(table).map(|bytes| rows(table, &bytes, port)) {
                Ok(Some(rows)) => self.add(table, rows),
                Ok(None) => self.miss(table, "Windows answered with fewer bytes than it said".to_owned()),
                Err(NoTable::Refused(error)) => self.miss(table, format!("Windows refused its table (error {error})")),
                Err(NoTable::Missing) => Gap::add(
                    &mut self.gaps,
                    [Gap::new(
                        "TCP sockets that are bound without listening",
                        "this Windows does not list them for programs (Windows 10 version 1809 and Server 2019 were the first that do)",
                        format!("{SHOWN_BY}; the bind test finds that such a port is in use"),
                    )],
                ),
            }
        }
    }

    /// A connection that a program asked for stands among the bound sockets as well, with the address that it had before: once is enough.
    fn add(&mut self, table: Table, rows: Vec<Row>) {
        if !matches!(table, Table::Bound(_)) {
            self.rows.extend(rows);
            return;
        }
        let in_use = |row: &Row| row.protocol == Protocol::Tcp && row.state != SocketState::Bound;
        let known: HashSet<_> = self.rows.iter().filter(|row| in_use(row)).map(|row| (row.local.port(), row.pid)).collect();
        self.rows.extend(rows.into_iter().filter(|row| !known.contains(&(row.local.port(), row.pid))));
    }

    fn miss(&mut self, table: Table, because: String) {
        self.gaps.push(Gap::new(table.in_words(), because, SHOWN_BY));
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::HashMap;

    use super::{NoTable, Tables, all_on, complete, first_on, watched};
    use crate::machine::{Family, Protocol, SocketState};
    use crate::platform::windows_tables::sockets::testing::{bound4, table, tcp4, tcp6, udp4};
    use crate::platform::windows_tables::sockets::{Row, Table, TcpPart, rows};

    const LISTEN: u32 = 2;
    const ESTABLISHED: u32 = 5;
    const LISTENERS4: Table = Table::Tcp(Family::Ipv4, TcpPart::Listeners);
    const CONNECTIONS4: Table = Table::Tcp(Family::Ipv4, TcpPart::Connections);
    const ALL4: Table = Table::Tcp(Family::Ipv4, TcpPart::All);

    /// Answers with what was recorded, with empty tables for the rest, and remembers what it was asked for.
    #[derive(Default)]
    struct Record {
        answers: HashMap<Table, Result<Vec<u8>, NoTable>>,
        asked: RefCell<Vec<Table>>,
    }

    impl Record {
        fn of<const N: usize>(answers: [(Table, Vec<u8>); N]) -> Self {
            Self { answers: answers.into_iter().map(|(table, bytes)| (table, Ok(bytes))).collect(), ..Self::default() }
        }

        fn without(mut self, table: Table, why: NoTable) -> Self {
            self.answers.insert(table, Err(why));
            self
        }
    }

    impl Tables for Record {
        fn read(&self, asked: Table) -> Result<Vec<u8>, NoTable> {
            self.asked.borrow_mut().push(asked);
            self.answers.get(&asked).cloned().unwrap_or_else(|| Ok(table(8, [])))
        }
    }

    fn states(rows: &[Row]) -> Vec<SocketState> {
        rows.iter().map(|row| row.state).collect()
    }

    #[test]
    fn the_fast_question_stops_at_a_listener() {
        let record = Record::of([(LISTENERS4, table(8, [tcp4(LISTEN, "0.0.0.0:1433", "0.0.0.0:0", 700)]))]);
        let found = first_on(&record, 1433, &[Protocol::Tcp]);
        assert_eq!(states(&found.rows), [SocketState::Listen]);
        assert_eq!(*record.asked.borrow(), [LISTENERS4, Table::Tcp(Family::Ipv6, TcpPart::Listeners)]);
    }

    #[test]
    fn the_fast_question_goes_on_to_clients_and_bound_sockets() {
        let client = tcp4(ESTABLISHED, "127.0.0.1:1433", "127.0.0.1:9000", 700);
        let found = first_on(&Record::of([(CONNECTIONS4, table(8, [client]))]), 1433, &[Protocol::Tcp]);
        assert_eq!(states(&found.rows), [SocketState::Established]);
        let leaked = Record::of([(Table::Bound(Family::Ipv4), table(4, [bound4("0.0.0.0:1433", 700)]))]);
        let found = first_on(&leaked, 1433, &[Protocol::Tcp]);
        assert_eq!((states(&found.rows), found.rows[0].pid), (vec![SocketState::Bound], Some(700)));
    }

    #[test]
    fn the_whole_question_finds_everybody_on_the_port_and_nobody_else() {
        let both = [tcp4(LISTEN, "0.0.0.0:1433", "0.0.0.0:0", 700), tcp4(LISTEN, "0.0.0.0:1434", "0.0.0.0:0", 700)];
        let record = Record::of([
            (ALL4, table(8, both)),
            (Table::Udp(Family::Ipv4), table(8, [udp4("0.0.0.0:1433", 8)])),
            (Table::Bound(Family::Ipv4), table(4, [bound4("10.0.0.1:1433", 9)])),
        ]);
        let found = all_on(&record, 1433, &Protocol::ALL);
        assert_eq!(states(&found.rows), [SocketState::Listen, SocketState::Bound, SocketState::Unconnected]);
        assert!(found.gaps.is_empty(), "{:?}", found.gaps);
    }

    #[test]
    fn a_watch_asks_for_connections_only_where_nobody_listens() {
        let listens = table(8, [tcp4(LISTEN, "0.0.0.0:1433", "0.0.0.0:0", 700)]);
        let connected = [
            tcp4(ESTABLISHED, "127.0.0.1:1433", "127.0.0.1:9000", 700),
            tcp4(ESTABLISHED, "127.0.0.1:1434", "127.0.0.1:9000", 701),
            tcp4(ESTABLISHED, "127.0.0.1:1435", "127.0.0.1:9000", 702),
        ];
        let record = Record::of([(LISTENERS4, listens), (CONNECTIONS4, table(8, connected))]);
        let pids = |ports: &[u16]| {
            let rows = watched(&record, &ports.iter().copied().collect(), &[].into()).unwrap();
            rows.iter().map(|row| row.pid).collect::<Vec<_>>()
        };
        assert_eq!(pids(&[1433]), [Some(700)]);
        assert!(!record.asked.borrow().contains(&CONNECTIONS4));
        assert_eq!(pids(&[1433, 1434]), [Some(700), Some(701)]);
        let refused = Record::default().without(LISTENERS4, NoTable::Refused(5));
        assert_eq!(watched(&refused, &[1433].into(), &[].into()), Err(NoTable::Refused(5)));
    }

    #[test]
    fn a_connection_is_not_told_again_as_a_bound_socket() {
        let record = Record::of([
            (ALL4, table(8, [tcp4(ESTABLISHED, "10.0.0.1:50000", "10.0.0.2:443", 700)])),
            (Table::Bound(Family::Ipv4), table(4, [bound4("0.0.0.0:50000", 700), bound4("0.0.0.0:50000", 701)])),
        ]);
        let found = all_on(&record, 50000, &[Protocol::Tcp]);
        assert_eq!(found.rows.iter().map(|row| row.pid).collect::<Vec<_>>(), [Some(700), Some(701)]);
    }

    #[test]
    fn what_netstat2_does_not_tell_is_added_to_its_rows() {
        let bytes = table(8, [tcp6(LISTEN, "[fe80::1%7]:80", "[::]:0", 700)]);
        let full = rows(Table::Tcp(Family::Ipv6, TcpPart::All), &bytes, None).unwrap().remove(0);
        let bare =
            |port: u16| Row { local: format!("[fe80::1]:{port}").parse().unwrap(), created: None, tag: None, ..full.clone() };
        let record = Record::of([(Table::Tcp(Family::Ipv6, TcpPart::All), bytes)]);
        let found = complete(&record, vec![bare(80), bare(81)]);
        assert_eq!(found.rows, [full.clone(), bare(81)]);
        assert!(full.created.is_some() && full.tag.is_some());
    }

    #[test]
    fn an_old_windows_without_bound_sockets_is_told_once() {
        let old = Record::default()
            .without(Table::Bound(Family::Ipv4), NoTable::Missing)
            .without(Table::Bound(Family::Ipv6), NoTable::Missing);
        let gaps = all_on(&old, 1433, &[Protocol::Tcp]).gaps;
        assert_eq!(gaps.len(), 1, "{gaps:?}");
        assert!(gaps[0].because.contains("1809") && gaps[0].shown_by.contains("netstat -anoq"), "{gaps:?}");
    }

    #[test]
    fn a_table_that_is_refused_or_cut_is_a_gap_and_the_others_are_read() {
        let mut cut = table(8, [tcp6(LISTEN, "[::]:1433", "[::]:0", 700)]);
        cut.pop();
        let record = Record::of([
            (Table::Tcp(Family::Ipv6, TcpPart::All), cut),
            (Table::Udp(Family::Ipv4), table(8, [udp4("0.0.0.0:1433", 8)])),
        ])
        .without(ALL4, NoTable::Refused(5));
        let found = all_on(&record, 1433, &Protocol::ALL);
        assert_eq!(states(&found.rows), [SocketState::Unconnected]);
        let gaps: Vec<_> = found.gaps.iter().map(|gap| gap.what.as_str()).collect();
        assert_eq!(gaps, ["TCP sockets over IPv4", "TCP sockets over IPv6"]);
    }
}
