//! The Case: the whole record of one run, from symptom to outcome. Every export is made from it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::diagnosis::{Diagnosis, Owner, Symptom, Verdict};
use crate::machine::{
    BindTest, DnsSocketPool, DynamicRange, Exclusion, Gap, Host, KnownFrom, Port, Protocol, Service, Snapshot, Table, visible,
};
use crate::remedy::{FixOption, Outcome, Plan, Recheck, StepRecord, Verification};

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

/// The facts of the first look that stand beside the verdict: what the bind test said, the ranges, the services in question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// When the computer was looked at.
    pub taken_at: Timestamp,
    /// What the system answered when it was asked for the port.
    pub bind_tests: Vec<BindTest>,
    /// The dynamic port ranges of both stores.
    pub dynamic_ranges: Vec<DynamicRange>,
    /// The exclusions of both stores.
    pub exclusions: Vec<Exclusion>,
    /// The service in question and those that have its port.
    pub services: Vec<Service>,
    /// The ports that a Windows DNS server takes when it starts: its list is written as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns_socket_pool: Option<DnsSocketPool>,
    /// The tables that no file showed, where the computer is known from files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_shown: Vec<Table>,
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
    /// The checks after restarts of the computer, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rechecks: Vec<Recheck>,
    /// What could not be seen.
    pub gaps: Vec<Gap>,
    /// The facts that pages show beside the verdict; absent in a Case about a change that was asked for by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<Facts>,
    /// What the files told that the Case was made from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub annexes: Vec<Annex>,
    /// Whether words stand in the place of names and addresses.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redacted: bool,
}

/// A table at the end of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Annex {
    /// What it shows.
    pub title: String,
    /// The names of its columns.
    pub columns: Vec<String>,
    /// Its rows, each with a cell a column.
    pub rows: Vec<Vec<String>>,
    /// How many rows more there were.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: usize,
}

impl Annex {
    /// The name of a column in which each cell is the name of a user, or nothing.
    pub const USERS: &str = "User";

    /// The place of that column.
    pub fn users(&self) -> Option<usize> {
        self.columns.iter().position(|column| column == Self::USERS)
    }

