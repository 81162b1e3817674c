//! What kind of output a file holds.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::machine::System;

/// The kind of an output, as `analyze --json` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// `netsh interface ipv4 show dynamicport`.
    NetshDynamicPort,
    /// `netsh interface ipv4 show excludedportrange`.
    NetshExcludedPortRange,
    /// `netstat -ano` of Windows.
    NetstatWindows,
    /// `netstat -anob` of Windows: executables stand below the rows.
    NetstatWindowsB,
    /// `Get-NetTCPConnection` or `Get-NetUDPEndpoint` as a table.
    PowerShellTable,
    /// The same as `Format-List`.
    PowerShellList,
    /// The same through `Export-Csv` or `ConvertTo-Csv`.
    PowerShellCsv,
    /// The same through `ConvertTo-Json`.
    PowerShellJson,
    /// `Group-Object` over sockets: counts by state and process.
    PowerShellGroup,
    /// `Get-Process`.
    PowerShellProcesses,
    /// `tasklist`, also with `/svc`.
    Tasklist,
    /// Tcpvcon of Sysinternals.
    Tcpvcon,
    /// CurrPorts of NirSoft.
    CurrPorts,
    /// Tcpvcon without `-c`: a block for each socket.
    TcpvconText,
    /// What TCPView of Sysinternals saves.
    TcpView,
    /// CurrPorts with tabs between the columns.
    CurrPortsTab,
    /// CurrPorts with a block for each socket.
    CurrPortsText,
    /// The error log of SQL Server.
    SqlErrorLog,
    /// `wevtutil qe /f:text`.
    WevtutilText,
    /// `wevtutil qe /f:xml`, or events saved as XML.
    WevtutilXml,
    /// Events that Event Viewer saved as CSV, or copied details.
    EventViewerCsv,
    /// The details of an event, copied from Event Viewer.
    EventViewerText,
    /// `Get-WinEvent` or `Get-EventLog` as a table.
    WinEventTable,
    /// The same as `Format-List`.
    WinEventList,
    /// The same through `Export-Csv` or `ConvertTo-Csv`.
    WinEventCsv,
    /// The same through `ConvertTo-Json`.
    WinEventJson,
    /// `sc query` and `sc queryex`.
    ScQuery,
    /// `sc qc`.
    ScConfig,
    /// `Get-Service`, or `Win32_Service` of CIM.
    PowerShellServices,
    /// A binary event log.
    Evtx,
    /// A trace, as `netsh trace` makes it.
    Etl,
    /// `journalctl -o json`.
    JournalJson,
    /// `journalctl -o export`.
    JournalExport,
    /// `journalctl`.
    Journal,
    /// `systemctl status`.
    SystemctlStatus,
    /// `systemctl list-units`.
    SystemctlList,
    /// `systemctl show`.
    SystemctlShow,
    /// `ss`.
    Ss,
    /// `netstat` of Linux.
    NetstatLinux,
    /// `lsof -i`.
    Lsof,
    /// `/proc/net/tcp` and its like.
    ProcNet,
    /// `sysctl net.ipv4.ip_local_port_range` and its like.
    Sysctl,
    /// The log of a program.
    AppLog,
    /// Text without any fact about ports.
    Text,
    /// Several kinds.
    Mixed,
    /// Nothing that can be read.
    Unknown,
}

impl Kind {
    /// The system that writes it; `None` for what both have.
    pub const fn system(self) -> Option<System> {
        match self {
            Self::NetshDynamicPort
            | Self::NetshExcludedPortRange
            | Self::NetstatWindows
            | Self::NetstatWindowsB
            | Self::PowerShellTable
            | Self::PowerShellList
            | Self::PowerShellCsv
            | Self::PowerShellJson
            | Self::PowerShellGroup
            | Self::PowerShellProcesses
            | Self::Tasklist
            | Self::Tcpvcon
            | Self::TcpvconText
            | Self::TcpView
            | Self::CurrPorts
            | Self::CurrPortsTab
            | Self::CurrPortsText
            | Self::SqlErrorLog
            | Self::WevtutilText
            | Self::WevtutilXml
            | Self::EventViewerCsv
            | Self::EventViewerText
            | Self::WinEventTable
            | Self::WinEventList
            | Self::WinEventCsv
            | Self::WinEventJson
            | Self::ScQuery
            | Self::ScConfig
            | Self::PowerShellServices
            | Self::Evtx
            | Self::Etl => Some(System::Windows),
            Self::JournalJson
            | Self::JournalExport
            | Self::Journal
            | Self::SystemctlStatus
            | Self::SystemctlList
            | Self::SystemctlShow
            | Self::Ss
            | Self::NetstatLinux
            | Self::Lsof
            | Self::ProcNet
            | Self::Sysctl => Some(System::Linux),
            Self::AppLog | Self::Text | Self::Mixed | Self::Unknown => None,
        }
    }

    /// The kind as a short id.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NetshDynamicPort => "netsh-dynamicport",
            Self::NetshExcludedPortRange => "netsh-excludedportrange",
            Self::NetstatWindows => "netstat-windows",
            Self::NetstatWindowsB => "netstat-windows-b",
            Self::PowerShellTable => "ps-nettcp-table",
            Self::PowerShellList => "ps-nettcp-list",
            Self::PowerShellCsv => "ps-nettcp-csv",
            Self::PowerShellJson => "ps-nettcp-json",
            Self::PowerShellGroup => "ps-group-table",
            Self::PowerShellProcesses => "ps-process",
            Self::Tasklist => "tasklist",
            Self::Tcpvcon => "tcpvcon-csv",
            Self::CurrPorts => "currports-csv",
            Self::TcpvconText => "tcpvcon-text",
            Self::TcpView => "tcpview-text",
            Self::CurrPortsTab => "currports-tab",
            Self::CurrPortsText => "currports-text",
            Self::SqlErrorLog => "sql-errorlog",
            Self::WevtutilText => "wevtutil-text",
            Self::WevtutilXml => "wevtutil-xml",
            Self::EventViewerCsv => "eventviewer-csv",
            Self::EventViewerText => "eventviewer-text",
            Self::WinEventTable => "ps-winevent-table",
            Self::WinEventList => "ps-winevent-list",
            Self::WinEventCsv => "ps-winevent-csv",
            Self::WinEventJson => "ps-winevent-json",
            Self::ScQuery => "sc-query",
            Self::ScConfig => "sc-qc",
            Self::PowerShellServices => "ps-service",
            Self::Evtx => "evtx",
            Self::Etl => "etl",
            Self::JournalJson => "journal-json",
            Self::JournalExport => "journal-export",
            Self::Journal => "journal",
            Self::SystemctlStatus => "systemctl-status",
            Self::SystemctlList => "systemctl-list-units",
            Self::SystemctlShow => "systemctl-show",
            Self::Ss => "ss",
            Self::NetstatLinux => "netstat-linux",
            Self::Lsof => "lsof",
            Self::ProcNet => "proc-net",
            Self::Sysctl => "sysctl-ports",
            Self::AppLog => "app-log",
            Self::Text => "text",
            Self::Mixed => "mixed",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
