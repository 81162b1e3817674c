//! `netsh int ipv4 show excludedportrange tcp`: under two rules of dashes, a row a block, `start end` and a star for administered ones.

use super::is_rule;
use crate::machine::{Family, Port, PortRange};

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The block.
    pub range: PortRange,
    /// Whether an administrator excluded it: then a service may still ask for a port of it.
    pub administered: bool,
}

/// The rows, in the order of the table; `None` where the text is no such table, or has a row that cannot be read. A table without rows is one.
pub fn read(text: &str) -> Option<Vec<Row>> {
    let mut lines = text.lines();
    // The heading has words of some language; the rules under it have two columns in every one.
    lines.find(|line| is_rule(line) && line.split_whitespace().count() == 2)?;
    let begins_with_a_digit = |line: &&str| line.trim_start().starts_with(|c: char| c.is_ascii_digit());
    lines.filter(begins_with_a_digit).map(row).collect()
}

/// The rows of the tables of IPv4 and IPv6, each with the family it is for: Windows keeps one list for both and shows it in each table, so a
/// row that both have is one, for both.
pub fn of_both_families(ipv4: &[Row], ipv6: &[Row]) -> Vec<(Row, Option<Family>)> {
    let first = ipv4.iter().map(|row| (*row, (!ipv6.contains(row)).then_some(Family::Ipv4)));
    let rest = ipv6.iter().filter(|row| !ipv4.contains(row)).map(|row| (*row, Some(Family::Ipv6)));
    let mut rows: Vec<_> = first.chain(rest).collect();
    rows.sort_by_key(|(row, _)| row.range);
    rows
}

fn row(line: &str) -> Option<Row> {
    let mut words = line.split_whitespace();
    let range = PortRange::new(port(words.next()?)?, port(words.next()?)?).ok()?;
    match (words.next(), words.next()) {
        (None, None) => Some(Row { range, administered: false }),
        (Some("*"), None) => Some(Row { range, administered: true }),
        _ => None,
    }
}

fn port(word: &str) -> Option<Port> {
    word.parse().ok().filter(|port| *port > 0)
}

#[cfg(test)]
mod tests {
    use super::{Row, of_both_families, read};
    use crate::machine::{Family, PortRange};
    use crate::platform::windows_text::tests::lossy;

    const ROWS: &[u8] = b"        80          80      \r\n     50000       50059     *\r\n     51417       51516      \r\n\r\n";

    /// A table with the heading of a language, the rows in the middle and its footnote.
    fn table(heading: &[u8], footnote: &[u8]) -> String {
        lossy(&[heading, b"\r\n", ROWS, footnote, b"\r\n\r\n"].concat())
    }

    fn expected() -> Vec<Row> {
        let row = |start, end, administered| Row { range: PortRange::new(start, end).unwrap(), administered };
        vec![row(80, 80, false), row(50000, 50059, true), row(51417, 51516, false)]
    }

    #[test]
    fn the_rows_are_read_in_every_language_and_code_page() {
        let tables: [(&str, &[u8], &[u8]); 8] = [
            (
                "English",
                b"\r\nProtocol tcp Port Exclusion Ranges\r\n\r\nStart Port    End Port      \r\n----------    --------      ",
                b"* - Administered port exclusions.",
            ),
            (
                "German, code page 850",
                b"\r\nPortausschlussbereiche f\x81r das Protokoll \"tcp\"\r\n\r\nStartport    Endport      \r\n----------    --------      ",
                b"* - Verwaltete Portausschl\x81sse.",
            ),
            (
                "French, code page 850",
                b"\r\nProtocole tcp Plages d'exclusion de ports\r\n\r\nPort de d\x82but    Port de fin\r\n-------------    -----------",
                b"* - Exclusions de ports administr\x82s.",
            ),
            (
                "Spanish, code page 850",
                b"\r\nProtocolo tcp Intervalos de exclusi\xa2n de puertos\r\n\r\nPuerto de inicio    Puerto final\r\n----------------    ------------",
                b"* - Exclusiones de puertos administrados.",
            ),
            (
                "Russian, code page 866, with a long dash in the footnote",
                b"\r\n\x8f\xe0\xae\xe2\xae\xaa\xae\xab tcp\r\n\r\n\x8d\xa0\xe7\xa0\xab\xec\xad\xeb\xa9 \xaf\xae\xe0\xe2\r\n----------    --------",
                b"* \x97 \xe3\xaf\xe0\xa0\xa2\xab\xef\xa5\xac\xeb\xa5.",
            ),
            (
                "Chinese, code page 936",
                b"\r\n\xd0\xad\xd2\xe9 tcp \xb6\xcb\xbf\xda\xc5\xc5\xb3\xfd\xb7\xb6\xce\xa7\r\n\r\n\xbf\xaa\xca\xbc\xb6\xcb\xbf\xda    \xbd\xe1\xca\xf8\xb6\xcb\xbf\xda\r\n----------    --------",
                b"* - \xb9\xdc\xc0\xed\xb5\xc4\xb6\xcb\xbf\xda\xc5\xc5\xb3\xfd\xa1\xa3",
            ),
            (
                "Japanese, code page 932",
                b"\r\n\x83v\x83\x8d\x83g\x83R\x83\x8b tcp \x83|\x81[\x83g\x8f\x9c\x8aO\x94\xcd\x88\xcd\r\n\r\n\x8aJ\x8en\x83|\x81[\x83g    \x8fI\x97\xb9\x83|\x81[\x83g\r\n----------    --------",
                b"* - \x8a\xc7\x97\x9d\x82\xb3\x82\xea\x82\xc4\x82\xa2\x82\xe9\x8f\x9c\x8aO\x83|\x81[\x83g\x81B",
            ),
            (
                "Korean, UTF-8",
                "\r\n프로토콜 tcp 포트 제외 범위\r\n\r\n시작 포트    끝 포트\r\n----------    --------".as_bytes(),
                "* - 관리 포트 제외입니다.".as_bytes(),
            ),
        ];
        for (language, heading, footnote) in tables {
            assert_eq!(read(&table(heading, footnote)), Some(expected()), "{language}");
        }
    }

    #[test]
    fn a_table_without_rows_is_an_answer_and_silence_is_none() {
        let empty = "\r\nProtocol udp Port Exclusion Ranges\r\n\r\nStart Port    End Port\r\n----------    --------\r\n\r\n\
                     * - Administered port exclusions.\r\n";
        assert_eq!(read(empty), Some(Vec::new()));
        for text in ["", "\r\n", "The system cannot find the file specified.\r\n", "1 2 *\r\n"] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_row_of_another_form_makes_the_table_unknown_and_not_shorter() {
        for row in ["80", "80 79", "0 80", "80 70000", "80 90 x", "80 90 * x", "80-90"] {
            let text = format!("Start    End\n-----    ---\n  1  2\n  {row}\n");
            assert_eq!(read(&text), None, "{row}");
        }
    }

    #[test]
    fn a_row_of_both_tables_is_one_row_and_another_keeps_its_family() {
        let row = |start, administered| Row { range: PortRange::new(start, start + 99).unwrap(), administered };
        let (shared, four, six) = (row(8000, true), row(9000, false), row(7000, false));
        let expected = vec![(six, Some(Family::Ipv6)), (shared, None), (four, Some(Family::Ipv4))];
        assert_eq!(of_both_families(&[shared, four], &[six, shared]), expected);
    }
}
