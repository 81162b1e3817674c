use proptest::prelude::*;

use super::{Decoded, Encoding, code_page, decode};

/// What consoles and logs print, by language, and its code pages.
const TEXTS: &[(&str, &[u16], &[&str])] = &[
    (
        "German",
        &[850, 1252],
        &[
            "Dynamischer Portbereich für Protokoll tcp",
            "  TCP    0.0.0.0:135            0.0.0.0:0              ABHÖREN         1128",
            "Die Anforderung erfordert höhere Rechte (Als Administrator ausführen).",
            "Der Dienst konnte nicht gestartet werden: Zugriff auf einen Socket ist unzulässig.",
            "Ausgeschlossene Portbereiche für das Protokoll \"tcp\"",
        ],
    ),
    (
        "French",
        &[850, 1252],
        &[
            "Port de début    Port de fin",
            "Impossible d'obtenir les informations de propriétaire",
            "Le service Réseau a été arrêté à 12:04, problème d'accès.",
            "Numéro de session, Mémoire utilisée",
        ],
    ),
    (
        "Spanish",
        &[850, 1252],
        &[
            "Número de puertos : 16384",
            "Rango de puertos dinámico del protocolo tcp",
            "Nombre de imagen   PID Nombre de sesión Núm. de ses Uso de memoria, año",
        ],
    ),
    (
        "Portuguese",
        &[850, 1252],
        &[
            "Intervalo de Portas Dinâmicas tcp do Protocolo",
            "Número de Portas : 16384",
            "Conexões ativas, não é possível obter informações",
        ],
    ),
    ("Italian", &[850, 1252], &["La porta è già utilizzata da un'altra attività", "Connessioni attive: però più"]),
    ("Swedish", &[850, 1252], &["Aktiva anslutningar på datorn är öppna", "Antal portar för protokollet"]),
    ("Danish", &[850, 1252], &["Kørende tjenester på værten, åben", "Tjenesten kunne ikke få adgang til både læse og øvrige"]),
    (
        "Polish",
        &[852, 1250],
        &[
            "Port początkowy    Port końcowy",
            "Liczba portów : 16384, Aktywne połączenia",
            "Usługa nie została uruchomiona, ponieważ dostęp jest zabroniony",
        ],
    ),
    ("Czech", &[852, 1250], &["Počáteční port    Koncový port", "Počet portů : 16384", "Aktivní připojení, služba neběží"]),
    ("Hungarian", &[852, 1250], &["Kezdőport    Portok száma", "Aktív kapcsolatok, a szolgáltatás nem működik, külső űrlap"]),
    (
        "Russian",
        &[866, 1251],
        &[
            "Начальный порт         : 49152",
            "Число портов           : 16384",
            "Активные подключения",
            "  Имя    Локальный адрес   Внешний адрес   Состояние   PID",
        ],
    ),
    ("Greek", &[737, 1253], &["Αριθμός θυρών : 16384", "Θύρα έναρξης και λήξης"]),
    ("Turkish", &[857, 1254], &["Başlangıç Bağlantı Noktası", "Etkin Bağlantılar, hizmet başlatılamadı"]),
    (
        "Japanese",
        &[932],
        &["プロトコル tcp の動的ポートの範囲", "開始ポート     : 49152", "ポート数       : 16384", "アクティブな接続"],
    ),
    (
        "Chinese",
        &[936],
        &["协议 tcp 动态端口范围", "启动端口        : 49152", "端口数          : 16384", "活动连接", "开始端口    结束端口"],
    ),
    ("Korean", &[949], &["프로토콜 tcp 동적 포트 범위", "시작 포트       : 49152", "포트 수         : 16384", "활성 연결"]),
];

/// The bytes of a text in a code page, by trying each character.
fn encoded(text: &str, page: u16) -> Vec<u8> {
    let multibyte = match page {
        932 => Some(encoding_rs::SHIFT_JIS),
        936 => Some(encoding_rs::GBK),
        949 => Some(encoding_rs::EUC_KR),
        _ => None,
    };
    if let Some(encoding) = multibyte {
        return encoding.encode(text).0.into_owned();
    }
    let upper = code_page::upper_half(page);
    let byte = |character: char| {
        let place = || upper.iter().position(|here| *here == character).map(|place| u8::try_from(place + 0x80).unwrap());
        u8::try_from(character).ok().filter(u8::is_ascii).or_else(place).unwrap()
    };
    text.chars().map(byte).collect()
}

