//! Services as Windows tells of them: the service control manager, the event log, the registry, logs and configurations.

pub mod command_line;
pub mod event_log;
pub mod exit_code;
pub mod failure;
pub mod name;
pub mod places;
pub mod ports;
pub mod record;
pub mod registry;
pub mod sql_server;
pub mod xml_settings;
