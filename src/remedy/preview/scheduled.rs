//! PortMedic's own tasks on Windows, as commands of PowerShell.

use crate::remedy::paths::TASK_PROGRAM_WINDOWS;
use crate::remedy::shell::powershell;
use crate::remedy::{Task, TaskName};

/// Puts the program where only administrators can exchange it, and registers the task. `own` is the program that runs.
pub fn install_task_commands(task: &Task, own: Option<&str>) -> Vec<String> {
    let program = format!("\"$env:ProgramFiles\\{TASK_PROGRAM_WINDOWS}\"");
    let settings = match task {
        Task::Recheck => "-ExecutionTimeLimit (New-TimeSpan -Minutes 15)",
        Task::Recorder { .. } => {
            "-ExecutionTimeLimit ([TimeSpan]::Zero) -RestartInterval (New-TimeSpan -Minutes 1) -RestartCount 255"
        }
    };
    let mut lines = vec![
        format!("New-Item -ItemType Directory -Force (Split-Path {program})"),
        format!("Copy-Item {} {program}", own.map_or_else(|| "(Get-Command portmedic).Source".to_owned(), powershell)),
        format!(
            "Register-ScheduledTask -Force -TaskName {} -User SYSTEM -RunLevel Highest -Trigger (New-ScheduledTaskTrigger -AtStartup) \
             -Action (New-ScheduledTaskAction -Execute {program} -Argument {}) \
             -Settings (New-ScheduledTaskSettingsSet -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries {settings})",
            powershell(task.name().scheduled()),
            powershell(&task.arguments().join(" ")),
        ),
    ];
    lines.extend(start(task.name()));
    lines
}

/// Registers the task as this XML tells it.
pub fn restore_task_commands(task: TaskName, xml: &str) -> Vec<String> {
    let name = powershell(task.scheduled());
    let mut lines = vec![format!("Register-ScheduledTask -Force -TaskName {name} -Xml {}", powershell(xml))];
    lines.extend(start(task));
    lines
}

/// Ends the task and takes away all that was put there. The program stays as long as another task starts it.
pub fn remove_task_commands(task: TaskName) -> Vec<String> {
    let name = powershell(task.scheduled());
    let others: Vec<String> =
        TaskName::ALL.into_iter().filter(|other| *other != task).map(|other| powershell(other.scheduled())).collect();
    vec![
        format!("Stop-ScheduledTask -TaskName {name}"),
        format!("Unregister-ScheduledTask -TaskName {name} -Confirm:$false"),
        format!(
            "if (-not (Get-ScheduledTask -TaskName {} -ErrorAction SilentlyContinue)) {{ Remove-Item -Recurse (Split-Path \
             \"$env:ProgramFiles\\{TASK_PROGRAM_WINDOWS}\") }}",
            others.join(",")
        ),
    ]
}

/// What shall run all the time is started at once.
fn start(task: TaskName) -> Option<String> {
    let name = powershell(task.scheduled());
    (task == TaskName::Recorder).then(|| format!("Stop-ScheduledTask -TaskName {name}; Start-ScheduledTask -TaskName {name}"))
}
