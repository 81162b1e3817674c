//! What a report says, as texts in their order: every form for people is written from it. Its texts have no hidden character and, where
//! the user wants it so, no name in them.

use jiff::Timestamp;

use super::{Kind, Redactor};
use crate::case::{Annex, Case};
use crate::diagnosis::{Cause, Owner};
use crate::machine::visible;
use crate::remedy::{Check, CheckOutcome, Outcome, PreviewKind, Recheck, Step, StepRecord, StepResult};

/// How something ended, for its colour and sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Proven right.
    Good,
    /// At risk, or it could not be seen.
    Unsure,
    /// Not as it should be.
    Bad,
    /// Neither.
    Plain,
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The verdict in one sentence.
    pub title: String,
    /// What it came to.
    pub result: String,
    /// How that is meant.
    pub tone: Tone,
    /// When the computer was looked at.
    pub time: String,
    /// Computer, system, service, port: name and value.
    pub facts: Vec<(&'static str, String)>,
    /// Why it is so.
    pub explanation: String,
    /// How sure that is, and why.
    pub confidence: String,
    /// What to do next; empty once something was done.
    pub next_step: String,
    /// Who has the port.
    pub owners: Vec<OwnerText>,
    /// What shows it.
    pub evidence: Vec<FactText>,
    /// What was done or can be done.
    pub fix: Option<FixText>,
    /// The checks after the fix.
    pub checks: Option<ChecksText>,
    /// What could not be seen: what, why, what would show it.
    pub gaps: Vec<[String; 3]>,
    /// What files told: tables.
    pub annexes: Vec<AnnexText>,
    /// How many values of each kind are not shown.
    pub hidden: Vec<(Kind, usize)>,
    /// The words in their places.
    pub words: Vec<String>,
    /// The version of PortMedic that made the Case.
    pub version: String,
}

/// One holder of the port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerText {
    /// The process's name; "-" where it was not seen, likewise below.
    pub process: String,
    /// Its number.
    pub pid: String,
    /// Its user.
    pub user: String,
    /// The unit or service it belongs to.
    pub service: String,
    /// Its socket: protocol, ends, state.
    pub socket: String,
    /// Its executable.
    pub exe: String,
}

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactText {
    /// The fact.
    pub fact: String,
    /// Where it is known from.
    pub source: String,
    /// When it was seen; empty where that is not known.
    pub time: String,
    /// The raw lines that show it.
    pub raw: Vec<String>,
}

/// One way out, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixText {
    /// "What was done" or "What can be done".
    pub heading: &'static str,
    /// What it does.
    pub title: String,
    /// Each step.
    pub steps: Vec<StepText>,
    /// Why it came to that; empty where there is no more to say.
    pub message: String,
    /// The command that takes all of it back; empty where there is none.
    pub undo: String,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepText {
    /// What it does.
    pub title: String,
    /// What became of it; empty where it was not tried.
    pub result: String,
    /// How that is meant.
    pub tone: Tone,
    /// The command, line by line.
    pub commands: Vec<String>,
    /// What those lines are, where they are not what was run.
    pub note: &'static str,
    /// The state before and after; empty where it was not read.
    pub before: String,
    /// The state after.
    pub after: String,
    /// Why it ended so.
    pub message: String,
    /// How it is taken back; empty where it cannot be.
    pub undo: String,
}

