//! The same facts as the map, line by line: the ports, what they are, when that holds, and whose it is.

use super::Lanes;
use super::lanes::Holds;
use crate::diagnosis::wording::capital;
use crate::machine::{PortRange, visible};

/// One line, as a place in the lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The dynamic range now.
    Dynamic,
    /// The dynamic range after the next restart, where it is another one.
    DynamicNext,
    /// A block that another program reserved.
    Reserved(usize),
    /// An exclusion.
    Kept(usize),
    /// A port that a service wants.
    Wanted(usize),
    /// A port in use.
    InUse(usize),
}

/// A line in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The ports.
    pub range: PortRange,
    /// What they are.
    pub what: String,
    /// When that holds; `None` for what is not a setting.
    pub holds: Option<Holds>,
    /// Whose it is, or who has it; empty where that is not known.
    pub whose: String,
    /// Where it is known from.
    pub source: String,
    /// Whether it is an exclusion that can be removed here.
    pub removable: bool,
}

impl Lanes {
    /// All lines, kind by kind.
    pub fn places(&self) -> Vec<Place> {
        let mut all: Vec<Place> = self.dynamic.map(|_| Place::Dynamic).into_iter().collect();
        all.extend(self.dynamic_next.map(|_| Place::DynamicNext));
        all.extend((0..self.kept.len()).map(Place::Kept));
        all.extend((0..self.reserved.len()).map(Place::Reserved));
        all.extend((0..self.wanted.len()).map(Place::Wanted));
        all.extend((0..self.in_use.len()).map(Place::InUse));
        all
    }

    /// The line at `place`; `None` where there is none any more.
    pub fn line(&self, place: Place) -> Option<Line> {
        let line = |range, what: &str, holds, whose: String, source: String, removable| Line {
            range,
            what: what.to_owned(),
            holds,
            whose,
            source,
            removable,
        };
        Some(match place {
            Place::Dynamic => {
                let holds = if self.dynamic_next.is_some() { Holds::NowOnly } else { Holds::Always };
                line(self.dynamic?, "Dynamic range", Some(holds), "Clients".to_owned(), String::new(), false)
            }
            Place::DynamicNext => {
                let whose = "Clients".to_owned();
                line(self.dynamic_next?, "Dynamic range", Some(Holds::NextOnly), whose, String::new(), false)
            }
            Place::Kept(index) => {
                let kept = self.kept.get(index)?;
                let owner = kept.owner.as_deref().map_or_else(|| "An administrator".to_owned(), visible);
                line(kept.range, "Excluded, administered", Some(kept.holds), owner, visible(&kept.source), kept.removable)
            }
            Place::Reserved(index) => {
                let block = self.reserved.get(index)?;
                let by_whom = block.by_whom.trim_start_matches([',', ' ']).trim_start_matches("by ");
                let owner = if by_whom.is_empty() { "Another program".to_owned() } else { capital(by_whom) };
                let source = visible(&block.source);
                line(block.range, "Reserved, not administered", Some(block.holds), owner, source, false)
            }
            Place::Wanted(index) => {
                let wanted = self.wanted.get(index)?;
                let what = if wanted.at_risk { "Wanted, a client may get it" } else { "Wanted, not handed out" };
                line(PortRange::single(wanted.port), what, None, visible(&wanted.service), String::new(), false)
            }
            Place::InUse(index) => {
                let used = self.in_use.get(index)?;
                let who = used.process.as_deref().map_or_else(|| "Program not seen".to_owned(), visible);
                let sockets = if used.sockets == 1 { "1 socket".to_owned() } else { format!("{} sockets", used.sockets) };
                line(PortRange::single(used.port), "In use", None, who, sockets, false)
            }
        })
    }
}

impl Line {
    /// The ports with the dash of prose.
    pub fn ports(&self) -> String {
        self.range.to_string().replace('-', "\u{2013}")
    }

    /// The line as one sentence.
    pub fn spoken(&self) -> String {
        let parts = [self.ports(), self.what.clone(), self.holds.map(Holds::as_str).unwrap_or_default().to_owned()];
        let all = parts.into_iter().chain([self.whose.clone(), self.source.clone()]);
        all.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
}
