//! What a report hides, value by value, and what it must not touch.

use portmedic::case::Case;
use portmedic::machine::Gap;
use portmedic::report::{Format, Hide, Kind, Redactor, report};
use proptest::prelude::*;

use crate::cases::{SECRETS, fixed, office};

const HIDING: [Format; 4] = [Format::Html, Format::Markdown, Format::Json, Format::Csv];

/// The office with one more text in it.
fn with_text(text: &str) -> Case {
    let mut case = office();
    case.gaps = vec![Gap::new(text, "", "")];
    case
}

/// The text as a report of the office shows it.
fn shown(text: &str) -> String {
    Redactor::of(&with_text(text), Hide::everything()).text(text)
}

#[test]
fn no_report_tells_who_or_where() {
    for case in [office(), fixed(office())] {
        for format in HIDING {
            let text = report(&case, format, &Hide::everything()).text.to_lowercase();
            for secret in SECRETS {
                assert!(!text.contains(secret), "{format:?} tells {secret}:\n{text}");
            }
        }
    }
}

#[test]
fn each_value_is_hidden_and_what_is_no_name_stays() {
    let cases = [
        ("on srv-db01, SRV-DB01 and Srv-Db01.shop.example.net", "on computer-2, computer-2 and computer-1"),
        ("srv-db01-bin.000001", "computer-2-bin.000001"),
        ("SRV-DB01\\SQLEXPRESS", "computer-2\\SQLEXPRESS"),
        ("mailer.shop.example.net", "computer-3"),
        ("anna.weber@srv-db01", "user-1@computer-2"),
        ("10.20.0.15:1433 and 10.20.0.40:9392", "address-1:1433 and address-2:9392"),
        ("127.0.0.1:1433, [::1]:1433 and 0.0.0.0:1433", "127.0.0.1:1433, [::1]:1433 and 0.0.0.0:1433"),
        ("port 1433, ports 1024-60999, PID 4312", "port 1433, ports 1024-60999, PID 4312"),
        ("/usr/sbin/nginx -c /etc/nginx/nginx.conf", "/usr/sbin/nginx -c /etc/nginx/nginx.conf"),
        ("systemctl start demo-db.service", "systemctl start demo-db.service"),
        ("user=root, user=postgres, NT AUTHORITY\\SYSTEM", "user=root, user=postgres, NT AUTHORITY\\SYSTEM"),
        ("postgres://ben:s3cr@t@db77:5432/shop", "postgres://user-1@computer-1:5432/shop"),
        ("http://mailer/a@b and postgres://postgres@127.0.0.1/x", "http://computer-1/a@b and postgres://postgres@127.0.0.1/x"),
        ("at 09:47:59 on 2026-11-20", "at 09:47:59 on 2026-11-20"),
    ];
    for (text, wanted) in cases {
        // Words are numbered by their first mention, and the Case mentions these before the text.
        assert_eq!(normal(&shown(text)), normal(wanted), "{text}");
    }
}

/// The same with numbers by their order in this text.
fn normal(text: &str) -> String {
    let mut numbers: Vec<String> = Vec::new();
    let mut out = String::new();
    for piece in text.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || c == '-')) {
        let (word, end) = piece.split_at(piece.trim_end_matches(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).len());
        match word.split_once('-') {
            Some((stem @ ("computer" | "user" | "address" | "path" | "domain"), rest)) => {
                let number = rest.split('-').next().unwrap_or_default().to_owned();
                let key = format!("{stem}-{number}");
                let place = numbers.iter().position(|known| *known == key).unwrap_or_else(|| {
                    numbers.push(key);
                    numbers.len() - 1
                });
                out.extend([stem, "#", &place.to_string(), &rest[number.len()..]]);
            }
            _ => out.push_str(word),
        }
        out.push_str(end);
    }
    out
}

