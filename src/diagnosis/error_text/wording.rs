//! How systems and programs word an error. Numbers and names decide first; these are for texts that have neither.

use super::sign::Sign;

/// Names of errors and sentences that mean one thing wherever they stand, in lower case.
///
/// The names are those of POSIX and Winsock, the sentences those of glibc, Windows, Docker, gunicorn and the .NET and Java libraries.
pub(super) const SENTENCES: [(&str, Sign); 31] = [
    ("eaddrinuse", Sign::InUse),
    ("addrinuse", Sign::InUse),
    ("address already in use", Sign::InUse),
    ("address in use", Sign::InUse),
    ("connection in use:", Sign::InUse),
    ("only one usage of each socket address", Sign::InUse),
    ("darf jede socketadresse", Sign::InUse),
    ("une seule utilisation de chaque adresse de socket", Sign::InUse),
    ("un uso de cada direcc", Sign::InUse),
    ("conflicts with an existing registration", Sign::InUse),
    ("port is already allocated", Sign::InUse),
    ("eacces", Sign::Denied),
    ("permission denied", Sign::Denied),
    ("in a way forbidden", Sign::Denied),
    ("zugriffsrechte des sockets", Sign::Denied),
    ("eaddrnotavail", Sign::NotAvailable),
    ("addrnotavailable", Sign::NotAvailable),
    ("cannot assign requested address", Sign::NotAvailable),
    ("can't assign requested address", Sign::NotAvailable),
    ("address is not valid in its context", Sign::NotAvailable),
    ("econnrefused", Sign::Refused),
    ("connection refused", Sign::Refused),
    ("actively refused it", Sign::Refused),
    ("enobufs", Sign::NoRoom),
    ("sufficient buffer space", Sign::NoRoom),
    ("no buffer space available", Sign::NoRoom),
    ("ephemeral port number", Sign::NoRoom),
    ("causing all available local ports to be used", Sign::NoRoom),
    ("verbindungsaufbau abgelehnt", Sign::Refused),
    ("connexion refusée", Sign::Refused),
    ("conexión rehusada", Sign::Refused),
];

/// "In use" and its kin, which mean a port only beside one. In lower case; glibc's translations of `EADDRINUSE` are among them.
pub(super) const IN_USE: [&str; 37] = [
    "already in use",
    "is in use",
    "in use by another",
    "already being used",
    "already used",
    "already bound",
    "already running on port",
    "already listening",
    "bereits verwendet",
    "bereits belegt",
    "déjà utilisé",
    "déjà en cours d'utilisation",
    "ya se está usando",
    "está en uso",
    "già in uso",
    "já em uso",
    "já está em uso",
    "al in gebruik",
    "już w użyciu",
    "allerede i bru",
    "redan upptagen",
    "jo käytössä",
    "je užívána",
    "je používaná",
    "már használatban",
    "se već koriste",
    "že v rabi",
    "zaten kullan",
    "же используется",
    "же використано",
    "ече се използва",
    "已在使用",
    "已被占用",
    "已經有在使用",
    "既に使用",
    "すでに使用",
    "이미 사용",
];

/// "Permission denied" in other languages (glibc's), which means a port only where one is asked for.
pub(super) const DENIED: [&str; 14] = [
    "keine berechtigung",
    "permission non accordée",
    "permiso denegado",
    "permesso negato",
    "permissão negada",
    "permissão recusada",
    "toegang geweigerd",
    "brak dostępu",
    "тказано в доступе",
    "відмовлено у доступі",
    "权限不够",
    "許可がありません",
    "허가 거부",
    "erişim engellendi",
];

/// What servers say when they give up on their ports without a reason: BIND, nginx, Unbound, Apache, Net-SNMP, PostgreSQL and HAProxy.
pub(super) const GIVEN_UP: [&str; 7] = [
    "unable to listen on any",
    "still could not bind",
    "could not open ports",
    "no listening sockets available",
    "opening specified endpoint",
    "could not create any tcp/ip sockets",
    "failed to start their listeners",
];

/// Words for "port" that stand before its number.
pub(super) const PORT: [&str; 9] = ["port", "ports", "puerto", "porta", "порт", "порту", "端口", "ポート", "포트"];

/// Words that end right before the number of an error.
pub(super) const ERROR: [&str; 12] =
    ["errno", "error", "err", "code", "errcode", "winerror", "fehler", "fehlercode", "erreur", "errore", "ошибка", "エラー"];

/// Words that say that something did not work.
pub(super) const FAILURE: [&str; 12] = [
    "fail",
    "could not",
    "couldn't",
    "cannot",
    "can't",
    "can not",
    "unable",
    "not available",
    "fehler",
    "échec",
    "не удалось",
    "unexpected",
];
