//! An audit as a table for a file: the same forms, escapes and hidden names as a report.

use jiff::Timestamp;
use serde::Serialize;

use super::audit::{Audit, AuditedRisk};
use super::change::without_a_problem;
use super::history::FORMS;
use crate::case::{Annex, Case};
use crate::diagnosis::Symptom;
use crate::diagnosis::audit::{NotFixed, SafePort};
use crate::machine::Gap;
use crate::remedy::Plan;
use crate::report::{self, Format, Hide, Report};

const TITLE: &str = "Fixed ports of this computer and what may take them";
const COLUMNS: [&str; 7] = ["Port", "Protocol", "Service", "At risk", "Why", "What helps", "Known from"];

/// The answer as `portmedic.audit/1`.
#[derive(Debug, Serialize)]
pub struct AuditAnswer<'a> {
    schema: &'static str,
    risks: &'a [AuditedRisk],
    plan: &'a Plan,
    /// How many fixed ports were checked.
    checked: usize,
    safe: &'a [SafePort],
    not_fixed: &'a [NotFixed],
    /// Whether enough was seen to call a computer without risks safe.
    complete: bool,
    gaps: &'a [Gap],
}

impl Audit {
    /// The audit as its JSON document.
    pub fn answer(&self) -> AuditAnswer<'_> {
        AuditAnswer {
            schema: "portmedic.audit/1",
            risks: &self.risks,
            plan: &self.plan,
            checked: self.checked,
            safe: &self.safe,
            not_fixed: &self.not_fixed,
            complete: self.is_complete(),
            gaps: &self.gaps,
        }
    }
}

/// The audit in one of the forms for tables; `None` for a form that it cannot have.
pub fn export(audit: &Audit, now: Timestamp, format: Format, hide: &Hide) -> Option<Report> {
    if !FORMS.contains(&format) {
        return None;
    }
    let json = serde_json::to_value(audit.answer()).ok()?;
    let risks = audit.risks.iter().map(risk);
    let safe = audit.safe.iter().map(|own| calm(own.port, own.protocol.as_str(), &own.service, "no", &own.because));
    let not_fixed =
        audit.not_fixed.iter().map(|own| calm(own.port, own.protocol.as_str(), &own.service, "not fixed", &own.because));
    let rows = risks.chain(safe).chain(not_fixed).collect();
    let table = Annex { title: audit.headline(), columns: COLUMNS.map(str::to_owned).to_vec(), rows, left_out: 0 };
    let nothing = without_a_problem(String::new(), "", Vec::new());
    let plan = Plan { options: Vec::new() };
    let host = audit.snapshot.host.clone();
    let mut case = Case::new(now, host, TITLE.to_owned(), Symptom::default(), nothing, plan, audit.gaps.clone());
    case.annexes = vec![table];
    Some(report::tables(&case, json, format, hide))
}

fn risk(own: &AuditedRisk) -> Vec<String> {
    let helps = if own.fix.is_manual() { own.fix.preview.lines().collect::<Vec<_>>().join("; ") } else { own.fix.title.clone() };
    let risk = &own.risk;
    let likely = risk.likelihood.as_str().to_owned();
    let (port, protocol) = (risk.port.to_string(), risk.protocol.as_str().to_owned());
    vec![port, protocol, risk.service.clone(), likely, risk.why.clone(), helps, risk.source.clone()]
}

/// A port that nothing was found against.
fn calm(port: u16, protocol: &str, service: &str, at_risk: &str, because: &str) -> Vec<String> {
    let cells = [port.to_string().as_str(), protocol, service, at_risk, because, "", ""].map(str::to_owned);
    cells.to_vec()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::export;
    use crate::app::{Backend as _, Computer};
    use crate::platform::practice::{Behaviour, Machine};
    use crate::report::{Format, Hide};

    #[test]
    fn the_audit_is_saved_in_every_form_for_tables() {
        let machine = Machine::parse("app3", "", include_str!("../../assets/practice/ports-at-risk.toml")).unwrap();
        let audit = Computer::practice(&machine, Behaviour::default()).audit().unwrap();
        let text = |format| export(&audit, Timestamp::UNIX_EPOCH, format, &Hide::default()).map(|report| report.text);
        let csv = text(Format::Csv).unwrap();
        assert!(csv.contains("\"33000\",\"tcp\",\"orders.service\",\"possible\"") && csv.contains("\"9100\""), "{csv}");
        assert!(text(Format::Html).unwrap().contains("3 ports are at risk at the next restart"));
        assert!(text(Format::Markdown).unwrap().contains("orders.service"));
        let json: serde_json::Value = serde_json::from_str(&text(Format::Json).unwrap()).unwrap();
        assert_eq!(json["schema"], "portmedic.audit/1");
        assert_eq!(json["risks"].as_array().unwrap().len(), 3);
        assert_eq!(text(Format::Shell), None, "a script has no tables");
    }
}
