//! What the double says, in the languages and code pages that it knows.

/// A complaint.
pub enum Say {
    /// There is no such command.
    NotFound(String),
    /// A parameter has a value that is none.
    WrongParameter,
    /// Somebody has a port of the block, or it overlaps another one (error 32).
    InUse,
    /// There is no such block or rule (error 2).
    NoSuchThing,
    /// The rights are missing (error 5).
    Denied,
    /// No trace runs.
    NoTrace,
    /// One runs already.
    TraceRuns,
}

/// A language of the display.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    English,
    German,
    French,
    Japanese,
}

impl Language {
    pub fn named(name: &str) -> Self {
        [Self::German, Self::French, Self::Japanese].into_iter().find(|own| own.name() == name).unwrap_or_default()
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Japanese => "ja",
        }
    }

    /// The complaint in the code page of the console: 437, 850 or 932.
    pub fn text(self, say: &Say) -> Vec<u8> {
        let text: &[u8] = match (say, self) {
            (Say::NotFound(command), _) => return format!("No such command: {command}").into_bytes(),
            (Say::InUse, Self::English) => b"Another process uses the file, so it cannot be opened.",
            (Say::InUse, Self::German) => b"Ein anderer Prozess verwendet die Datei, der Zugriff ist nicht m\x94glich.",
            (Say::InUse, Self::French) => b"Un autre processus utilise d\x82j\x85 ce fichier.",
            (Say::InUse, Self::Japanese) => {
                b"\x95\xca\x82\xcc\x83v\x83\x8d\x83Z\x83X\x82\xaa\x8eg\x97p\x92\x86\x82\xc5\x82\xb7\x81B"
            }
            (Say::WrongParameter, Self::German) => b"Falscher Parameter.",
            (Say::WrongParameter, _) => b"A parameter is not correct.",
            (Say::NoSuchThing, Self::German) => b"Das System findet die angegebene Datei nicht.",
            (Say::NoSuchThing, _) => b"There is no file of that name.",
            (Say::Denied, Self::German) => {
                b"Der angeforderte Vorgang erfordert erh\x94hte Rechte (Als Administrator ausf\x81hren)."
            }
            (Say::NoTrace, Self::German) => b"Zurzeit wird nichts aufgezeichnet.",
            (Say::NoTrace, _) => b"Nothing is being traced now.",
            (Say::TraceRuns, _) => b"One trace runs already.",
            (Say::Denied, _) => b"Elevated rights are needed for this (run as administrator).",
        };
        text.to_vec()
    }

    /// The status of a trace that runs.
    pub fn trace_status(self, file: &str) -> Vec<u8> {
        let (state, name): (&[u8], &[u8]) = match self {
            Self::German => (b"Status:             L\x84uft\r\n", b"Ablaufverfolgungsdatei: "),
            _ => (b"Status:             Running\r\n", b"Trace File:         "),
        };
        [state, name, file.as_bytes(), b"\r\n"].concat()
    }

    /// What a change that worked says.
    pub fn ok(self) -> Vec<u8> {
        if self == Self::French { b"Ok.\r\n\r\n".to_vec() } else { b"OK.\r\n\r\n".to_vec() }
    }

    pub fn excluded_heading(self, protocol: &str) -> Vec<u8> {
        let (before, after, columns): (&[u8], &[u8], &[u8]) = match self {
            Self::English => {
                (b"Protocol ", b" Port Exclusion Ranges", b"Start Port    End Port      \r\n----------    --------      ")
            }
            Self::German => (
                b"Portausschlussbereiche f\x81r das Protokoll \"",
                b"\"",
                b"Startport     Endport      \r\n----------    --------      ",
            ),
            Self::French => (
                b"Protocole ",
                b" Plages d'exclusion de ports",
                b"Port de d\x82but    Port de fin\r\n-------------    -----------",
            ),
            Self::Japanese => (
                b"\x83v\x83\x8d\x83g\x83R\x83\x8b ",
                b" \x83|\x81[\x83g\x8f\x9c\x8aO\x94\xcd\x88\xcd",
                b"\x8aJ\x8en\x83|\x81[\x83g    \x8fI\x97\xb9\x83|\x81[\x83g\r\n----------    --------      ",
            ),
        };
        [b"\r\n", before, protocol.as_bytes(), after, b"\r\n\r\n", columns, b"\r\n"].concat()
    }

    pub fn footnote(self) -> Vec<u8> {
        let text: &[u8] = match self {
            Self::English => b"* - Administered port exclusions.",
            Self::German => b"* - Verwaltete Portausschl\x81sse.",
            Self::French => b"* - Exclusions de ports administr\x82s.",
            Self::Japanese => b"* - \x8a\xc7\x97\x9d\x82\xb3\x82\xea\x82\xc4\x82\xa2\x82\xe9\x8f\x9c\x8aO\x83|\x81[\x83g\x81B",
        };
        [b"\r\n", text, b"\r\n\r\n"].concat()
    }

    /// The heading of the dynamic range, and its two labels.
    pub fn dynamic(self, protocol: &str) -> (Vec<u8>, &'static [u8], &'static [u8]) {
        let (before, after, start, count): (&[u8], &[u8], &'static [u8], &'static [u8]) = match self {
            Self::English => (b"Protocol ", b" Dynamic Port Range", b"Start Port      : ", b"Number of Ports : "),
            Self::German => (b"Protokoll ", b" Dynamischer Portbereich", b"Startport       : ", b"Anzahl von Ports : "),
            Self::French => {
                (b"Plage de ports dynamique du protocole ", b"", b"Port de d\x82marrage   : ", b"Nombre de ports     : ")
            }
            Self::Japanese => (
                b"\x83v\x83\x8d\x83g\x83R\x83\x8b ",
                b" \x93\xae\x93I\x83|\x81[\x83g\x94\xcd\x88\xcd",
                b"\x8aJ\x8en\x83|\x81[\x83g      : ",
                b"\x83|\x81[\x83g\x90\x94        : ",
            ),
        };
        let heading = [b"\r\n", before, protocol.as_bytes(), after, b"\r\n---------------------------------\r\n"].concat();
        (heading, start, count)
    }
}
