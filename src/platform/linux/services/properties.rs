//! What `systemctl show` prints: `Name=value` lines, a block a unit.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The properties that are asked for (org.freedesktop.systemd1(5)).
pub const NAMES: [&str; 36] = [
    "Id",
    "Names",
    "Description",
    "LoadState",
    "LoadError",
    "ActiveState",
    "SubState",
    "Result",
    "Type",
    "Restart",
    "NRestarts",
    "MainPID",
    "ControlGroup",
    "InvocationID",
    "FragmentPath",
    "UnitFileState",
    "StateChangeTimestamp",
    "InactiveExitTimestamp",
    "ActiveEnterTimestamp",
    "ExecMainCode",
    "ExecMainStatus",
    "ExecCondition",
    "ExecStartPre",
    "ExecStart",
    "ExecStartPost",
    "WorkingDirectory",
    "Environment",
    "EnvironmentFiles",
    "User",
    "DynamicUser",
    "AmbientCapabilities",
    "CapabilityBoundingSet",
    "Listen",
    "BindIPv6Only",
    "Triggers",
    "TriggeredBy",
];

/// The properties of one unit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Properties(Vec<(String, String)>);

impl Properties {
    /// The blocks of an answer.
    pub fn parse_all(text: &str) -> Vec<Self> {
        let mut units: Vec<Self> = Vec::new();
        let mut apart = true;
        for line in text.lines() {
            if line.is_empty() {
                apart = true;
                continue;
            }
            if let Some((name, value)) = line.split_once('=').filter(|(name, _)| NAMES.contains(name)) {
                if apart {
                    units.push(Self::default());
                }
                if let Some(unit) = units.last_mut() {
                    unit.0.push((name.to_owned(), value.to_owned()));
                }
            } else if let Some((_, value)) = units.last_mut().and_then(|unit| unit.0.last_mut()) {
                // A line break inside of a value: scripts in ExecStart have them.
                value.push('\n');
                value.push_str(line);
            }
            apart = false;
        }
        units
    }

    /// The value; empty where the unit has none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
    }

    /// The values of a property that a unit may have several times.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The words of a list.
    pub fn words<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.all(name).flat_map(str::split_whitespace)
    }

    /// The value as a number.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.get(name).parse().ok()
    }

    /// Whether the value is `yes`.
    pub fn is_yes(&self, name: &str) -> bool {
        self.get(name) == "yes"
    }

    /// The value as a time.
    pub fn time(&self, name: &str) -> Option<Timestamp> {
        time(self.get(name))
    }
}

/// `Sat 2026-11-21 03:03:40 UTC`: every version of systemctl writes it so when it is asked in the time zone UTC.
pub fn time(text: &str) -> Option<Timestamp> {
    let mut words = text.split(' ').skip(1);
    let (day, clock) = (words.next()?, words.next()?);
    if words.next()? != "UTC" {
        return None;
    }
    let time: DateTime = format!("{day}T{clock}").parse().ok()?;
    time.to_zoned(TimeZone::UTC).ok().map(|time| time.timestamp())
}

#[cfg(test)]
mod tests {
    use super::{Properties, time};

    #[test]
    fn reads_a_block_a_unit_with_lists() {
        let units =
            Properties::parse_all("Id=a.socket\nListen=0.0.0.0:80 (Stream)\nListen=[::]:80 (Stream)\n\nId=b.service\nResult=\n");
        assert_eq!(units.len(), 2);
        assert_eq!(units[0].all("Listen").count(), 2);
        assert_eq!((units[1].get("Id"), units[1].get("Result"), units[1].get("User")), ("b.service", "", ""));
    }

    #[test]
    fn a_value_with_line_breaks_does_not_start_another_unit() {
        let text = "Id=a.service\nExecStart={ argv[]=sh -c echo\n\nb=c\n ; status=0 }\nUser=app\n\nId=b.service\n";
        let units = Properties::parse_all(text);
        assert_eq!(units.iter().map(|unit| unit.get("Id")).collect::<Vec<_>>(), ["a.service", "b.service"]);
        assert!(units[0].get("ExecStart").ends_with("b=c\n ; status=0 }"));
        assert_eq!(units[0].get("User"), "app");
    }

    #[test]
    fn reads_times_in_utc_only() {
        assert_eq!(time("Sat 2026-11-21 03:03:40 UTC").unwrap().to_string(), "2026-11-21T03:03:40Z");
        assert_eq!(time("Sat 2026-11-21 03:03:40 CET"), None);
        assert_eq!(time("n/a"), None);
        assert_eq!(time(""), None);
    }
}
