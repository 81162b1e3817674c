//! Names as an attacker would choose them for a process or a service.

/// Names that mean something to a browser, a spreadsheet, a Markdown reader, a terminal or a person's eyes.
pub const NAMES: &[&str] = &[
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "</style></title><b>x",
    "<!-- x",
    "&lt;b&gt; &#60;",
    "=HYPERLINK(\"http://x\",\"y\")",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "x;=cmd",
    "x ; \"@SUM(A1)",
    "@SUM(A1:A9)",
    "\t=1+1",
    "a,b;c\"d\r\ne",
    "[x](javascript:alert(1)) **b** `c` | d",
    "```\n# head",
    "- x",
    "1. x",
    "2) x",
    "===",
    "| a | b |\n|---|---|",
    "\u{1b}[31mred\u{7}\u{8}",
    "gpj.\u{202e}exe\u{202c}\u{2066}\u{200b}\u{feff}",
    "line\u{2028}two\u{85}three",
];
