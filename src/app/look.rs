//! Something that a worker looks up: not asked for yet, on its way, known, or impossible; and which answer is still wanted.

use jiff::{SignedDuration, Timestamp};

/// The state of one look-up. What was known before stays readable while it is looked up again.
#[derive(Debug, Clone)]
pub struct Look<T> {
    value: Option<T>,
    problem: Option<String>,
    busy: Option<Busy>,
    asked: u64,
    took: Option<SignedDuration>,
}

/// A look-up on its way.
#[derive(Debug, Clone)]
pub struct Busy {
    /// Since when.
    pub since: Timestamp,
    /// What is being done right now.
    pub doing: String,
}

impl<T> Default for Look<T> {
    fn default() -> Self {
        Self { value: None, problem: None, busy: None, asked: 0, took: None }
    }
}

impl<T> Look<T> {
    /// Begins to look; gives the number that the answer must carry.
    pub fn start(&mut self, now: Timestamp, doing: impl Into<String>) -> u64 {
        self.asked += 1;
        self.problem = None;
        self.busy = Some(Busy { since: now, doing: doing.into() });
        self.asked
    }

    /// Takes an answer. One to an older question is dropped; then `false`.
    pub fn finish(&mut self, now: Timestamp, number: u64, answer: Result<T, String>) -> bool {
        let Some(busy) = self.busy.take_if(|_| number == self.asked) else { return false };
        self.took = Some(now.duration_since(busy.since));
        match answer {
            Ok(value) => (self.value, self.problem) = (Some(value), None),
            Err(problem) => (self.value, self.problem) = (None, Some(problem)),
        }
        true
    }

    /// Notes what is being done. Of an older question nothing is noted; then `false`.
    pub fn progress(&mut self, number: u64, doing: String) -> bool {
        let Some(busy) = self.busy.as_mut().filter(|_| number == self.asked) else { return false };
        busy.doing = doing;
        true
    }

    /// Forgets everything; answers still on their way are dropped.
    pub fn forget(&mut self) {
        self.value = None;
        self.problem = None;
        self.busy = None;
    }

    /// What is known.
    pub const fn value(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// What is known, to change it.
    pub const fn value_mut(&mut self) -> Option<&mut T> {
        self.value.as_mut()
    }

    /// How long the last look took.
    pub const fn took(&self) -> Option<SignedDuration> {
        self.took
    }

    /// Why it is not known.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// The look-up on its way.
    pub const fn busy(&self) -> Option<&Busy> {
        self.busy.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_to_an_older_question_is_dropped() {
        let mut look = Look::default();
        let first = look.start(Timestamp::UNIX_EPOCH, "");
        let second = look.start(Timestamp::UNIX_EPOCH, "");
        assert!(!look.finish(Timestamp::UNIX_EPOCH, first, Ok("old")));
        assert!(look.finish(Timestamp::UNIX_EPOCH, second, Ok("new")));
        assert_eq!(look.value(), Some(&"new"));
    }

    #[test]
    fn an_answer_after_forgetting_is_dropped() {
        let mut look = Look::default();
        let number = look.start(Timestamp::UNIX_EPOCH, "");
        look.forget();
        assert!(!look.finish(Timestamp::UNIX_EPOCH, number, Ok(1)));
        assert_eq!(look.value(), None);
    }
}