#[test]
fn one_value_has_one_word_in_every_spelling() {
    for (one, other) in [
        ("srv-db01", "SRV-DB01"),
        ("C:\\Users\\Anna.Weber\\db.ini", "c:\\\\users\\\\anna.weber\\\\DB.INI"),
        ("10.20.0.40", "::ffff:10.20.0.40"),
        ("00:1a:2b:3c:4d:5e", "00-1A-2B-3C-4D-5E"),
        ("2001:470:1f0b::7", "2001:0470:1F0B:0:0:0:0:7"),
        ("x=%2Fanna.weber", "x=%2FANNA.WEBER"),
    ] {
        let mut redactor = Redactor::of(&with_text(&format!("{one} {other}")), Hide::everything());
        let (first, second) = (redactor.text(one), redactor.text(other));
        assert_eq!(first, second);
        assert_ne!(first, one);
    }
}

#[test]
fn passwords_and_keys_are_hidden_and_whose_they_are() {
    let cases = [
        ("sqlcmd -S db77 -U ben.meyer --password=hunter2 -d shop", ["ben.meyer", "hunter2"]),
        ("level=error msg=\"dsn \\\"Server=db77;User Id=ben.meyer;Pwd=hunter2;\\\"\"", ["ben.meyer", "hunter2"]),
        ("curl --user ben.meyer:hunter2 -H 'Authorization: Bearer eyJhbGci' x", ["ben.meyer", "eyJhbGci"]),
        ("PGPASSWORD=hunter2 psql --username ben.meyer, ben.meyer again", ["ben.meyer", "hunter2"]),
        ("GET /login?api_key=hunter2&token=t0ps3cret", ["hunter2", "t0ps3cret"]),
    ];
    for (text, secrets) in cases {
        for format in HIDING {
            let shown = report(&with_text(text), format, &Hide::everything()).text;
            for secret in secrets {
                assert!(!shown.contains(secret), "{format:?} tells {secret} of {text}:\n{shown}");
            }
        }
    }
    assert_eq!(shown("bkagent --password hunter2 --port 1433"), "bkagent --password secret-1 --port 1433");
}

#[test]
fn a_password_in_a_url_is_hidden_where_users_are_shown() {
    let mut hide = Hide::everything();
    hide.set(Kind::User, false);
    let text = "postgres://ben:s3cr@t@127.0.0.1/shop";
    assert_eq!(Redactor::of(&with_text(text), hide).text(text), "postgres://ben:secret-1@127.0.0.1/shop");
}

#[test]
fn an_invisible_character_hides_no_name_from_us() {
    for mark in ['\u{200b}', '\u{ad}', '\u{202e}', '\u{8}'] {
        let text = format!("x{mark}y on srv{mark}-db01, 10.20{mark}.0.40, /home/anna{mark}.weber/x by user \"cl{mark}ara\"");
        let shown = shown(&text);
        assert!(shown.starts_with(&format!("x{mark}y on computer-")), "{shown:?}");
        for secret in ["db01", "20", "weber", "clara"] {
            assert!(!shown.contains(secret), "{secret} in {shown:?}");
        }
        let mut case = office();
        case.host.name = format!("SRV{mark}-DB01");
        case.message = Some("seen on srv-db01".to_owned());
        let text = report(&case, Format::Markdown, &Hide::everything()).text;
        assert!(!text.to_lowercase().contains("db01"), "{text}");
    }
}

#[test]
fn a_program_that_bears_the_name_of_the_computer_keeps_it() {
    let mut case = office();
    "bkagent".clone_into(&mut case.host.name);
    let text = report(&case, Format::Markdown, &Hide::everything()).text;
    assert!(text.contains("- **Computer:** computer-"), "{text}");
    assert!(text.contains("| bkagent | 4312 |"), "{text}");
}

#[test]
fn a_user_whose_name_is_a_word_is_hidden_where_the_name_stands_alone() {
    for name in ["port", "a", "service", "1433", "tcp"] {
        let mut case = office();
        name.clone_into(&mut case.host.user);
        let text = report(&case, Format::Markdown, &Hide::everything()).text;
        assert!(text.contains("- **User:** user-"), "{name}: {text}");
        let plain = report(&office(), Format::Markdown, &Hide::everything()).text;
        let why = |text: &str| text.split("## Cause").nth(1).unwrap().split("##").next().unwrap().to_owned();
        assert_eq!(why(&text), why(&plain), "{name}");
    }
}

