//! The checklist as a Case, so that it can be kept and reported as every other.

use crate::case::{Annex, Case};
use crate::diagnosis::connect::{Answer, ConnectCause, Item};
use crate::diagnosis::{Cause, Diagnosis, Symptom, Verdict};
use crate::machine::{Evidence, Gap, KnownFrom, Protocol};
use crate::remedy::Plan;

use super::Checked;

const COLUMNS: [&str; 5] = ["Question", "Answer", "What was found", "What to do", "Shown by"];

impl Checked {
    /// The record: that of the wizard, where the cause is a service that lost its port, else one of the checklist itself. The whole checklist
    /// is a table at its end.
    pub fn case(&self) -> Case {
        let mut case = self.diagnosis.clone().unwrap_or_else(|| self.own_case());
        case.annexes.push(self.table());
        case
    }

    fn own_case(&self) -> Case {
        let wanted = &self.facts.wanted;
        let verdict = &self.verdict;
        let symptom = Symptom {
            product: wanted.product.clone(),
            port: wanted.port,
            protocol: Some(Protocol::Tcp),
            port_known_from: wanted.port.map(|_| KnownFrom::User),
            ..Symptom::default()
        };
        let decided = verdict.questions.iter().filter_map(|question| self.item(*question));
        let evidence: Vec<Evidence> = decided.flat_map(|item| item.evidence.iter().cloned()).collect();
        let port = wanted.port;
        let verdict = Verdict {
            cause: cause(verdict.cause),
            confidence: verdict.confidence,
            confidence_because: verdict.confidence_because(),
            headline: verdict.headline.clone(),
            explanation: verdict.explanation.clone(),
            next_step: verdict.next_step.clone(),
            evidence,
            notes: Vec::new(),
        };
        let diagnosis = Diagnosis { port, protocol: Some(Protocol::Tcp), ..Diagnosis::of(verdict) };
        let asked = format!("connect {}", wanted.asked);
        Case::new(self.taken_at, self.host.clone(), asked, symptom, diagnosis, Plan::default(), self.gaps())
    }

    /// The item of a question.
    pub fn item(&self, question: crate::diagnosis::connect::Question) -> Option<&Item> {
        self.items.iter().find(|item| item.question == question)
    }

    /// What could not be checked.
    fn gaps(&self) -> Vec<Gap> {
        let missing = self.items.iter().filter(|item| item.answer == Answer::CouldNotCheck);
        missing.map(|item| Gap::new(item.text, item.finding.clone(), item.next_step.clone().unwrap_or_default())).collect()
    }

    fn table(&self) -> Annex {
        let row = |item: &Item| {
            let sources: Vec<String> = item.evidence.iter().map(|evidence| evidence.source.clone()).collect();
            let next = item.next_step.clone().unwrap_or_default();
            vec![item.text.to_owned(), item.answer.as_str().to_owned(), item.finding.clone(), next, sources.join("; ")]
        };
        Annex {
            title: format!("The checklist for {}", self.facts.wanted.asked),
            columns: COLUMNS.map(str::to_owned).to_vec(),
            rows: self.items.iter().map(row).collect(),
            left_out: 0,
        }
    }
}

/// The cause in the words of a Case.
const fn cause(cause: ConnectCause) -> Cause {
    match cause {
        ConnectCause::Works => Cause::NotAPortProblem,
        ConnectCause::NoLocalPort => Cause::Exhausted,
        ConnectCause::Unknown | ConnectCause::NamedPipe => Cause::Unknown,
        _ => Cause::Refused,
    }
}
