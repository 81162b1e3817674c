//! What of the table is shown, and in which order. Done on a thread of its own.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::filter::Filter;
use super::row::{PortRow, SocketId};
use super::table::PortTable;
use crate::app::order::{Order, SortColumn};

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// Protocol and family.
    Protocol,
    /// The local port.
    Port,
    /// The local address.
    Local,
    /// The far end.
    Remote,
    /// The state.
    State,
    /// The process number.
    Pid,
    /// Program and service.
    Program,
}

impl Column {
    /// All, from left to right.
    pub const ALL: [Self; 7] = [Self::Protocol, Self::Port, Self::Local, Self::Remote, Self::State, Self::Pid, Self::Program];

    /// Its head.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Protocol => "Proto",
            Self::Port => "Port",
            Self::Local => "Local",
            Self::Remote => "Remote",
            Self::State => "State",
            Self::Pid => "PID",
            Self::Program => "Program and service",
        }
    }
}

impl SortColumn for Column {
    fn starts_descending(self) -> bool {
        false
    }
}

/// The order of the table.
pub type Sort = Order<Column>;

impl Default for Sort {
    fn default() -> Self {
        Self::usual(Column::Port)
    }
}

fn compare(sort: Sort, one: &PortRow, other: &PortRow) -> Ordering {
    let by = match sort.by {
        Column::Protocol => one.kind().cmp(other.kind()),
        Column::Port => one.port().cmp(&other.port()),
        Column::Local => one.id.local.ip().cmp(&other.id.local.ip()),
        Column::Remote => empty_last(sort, one.id.remote, other.id.remote, Ord::cmp),
        Column::State => one.state.cmp(&other.state),
        Column::Pid => empty_last(sort, one.pid(), other.pid(), Ord::cmp),
        Column::Program => empty_last(sort, program(one), program(other), compare_names),
    };
    // Rows that are alike keep an order of their own, whichever way round.
    sort.directed(by).then_with(|| (one.port(), one.id).cmp(&(other.port(), other.id)))
}

/// The name of a row's program, to be compared without regard to capitals.
fn program(row: &PortRow) -> Option<&str> {
    row.holder.program.as_deref()
}

fn compare_names(one: &&str, other: &&str) -> Ordering {
    one.chars().flat_map(char::to_lowercase).cmp(other.chars().flat_map(char::to_lowercase))
}

/// What is not there comes last, whichever way round.
fn empty_last<T: Copy>(sort: Sort, one: Option<T>, other: Option<T>, compare: impl Fn(&T, &T) -> Ordering) -> Ordering {
    if let (Some(one), Some(other)) = (&one, &other) {
        return compare(one, other);
    }
    sort.directed(one.is_none().cmp(&other.is_none()))
}

/// A table to put in order.
#[derive(Debug, Clone)]
pub struct Arrangement {
    /// The number that the answer must carry.
    pub number: u64,
    /// The table.
    pub table: Arc<PortTable>,
    /// What is shown.
    pub filter: Filter,
    /// In which order.
    pub sort: Sort,
    /// The rows that must keep their places, because the pointer is on them. New rows come after them.
    pub held: Option<Arc<Arranged>>,
    /// The socket whose place is wanted.
    pub selected: Option<SocketId>,
    /// See [`PortsState::done_with`](super::PortsState::done_with).
    pub done_with: Vec<Arc<Arranged>>,
}

/// The rows that are shown, in order.
#[derive(Debug, Clone)]
pub struct Arranged {
    /// The number of the request.
    pub number: u64,
    /// The rows.
    pub rows: Vec<Arc<PortRow>>,
    /// The table they are from.
    pub table: Arc<PortTable>,
    /// How many sockets there are, shown or not.
    pub total: usize,
    /// The programs that have sockets, by name, each with how many.
    pub programs: Vec<(String, usize)>,
    /// Where the wanted socket is.
    pub selected_at: Option<usize>,
}

