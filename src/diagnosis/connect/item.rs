//! One question of the checklist, with its answer.

use serde::Serialize;

use crate::machine::{Evidence, Gap};

/// The questions, in the order in which they are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Does the hosts file name the computer?
    Hosts,
    /// Does an alias lead clients elsewhere?
    Alias,
    /// Is a proxy in the way?
    Proxy,
    /// Does the name lead to an address?
    Name,
    /// Does the address lead back to the name?
    Back,
    /// Is it this computer?
    ThisComputer,
    /// Is the default or a named instance asked for?
    Instance,
    /// Does SQL Server Browser tell the port?
    Browser,
    /// Does the service run?
    Service,
    /// Is it set to take connections over TCP?
    Tcp,
    /// In which order do clients try the protocols?
    ProtocolOrder,
    /// Which port is the right one?
    Port,
    /// Which addresses does it listen on?
    Listening,
    /// Does it take its connections in time?
    Queue,
    /// Can the computer be reached?
    Reachable,
    /// What does the port answer?
    Answer,
    /// Who answers?
    Who,
    /// Does a firewall of this computer have a rule for it?
    Firewall,
    /// Does IPsec have a policy for it?
    Ipsec,
    /// What do the logs say, of the start of the service and around the attempt?
    Log,
}

impl Question {
    /// Every question, in order.
    pub const ALL: [Self; 20] = [
        Self::Hosts,
        Self::Alias,
        Self::Proxy,
        Self::Name,
        Self::Back,
        Self::ThisComputer,
        Self::Instance,
        Self::Browser,
        Self::Service,
        Self::Tcp,
        Self::ProtocolOrder,
        Self::Port,
        Self::Listening,
        Self::Queue,
        Self::Reachable,
        Self::Answer,
        Self::Who,
        Self::Firewall,
        Self::Ipsec,
        Self::Log,
    ];

    /// The question in plain words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hosts => "Does the hosts file of this computer name it?",
            Self::Alias => "Does an alias lead clients elsewhere?",
            Self::Proxy => "Is a proxy set in between?",
            Self::Name => "Does the name lead to an address?",
            Self::Back => "Does the address lead back to the name?",
            Self::ThisComputer => "Is it this computer?",
            Self::Instance => "Is it the default instance or a named one?",
            Self::Browser => "Does SQL Server Browser tell the port?",
            Self::Service => "Does the service run?",
            Self::Tcp => "Is it set to take connections over TCP?",
            Self::ProtocolOrder => "In which order do clients try the protocols?",
            Self::Port => "Is it the right port?",
            Self::Listening => "Which addresses does it listen on?",
            Self::Queue => "Does it take its connections in time?",
            Self::Reachable => "Can the computer be reached?",
            Self::Answer => "What does the port answer?",
            Self::Who => "Who answers there?",
            Self::Firewall => "Does a firewall of this computer have a rule for it?",
            Self::Ipsec => "Does IPsec have a policy for it?",
            Self::Log => "What do the logs say?",
        }
    }
}

/// How a question was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Nobody has looked yet.
    Waiting,
    /// It is as it should be.
    Ok,
    /// It is not, and that may be the cause.
    Problem,
    /// The question makes no sense here.
    NotApplicable,
    /// It could not be found out.
    CouldNotCheck,
}

impl Answer {
    /// The answer in a word or two.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "not yet",
            Self::Ok => "ok",
            Self::Problem => "problem",
            Self::NotApplicable => "does not apply",
            Self::CouldNotCheck => "could not check",
        }
    }
}

/// One question with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// The question.
    #[serde(rename = "id")]
    pub question: Question,
    /// The same in words.
    #[serde(rename = "question")]
    pub text: &'static str,
    /// The answer.
    pub answer: Answer,
    /// What was found, in one sentence without a full stop; why not, where it could not be checked or does not apply.
    pub finding: String,
    /// What it means, where that is not plain; whole sentences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
    /// What to do about it, as a short sentence that starts with a verb.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_step: Option<String>,
    /// What shows it.
    pub evidence: Vec<Evidence>,
}

impl Item {
    /// An item with this answer and finding.
    pub fn new(question: Question, answer: Answer, finding: impl Into<String>) -> Self {
        let text = question.as_str();
        Self { question, text, answer, finding: finding.into(), explanation: None, next_step: None, evidence: Vec::new() }
    }

    /// Nobody has looked yet.
    pub fn waiting(question: Question) -> Self {
        Self::new(question, Answer::Waiting, "not looked at yet")
    }

    /// It is as it should be.
    pub fn ok(question: Question, finding: impl Into<String>) -> Self {
        Self::new(question, Answer::Ok, finding)
    }

    /// It may be the cause.
    pub fn problem(question: Question, finding: impl Into<String>) -> Self {
        Self::new(question, Answer::Problem, finding)
    }

    /// It makes no sense here; why.
    pub fn not_applicable(question: Question, because: impl Into<String>) -> Self {
        Self::new(question, Answer::NotApplicable, because)
    }

    /// It could not be found out: why, and what would show it.
    pub fn could_not(question: Question, because: impl Into<String>, shown_by: impl Into<String>) -> Self {
        Self::new(question, Answer::CouldNotCheck, because).next(shown_by)
    }

    /// It could not be found out, as a gap tells.
    pub fn of_gap(question: Question, gap: &Gap) -> Self {
        Self::could_not(question, gap.because.clone(), format!("To see it: {}", gap.shown_by))
    }

    /// The same with what it means.
    #[must_use]
    pub fn explained(mut self, explanation: impl Into<String>) -> Self {
        self.explanation = Some(explanation.into());
        self
    }

    /// The same with what to do.
    #[must_use]
    pub fn next(mut self, next_step: impl Into<String>) -> Self {
        self.next_step = Some(next_step.into());
        self
    }

    /// The same with one more fact.
    #[must_use]
    pub fn shown(mut self, fact: impl Into<String>, source: impl Into<String>) -> Self {
        self.evidence.push(Evidence { fact: fact.into(), source: source.into(), raw: None, time: None });
        self
    }
}
