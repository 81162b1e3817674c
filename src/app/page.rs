//! The pages of the window and the steps of the wizard.

/// A page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Page {
    /// What is wrong? A service, a port or an error text.
    Home,
    /// Which service does not start?
    Service,
    /// Which port, and what does the system say when asked for it?
    Port,
    /// Who has it?
    Owner,
    /// What can be done?
    Fix,
    /// Doing it.
    Apply,
    /// Did it help?
    Verify,
    /// The report for the ticket.
    Report,
    /// All sockets, live.
    Ports,
    /// Who may use which port, as a map.
    Ranges,
    /// Whether the dynamic ports run out, over time.
    Exhaustion,
    /// Why does a client get no connection?
    Refused,
    /// What was changed before, with undo.
    History,
    /// Which practice machine?
    Practice,
    /// What files of another computer tell, line by line.
    Evidence,
}

impl Page {
    /// The steps of the wizard in their order.
    pub const STEPS: [Self; 7] = [Self::Service, Self::Port, Self::Owner, Self::Fix, Self::Apply, Self::Verify, Self::Report];

    /// The pages beside the wizard, in the order of the side bar.
    pub const TOOLS: [Self; 5] = [Self::Ports, Self::Ranges, Self::Exhaustion, Self::Refused, Self::History];

    /// Its name in the side bar and on Back buttons.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Home => "Start",
            Self::Service => "Service",
            Self::Port => "Port",
            Self::Owner => "Owner",
            Self::Fix => "Fix",
            Self::Apply => "Apply",
            Self::Verify => "Verify",
            Self::Report => "Report",
            Self::Ports => "Ports",
            Self::Ranges => "Ranges",
            Self::Exhaustion => "Exhaustion",
            Self::Refused => "Refused",
            Self::History => "History",
            Self::Practice => "Practise",
            Self::Evidence => "Evidence",
        }
    }

    /// Its place among the steps, counted from 1; `None` for pages beside the wizard.
    pub fn step(self) -> Option<usize> {
        Self::STEPS.iter().position(|page| *page == self).map(|index| index + 1)
    }
}
