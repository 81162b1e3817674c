//! One event of the event log, as Windows writes it in XML. Read by provider, number and place, never by its text, which has the language of
//! Windows.

use jiff::Timestamp;
use roxmltree::{Document, Node};

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Who wrote it: `Service Control Manager`, `MSSQLSERVER`.
    pub provider: String,
    /// Its number.
    pub id: u32,
    /// When.
    pub time: Option<Timestamp>,
    /// The computer that wrote it.
    pub computer: Option<String>,
    /// What it is about, in the order of the event.
    pub data: Vec<String>,
    /// Its raw data, where it has any.
    pub binary: Vec<u8>,
    /// Its text in the language of Windows, where it was kept with it.
    pub message: Option<String>,
}

/// The provider of the events of the service control manager.
pub const SERVICE_CONTROL_MANAGER: &str = "Service Control Manager";

/// The events that tell that a service did not start, or ended: not started, a service that it needs did not, no answer, hung, ended with an
/// error of Windows or its own, ended unexpectedly (with and without a restart), the account refused.
pub const FAILURES: [u32; 10] = [7000, 7001, 7009, 7011, 7022, 7023, 7024, 7031, 7034, 7038];
/// The event that a service changed its state.
pub const STATE_CHANGED: u32 = 7036;

impl Event {
    /// Reads an event; `None` where the text is none.
    pub fn read(xml: &str) -> Option<Self> {
        let document = Document::parse(xml).ok()?;
        let event = document.root_element();
        let system = child(event, "System")?;
        let data = child(event, "EventData").or_else(|| child(event, "UserData")?.first_element_child());
        let children = || data.into_iter().flat_map(|data| data.children().filter(Node::is_element));
        let text = |node: Node<'_, '_>| node.text().unwrap_or_default().trim().to_owned();
        let named = |node: &Node<'_, '_>| node.tag_name().name() == "Binary";
        Some(Self {
            provider: child(system, "Provider")?.attribute("Name")?.to_owned(),
            id: child(system, "EventID")?.text()?.trim().parse().ok()?,
            time: child(system, "TimeCreated").and_then(|time| time.attribute("SystemTime")).and_then(|time| time.parse().ok()),
            computer: child(system, "Computer").and_then(|computer| computer.text()).map(|name| name.trim().to_owned()),
            message: child(event, "RenderingInfo").and_then(|info| Some(text(child(info, "Message")?))),
            data: children().filter(|node| !named(node)).map(text).collect(),
            binary: children().filter(named).flat_map(|node| bytes(node.text().unwrap_or_default())).collect(),
        })
    }

    /// Whether it is a failure of a service, told by the service control manager.
    pub fn is_failure_of_a_service(&self) -> bool {
        self.provider == SERVICE_CONTROL_MANAGER && FAILURES.contains(&self.id)
    }

    /// Whether the service control manager tells it of the service with this name and displayed name. The events have the displayed name,
    /// some the name itself; in their raw data is the name.
    pub fn is_of_service(&self, name: &str, display_name: &str) -> bool {
        if self.provider != SERVICE_CONTROL_MANAGER {
            return false;
        }
        let is_called = |text: &str| [name, display_name].iter().any(|own| own.to_lowercase() == text.to_lowercase());
        match self.name_in_binary() {
            Some(own) => own.to_lowercase() == name.to_lowercase(),
            None => self.service().is_some_and(is_called),
        }
    }

    /// Whether it says that its service runs now. Its raw data ends with the number of the state.
    pub fn says_running(&self) -> bool {
        self.provider == SERVICE_CONTROL_MANAGER && self.id == STATE_CHANGED && wide(&self.binary).ends_with("/4")
    }

    /// The service that it is about, as it names it: mostly the name that is displayed.
    pub fn service(&self) -> Option<&str> {
        let place = usize::from(matches!(self.id, 7009 | 7011));
        self.data.get(place).map(String::as_str).filter(|name| !name.is_empty())
    }

    /// The error that it names: `%%1053`, where `%%` stands for the text of Windows, or the bare number.
    pub fn error(&self) -> Option<u32> {
        let place = match self.id {
            7000 | 7023 | 7024 => 1,
            7001 | 7038 => 2,
            _ => return None,
        };
        let text = self.data.get(place)?;
        let digits = text.trim_start_matches('%');
        digits.parse().ok().or_else(|| u32::from_str_radix(digits.strip_prefix("0x")?, 16).ok())
    }

    /// The name of the service in the raw data, which commands take; `None` where there is none.
    pub fn name_in_binary(&self) -> Option<String> {
        let text = wide(&self.binary);
        // 7036 adds the state: "MSSQLSERVER/4".
        let name = if self.id == STATE_CHANGED { text.rsplit_once('/')?.0 } else { &text };
        let plausible = !name.is_empty() && name.chars().all(|character| !character.is_control() && character != '\u{FFFD}');
        plausible.then(|| name.to_owned())
    }
}

fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.is_element() && child.tag_name().name() == name)
}

/// Bytes in hexadecimal.
fn bytes(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.trim().bytes().filter_map(|digit| char::from(digit).to_digit(16)?.try_into().ok()).collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// A text of two bytes a character, up to its end.
fn wide(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    String::from_utf16_lossy(&units.take_while(|unit| *unit != 0).collect::<Vec<_>>())
}

#[cfg(test)]
pub mod testing {
    //! Events for tests, as Windows renders them.

    /// An event of the service control manager about the service with this name.
    pub fn about(id: u32, time: &str, data: &[&str], name: &str) -> String {
        let bytes = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes);
        let hex = bytes.map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().concat();
        let binary = if name.is_empty() { String::new() } else { format!("<Binary>{hex}</Binary>") };
        event("Service Control Manager", id, time, data, &binary)
    }

    /// An event of a program.
    pub fn of(provider: &str, id: u32, time: &str, data: &[&str]) -> String {
        event(provider, id, time, data, "")
    }

    fn event(provider: &str, id: u32, time: &str, data: &[&str], more: &str) -> String {
        let data = data.iter().enumerate().map(|(at, text)| format!("<Data Name='param{}'>{text}</Data>", at + 1));
        let data = data.collect::<Vec<_>>().concat();
        format!(
            "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='{provider}' \
             Guid='{{555908d1-a6d7-4695-8e1e-26931d2012f4}}' EventSourceName='{provider}'/><EventID Qualifiers='49152'>{id}</EventID>\
             <Version>0</Version><Level>2</Level><TimeCreated SystemTime='{time}'/><EventRecordID>1</EventRecordID>\
             <Channel>System</Channel><Computer>HOST</Computer></System><EventData>{data}{more}</EventData></Event>"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Event;
    use super::testing::{about, of};

    fn read(xml: &str) -> Event {
        Event::read(xml).unwrap()
    }

    const TIME: &str = "2026-11-21T03:03:41.8123573Z";

    #[test]
    fn reads_who_what_and_when() {
        let event = read(&about(7024, TIME, &["SQL Server (SALES)", "%%10013"], "MSSQL$SALES"));
        assert_eq!((event.id, event.error()), (7024, Some(10013)));
        assert_eq!(event.time.unwrap().to_string(), "2026-11-21T03:03:41.8123573Z");
        assert!(event.is_failure_of_a_service());
        assert!(event.is_of_service("mssql$sales", "anything") && !event.is_of_service("MSSQLSERVER", "SQL Server (SALES)"));
    }

    #[test]
    fn without_raw_data_the_displayed_name_tells_the_service() {
        let hung = read(&about(7009, TIME, &["30000", "Dienst für Druck"], ""));
        assert!(hung.is_of_service("Druck", "Dienst für Druck") && !hung.is_of_service("30000", "x"));
        let ended = read(&about(7034, TIME, &["Druck", "1"], ""));
        assert!(ended.is_of_service("druck", "x"));
    }

    #[test]
    fn the_error_is_in_the_place_that_the_number_of_the_event_has() {
        assert_eq!(read(&about(7000, TIME, &["A", "%%1053"], "")).error(), Some(1053));
        assert_eq!(read(&about(7001, TIME, &["A", "B", "%%1058"], "")).error(), Some(1058));
        assert_eq!(read(&about(7038, TIME, &["A", r"DOMAIN\user", "%%1326"], "")).error(), Some(1326));
        assert_eq!(read(&about(7034, TIME, &["A", "1"], "")).error(), None);
    }

    #[test]
    fn a_change_of_state_tells_its_service_and_whether_it_runs() {
        let runs = read(&about(7036, TIME, &["SQL Server (SALES)", "wird ausgeführt"], "MSSQL$SALES/4"));
        assert!(runs.says_running() && runs.is_of_service("MSSQL$SALES", "x"));
        assert!(!read(&about(7036, TIME, &["A", "beendet"], "A/1")).says_running());
    }

    #[test]
    fn an_event_of_a_program_is_none_of_the_service_control_manager() {
        let event = read(&of("MSSQLSERVER", 7000, TIME, &[" &#39;any&#39; &lt;ipv4&gt; 1433"]));
        assert!(!event.is_failure_of_a_service() && !event.is_of_service("MSSQLSERVER", "x"));
        assert_eq!(event.data, ["'any' <ipv4> 1433"]);
    }

    #[test]
    fn what_is_no_event_is_none() {
        for text in ["", "<Event/>", "<Event><System><Provider Name='a'/><EventID>x</EventID></System></Event>", "\u{0}<"] {
            assert_eq!(Event::read(text), None, "{text:?}");
        }
    }
}