    fn is_crooked(&self) -> bool {
        self.rows.iter().any(|row| row.len() != self.columns.len())
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// The most that a Case may have, in bytes.
pub const MAX_BYTES: usize = 16 << 20;

/// Why a text is no Case that can be opened. Each text says what is wrong and what to do.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// It is longer than any Case.
    #[error("it is longer than 16 MB, and no case is; choose the .json file that PortMedic saved")]
    TooLong,
    /// It is not JSON.
    #[error("it is not JSON ({0}); choose the .json file that PortMedic saved, and copy it again where it was cut off")]
    NotJson(serde_json::Error),
    /// It is JSON of something else.
    #[error("it is JSON, but no case: {0}; choose the .json file of a report, or the answer of `portmedic diagnose --json`")]
    NotACase(String),
    /// It is a Case of a form that this version does not know.
    #[error("it has the form \"{0}\", and this version of PortMedic reads \"{SCHEMA}\"; open it with the version that wrote it")]
    OtherSchema(String),
    /// Parts of a Case are missing or do not go together.
    #[error("it is a case, but not a whole one ({0}); save it again where it was made")]
    Broken(String),
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
        Gap::add(&mut gaps, diagnosis.gaps);
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
            // Passwords stand in arguments; nothing above the rules needs them.
            owners: diagnosis.owners.into_iter().map(|owner| Owner { command_line: None, ..owner }).collect(),
            plan,
            chosen: None,
            steps: Vec::new(),
            journal_entry: None,
            verification: None,
            outcome: None,
            message: None,
            rechecks: Vec::new(),
            gaps,
            facts: None,
            annexes: Vec::new(),
            redacted: false,
        }
    }

    /// Keeps the facts of a look that pages show, so that the Case shows the same elsewhere.
    #[must_use]
    pub fn with_facts(mut self, snapshot: &Snapshot) -> Self {
        let owners = self.owners.iter().filter_map(|owner| owner.service.as_deref());
        let names: Vec<&str> = self.target.service.as_deref().into_iter().chain(owners).collect();
        let in_question = |service: &&Service| names.contains(&service.name.as_str());
        // No page shows the arguments, and passwords stand in them.
        let without_arguments = |service: &Service| Service { command_line: Vec::new(), ..service.clone() };
        self.facts = Some(Facts {
            taken_at: snapshot.taken_at,
            bind_tests: snapshot.bind_tests.clone(),
            dynamic_ranges: snapshot.dynamic_ranges.clone(),
            exclusions: snapshot.exclusions.clone(),
            services: snapshot.services.iter().filter(in_question).map(without_arguments).collect(),
            dns_socket_pool: snapshot.windows.dns_socket_pool.clone(),
            not_shown: snapshot.not_shown.clone(),
        });
        self
    }

    /// The look that the Case was made from, as far as it is kept.
    pub fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::new(self.created, self.host.clone());
        snapshot.gaps.clone_from(&self.gaps);
        if let Some(facts) = self.facts.clone() {
            snapshot.taken_at = facts.taken_at;
            snapshot.bind_tests = facts.bind_tests;
            snapshot.dynamic_ranges = facts.dynamic_ranges;
            snapshot.exclusions = facts.exclusions;
            snapshot.services = facts.services;
            snapshot.windows.dns_socket_pool = facts.dns_socket_pool;
            snapshot.not_shown = facts.not_shown;
        }
        snapshot
    }

    /// Reads a saved Case.
    ///
    /// # Errors
    /// A text that is no Case, or one of another version's form.
    pub fn from_json(text: &str) -> Result<Self, CaseError> {
        Self::from_bytes(text.as_bytes())
    }

    /// Reads a saved Case from the bytes of a file.
    ///
    /// # Errors
    /// Bytes that are no Case, or one of another version's form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CaseError> {
        if bytes.len() > MAX_BYTES {
            return Err(CaseError::TooLong);
        }
        // Editors on Windows put a mark in front.
        let bytes = bytes.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(bytes);
        let value: serde_json::Value = serde_json::from_slice(bytes).map_err(CaseError::NotJson)?;
        let schema = value.get("schema").and_then(serde_json::Value::as_str);
        match schema {
            Some(SCHEMA) => {}
            Some(schema) if schema.starts_with("portmedic.case/") => return Err(CaseError::OtherSchema(visible(schema))),
            Some(schema) => return Err(CaseError::NotACase(format!("its form is \"{}\"", visible(schema)))),
            None => return Err(CaseError::NotACase("it names no form".to_owned())),
        }
        let case: Self = serde_json::from_value(value).map_err(|error| CaseError::Broken(visible(&error.to_string())))?;
        case.whole().map_err(|why| CaseError::Broken(why.to_owned()))?;
        Ok(case)
    }

    /// Whether its parts go together.
    fn whole(&self) -> Result<(), &'static str> {
        let chosen =
            self.chosen.map(|chosen| self.plan.options.get(chosen).ok_or("it names an option that its plan does not have"));
        let option = chosen.transpose()?;
        // Options that were not chosen have no records.
        match option {
            Some(option) if self.steps.len() > option.steps.len() => Err("it has more records than its plan has steps"),
            _ if self.annexes.iter().any(Annex::is_crooked) => Err("a row of its tables has not a cell for each column"),
            _ => Ok(()),
        }
    }

    /// The whole result of the rules, as the Case holds it.
    pub fn diagnosis(&self) -> Diagnosis {
        Diagnosis {
            service: self.target.service.clone(),
            port: self.target.port,
            protocol: self.target.protocol,
            address: self.symptom.address,
            owners: self.owners.clone(),
            gaps: self.gaps.clone(),
            ..Diagnosis::of(self.verdict.clone())
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
