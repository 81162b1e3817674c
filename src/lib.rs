//! PortMedic gets a service that lost its port running again, proves that it runs, and keeps the port from being lost again.
//!
//! The way of the data:
//!
//! ```text
//! symptom            a failing service, a port, a pasted error text
//!   -> platform      looks: one Snapshot of facts, each with its source, and what could not be seen
//!   -> diagnosis     rules, pure: Snapshot + Symptom -> Verdict (cause, confidence, evidence)
//!   -> remedy        pure: Verdict -> Plan (operations, their exact preview, risk, undo, checks)
//!   -> helper        the one privileged door: validates the Plan again, acts, reads back
//!   -> platform      looks again
//!   -> remedy        verify: Fixed / Not fixed / Could not check
//!   -> report        the Case as a text for the ticket
//! ```
//!
//! Direction: `machine <- diagnosis <- remedy <- platform <- helper <- app <- ui, cli`; `case` stands above `remedy`, `report` knows the
//! rooms up to `case` only. The first three are pure: no file, clock, process, socket or window. `tests/architecture` holds all to it.

pub mod app;
pub mod case;
pub mod catalog;
pub mod cli;
pub mod diagnosis;
pub mod evidence;
pub mod helper;
pub mod machine;
pub mod platform;
pub mod remedy;
pub mod report;
pub mod ui;
