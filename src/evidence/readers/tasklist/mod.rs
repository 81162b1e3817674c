//! `tasklist` with any of its options and in any language.

mod csv;
mod filtered;
mod list;
mod services;
mod table;

pub use csv::csv;
pub use filtered::filtered;
pub use list::list;
pub use table::table;
