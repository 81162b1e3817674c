//! What Windows' own tools and its registry say, read by shape and numbers, never by words: Windows speaks many languages, and its tools
//! write in the code page of the console. Pure text in, facts out, on every system; with the decisions that hang on their forms.

pub mod access;
pub mod blocks;
pub mod dynamic_ports;
pub mod excluded_ports;
pub mod http_sys;
pub mod nsi_store;
pub mod portproxy;
pub mod services;
pub mod sql_network;
pub mod winhttp;

/// The value behind the colon of a line `label : value`; East Asian texts have a wide colon.
fn after_colon(line: &str) -> Option<&str> {
    line.split_once([':', '\u{ff1a}']).map(|(_, value)| value.trim())
}

/// Whether the line is a rule under a heading: dashes, with blanks between columns.
fn is_rule(line: &str) -> bool {
    line.contains("---") && line.chars().all(|c| c == '-' || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    /// The bytes as a tool of Windows wrote them, as [`crate::platform::command`] gives them where it does not know the code page.
    pub fn lossy(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }
}