/// The proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChecksText {
    /// What the checks come to.
    pub headline: String,
    /// Each check.
    pub rows: Vec<CheckText>,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckText {
    /// What was checked.
    pub what: String,
    /// What it was before.
    pub before: String,
    /// What it is now.
    pub now: String,
    /// How it ended.
    pub result: &'static str,
    /// How that is meant.
    pub tone: Tone,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnexText {
    /// What it shows.
    pub title: String,
    /// The names of its columns.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
    /// That rows were left out; empty where none was.
    pub left_out: String,
}

impl Document {
    /// The report of a Case.
    pub fn of(case: &Case, redactor: &mut Redactor) -> Self {
        let verdict = &case.verdict;
        let mut to = Writer { redactor };
        let mut document = Self {
            title: to.text(&verdict.headline),
            result: result(case),
            tone: tone(case),
            time: time(case.created),
            facts: facts(case, &mut to),
            explanation: to.text(&verdict.explanation),
            confidence: match verdict.confidence_because.as_str() {
                "" => verdict.confidence.as_str().to_owned(),
                because => format!("{}: {}", verdict.confidence.as_str(), to.text(because)),
            },
            next_step: if case.steps.is_empty() { to.text(&verdict.next_step) } else { String::new() },
            owners: case.owners.iter().map(|owner| owner_text(owner, &mut to)).collect(),
            evidence: verdict
                .evidence
                .iter()
                .map(|evidence| FactText {
                    fact: to.text(&evidence.fact),
                    source: to.text(&evidence.source),
                    time: evidence.time.map(time).unwrap_or_default(),
                    raw: to.lines(evidence.raw.as_deref().unwrap_or_default()),
                })
                .collect(),
            fix: fix(case, &mut to),
            checks: case.verification.as_ref().map(|proof| ChecksText {
                headline: to.text(&proof.headline),
                rows: proof.checks.iter().map(|check| check_text(check, &mut to)).collect(),
            }),
            gaps: case.gaps.iter().map(|gap| [&gap.what, &gap.because, &gap.shown_by].map(|text| to.text(text))).collect(),
            annexes: rechecks(case, &mut to)
                .into_iter()
                .chain(case.annexes.iter().map(|annex| annex_text(annex, &mut to)))
                .collect(),
            hidden: Vec::new(),
            words: Vec::new(),
            version: to.text(&case.version),
        };
        let hidden = redactor.hidden();
        let count = |kind| hidden.iter().filter(|hidden| hidden.kind == kind).count();
        document.hidden = Kind::ALL.into_iter().map(|kind| (kind, count(kind))).filter(|(_, count)| *count > 0).collect();
        document.words = hidden.into_iter().map(|hidden| hidden.word).collect();
        document
    }

    /// What was hidden, as one sentence; empty where nothing was.
    pub fn hidden_words(&self) -> String {
        let kinds: Vec<String> =
            self.hidden.iter().map(|(kind, count)| format!("{} ({count})", kind.as_str().to_lowercase())).collect();
        if kinds.is_empty() {
            return String::new();
        }
        format!("Hidden in this report: {}. The same value always has the same word in its place.", kinds.join(", "))
    }
}

/// What was found after restarts of the computer.
fn rechecks(case: &Case, to: &mut Writer<'_>) -> Option<AnnexText> {
    let row = |check: &Recheck, to: &mut Writer<'_>| vec![time(check.time), to.text(&check.headline())];
    (!case.rechecks.is_empty()).then(|| AnnexText {
        title: "After a restart of the computer".to_owned(),
        columns: vec!["Time".to_owned(), "Result".to_owned()],
        rows: case.rechecks.iter().map(|check| row(check, to)).collect(),
        left_out: String::new(),
    })
}

fn annex_text(annex: &Annex, to: &mut Writer<'_>) -> AnnexText {
    let users = annex.users();
    let mut texts = |texts: &[String], users: Option<usize>| -> Vec<String> {
        let both = texts.iter().enumerate();
        both.map(|(place, text)| if users == Some(place) { to.name(Kind::User, text) } else { to.text(text) }).collect()
    };
    AnnexText {
        columns: texts(&annex.columns, None),
        rows: annex.rows.iter().map(|row| texts(row, users)).collect(),
        title: to.text(&annex.title),
        left_out: if annex.left_out == 0 { String::new() } else { format!("{} more rows are left out", annex.left_out) },
    }
}

/// Takes texts of the Case over.
struct Writer<'a> {
    redactor: &'a mut Redactor,
}

impl Writer<'_> {
    fn text(&mut self, text: &str) -> String {
        visible(&self.redactor.text(text))
    }

    fn name(&mut self, kind: Kind, name: &str) -> String {
        visible(&self.redactor.name(kind, name))
    }

    fn or_dash(&mut self, text: Option<&str>) -> String {
        text.map_or_else(|| "-".to_owned(), |text| self.text(text))
    }

    fn lines(&mut self, text: &str) -> Vec<String> {
        text.lines().map(|line| self.text(line)).collect()
    }
}

/// A time as people read it, the same in every zone.
pub fn time(time: Timestamp) -> String {
    time.strftime("%-d %B %Y, %H:%M:%S UTC").to_string()
}

fn result(case: &Case) -> String {
    match case.outcome {
        Some(Outcome::Declined) => format!("{}, nothing was changed", Outcome::Declined),
        Some(outcome) => outcome.to_string(),
        None if case.steps.is_empty() => "Looked only, nothing was changed".to_owned(),
        None => "Applied, not checked yet".to_owned(),
    }
}

const fn tone(case: &Case) -> Tone {
    match (case.outcome, case.verdict.cause) {
        (Some(Outcome::Fixed), _) | (None, Cause::PortFree | Cause::NotAPortProblem) => Tone::Good,
        (Some(Outcome::CouldNotCheck | Outcome::Declined), _) | (None, Cause::Unknown) => Tone::Unsure,
        (Some(Outcome::NotFixed) | None, _) => Tone::Bad,
    }
}