#[test]
fn kinds_are_shown_one_by_one() {
    let mut hide = Hide::everything();
    hide.set(Kind::Address, false);
    let report = report(&office(), Format::Markdown, &hide);
    assert!(report.text.contains("10.20.0.15:1433"), "{}", report.text);
    assert!(!report.text.to_lowercase().contains("srv-db01"));
    assert!(report.hidden.iter().all(|hidden| hidden.kind != Kind::Address));
}

#[test]
fn nothing_is_hidden_where_it_is_not_wished() {
    let report = report(&office(), Format::Json, &Hide::nothing());
    assert_eq!(Case::from_json(&report.text).unwrap(), office());
    assert_eq!(report.hidden, []);
}

#[test]
fn what_is_hidden_is_listed_with_how_often() {
    let report = report(&office(), Format::Markdown, &Hide::everything());
    let computer = report.hidden.iter().find(|hidden| hidden.word == "computer-1").unwrap();
    assert_eq!((computer.kind, computer.value.as_str()), (Kind::Computer, "SRV-DB01.shop.example.net"));
    for hidden in &report.hidden {
        let mentions = report.text.matches(&hidden.word).count();
        assert!(mentions >= hidden.places && hidden.places > 0, "{hidden:?}, {mentions} times in\n{}", report.text);
    }
}

#[test]
fn a_redacted_case_opens_again_and_hides_nothing_twice() {
    let text = report(&fixed(office()), Format::Json, &Hide::everything()).text;
    let case = Case::from_json(&text).unwrap();
    assert!(case.redacted);
    assert_eq!((case.target.port, case.owners[0].local.port()), (Some(1433), 1433));
    let again = report(&case, Format::Json, &Hide::everything());
    assert_eq!(again.text, text);
    assert_eq!(again.hidden, []);
    // Where the form has room for an address only, one stands that no computer has; people read the word.
    let read = report(&case, Format::Markdown, &Hide::nothing()).text;
    assert!(read.contains("240.0.0."), "{read}");
    let read = report(&case, Format::Markdown, &Hide::everything()).text;
    assert!(read.contains("tcp address-") || read.contains("TCP address-"), "{read}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever people and computers are called, also like the words of the form.
    #[test]
    fn a_case_with_any_names_opens_again_without_them(
        user in "[a-zA-Zäßø][a-zA-Z0-9._-]{3,10}",
        host in "[a-z][a-z0-9-]{3,20}",
        user_is_word in prop::option::of(prop::sample::select(vec!["process", "linux", "high", "start_service", "unit", "established"])),
    ) {
        let user = user_is_word.map_or(user, str::to_owned);
        let mut case = fixed(office());
        case.host.name = host.clone();
        case.host.user = user.clone();
        case.owners[0].user = Some(user.clone());
        case.owners[0].exe = Some(format!("/home/{user}/x"));
        case.message = Some(format!("seen by {} on {}", user.to_uppercase(), host.to_uppercase()));
        for format in HIDING {
            let made = report(&case, format, &Hide::everything());
            for hidden in &made.hidden {
                if hidden.kind == Kind::Address {
                    prop_assert!(!made.text.contains(&hidden.value), "{:?} tells {}", format, hidden.value);
                }
            }
            let home = format!("/home/{user}");
            let place = format!("on {}", host.to_uppercase());
            prop_assert!(!made.text.contains(&home));
            prop_assert!(!made.text.contains(&place), "{:?} tells {}", format, place);
        }
        let opened = Case::from_json(&report(&case, Format::Json, &Hide::everything()).text);
        prop_assert!(opened.is_ok(), "{:?}", opened.err());
    }

    /// No text makes it lose its place, and a text without names stays.
    #[test]
    fn any_text_is_taken(text in "\\PC{0,60}") {
        let _shown = shown(&text);
    }
}
