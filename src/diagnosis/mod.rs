//! From facts to a verdict: pure rules over a [`Snapshot`](crate::machine::Snapshot) and a [`Symptom`].

pub mod audit;
mod complaint;
pub mod connect;
mod error_text;
pub mod exhaustion;
pub(crate) mod judge;
pub(crate) mod names;
pub(crate) mod owner;
mod rules;
mod symptom;
mod target;
mod verdict;
pub(crate) mod wording;

pub use complaint::Complaint;
pub use error_text::{ErrorText, ToldFailure, process_of, read_error_lines, read_error_text, read_failures, stamp_of};
pub use names::{holder_name, service_name, wanted_name};
pub use owner::{Owner, OwnerKind, blocking_order, owners_of};
pub use rules::{diagnose, sockets_command};
pub use symptom::Symptom;
pub use target::{Target, TargetError};
pub use verdict::{Cause, Confidence, Diagnosis, Note, Verdict};
