//! Services as Windows tells of them: the service control manager, the event log, the registry, logs and configurations.

pub mod name;
pub mod record;
