//! The words for the states of a connection, of every tool and language that translates them.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::machine::SocketState::{
    self, Bound, CloseWait, Closing, Established, FinWait1, FinWait2, LastAck, Listen, SynReceived, SynSent, TimeWait,
};

/// Words in small letters, without blanks, dashes and underscores. The last ones of each row are translations of `netstat`.
static WORDS: [(SocketState, &str); 11] = [
    (
        Listen,
        "listen listening abhören nasłuchiwanie nasłuchuje escuchando ascolto inascolto écoute ecoute enécoute \
         escutando escuta aescutar прослушивание слушает figyel figyelés figyelő naslouchání naslouchá dinleniyor \
         dinleme lyssnar lyssnande lytter luisteren kuuntelee 侦听 监听 正在侦听 接聽 聆聽 リッスン 待機 수신 수신대기",
    ),
    (
        Established,
        "established estab hergestellt ustanowiono ustanowione establecido establecida stabilita stabilito établie \
         établi estabelecido estabelecida установлено установлен létesítve létrehozva kapcsolódva navázáno spojeno \
         kuruldu kurulmuş bağlı etablerad etableret etablert tilsluttet verbonden muodostettu 已建立 建立 已建立连接 確立 연결 \
         연결됨 설정됨",
    ),
    (
        TimeWait,
        "timewait wartend zeitwarten czasoczekiwania oczekiwanie tiempoespera tiempodeespera attesatempo \
         tempsattente attentetemps tempoespera ожидание időkivárás várakozás idővárás časčekání zamanbekleme 时间等待 \
         等待 等待时间 時間待ち 시간대기",
    ),
    (
        CloseWait,
        "closewait schliessenwarten schließenwarten zamknięcieoczekiwanie oczekiwaniezamknięcia cierreespera \
         esperacierre attesachiusura fermetureattente attentefermeture fecharespera ожиданиезакрытия lezárásravár \
         zárásravár čekánínazavření kapanmabekleme 关闭等待 終了待ち 닫기대기",
    ),
    (
        SynSent,
        "synsent syngesendet wysłanosyn synwysłano synwysłany synenviado syninviato synenvoyé synотправлен \
         synelküldve synodesláno syngönderildi syn已发送 syn送信 syn전송",
    ),
    (
        SynReceived,
        "synreceived synrecv synrcvd synempfangen odebranosyn synodebrano synodebrany synrecibido synricevuto \
         synreçu synrecebido synполучен synfogadva synpřijato synalındı syn已接收 syn受信 syn수신",
    ),
    (FinWait1, "finwait1 finwarten1 finoczekiwanie1 finespera1 finattesa1 finattente1 finожидание1"),
    (FinWait2, "finwait2 finwarten2 finoczekiwanie2 finespera2 finattesa2 finattente2 finожидание2"),
    (LastAck, "lastack letzteack letztesack ostatniack últimoack ultimoack dernierack"),
    (Closing, "closing schliessend schließend wirdgeschlossen zamykanie cerrando inchiusura fermeture fechando"),
    (Bound, "bound gebunden powiązane powiązano enlazado vinculado associato lié liée привязан 已绑定"),
];

/// The state that a word means. A letter that could not be decoded stands for any letter.
pub fn of(word: &str) -> Option<SocketState> {
    static BY_WORD: LazyLock<HashMap<&str, SocketState>> =
        LazyLock::new(|| WORDS.iter().rev().flat_map(|(state, words)| words.split(' ').map(|word| (word, *state))).collect());
    let plain: String = word.chars().filter(|c| !" _-".contains(*c)).flat_map(char::to_lowercase).collect();
    if plain.contains('\u{fffd}') {
        return WORDS.iter().find(|(_, words)| words.split(' ').any(|known| fits(&plain, known))).map(|(state, _)| *state);
    }
    BY_WORD.get(plain.as_str()).copied()
}

fn fits(damaged: &str, known: &str) -> bool {
    damaged.chars().count() == known.chars().count()
        && damaged.chars().zip(known.chars()).all(|(damaged, known)| damaged == '\u{fffd}' || damaged == known)
}

/// The state that a cell means whose end is cut off, as `Establ...`, where only one begins so.
pub fn of_cut(cell: &str) -> Option<SocketState> {
    let cell = cell.trim();
    let Some(start) = cell.strip_suffix("...").or_else(|| cell.strip_suffix('\u{2026}')) else { return of(cell) };
    let start = start.to_lowercase();
    let mut fitting = WORDS.iter().filter(|(_, words)| words.starts_with(&start));
    let first = fitting.next().filter(|_| !start.is_empty());
    first.filter(|_| fitting.next().is_none()).map(|(state, _)| *state)
}

/// The state behind a number of `MSFT_NetTCPConnection`.
pub fn of_number(number: u64) -> Option<SocketState> {
    Some(match number {
        2 => Listen,
        3 => SynSent,
        4 => SynReceived,
        5 => Established,
        6 => FinWait1,
        7 => FinWait2,
        8 => CloseWait,
        9 => Closing,
        10 => LastAck,
        11 => TimeWait,
        100 => Bound,
        _ => return None,
    })
}
