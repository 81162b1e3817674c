//! What a plan against used up ports has to know: who alone uses them up, and whether more ports would help.

use serde::{Deserialize, Serialize};

use super::culprit::culprits;
use super::judge::{NEARLY_FULL, Scene, Standing};
use super::{Leak, Usage};
use crate::diagnosis::Owner;

/// Who alone uses up the dynamic ports, and whether more of them would help.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lack {
    /// The process that stands out, one of the owners of the diagnosis: it leaks, or it has at least half of the ports in use. When it
    /// ends, it gives them back.
    pub culprit: Option<u32>,
    /// Whether what piles up are connections of a server, all on its own port: they take no dynamic port.
    pub on_server_port: bool,
}

impl Scene<'_> {
    /// What a plan has to know where it stands so with this range.
    pub(super) fn lack(&self, standing: Standing, usage: Option<&Usage>, owners: &[Owner]) -> Lack {
        let leaks = || self.leak.map(|leak| leak.pile.pid);
        let culprit = match (standing, usage) {
            (Standing::Leak, _) | (_, None) => leaks(),
            (_, Some(usage)) => {
                let grows = self.leak_in_range().filter(|leak| leak.is_growing()).map(|leak| leak.pile.pid);
                let first = owners.first().and_then(|owner| owner.pid);
                let first = first.filter(|pid| self.has_half(standing, usage, *pid));
                grows.or(first).or_else(|| self.leak_in_range().map(|leak| leak.pile.pid))
            }
        };
        let culprit = culprit.filter(|pid| owners.iter().any(|owner| owner.pid == Some(*pid)));
        let on_server_port = standing == Standing::Leak && self.leak.is_some_and(|leak| leak.pile.server_port.is_some());
        Lack { culprit, on_server_port }
    }

    /// The leak, where it takes dynamic ports.
    pub(super) fn leak_in_range(&self) -> Option<&Leak> {
        self.leak.filter(|leak| leak.pile.server_port.is_none())
    }

    /// Whether the process has half of what is in use, or took half of what came since the watch began. Ports at rest count for nobody: they
    /// are not given back when a process ends. In a range with room nobody is to blame for what he has.
    fn has_half(&self, standing: Standing, usage: &Usage, pid: u32) -> bool {
        let has = |usage: &Usage| culprits(usage).iter().find(|own| own.pid == pid).map_or(0, |own| own.has.total());
        if standing == Standing::HeadingThere {
            let first = self.first_look_at(usage);
            let (before, had) = first.map_or((0, 0), |first| (first.in_use, has(first)));
            let rise = usage.in_use.saturating_sub(before);
            return rise > 0 && has(usage).saturating_sub(had) * 2 >= rise;
        }
        usage.in_use > 0 && usage.percent() >= NEARLY_FULL && has(usage) * 2 >= usage.in_use
    }
}
