//! The bind test, with exclusive use.

use crate::machine::{BindResult, BindTest, Gap, Port, Protocol, Snapshot};
use crate::platform::{BindQuestion, PlatformError, Scope};

/// Makes the bind tests that `scope` asks for.
pub fn look(_scope: &Scope, snapshot: &mut Snapshot) {
    snapshot.gaps.push(Gap::new("The bind test", "this version does not make it on Windows", "starting the service"));
}

/// Asks for the port the way a service does.
pub fn ask(question: &BindQuestion) -> BindTest {
    BindTest {
        protocol: question.protocol,
        address: question.address,
        port: question.port,
        v6only: question.v6only,
        reuse_address: question.reuse_address,
        result: BindResult::Other,
        error: Some("this version does not make the bind test on Windows".to_owned()),
    }
}

/// Lets the system choose a port `count` times.
pub fn sample(_protocol: Protocol, _count: usize) -> Result<Vec<Port>, PlatformError> {
    Err(PlatformError::Refused("this version does not sample dynamic ports on Windows".to_owned()))
}