/// Puts a table in order.
pub fn arrange(request: &Arrangement) -> Arranged {
    let ready = request.filter.ready();
    let table = &request.table;
    let mut rows: Vec<&Arc<PortRow>> = table.rows.iter().filter(|row| ready.shows(row)).collect();
    rows.sort_unstable_by(|one, other| {
        let first = ready.is_on_the_port(other).cmp(&ready.is_on_the_port(one));
        first.then_with(|| compare(request.sort, one, other))
    });
    let rows = match &request.held {
        Some(held) => in_their_places(&held.rows, &table.rows, &rows),
        None => rows.into_iter().cloned().collect(),
    };
    let mut programs = BTreeMap::new();
    for program in table.rows.iter().filter_map(|row| row.holder.program.as_ref()) {
        *programs.entry(program).or_insert(0) += 1;
    }
    let selected_at = request.selected.and_then(|selected| rows.iter().position(|row| row.id == selected));
    Arranged {
        number: request.number,
        selected_at,
        total: table.open(),
        programs: programs.into_iter().map(|(name, count)| (name.clone(), count)).collect(),
        table: Arc::clone(table),
        rows,
    }
}

/// The rows of `before` as they are now, in the same places, then those `shown` that are new. A row that the table lost stays as it was last.
fn in_their_places(before: &[Arc<PortRow>], now: &[Arc<PortRow>], shown: &[&Arc<PortRow>]) -> Vec<Arc<PortRow>> {
    let by_id: HashMap<SocketId, &Arc<PortRow>> = now.iter().map(|row| (row.id, row)).collect();
    let placed: HashSet<SocketId> = before.iter().map(|row| row.id).collect();
    let kept = before.iter().map(|row| Arc::clone(by_id.get(&row.id).copied().unwrap_or(row)));
    let new = shown.iter().filter(|row| !placed.contains(&row.id)).map(|row| Arc::clone(row));
    kept.chain(new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::ports::filter::StateGroup;
    use crate::app::ports::testing::{connection, listener, look, socket, table};
    use crate::machine::{Protocol, Socket, SocketState};

    fn sockets() -> Vec<Socket> {
        let udp = Socket { protocol: Protocol::Udp, ..socket("0.0.0.0:5353", "", SocketState::Unconnected, 5, &[4312]) };
        vec![
            listener("0.0.0.0:14330", 1, &[812]),
            connection("10.0.0.5:1024", "10.0.0.9:1433", 2, &[4312]),
            listener("[::]:1433", 3, &[812]),
            listener("0.0.0.0:1433", 4, &[812]),
            udp,
            socket("10.0.0.5:5140", "10.0.0.9:514", SocketState::TimeWait, 0, &[]),
        ]
    }

    fn request(filter: Filter, sort: Sort) -> Arrangement {
        let table = Arc::new(table(sockets()));
        Arrangement { number: 1, table, filter, sort, held: None, selected: None, done_with: Vec::new() }
    }

    fn ports(arranged: &Arranged) -> Vec<u16> {
        arranged.rows.iter().map(|row| row.port()).collect()
    }

    fn found(text: &str) -> Vec<u16> {
        ports(&arrange(&request(Filter { text: text.to_owned(), ..Filter::default() }, Sort::default())))
    }

    fn sorted(by: Column, descending: bool) -> Vec<u16> {
        ports(&arrange(&request(Filter::default(), Sort { by, descending })))
    }

    #[test]
    fn a_port_comes_first_then_everything_that_has_its_figures() {
        assert_eq!(found("1433"), [1433, 1433, 1024, 14330]);
        assert_eq!(found("514"), [5140]);
    }

    #[test]
    fn words_find_names_addresses_states_and_numbers_in_any_case() {
        assert_eq!(found("NGINX"), [1433, 1433, 14330]);
        assert_eq!(found("nginx.service tcp6"), [1433]);
        assert_eq!(found("10.0.0.9"), [1024, 5140]);
        assert_eq!(found("listening"), [1433, 1433, 14330]);
        assert_eq!(found("time_wait"), [5140], "the word of other tools");
        assert_eq!(found("pid 4312"), [1024, 5353]);
        assert_eq!(found("www-data udp"), [5353]);
        assert_eq!(found("apache"), [] as [u16; 0]);
    }

    #[test]
    fn choices_narrow_what_is_shown() {
        let by = |filter| ports(&arrange(&request(filter, Sort::default())));
        assert_eq!(by(Filter { protocol: Some(Protocol::Udp), ..Filter::default() }), [5353]);
        assert_eq!(by(Filter { state: Some(StateGroup::Listening), ..Filter::default() }), [1433, 1433, 5353, 14330]);
        assert_eq!(by(Filter { state: Some(StateGroup::Closing), ..Filter::default() }), [5140]);
        assert_eq!(by(Filter { program: Some("bkagent".to_owned()), ..Filter::default() }), [1024, 5353]);
    }

    #[test]
    fn every_column_sorts_both_ways_and_what_is_empty_comes_last() {
        assert_eq!(sorted(Column::Port, false), [1024, 1433, 1433, 5140, 5353, 14330]);
        assert_eq!(sorted(Column::Port, true), [14330, 5353, 5140, 1433, 1433, 1024]);
        assert_eq!(sorted(Column::Remote, false)[..2], [5140, 1024]);
        assert_eq!(sorted(Column::Remote, true)[..2], [1024, 5140]);
        assert_eq!(sorted(Column::Program, false), [1024, 5353, 1433, 1433, 14330, 5140]);
        assert_eq!(sorted(Column::Program, true), [1433, 1433, 14330, 1024, 5353, 5140]);
        assert_eq!(sorted(Column::Pid, true).last(), Some(&5140));
        assert_eq!(sorted(Column::Protocol, true)[0], 5353);
        assert_eq!(sorted(Column::Local, false)[5], 1433, "IPv6 after IPv4");
        assert_eq!(sorted(Column::State, false)[0], 1433, "listeners first");
    }

    #[test]
    fn a_press_on_a_head_sorts_by_it_and_the_next_one_turns_it_round() {
        let sort = Sort::default().pressed(Column::State);
        assert_eq!(sort, Sort { by: Column::State, descending: false });
        assert!(sort.pressed(Column::State).descending);
        assert_eq!(sort.pressed(Column::State).pressed(Column::Pid), Sort { by: Column::Pid, descending: false });
    }

    #[test]
    fn rows_under_the_pointer_keep_their_places() {
        let first = arrange(&request(Filter::default(), Sort::default()));
        let mut now = sockets();
        now.remove(2);
        now[0].state = SocketState::Listen;
        now.insert(0, listener("0.0.0.0:22", 9, &[812]));
        let table = Arc::new(PortTable::after(Some(&first.table), &look(1, now)));
        let held = Arrangement { table, held: Some(Arc::new(first.clone())), ..request(Filter::default(), Sort::default()) };
        let second = arrange(&held);
        let places = |arranged: &Arranged| arranged.rows.iter().map(|row| row.id).collect::<Vec<_>>();
        assert_eq!(places(&second)[..6], places(&first));
        assert_eq!(second.rows[6].port(), 22, "what is new comes last");
        let gone = second.rows.iter().find(|row| row.is_gone()).map(|row| row.kind());
        assert_eq!(gone, Some("TCP6"), "what is gone says so in its place");
        assert_eq!(ports(&arrange(&Arrangement { held: None, ..held }))[0], 22, "afterwards everything is in order again");
    }

    #[test]
    fn the_chosen_socket_is_found_wherever_it_went() {
        let asked = request(Filter::default(), Sort { by: Column::Port, descending: true });
        let selected = asked.table.rows[0].id;
        let arranged = arrange(&Arrangement { selected: Some(selected), ..asked });
        assert_eq!(arranged.selected_at, Some(0));
        let filter = Filter { text: "udp".to_owned(), ..Filter::default() };
        assert_eq!(arrange(&Arrangement { selected: Some(selected), ..request(filter, Sort::default()) }).selected_at, None);
    }

    #[test]
    fn programs_are_told_with_how_many_sockets_they_have() {
        let arranged = arrange(&request(Filter { text: "udp".to_owned(), ..Filter::default() }, Sort::default()));
        assert_eq!(arranged.programs, [("bkagent".to_owned(), 2), ("nginx".to_owned(), 3)]);
        assert_eq!((arranged.total, arranged.rows.len()), (6, 1));
    }
}
