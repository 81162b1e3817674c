//! Objects of PowerShell with the names of their properties, which no language changes, in the four forms in which PowerShell writes them.
//! What the properties mean is told by the reader that asks for them.

mod csv;
mod json;
mod list;
mod table;

use std::borrow::Cow;
use std::ops::Range;

use serde_json::Value;

use crate::evidence::fact::Problem;
use crate::evidence::page::Page;

/// How PowerShell wrote the objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `Format-Table`.
    Table,
    /// `Format-List`.
    List,
    /// `Export-Csv` and `ConvertTo-Csv`.
    Csv,
    /// `ConvertTo-Json`.
    Json,
}

/// What a reader wants to read.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Whether objects with these properties are wanted.
    pub has: fn(&[&str]) -> bool,
    /// Properties of which one stands near the beginning of each wanted text of JSON.
    pub any_of: &'static [&'static str],
}

/// One object.
#[derive(Debug, Clone)]
pub struct Row<'r> {
    /// Its lines, from 0.
    pub lines: Range<usize>,
    /// Whether long values are cut at their end.
    pub is_cut: bool,
    cells: Vec<Cell<'r>>,
}

/// One property.
#[derive(Debug, Clone)]
struct Cell<'r> {
    name: &'r str,
    /// Its first line, from 0.
    at: usize,
    value: Told<'r>,
}

/// A value.
#[derive(Debug, Clone)]
pub enum Told<'r> {
    /// As it is printed.
    Text(Cow<'r, str>),
    /// As it is in JSON.
    Json(&'r Value),
}

impl Row<'_> {
    /// The first of the properties that the object has.
    pub fn get(&self, names: &[&str]) -> Option<&Told<'_>> {
        self.cell(names).map(|cell| &cell.value)
    }

    /// The text of the first of the properties that the object has, where it is not empty.
    pub fn text(&self, names: &[&str]) -> Option<Cow<'_, str>> {
        self.get(names).and_then(Told::text).filter(|text| !text.is_empty())
    }

    /// The number of the first of the properties that the object has.
    pub fn number(&self, names: &[&str]) -> Option<u32> {
        self.text(names)?.parse().ok()
    }

    /// The line at which the first of the properties begins that the object has.
    pub fn line_of(&self, names: &[&str]) -> Option<usize> {
        self.cell(names).map(|cell| cell.at)
    }

    fn cell(&self, names: &[&str]) -> Option<&Cell<'_>> {
        names.iter().find_map(|name| self.cells.iter().find(|cell| cell.name.eq_ignore_ascii_case(name)))
    }
}

impl Told<'_> {
    /// The value as text; `None` where it is several or none.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text.trim())),
            Self::Json(value) => text_of(value),
        }
    }
}

/// PowerShell writes some values as an object, with the value itself in it.
pub fn text_of(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text.trim())),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Object(inner) => match inner.iter().find(|(name, _)| name.eq_ignore_ascii_case("value"))?.1 {
            Value::String(text) => Some(Cow::Borrowed(text.trim())),
            Value::Number(number) => Some(Cow::Owned(number.to_string())),
            _ => None,
        },
        Value::Null | Value::Bool(_) | Value::Array(_) => None,
    }
}

/// Takes one object after the other.
pub type Take<'t> = &'t mut dyn FnMut(&Row<'_>, &mut Vec<Problem>);

/// Reads the wanted objects that begin at `at`; the line behind them and their form.
pub fn read(page: &Page<'_>, at: usize, wanted: Wanted, problems: &mut Vec<Problem>, take: Take<'_>) -> Option<(usize, Form)> {
    let mut read = |form| {
        let end = match form {
            Form::Table => table::read(page, at, wanted, problems, take),
            Form::List => list::read(page, at, wanted, problems, take),
            Form::Csv => csv::read(page, at, wanted, problems, take),
            Form::Json => json::read(page, at, wanted, problems, take),
        };
        end.map(|end| (end, form))
    };
    [Form::Table, Form::List, Form::Csv, Form::Json].into_iter().find_map(&mut read)
}
