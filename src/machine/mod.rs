//! What a computer is made of, as far as ports are concerned. Pure data: nothing here touches a file, a clock, a process or a socket.

mod bind_test;
mod boot;
pub mod connect;
mod connect_test;
mod control_group;
mod evidence;
mod host;
mod load;
mod port_set;
mod process;
mod protocol;
mod range;
mod service;
mod sighting;
mod snapshot;
mod socket;
mod visible;
mod windows;

pub use bind_test::{BindResult, BindTest};
pub use boot::Boot;
pub use connect_test::{ConnectResult, ConnectTest};
pub use control_group::{Unit, container_of, unit_of};
pub use evidence::{Evidence, Gap};
pub use host::{Host, System};
pub use load::{Counted, Counter, CounterKind, Handles, Load, PortEvent, TimeWaitReuse};
pub use port_set::{PortSet, PortSetError};
pub use process::{Container, Process, ProcessId};
pub use protocol::{Family, Port, Protocol};
pub use range::{DynamicRange, Exclusion, PortRange, PortRangeError, Store, usual_dynamic_range};
pub use service::{FailureKind, KnownFrom, ListenSpec, Service, ServiceKind, ServicePort, ServiceState, StartFailure};
pub use sighting::{SeenParent, SeenProcess, Sighting, WatchedPort};
pub use snapshot::{Snapshot, Table};
pub use socket::{Socket, SocketState};
pub use visible::{is_hidden, visible, without_colours};
pub use windows::{
    DnsSocketPool, HttpSysUrl, PortproxyRule, Reserver, RpcPort, RpcService, SYSTEM_PID, WindowsFacts, why_windows_needs,
};
