//! The icons: names for the code points of the Lucide subset in `assets/fonts`, in the icons' own English names.

macro_rules! icons {
    ($($name:ident = $glyph:literal,)*) => {
        /// An icon of the icon font; <https://lucide.dev/icons> draws each.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Icon {
            $($name,)*
        }

        impl Icon {
            /// All icons.
            #[cfg(test)]
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
    X = '\u{e1b2}',
    EthernetPort = '\u{e620}',
    Search = '\u{e151}',
    List = '\u{e106}',
    Gauge = '\u{e1bf}',
    Unplug = '\u{e45d}',
    History = '\u{e1f5}',
    Settings = '\u{e154}',
    Shield = '\u{e158}',
    ShieldCheck = '\u{e1ff}',
    Check = '\u{e06c}',
    CircleCheck = '\u{e226}',
    CircleX = '\u{e084}',
    Minus = '\u{e11c}',
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
    Terminal = '\u{e181}',
    Lock = '\u{e10b}',
    Ban = '\u{e051}',
    Hourglass = '\u{e296}',
    CircleDot = '\u{e345}',
    AppWindow = '\u{e426}',
    Clock = '\u{e087}',
    Box = '\u{e061}',
    User = '\u{e19f}',
    Power = '\u{e140}',
    Keyboard = '\u{e284}',
    House = '\u{e0f5}',
    Pause = '\u{e12e}',
    Play = '\u{e13c}',
    ChevronUp = '\u{e070}',
    Ruler = '\u{e14b}',
    Plus = '\u{e13d}',
}
