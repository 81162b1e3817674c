//! The Case: the whole record of one run, from symptom to outcome. Every export is made from it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::diagnosis::{Diagnosis, Owner, Symptom, Verdict};
use crate::machine::{Gap, Host, KnownFrom, Port, Protocol};
use crate::remedy::{FixOption, Outcome, Plan, StepRecord, Verification};

/// The name and version of the Case's JSON form.
pub const SCHEMA: &str = "portmedic.case/1";

/// What the Case is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseTarget {
    /// What the user typed or chose.
    pub asked: String,
    /// The service's full name.
    pub service: Option<String>,
    /// Its name for people.
    pub product: Option<String>,
    /// The port.
    pub port: Option<Port>,
    /// The protocol.
    pub protocol: Option<Protocol>,
    /// Where the port is known from.
    pub port_known_from: Option<KnownFrom>,
}

/// The record of one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// When the run began.
    pub created: Timestamp,
    /// The version of PortMedic that wrote it.
    pub version: String,
    /// The computer.
    pub host: Host,
    /// What it is about.
    pub target: CaseTarget,
    /// What was known before the causes were looked for.
    pub symptom: Symptom,
    /// The answer.
    pub verdict: Verdict,
    /// Who has the port.
    pub owners: Vec<Owner>,
    /// The ways out.
    pub plan: Plan,
    /// The option that was chosen, counted from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<usize>,
    /// What became of each step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepRecord>,
    /// The journal entry that undo takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub journal_entry: Option<String>,
    /// The proof.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
    /// What it came to; absent while nothing was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Why it came to that, where there is more to say: one plain sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What could not be seen.
    pub gaps: Vec<Gap>,
    /// Whether words stand in the place of names and addresses.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redacted: bool,
}

/// Why a text is no Case.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// It is not JSON, or fields of a Case are missing.
    #[error("this is not a complete PortMedic case: {0}")]
    NotACase(#[from] serde_json::Error),
    /// It is a Case of a form that this version does not know.
    #[error(
        "this case has the form \"{0}\", and this version of PortMedic reads \"{SCHEMA}\"; open it with the version that wrote it"
    )]
    OtherSchema(String),
}

impl Case {
    /// A Case in which nothing was tried yet.
    pub fn new(
        created: Timestamp,
        host: Host,
        asked: String,
        symptom: Symptom,
        diagnosis: Diagnosis,
        plan: Plan,
        mut gaps: Vec<Gap>,
    ) -> Self {
        for gap in diagnosis.gaps {
            if !gaps.contains(&gap) {
                gaps.push(gap);
            }
        }
        let target = CaseTarget {
            asked,
            service: symptom.service.clone(),
            product: symptom.product.clone(),
            port: diagnosis.port.or(symptom.port),
            protocol: diagnosis.protocol.or(symptom.protocol),
            port_known_from: symptom.port_known_from,
        };
        Self {
            schema: SCHEMA.to_owned(),
            created,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            host,
            target,
            symptom,
            verdict: diagnosis.verdict,
            owners: diagnosis.owners,
            plan,
            chosen: None,
            steps: Vec::new(),
            journal_entry: None,
            verification: None,
            outcome: None,
            message: None,
            gaps,
            redacted: false,
        }
    }

    /// Reads a saved Case.
    ///
    /// # Errors
    /// A text that is no Case, or one of another version's form.
    pub fn from_json(text: &str) -> Result<Self, CaseError> {
        let value: serde_json::Value = serde_json::from_str(text)?;
        match value.get("schema").and_then(serde_json::Value::as_str) {
            Some(schema) if schema != SCHEMA => Err(CaseError::OtherSchema(schema.to_owned())),
            _ => Ok(serde_json::from_value(value)?),
        }
    }

    /// The whole result of the rules, as the Case holds it.
    pub fn diagnosis(&self) -> Diagnosis {
        Diagnosis {
            service: self.target.service.clone(),
            port: self.target.port,
            protocol: self.target.protocol,
            address: self.symptom.address,
            verdict: self.verdict.clone(),
            owners: self.owners.clone(),
            gaps: self.gaps.clone(),
        }
    }

    /// The option that was chosen, or else the recommended one.
    pub fn option(&self) -> Option<&FixOption> {
        let recommended = || self.plan.options.iter().find(|option| option.recommended);
        self.chosen.map_or_else(recommended, |chosen| self.plan.options.get(chosen))
    }

    /// The Case as the JSON document of the promise.
    ///
    /// # Errors
    /// None in practice: every field has a JSON form.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self)
    }
}
