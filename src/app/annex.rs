//! What files tell, as tables at the end of a report.

use crate::case::Annex;
use crate::evidence::{Address, Failure, FileRead, HolderCount, Problem, Reading, SocketRow, Trend, source};

/// The most rows of a table: enough for a server, and a report that still opens.
const MOST_ROWS: usize = 2000;

/// The tables of a reading, without those that are empty.
pub fn of(reading: &Reading) -> Vec<Annex> {
    let tables = [
        files(reading),
        failures(reading),
        holders(reading),
        trend(reading),
        ranges(reading),
        sockets(reading),
        problems(reading),
    ];
    tables.into_iter().filter(|table| !table.rows.is_empty()).collect()
}

fn table(title: &str, columns: &[&str], rows: impl ExactSizeIterator<Item = Vec<String>>) -> Annex {
    let left_out = rows.len().saturating_sub(MOST_ROWS);
    let columns = columns.iter().map(|&column| column.to_owned()).collect();
    Annex { title: title.to_owned(), columns, rows: rows.take(MOST_ROWS).collect(), left_out }
}

fn files(reading: &Reading) -> Annex {
    let row = |file: &FileRead| vec![file.name.to_string(), file.kind.to_string(), file.encoding.to_string()];
    table("Files", &["File", "Kind", "Encoding"], reading.files.iter().map(row))
}

fn failures(reading: &Reading) -> Annex {
    let row = |failure: &Failure| {
        vec![
            failure.service.clone().or_else(|| failure.product_name()).unwrap_or_default(),
            port(failure.port, failure.protocol.map(|protocol| protocol.to_string())),
            failure.cause.as_str().to_owned(),
            failure.message.clone(),
            failure.time.clone().unwrap_or_default(),
            source(&failure.place),
        ]
    };
    table("What went wrong", &["Who", "Port", "Why", "Message", "Time", "Where"], reading.failures.iter().map(row))
}

fn port(port: Option<u16>, protocol: Option<String>) -> String {
    match (port, protocol) {
        (Some(port), Some(protocol)) => format!("{port}/{protocol}"),
        (Some(port), None) => port.to_string(),
        (None, protocol) => protocol.unwrap_or_default(),
    }
}

fn holders(reading: &Reading) -> Annex {
    let holders = reading.top_holders();
    let row = |holder: &HolderCount| {
        vec![
            holder.pid.to_string(),
            holder.process.as_deref().unwrap_or_default().to_owned(),
            holder.state.map(|state| state.to_string()).unwrap_or_default(),
            holder.count.to_string(),
        ]
    };
    table("Who has the most sockets", &["PID", "Process", "State", "Sockets"], holders.iter().take(10).map(row))
}

fn trend(reading: &Reading) -> Annex {
    let trend = reading.trend();
    let row = |trend: &Trend| {
        let counts: Vec<String> = trend.counts.iter().map(u32::to_string).collect();
        vec![
            trend.pid.to_string(),
            trend.process.as_deref().unwrap_or_default().to_owned(),
            trend.state.map(|state| state.to_string()).unwrap_or_default(),
            counts.join(", "),
            format!("{:+}", trend.change),
            trend.file.to_string(),
        ]
    };
    let columns = ["PID", "Process", "State", "Sockets in each look", "Change", "File"];
    table("What changed from look to look", &columns, trend.iter().map(row))
}

fn ranges(reading: &Reading) -> Annex {
    let whom =
        |family: Option<String>, protocol: Option<String>| family.into_iter().chain(protocol).collect::<Vec<_>>().join(" ");
    let dynamic = reading.dynamic_ranges.iter().map(|range| {
        let whom = whom(range.family.map(|family| family.to_string()), range.protocol.map(|protocol| protocol.to_string()));
        vec![range.range.to_string(), "handed out".to_owned(), whom, source(&range.place)]
    });
    let excluded = reading.excluded_ranges.iter().map(|range| {
        let whom = whom(range.family.map(|family| family.to_string()), range.protocol.map(|protocol| protocol.to_string()));
        let kind = if range.administered == Some(false) { "reserved" } else { "excluded" };
        vec![range.range.to_string(), kind.to_owned(), whom, source(&range.place)]
    });
    let rows: Vec<Vec<String>> = dynamic.chain(excluded).collect();
    table("Port ranges", &["Ports", "What", "For", "Where"], rows.into_iter())
}

fn sockets(reading: &Reading) -> Annex {
    let end = |address: Option<&Address>, port: Option<u16>| match (address, port) {
        (Some(address), Some(port)) => format!("{address} {port}"),
        (Some(address), None) => address.to_string(),
        (None, Some(port)) => port.to_string(),
        (None, None) => String::new(),
    };
    let row = |row: &SocketRow| {
        vec![
            row.protocol.to_string(),
            end(row.local_addr.as_ref(), row.local_port),
            end(row.remote_addr.as_ref(), row.remote_port),
            row.state.map(|state| state.to_string()).unwrap_or_default(),
            row.pid.map(|pid| pid.to_string()).unwrap_or_default(),
            row.process.as_deref().unwrap_or_default().to_owned(),
            source(&row.place),
        ]
    };
    let columns = ["Protocol", "Local", "Remote", "State", "PID", "Process", "Where"];
    table("Sockets", &columns, reading.sockets.iter().map(row))
}

fn problems(reading: &Reading) -> Annex {
    let of_file = |file: &FileRead| {
        let name = file.name.clone();
        let row = move |problem: &Problem| {
            let line = problem.line.map(|line| line.to_string()).unwrap_or_default();
            vec![name.to_string(), line, problem.because.clone()]
        };
        file.problems.iter().map(row).collect::<Vec<_>>()
    };
    let rows: Vec<Vec<String>> = reading.files.iter().flat_map(of_file).collect();
    table("What could not be read", &["File", "Line", "Why"], rows.into_iter())
}
