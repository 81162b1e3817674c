//! A task as one of Windows' Task Scheduler, in the XML that the scheduler takes and tells.
//! <https://learn.microsoft.com/windows/win32/taskschd/task-scheduler-schema>

use roxmltree::{Document, Node};

use super::{Task, TaskName};

/// The account of the system itself.
const SYSTEM: &str = "S-1-5-18";

impl TaskName {
    /// Its name in the Task Scheduler.
    pub const fn scheduled(self) -> &'static str {
        match self {
            Self::Recheck => "PortMedic recheck",
            Self::Recorder => "PortMedic recorder",
        }
    }
}

impl Task {
    /// The task that starts `program` with Windows. The account is the system's: an unattended look needs to see every process.
    pub fn scheduled_xml(&self, program: &str) -> String {
        let (purpose, settings) = match self {
            Self::Recheck => ("PortMedic: the checks that wait for a restart", "<ExecutionTimeLimit>PT15M</ExecutionTimeLimit>"),
            // The scheduler ends tasks after three days, unless it is told to set no limit.
            Self::Recorder { .. } => (
                "PortMedic: writes down who takes ports",
                "<ExecutionTimeLimit>PT0S</ExecutionTimeLimit>\
                 <RestartOnFailure><Interval>PT1M</Interval><Count>255</Count></RestartOnFailure>",
            ),
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n\
             <Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\
             <RegistrationInfo><Description>{purpose}</Description><URI>\\{uri}</URI></RegistrationInfo>\
             <Triggers><BootTrigger><Enabled>true</Enabled></BootTrigger></Triggers>\
             <Principals><Principal id=\"System\"><UserId>{SYSTEM}</UserId><RunLevel>HighestAvailable</RunLevel></Principal></Principals>\
             <Settings><MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>\
             <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries><StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>\
             {settings}<Enabled>true</Enabled><Priority>7</Priority></Settings>\
             <Actions Context=\"System\"><Exec><Command>{program}</Command><Arguments>{arguments}</Arguments></Exec></Actions></Task>",
            uri = self.name().scheduled(),
            // No other sign of XML can stand in a path of Windows.
            program = program.replace('&', "&amp;"),
            arguments = self.arguments().join(" "),
        )
    }

    /// The task that PortMedic registered with this XML. The scheduler tells it in its own order and with what it adds, so what counts is
    /// what runs, as whom, and when; `None` where one of these is another.
    pub fn of_scheduled(xml: &str, program: &str) -> Option<Self> {
        let document = Document::parse(xml).ok()?;
        let root = document.root_element();
        let trigger = only(part(root, "Triggers")?)?;
        let starts_with_windows = trigger.has_tag_name(within(root, "BootTrigger")) && text(trigger, "Enabled") != Some("false");
        let user = text(only(part(root, "Principals")?)?, "UserId")?;
        let action = only(part(root, "Actions")?)?;
        let runs = action.has_tag_name(within(root, "Exec")) && text(action, "Command")?.eq_ignore_ascii_case(program);
        if !starts_with_windows || user != SYSTEM || !runs {
            return None;
        }
        let arguments: Vec<&str> = text(action, "Arguments")?.split_ascii_whitespace().collect();
        Self::with_arguments(&arguments)
    }
}

/// The name of an element in the name space of the document.
fn within<'a>(root: Node<'a, '_>, name: &'a str) -> (&'a str, &'a str) {
    (root.tag_name().namespace().unwrap_or_default(), name)
}

fn part<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.tag_name().name() == name)
}

/// The one element in a node; `None` where there are more.
fn only<'a, 'i>(node: Node<'a, 'i>) -> Option<Node<'a, 'i>> {
    let mut elements = node.children().filter(Node::is_element);
    elements.next().filter(|_| elements.next().is_none())
}

fn text<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    Some(part(node, name)?.text()?.trim())
}

#[cfg(test)]
mod tests {
    use super::super::Task;

    const PROGRAM: &str = r"C:\Program Files\Ports & More\portmedic.exe";

    fn tasks() -> [Task; 2] {
        [Task::Recheck, Task::Recorder { ports: "1433,5000-5003".parse().unwrap() }]
    }

    #[test]
    fn a_task_is_known_again_also_as_the_scheduler_writes_it() {
        for task in tasks() {
            let xml = task.scheduled_xml(PROGRAM);
            assert_eq!(Task::of_scheduled(&xml, PROGRAM), Some(task.clone()));
            assert_eq!(Task::of_scheduled(&xml, &PROGRAM.to_uppercase()), Some(task.clone()));
            let told = xml
                .replace("><", ">\r\n  <")
                .replace("<Enabled>true</Enabled>\r\n  </BootTrigger>", "</BootTrigger>")
                .replace("<Priority>", "<UseUnifiedSchedulingEngine>true</UseUnifiedSchedulingEngine><Priority>");
            assert_eq!(Task::of_scheduled(&told, PROGRAM), Some(task));
        }
    }

    #[test]
    fn what_runs_otherwise_is_not_ours() {
        for task in tasks() {
            let xml = task.scheduled_xml(PROGRAM);
            for (own, other) in [
                ("S-1-5-18", "S-1-5-21-1-2-3-1001"),
                ("portmedic.exe", "other.exe"),
                ("<Arguments>", "<Arguments>fix "),
                ("</Exec>", "</Exec><Exec><Command>other.exe</Command></Exec>"),
                ("<BootTrigger><Enabled>true", "<BootTrigger><Enabled>false"),
                ("BootTrigger>", "LogonTrigger>"),
                ("</Task>", ""),
            ] {
                assert!(xml.contains(own), "{own}");
                assert_eq!(Task::of_scheduled(&xml.replace(own, other), PROGRAM), None, "{other}");
            }
        }
    }
}
