//! Hides what names people and computers, and what opens them: computer names, user names, addresses, folders, passwords. The same value always becomes the same word.
//!
//! What a report says of ports, programs, units and causes stays as it is.

mod boundary;
mod json;
mod known;
mod learn;
mod places;
mod plain;

use std::collections::{BTreeMap, BTreeSet};

use places::Place;
use plain::Plain;
use serde::{Deserialize, Serialize};

use crate::case::Case;

/// What a hidden value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The name of a computer or of a domain.
    Computer,
    /// The name of a person's account, or a mail address.
    User,
    /// An IP or MAC address. Loopback, multicast and unspecified ones tell nothing and stay.
    Address,
    /// A folder that the system does not have on every computer, with what is in it.
    Path,
    /// A password, a key or a token.
    Secret,
}

impl Kind {
    /// All kinds, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::Computer, Self::User, Self::Address, Self::Path, Self::Secret];

    /// Its name in JSON, and the word for its values without the number.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Computer => "computer",
            Self::User => "user",
            Self::Address => "address",
            Self::Path => "path",
            Self::Secret => "secret",
        }
    }

    /// The heading of values of this kind.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Computer => "Computer names",
            Self::User => "User names",
            Self::Address => "Addresses",
            Self::Path => "Own folders",
            Self::Secret => "Passwords, keys",
        }
    }
}

/// Which kinds of values are hidden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hide(BTreeSet<Kind>);

impl Hide {
    /// Nothing is hidden.
    pub const fn nothing() -> Self {
        Self(BTreeSet::new())
    }

    /// Everything is hidden.
    pub fn everything() -> Self {
        Kind::ALL.into_iter().collect()
    }

    /// Whether values of this kind are hidden.
    pub fn has(&self, kind: Kind) -> bool {
        self.0.contains(&kind)
    }

    /// Whether no kind is hidden.
    pub fn is_nothing(&self) -> bool {
        self.0.is_empty()
    }

    /// Hides values of this kind, or shows them.
    pub fn set(&mut self, kind: Kind, hidden: bool) {
        if hidden {
            self.0.insert(kind);
        } else {
            self.0.remove(&kind);
        }
    }
}

/// Everything is hidden unless somebody asks otherwise.
impl Default for Hide {
    fn default() -> Self {
        Self::everything()
    }
}

impl FromIterator<Kind> for Hide {
    fn from_iter<I: IntoIterator<Item = Kind>>(kinds: I) -> Self {
        Self(kinds.into_iter().collect())
    }
}

/// A value that a report does not show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hidden {
    /// What it is.
    pub kind: Kind,
    /// What stands in its place: "user-1".
    pub word: String,
    /// The value itself, as it was first seen. For the eyes of the one who makes the report, never for the report.
    pub value: String,
    /// In how many places it was hidden.
    pub places: usize,
}

/// A name that is looked for in every text.
#[derive(Debug, Clone)]
struct Name {
    kind: Kind,
    /// Its characters in lower case.
    lower: Vec<char>,
    /// What makes it the same value as another spelling.
    key: String,
}

/// Puts words in the place of values.
#[derive(Debug)]
pub struct Redactor {
    hide: Hide,
    /// Names to look for, the longest first.
    names: Vec<Name>,
    /// Domains: whatever ends with one is the name of a computer.
    domains: Vec<String>,
    /// Which value has which place in `hidden`.
    known: BTreeMap<(Kind, String), usize>,
    hidden: Vec<Hidden>,
    /// Words that the Case has already, from an earlier redaction or by chance.
    taken: BTreeSet<String>,
}

impl Redactor {
    /// Learns what this Case has to hide.
    pub fn of(case: &Case, hide: Hide) -> Self {
        let mut redactor = Self {
            hide,
            names: Vec::new(),
            domains: Vec::new(),
            known: BTreeMap::new(),
            hidden: Vec::new(),
            taken: BTreeSet::new(),
        };
        if !redactor.hide.is_nothing() {
            learn::learn(&mut redactor, case);
            for hidden in &mut redactor.hidden {
                hidden.places = 0;
            }
        }
        redactor
    }

