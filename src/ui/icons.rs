//! The icons: names for the code points of the Lucide subset in `assets/fonts`, in the icons' own English names.

macro_rules! icons {
    ($($name:ident = $glyph:literal,)*) => {
        /// An icon of the icon font.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the names are those of Lucide, where each is drawn")]
        pub enum Icon {
            $($name,)*
        }

        impl Icon {
            /// All icons.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its character in the icon font.
            pub const fn glyph(self) -> char {
                match self {
                    $(Self::$name => $glyph,)*
                }
            }
        }
    };
}

icons! {
    EthernetPort = '\u{e620}',
    Search = '\u{e151}',
    List = '\u{e106}',
    Ruler = '\u{e14b}',
    Gauge = '\u{e1bf}',
    Unplug = '\u{e45d}',
    History = '\u{e1f5}',
    Settings = '\u{e154}',
    Shield = '\u{e158}',
    ShieldCheck = '\u{e1ff}',
    ShieldAlert = '\u{e1fe}',
    Check = '\u{e06c}',
    CircleCheck = '\u{e226}',
    X = '\u{e1b2}',
    CircleX = '\u{e084}',
    Minus = '\u{e11c}',
    Plus = '\u{e13d}',
    TriangleAlert = '\u{e193}',
    Info = '\u{e0f9}',
    Eye = '\u{e0ba}',
    EyeOff = '\u{e0bb}',
    Copy = '\u{e09e}',
    FileText = '\u{e0cc}',
    FileDown = '\u{e318}',
    FolderOpen = '\u{e247}',
    ArrowLeft = '\u{e048}',
    ArrowRight = '\u{e049}',
    ArrowLeftRight = '\u{e24a}',
    ChevronRight = '\u{e06f}',
    ChevronDown = '\u{e06d}',
    RotateCw = '\u{e149}',
    Undo2 = '\u{e2a1}',
    Pause = '\u{e12e}',
    Play = '\u{e13c}',
    Terminal = '\u{e181}',
    Lock = '\u{e10b}',
    Ban = '\u{e051}',
    Hourglass = '\u{e296}',
    CircleDot = '\u{e345}',
    AppWindow = '\u{e426}',
    Cog = '\u{e30b}',
    Layers = '\u{e529}',
    Clock = '\u{e087}',
    Link = '\u{e102}',
    Unlink = '\u{e19c}',
    Cpu = '\u{e0a9}',
    Box = '\u{e061}',
    Globe = '\u{e0e8}',
    User = '\u{e19f}',
    Printer = '\u{e141}',
    ExternalLink = '\u{e0b9}',
    Power = '\u{e140}',
    OctagonAlert = '\u{e127}',
    House = '\u{e0f5}',
    ClipboardPaste = '\u{e3e8}',
    Sun = '\u{e178}',
    Moon = '\u{e11e}',
    Keyboard = '\u{e284}',
}
