//! Which letters languages have beside those of ASCII, and in which code pages Windows writes them.

/// A language, or several with the same letters.
pub struct Language {
    /// Its small letters that ASCII does not have.
    pub letters: &'static str,
    /// Those that are seldom.
    pub seldom: &'static str,
    /// Those that stand at the end of words alone.
    pub last: &'static str,
    /// Its code pages: that of the console first, then that of windows and files.
    pub pages: &'static [u16],
}

const fn language(letters: &'static str, pages: &'static [u16]) -> Language {
    Language { letters, seldom: "", last: "", pages }
}

const WEST: &[u16] = &[850, 1252, 437];
const CENTRE: &[u16] = &[852, 1250];
const CYRILLIC: &[u16] = &[866, 1251];

/// The languages that can be told apart. Of those that explain a text equally well the first one is taken: the wide-spread stand first.
pub const LANGUAGES: &[Language] = &[
    language("äöüß", WEST),                                                  // German
    language("àâæçéèêëîïôœûü", WEST),                                        // French
    language("áéíóúñü", WEST),                                               // Spanish
    language("àáâãçéêíóôõú", WEST),                                          // Portuguese
    Language { letters: "àèéìòù", seldom: "", last: "àèéìòù", pages: WEST }, // Italian
    language("éèëïöü", WEST),                                                // Dutch
    language("åäöé", WEST),                                                  // Swedish, Finnish
    language("æøåé", WEST),                                                  // Danish, Norwegian
    language("ąćęłńóśźż", CENTRE),                                           // Polish
    language("áčďéěíňóřšťúůýž", CENTRE),                                     // Czech
    language("áäčďéíĺľňóôŕšťúýž", CENTRE),                                   // Slovak
    language("áéíóöőúüű", CENTRE),                                           // Hungarian
    language("ăâîșțşţ", CENTRE),                                             // Romanian
    language("čćđšž", CENTRE),                                               // Croatian, Slovenian
    Language {
        letters: "абвгдежзийклмнопрстуфхцчшщъыьэюяё", seldom: "гбзжшчйхцщюэфъё", last: "", pages: CYRILLIC
    }, // Russian
    Language {
        letters: "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", seldom: "гбзжшчйхцщюфґє", last: "", pages: CYRILLIC
    }, // Ukrainian
    language("çğıöşüâî", &[857, 1254]),                                      // Turkish
    Language {
        letters: "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ", seldom: "βζξχψϊϋΐΰ", last: "", pages: &[737, 1253]
    }, // Greek
    language("áðéíóúýþæö", WEST),                                            // Icelandic
    language("ąčęėįšųūž", &[775, 1257]),                                     // Lithuanian
    language("āčēģīķļņšūž", &[775, 1257]),                                   // Latvian
    language("àáâãçéêíóôõú", &[860]),                                        // Portuguese of DOS
];

/// The syllables that Korean of consoles and everyday text has the most.
pub const KOREAN: &str = "이다는을의에하고지가로한기사도리자시대어서인은를정해아나라그스일으있수들만것보부조전제게면상경주과구여니성장미원비소공동\
    신계방실연관위들무선학문용생산분습세발화중오우모트음마요등내물권진안단때드국체재법거치교회심행결업유영바운입년물파차타통표프토콜\
    적포범활로컬외태름작종없야알않했되된할합료설속준추접근버퍼네워크윈루템명령역허권액세스호번디렉터활끝목록값류역최초";
