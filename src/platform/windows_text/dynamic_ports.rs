//! `netsh int ipv4 show dynamicport tcp`: two lines that end with a number, the first port and how many there are.

use super::after_colon;
use crate::machine::{Port, PortRange};
use crate::remedy::{FIRST_DYNAMIC_PORT, LEAST_PORTS_OF_WINDOWS};

/// Why netsh does not set this range; `None` where it does.
pub fn refused(range: PortRange) -> Option<String> {
    let is_taken = range.count() >= LEAST_PORTS_OF_WINDOWS && range.start() >= FIRST_DYNAMIC_PORT;
    (!is_taken).then(|| {
        format!(
            "Windows takes a dynamic range of at least {LEAST_PORTS_OF_WINDOWS} ports that begins at {FIRST_DYNAMIC_PORT} or above"
        )
    })
}

/// The dynamic range; `None` where the text is no such answer.
pub fn read(text: &str) -> Option<PortRange> {
    let mut numbers = text.lines().filter_map(number);
    let (start, count) = (numbers.next()?, numbers.next()?);
    if numbers.next().is_some() || count == 0 {
        return None;
    }
    let last = start.checked_add(count)?.checked_sub(1)?;
    PortRange::new(Port::try_from(start).ok().filter(|port| *port > 0)?, Port::try_from(last).ok()?).ok()
}

/// The number of a line `label : number`.
fn number(line: &str) -> Option<u32> {
    let digits = after_colon(line)?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::{read, refused};
    use crate::machine::PortRange;
    use crate::platform::windows_text::tests::lossy;

    fn range(text: &[u8]) -> Option<String> {
        read(&lossy(text)).map(|range| range.to_string())
    }

    #[test]
    fn the_range_is_read_in_every_language_and_code_page() {
        let usual = Some("49152-65535".to_owned());
        let answers: [(&str, &[u8]); 8] = [
            (
                "English",
                b"\r\nProtocol tcp Dynamic Port Range\r\n---------------------------------\r\n\
                  Start Port      : 49152\r\nNumber of Ports : 16384\r\n\r\n",
            ),
            (
                "German, code page 850",
                b"\r\nDynamischer Portbereich f\x81r Protokoll \"tcp\"\r\n---------------------------------\r\n\
                  Startport       : 49152\r\nAnzahl von Ports : 16384\r\n\r\n",
            ),
            (
                "French, code page 850",
                b"\r\nPlage de ports dynamique du protocole tcp\r\n---------------------------------\r\n\
                  Port de d\x82marrage   : 49152\r\nNombre de ports     : 16384\r\n\r\n",
            ),
            (
                "Spanish, code page 850",
                b"\r\nIntervalo de puertos din\xa0micos del protocolo tcp\r\n---------------------------------\r\n\
                  Puerto de inicio     : 49152\r\nN\xa3mero de puertos : 16384\r\n\r\n",
            ),
            (
                "Russian, code page 866",
                b"\r\n\x84\xa8\xad\xa0\xac\xa8\xe7\xa5\xe1\xaa\xa8\xa9 \xa4\xa8\xa0\xaf\xa0\xa7\xae\xad tcp\r\n\
                  ---------------------------------\r\n\x8d\xa0\xe7\xa0\xab\xec\xad\xeb\xa9 \xaf\xae\xe0\xe2 : 49152\r\n\
                  \x97\xa8\xe1\xab\xae \xaf\xae\xe0\xe2\xae\xa2 : 16384\r\n\r\n",
            ),
            (
                "Chinese, code page 936",
                b"\r\n\xd0\xad\xd2\xe9 tcp \xb6\xaf\xcc\xac\xb6\xcb\xbf\xda\xb7\xb6\xce\xa7\r\n---------------------------------\r\n\
                  \xc6\xf4\xb6\xaf\xb6\xcb\xbf\xda        : 49152\r\n\xb6\xcb\xbf\xda\xca\xfd          : 16384\r\n\r\n",
            ),
            (
                "Japanese, code page 932",
                b"\r\n\x83v\x83\x8d\x83g\x83R\x83\x8b tcp \x93\xae\x93I\x83|\x81[\x83g\x94\xcd\x88\xcd\r\n\
                  ---------------------------------\r\n\x8aJ\x8en\x83|\x81[\x83g      : 49152\r\n\x83|\x81[\x83g\x90\x94        : 16384\r\n\r\n",
            ),
            (
                "Korean, UTF-8 with a wide colon",
                "\r\n프로토콜 tcp 동적 포트 범위\r\n---------------------------------\r\n시작 포트\u{ff1a} 49152\r\n포트 수\u{ff1a} 16384\r\n"
                    .as_bytes(),
            ),
        ];
        for (language, text) in answers {
            assert_eq!(range(text), usual, "{language}");
        }
    }

    #[test]
    fn a_range_that_max_user_port_makes_is_read_although_nobody_can_set_it() {
        assert_eq!(range(b"Start Port : 1024\nNumber of Ports : 64511\n").as_deref(), Some("1024-65534"));
    }

    #[test]
    fn what_is_no_such_answer_is_not_taken_for_one() {
        for text in [
            "",
            "\r\n",
            "The following command was not found: int ipv4 show dynamicprt tcp.\r\n",
            "Start Port : 49152\n",
            "Start Port : 49152\nNumber of Ports : 16385\n",
            "Start Port : 49152\nNumber of Ports : 0\n",
            "Start Port : 0\nNumber of Ports : 10\n",
            "Start Port : 1\nNumber of Ports : 2\nMore : 3\n",
            "Start Port : 99999999999\nNumber of Ports : 2\n",
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_limits_of_netsh_are_kept() {
        let is_refused = |start, end| refused(PortRange::new(start, end).unwrap()).is_some();
        assert!(!is_refused(1025, 1279) && !is_refused(65_281, 65_535));
        assert!(is_refused(1024, 65_535) && is_refused(1025, 1278));
    }
}
