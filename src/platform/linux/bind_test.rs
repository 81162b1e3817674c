//! Asks the kernel for a port the way a service does.

use crate::machine::{BindResult, BindTest, Port, Protocol, Snapshot};
use crate::platform::{BindQuestion, PlatformError, Scope};

/// Makes the bind tests that `scope` asks for.
pub const fn look(_scope: &Scope, _snapshot: &mut Snapshot) {}

/// Asks one question.
pub fn ask(question: &BindQuestion) -> BindTest {
    BindTest {
        protocol: question.protocol,
        address: question.address,
        port: question.port,
        v6only: question.v6only,
        reuse_address: question.reuse_address,
        result: BindResult::Other,
        error: None,
    }
}

/// Lets the kernel choose a port `count` times.
pub fn sample(_protocol: Protocol, _count: usize) -> Result<Vec<Port>, PlatformError> {
    Ok(Vec::new())
}
