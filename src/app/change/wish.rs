//! What somebody asks for, without a problem behind it.

use crate::machine::Port;
use crate::remedy::Operation;

/// A wish for a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Do these one after another, with one prompt.
    Do(Vec<Operation>),
    /// Protect every port that an audit finds at risk and a plan can protect.
    Protect,
    /// Have the recorder watch this port in the background, beside those that it watches already.
    Watch(Port),
}

impl From<Operation> for Wish {
    fn from(operation: Operation) -> Self {
        Self::Do(vec![operation])
    }
}

/// The wish as the record keeps it.
impl std::fmt::Display for Wish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Do(operations) => {
                let all: Vec<String> = operations.iter().map(ToString::to_string).collect();
                f.write_str(&all.join(", "))
            }
            Self::Protect => f.write_str("audit"),
            Self::Watch(port) => write!(f, "watch {port}"),
        }
    }
}