fn facts(case: &Case, to: &mut Writer<'_>) -> Vec<(&'static str, String)> {
    let target = &case.target;
    let service = match (&target.product, &target.service) {
        (Some(product), Some(service)) if product != service => Some(format!("{product} ({service})")),
        (product, service) => service.clone().or_else(|| product.clone()),
    };
    let port = target.port.map(|port| {
        let protocol = target.protocol.map(|protocol| format!(" {protocol}")).unwrap_or_default();
        let from = target.port_known_from.map(|from| format!(", known from {}", from.as_str())).unwrap_or_default();
        format!("{port}{protocol}{from}")
    });
    // Files of another computer tell of no user.
    let rights = if case.host.elevated && !case.host.user.is_empty() { ", administrator" } else { "" };
    let facts = [
        ("Computer", to.name(Kind::Computer, &case.host.name)),
        ("User", format!("{}{rights}", to.name(Kind::User, &case.host.user))),
        ("System", to.text(&case.host.version)),
        ("Service", to.text(&service.unwrap_or_default())),
        ("Port", port.unwrap_or_default()),
        ("Asked", to.text(&target.asked)),
    ];
    facts.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

fn owner_text(owner: &Owner, to: &mut Writer<'_>) -> OwnerText {
    let remote = owner.remote.map(|remote| format!(" to {remote}")).unwrap_or_default();
    OwnerText {
        process: to.or_dash(owner.process.as_deref()),
        pid: owner.pid.map_or_else(|| "-".to_owned(), |pid| pid.to_string()),
        user: owner.user.as_deref().map_or_else(|| "-".to_owned(), |user| to.name(Kind::User, user)),
        service: to.or_dash(owner.service.as_deref()),
        socket: to.text(&format!("{} {}{remote} {}", owner.protocol, owner.local, owner.state)),
        exe: to.or_dash(owner.exe.as_deref()),
    }
}

fn fix(case: &Case, to: &mut Writer<'_>) -> Option<FixText> {
    let option = case.option().or_else(|| case.plan.options.first())?;
    let heading = if case.steps.is_empty() { "What can be done" } else { "What was done" };
    let steps = option.steps.iter().enumerate().map(|(index, step)| step_text(step, case.steps.get(index), to)).collect();
    let can_be_undone = case.steps.iter().any(|step| step.operation.can_be_taken_back());
    let entry = case.journal_entry.as_ref().filter(|_| can_be_undone);
    Some(FixText {
        heading,
        title: to.text(&option.title),
        steps,
        message: to.text(case.message.as_deref().unwrap_or_default()),
        undo: entry.map(|entry| format!("portmedic undo {}", to.text(entry))).unwrap_or_default(),
    })
}

fn step_text(step: &Step, record: Option<&StepRecord>, to: &mut Writer<'_>) -> StepText {
    let states = record.and_then(|record| record.before.as_ref().zip(record.after.as_ref()));
    let (before, after) = states.map(|(before, after)| (before.to_string(), after.to_string())).unwrap_or_default();
    StepText {
        title: to.text(&step.title),
        result: record.map(|record| record.result.to_string()).unwrap_or_default(),
        tone: record.map_or(Tone::Plain, |record| match record.result {
            StepResult::Done | StepResult::AlreadyDone => Tone::Good,
            StepResult::NotVerified => Tone::Unsure,
            StepResult::Failed | StepResult::Refused => Tone::Bad,
            StepResult::NotRun => Tone::Plain,
        }),
        commands: to.lines(&step.preview),
        note: match step.preview_kind {
            PreviewKind::Command => "",
            PreviewKind::SystemCall => "A system call; this is the nearest command.",
            PreviewKind::NoCommand => "A system call; no command does it.",
            PreviewKind::Manual => "To be done by hand.",
        },
        before: to.text(&before),
        after: to.text(&after),
        message: to.text(record.and_then(|record| record.message.as_deref()).unwrap_or_default()),
        undo: to.text(step.undo.as_deref().unwrap_or_default()),
    }
}

fn check_text(check: &Check, to: &mut Writer<'_>) -> CheckText {
    CheckText {
        what: to.text(&check.what),
        before: to.text(&check.before),
        now: to.text(&check.now),
        result: check.outcome.as_str(),
        tone: match check.outcome {
            CheckOutcome::Passed => Tone::Good,
            CheckOutcome::Failed => Tone::Bad,
            CheckOutcome::CouldNotCheck => Tone::Unsure,
            CheckOutcome::Remark => Tone::Plain,
        },
    }
}
