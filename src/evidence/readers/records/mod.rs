//! Tables whose columns have names: what `Get-NetTCPConnection`, CurrPorts and their like print as table, list, CSV or JSON.

mod add;
mod bare;
mod csv;
mod field;
mod group;
mod json;
mod list;
mod table;

pub use bare::bare;
pub use csv::csv;
pub use group::group;
pub use json::json;
pub use list::list;
pub use table::table;