    /// The text with words in the place of values.
    pub fn text(&mut self, text: &str) -> String {
        if self.hide.is_nothing() {
            return text.to_owned();
        }
        let Plain { text, marks } = Plain::of(text);
        let mut marks = marks.into_iter().peekable();
        let mut shown = String::with_capacity(text.len());
        let mut at = 0;
        loop {
            while let Some((_, mark)) = marks.next_if(|(place, _)| *place <= at) {
                shown.push(mark);
            }
            let Some(character) = text[at..].chars().next() else { return shown };
            if let Some(place) = self.place(&text, at) {
                let end = at + place.length;
                shown.push_str(&self.word(place.kind, place.stem, place.key, &text[at..end]));
                while marks.next_if(|(place, _)| *place < end).is_some() {}
                at = end;
            } else {
                shown.push(character);
                at += character.len_utf8();
            }
        }
    }

    /// The name of a computer or user that stands alone in its field: hidden there even where a text could not tell it from a word.
    pub fn name(&mut self, kind: Kind, name: &str) -> String {
        let shown = self.text(name);
        let name: &str = &Plain::of(name).text;
        let plain = kind == Kind::User && known::is_account_of_system(name);
        if shown != name || name.is_empty() || plain || !self.hide.has(kind) || self.is_word(name) || is_loopback_name(name) {
            return shown;
        }
        self.word(kind, kind.name(), name.to_lowercase(), name)
    }

    /// What was hidden since this was made, in the order of its first mention in the Case.
    pub fn hidden(&self) -> Vec<Hidden> {
        self.hidden.iter().filter(|hidden| hidden.places > 0).cloned().collect()
    }

    /// What begins at `at` and is to be hidden; the longest where several do.
    fn place(&self, text: &str, at: usize) -> Option<Place> {
        let pattern =
            places::at(text, at).filter(|place| self.hide.has(place.kind) && !self.is_word(&text[at..at + place.length]));
        let name = self.name_at(text, at);
        match (pattern, name) {
            (Some(pattern), Some(name)) if name.length > pattern.length => Some(name),
            (pattern, name) => pattern.or(name),
        }
    }

    /// A known name that begins at `at`.
    fn name_at(&self, text: &str, at: usize) -> Option<Place> {
        if !boundary::before(text, at) {
            return None;
        }
        if self.hide.has(Kind::Computer)
            && let Some((length, key)) = places::in_domain(text, at, &self.domains)
        {
            return Some(Place { kind: Kind::Computer, stem: "computer", key, length });
        }
        let fits = |name: &&Name| self.hide.has(name.kind) && boundary::length_of(text, at, &name.lower).is_some();
        let name = self.names.iter().find(fits)?;
        let length = boundary::length_of(text, at, &name.lower)?;
        Some(Place { kind: name.kind, stem: self.stem_of(name), key: name.key.clone(), length })
    }

    fn stem_of(&self, name: &Name) -> &'static str {
        if name.kind == Kind::Computer && self.domains.contains(&name.key) { "domain" } else { name.kind.name() }
    }

    /// The word for a value, a new one where it has none yet.
    fn word(&mut self, kind: Kind, stem: &str, key: String, value: &str) -> String {
        // An address that stands for a hidden one gets that one's word again.
        if kind == Kind::Address
            && let Some(word) = places::word_of_stand_in(&key)
        {
            return word;
        }
        let index = if let Some(index) = self.known.get(&(kind, key.clone())) {
            *index
        } else {
            let word = self.free_word(stem);
            self.hidden.push(Hidden { kind, word, value: value.to_owned(), places: 0 });
            self.known.insert((kind, key), self.hidden.len() - 1);
            self.hidden.len() - 1
        };
        let hidden = &mut self.hidden[index];
        hidden.places += 1;
        hidden.word.clone()
    }

    fn free_word(&mut self, stem: &str) -> String {
        let mut number = 1;
        loop {
            let word = format!("{stem}-{number}");
            if self.taken.insert(word.clone()) {
                return word;
            }
            number += 1;
        }
    }

    /// Whether the text is a word that stands for a hidden value already.
    fn is_word(&self, text: &str) -> bool {
        self.taken.contains(text)
    }

    /// Looks for this name in every text from now on.
    fn look_for(&mut self, kind: Kind, name: &str) {
        let key = name.to_lowercase();
        if self.is_word(name) || self.names.iter().any(|known| known.key == key) {
            return;
        }
        self.names.push(Name { kind, lower: boundary::lower(name), key });
        self.names.sort_by_key(|name| std::cmp::Reverse(name.lower.len()));
    }
}

/// Every computer calls itself so.
fn is_loopback_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "localhost" || name.starts_with("localhost.")
}