#[test]
fn each_line_of_each_language_is_named_and_decoded_in_its_code_pages() {
    let mut wrong = Vec::new();
    for (language, pages, lines) in TEXTS {
        for page in *pages {
            for line in lines.iter().filter(|line| !line.is_ascii()) {
                let bytes = encoded(line, *page);
                let decoded = decode(&bytes).unwrap();
                if (&*decoded.text, decoded.encoding) != (*line, Encoding::CodePage(*page)) {
                    wrong.push(format!("{language} in {page}: {} {}", decoded.encoding, decoded.text));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

proptest! {
    #[test]
    fn a_file_of_lines_of_one_language_is_named_and_decoded(
        language in 0..TEXTS.len(),
        page in 0..2_usize,
        order in proptest::collection::vec(0..9_usize, 1..40),
    ) {
        let (_, pages, lines) = TEXTS[language];
        let page = pages[page % pages.len()];
        let mut text: String = order.iter().flat_map(|index| [lines[index % lines.len()], "\r\n"]).collect();
        text.push_str("  TCP    10.0.0.1:80   10.0.0.2:50123   ESTABLISHED   4412\r\n");
        text.push_str(lines[0]);
        let bytes = encoded(&text, page);
        let decoded = decode(&bytes).unwrap();
        prop_assert_eq!(&*decoded.text, text);
        prop_assert_eq!(decoded.encoding, Encoding::CodePage(page));
    }

    #[test]
    fn any_bytes_are_text_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..4000)) {
        if let Ok(decoded) = decode(&bytes) {
            prop_assert!(decoded.text.len() <= bytes.len() * 3 + 3);
        }
    }
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn utf_16_is_read_with_and_without_a_mark_from_both_ends() {
    let text = "Protokoll für 协议动态端口范围 tcp\r\n-----\r\nPorts : 5\r\n";
    let big = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    let cases = [
        ([&b"\xff\xfe"[..], &wide(text)].concat(), Encoding::Utf16LeBom),
        (wide(text), Encoding::Utf16Le),
        ([&b"\xfe\xff"[..], &big(text)].concat(), Encoding::Utf16BeBom),
        (big(text), Encoding::Utf16Be),
    ];
    for (bytes, encoding) in cases {
        let decoded = decode(&bytes).unwrap();
        assert_eq!((&*decoded.text, decoded.encoding), (text, encoding));
    }
}

#[test]
fn text_of_one_form_behind_text_of_another_is_read_as_what_it_is() {
    let (first, second) = ("Erste Zeile: ABHÖREN\r\n", "Zweite Zeile: für Höhen\r\n");
    let mark = b"\xff\xfe";
    let cases = [
        [mark, &*wide(first), second.as_bytes()].concat(),
        [mark, &*wide(first), &encoded(second, 850)].concat(),
        [first.as_bytes(), &wide(second)].concat(),
        [first.as_bytes(), mark, &wide(second)].concat(),
        [&*encoded(first, 850), &wide(second)].concat(),
        [first.as_bytes(), &encoded(second, 850)].concat(),
        [&*encoded(first, 850), second.as_bytes()].concat(),
    ];
    let pages = [encoded(second, 1252), encoded(second, 850)].concat();
    assert_eq!(decode(&pages).unwrap(), Decoded { text: format!("{second}{second}").into(), encoding: Encoding::Mixed });
    for bytes in cases {
        let decoded = decode(&bytes).unwrap();
        assert_eq!((&*decoded.text, decoded.encoding), (&*format!("{first}{second}"), Encoding::Mixed), "{bytes:?}");
    }
}

#[test]
fn ascii_and_utf_8_are_borrowed() {
    for (text, encoding) in [("plain\n", Encoding::Ascii), ("für\n", Encoding::Utf8), ("Plages d’exclusion\n", Encoding::Utf8)]
    {
        let decoded = decode(text.as_bytes()).unwrap();
        assert!(matches!(decoded.text, std::borrow::Cow::Borrowed(_)));
        assert_eq!(decoded.encoding, encoding);
    }
    let marked = decode(b"\xef\xbb\xbfplain\n").unwrap();
    assert_eq!((&*marked.text, marked.encoding), ("plain\n", Encoding::Utf8Bom));
}

#[test]
fn text_cut_off_in_a_character_keeps_its_name() {
    let text = "Protokoll für Höhen\nPort für A\u{2026}";
    let decoded = decode(&text.as_bytes()[..text.len() - 1]).unwrap();
    assert_eq!(decoded.encoding, Encoding::Utf8);
    assert!(decoded.text.starts_with("Protokoll für Höhen\nPort für A"));
}

#[test]
fn signs_of_products_and_blanks_in_numbers_are_of_windows() {
    for (bytes, text, page) in [
        (&b"svc.exe,Microsoft\xae Windows\xae Operating"[..], "svc.exe,Microsoft® Windows® Operating", 1252),
        (b"svchost.exe  812 Services 0 12\xff345 Ko, m\x82moire", "svchost.exe  812 Services 0 12\u{a0}345 Ko, mémoire", 850),
        (
            b"C:\\Users\\Jos\x82>netstat -ano\r\n  Proto  Local Address",
            "C:\\Users\\José>netstat -ano\r\n  Proto  Local Address",
            437,
        ),
    ] {
        let decoded = decode(bytes).unwrap();
        assert_eq!((&*decoded.text, decoded.encoding), (text, Encoding::CodePage(page)));
    }
}

#[test]
fn colours_of_a_terminal_are_no_text() {
    assert_eq!(decode(b"\x1b[1;31merror\x1b[0m: port \x1b[K80").unwrap().text, "error: port 80");
}

#[test]
fn what_is_no_text_is_named() {
    let noise: Vec<u8> = (0..4000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[1]).collect();
    for (bytes, word) in [
        (&b"\x89PNG\r\n\x1a\n TCP 0.0.0.0:80"[..], "picture"),
        (b"PK\x03\x04\x14\0\0\0", "archive"),
        (b"ElfFile\0\0\0", "event log"),
        (b"MZ\x90\0\x03\0\0\0\x04\0", "program"),
        (b"\x7fELF\x02\x01", "program"),
        (&noise, "no text"),
    ] {
        assert!(decode(bytes).unwrap_err().0.contains(word), "{word}");
    }
}
