//! Windows keeps a list or range of its own for each protocol, family and store. An operation for several of them that are not alike keeps
//! what each was before in a text, a line a table: `tcp active 1433`.

use std::fmt::Display;
use std::str::FromStr;

/// The text of the tables; `None` where those of each store are alike, as then the state says all.
pub fn text<T: Display + PartialEq>(tables: &[(String, &'static str, T)]) -> Option<String> {
    let differs = |(_, store, value): &(String, &str, T)| tables.iter().any(|other| other.1 == *store && other.2 != *value);
    let lines = || tables.iter().map(|(name, store, value)| format!("{name} {store} {value}")).collect::<Vec<_>>();
    tables.iter().any(differs).then(|| lines().join("\n"))
}

/// What the text says of a table.
pub fn value<T: FromStr>(text: &str, name: &str, store: &str) -> Option<T> {
    let begin = format!("{name} {store} ");
    text.lines().find_map(|line| line.strip_prefix(&begin)).and_then(|value| value.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::{text, value};
    use crate::machine::PortSet;

    fn tables(tcp: &str, udp: &str) -> Vec<(String, &'static str, PortSet)> {
        vec![("tcp".to_owned(), "active", tcp.parse().unwrap()), ("udp".to_owned(), "active", udp.parse().unwrap())]
    }

    #[test]
    fn tables_that_are_alike_need_no_text() {
        assert_eq!(text(&tables("10-12", "10-12")), None);
        let two_stores = [("tcp".to_owned(), "active", 1), ("tcp".to_owned(), "persistent", 2)];
        assert_eq!(text(&two_stores), None);
    }

    #[test]
    fn tables_that_differ_are_read_back_as_they_were() {
        let text = text(&tables("10-12,20", "")).unwrap();
        assert_eq!(value::<PortSet>(&text, "tcp", "active").unwrap().to_string(), "10-12,20");
        assert!(value::<PortSet>(&text, "udp", "active").unwrap().is_empty());
        assert_eq!(value::<PortSet>(&text, "udp", "persistent"), None);
        assert_eq!(value::<PortSet>("tcp active x", "tcp", "active"), None);
    }
}
