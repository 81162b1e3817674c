//! The address and the port that a line names. Both come from one place in it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::line::Line;
use super::wording::PORT;
use crate::machine::{Port, Protocol};

/// An address and a port that stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub port: Port,
    /// `None` for every address, or where only the port is told.
    pub address: Option<IpAddr>,
    /// Where it is written with the port: `5432/tcp`.
    pub protocol: Option<Protocol>,
    form: Form,
    at: usize,
}

/// How it is written, the surest form first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    /// Address and port: `0.0.0.0:80`, `[::]:80`, `*:80`, `:80`, `port 22 on 0.0.0.0`.
    Pair,
    /// The name of a part that listens: `http-nio-8080`.
    Part,
    /// `port 80`, `port: 3306`, `port [8005]`.
    Word,
    /// `http://127.0.0.1:9000/`.
    Url,
    /// `localhost:80`.
    Host,
}

/// A piece of a line between blanks, brackets and quotes.
#[derive(Debug, Clone, Copy)]
struct Token<'a> {
    text: &'a str,
    at: usize,
}

/// The endpoint that the line is about.
pub(super) fn find(line: &Line) -> Option<Endpoint> {
    // nginx names the client, the server and the host, too; the connection that failed is the one upstream.
    let upstream = line.lower.find("upstream: ");
    all(line)
        .into_iter()
        .filter(|endpoint| upstream.is_none_or(|at| endpoint.at > at))
        .min_by_key(|endpoint| (endpoint.form, endpoint.at))
}

/// The endpoint of a line without an error, for an error below it: only where the line is about something that listens.
pub(super) fn find_above(line: &Line) -> Option<Endpoint> {
    let endpoint = find(line)?;
    let asks = line.asks_for_port() || line.has("server on") || line.has("starting") || line.tells_of_failure();
    let listens = asks && !line.connects();
    (endpoint.form == Form::Part || listens || line.has("?")).then_some(endpoint)
}

/// The endpoint of a line without an error, for an error above it. What comes up below an error is something else: only what goes on
/// with the message, asks about it or tells of a failure itself counts.
pub(super) fn find_below(line: &Line) -> Option<Endpoint> {
    let endpoint = find_above(line)?;
    (line.continues() || line.has("?") || line.tells_of_failure()).then_some(endpoint)
}

/// The address of a line that names no port: `could not bind IPv4 address "127.0.0.1"`.
pub(super) fn lone_address(line: &Line) -> Option<IpAddr> {
    let tokens = tokens(&line.text);
    tokens.windows(2).find(|pair| pair[0].text == "address").and_then(|pair| bare_address(pair[1].text))
}

/// Whether the line names an address: `bind() to 0.0.0.0`, `»::«`.
pub(super) fn names_an_address(line: &Line) -> bool {
    tokens(&line.text).iter().any(|token| bare_address(token.text).is_some())
}

/// The endpoint of a connection string: `Data Source=tcp:srv-sql01,14330`.
pub(super) fn in_connection_string(line: &Line) -> Option<Endpoint> {
    let at = ["data source=", "server=tcp:", "address=tcp:"].iter().find_map(|key| Some(line.lower.find(key)? + key.len()))?;
    let value = line.lower[at..].split(';').next()?;
    let port = port(value.split_once(',')?.1.trim())?;
    Some(Endpoint { port, address: None, protocol: Some(Protocol::Tcp), form: Form::Host, at })
}

fn all(line: &Line) -> Vec<Endpoint> {
    let tokens = tokens(&line.text);
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let (before, after) = (&tokens[..index], &tokens[index + 1..]);
        if before.last().is_some_and(|token| token.text == "->") {
            continue;
        }
        let read = [
            by_colon(*token, line),
            by_neighbours(*token, before, after, line),
            part(*token),
            created(*token),
            by_word(*token, before, after),
            acceptor(*token, line),
        ];
        found.extend(read.into_iter().flatten().next());
    }
    found
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let splits = |c: char| c.is_whitespace() || "\"'(),;<>{}=`|«»„“”「」（），、。".contains(c);
    let mut tokens = Vec::new();
    let mut start = None;
    for (at, character) in text.char_indices().chain([(text.len(), ' ')]) {
        // The arrow of Docker's forwarding is a token, although it ends in a bracket.
        let arrow = text[at..].starts_with('>') && text[..at].ends_with('-');
        match (splits(character) && !arrow, start) {
            (true, Some(from)) => {
                tokens.push(Token { text: &text[from..at], at: from });
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    tokens
}

fn port(digits: &str) -> Option<Port> {
    let plain = !digits.is_empty() && digits.len() <= 5 && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|port| plain && *port > 0)
}

/// `address:port` in all the ways in which it is written.
fn by_colon(token: Token<'_>, line: &Line) -> Option<Endpoint> {
    let text = token.text.split_once("->").map_or(token.text, |(left, _)| left);
    let text = text.trim_end_matches([':', '.', '!', '?']);
    let (text, protocol) = with_protocol(text);
    let endpoint = |address, port, form| Some(Endpoint { port, address, protocol, form, at: token.at });
    let text = first_of_two(text).unwrap_or(text);
    if let Some((scheme, rest)) = text.split_once("://") {
        let authority = rest.split('/').next().unwrap_or_default();
        let (host, digits) = authority.rsplit_once(':')?;
        let address = host.trim_matches(['[', ']']).parse().ok().or_else(|| loopback(host));
        return port(digits)
            .filter(|_| scheme.bytes().all(|b| b.is_ascii_alphanumeric()))
            .and_then(|port| endpoint(address, port, Form::Url));
    }
    // OpenVPN: [AF_INET]10.0.0.1:1194, [AF_INET][undef]:1194.
    let text = text.strip_prefix("[AF_INET]").or_else(|| text.strip_prefix("[AF_INET6]")).unwrap_or(text);
    let text = text.strip_prefix("[undef]").unwrap_or(text);
    // HAProxy: [0.0.0.0:80].
    let text =
        text.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).filter(|inner| inner.contains(':')).unwrap_or(text);
    // Java: localhost/127.0.0.1:8080, SelectChannelConnector@0.0.0.0:8983.
    let text = text.rsplit_once(['/', '@']).map_or(text, |(_, tail)| tail);
    if let Ok(socket) = text.parse::<SocketAddr>() {
        return endpoint(Some(socket.ip()), socket.port(), Form::Pair).filter(|endpoint| endpoint.port > 0);
    }
    if let Some((address, digits)) = text.split_once('#') {
        return endpoint(Some(address.parse().ok()?), port(digits)?, Form::Pair);
    }
    let (host, digits) = text.rsplit_once(':')?;
    // Elasticsearch: 127.0.0.1:[9200].
    let port = digits.strip_prefix('[').map_or_else(|| port(digits), first_in_brackets)?;
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return endpoint(Some(IpAddr::V4(address)), port, Form::Pair);
    }
    if host.is_empty() {
        // Go: listen tcp :8080. After a quotation mark it is a value of something else: "pid":4461.
        let before = line.text[..token.at].chars().next_back();
        return endpoint(None, port, Form::Pair).filter(|_| before.is_none_or(|c| c.is_whitespace() || "([=>`".contains(c)));
    }
    if ["*", "[*]", "null"].contains(&host) {
        return endpoint(None, port, Form::Pair);
    }
    // Node.js writes IPv6 addresses without brackets: ":::3000" is port 3000 on "::".
    if host.contains(':') && (host == "::" || follows_an_error_name(&line.text[..token.at])) {
        return endpoint(Some(host.parse::<IpAddr>().ok()?), port, Form::Pair);
    }
    loopback(host).map_or_else(
        || endpoint(None, port, Form::Host).filter(|_| is_host_name(host) || is_named_as_host(host, &line.text[..token.at])),
        |address| endpoint(Some(address), port, Form::Host),
    )
}

/// Whether the text ends in a call of Node.js and the name of its error: `listen EADDRINUSE: address already in use `, `connect ECONNREFUSED `.
fn follows_an_error_name(before: &str) -> bool {
    /// From the call to the address.
    const FARTHEST: usize = 80;
    let from = (before.len().saturating_sub(FARTHEST)..=before.len()).find(|at| before.is_char_boundary(*at)).unwrap_or(0);
    let is_error = |word: &str| word.len() > 3 && word.starts_with('E') && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let mut words = before[from..].split_whitespace().map(|word| word.trim_end_matches(':')).peekable();
    while let Some(word) = words.next() {
        if ["listen", "bind", "connect"].contains(&word) && words.peek().is_some_and(|next| is_error(next)) {
            return true;
        }
    }
    false
}

/// `5432/tcp` without the protocol, and the protocol.
fn with_protocol(text: &str) -> (&str, Option<Protocol>) {
    let known = |name: &str| Protocol::ALL.into_iter().find(|protocol| name.eq_ignore_ascii_case(protocol.as_str()));
    let found = text.rsplit_once('/').and_then(|(digits, name)| Some((digits, known(name)?)));
    found.map_or((text, None), |(digits, protocol)| (digits, Some(protocol)))
}

/// Docker writes the port here and the one in the container as `0.0.0.0:8080:172.17.0.2:80`.
fn first_of_two(text: &str) -> Option<&str> {
    let (here, port_there) = text.rsplit_once(':')?;
    let (here, address_there) = here.rsplit_once(':')?;
    port(port_there)?;
    address_there.parse::<Ipv4Addr>().ok()?;
    here.contains(':').then_some(here)
}

fn loopback(host: &str) -> Option<IpAddr> {
    host.eq_ignore_ascii_case("localhost").then_some(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

/// A name with a dot that is not the name of a source file: `db.example.org`, not `Connector.java`.
fn is_host_name(host: &str) -> bool {
    const SOURCES: [&str; 16] =
        ["java", "js", "ts", "mjs", "cjs", "py", "rb", "go", "rs", "c", "cc", "cpp", "h", "php", "conf", "cfg"];
    let plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    let last = host.rsplit('.').next().unwrap_or_default();
    plain && host.contains('.') && last.starts_with(|c: char| c.is_ascii_alphabetic()) && !SOURCES.contains(&last)
}

/// A name without a dot, where the words in front say that it is a computer: `connecting to redis:6379`, `dial tcp db:5432`.
fn is_named_as_host(host: &str, before: &str) -> bool {
    let plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let word = before.trim_end_matches(['"', '\'', '(', ' ']).rsplit(' ').next().unwrap_or_default();
    plain && host.starts_with(|c: char| c.is_ascii_alphabetic()) && ["to", "on", "tcp", "udp"].contains(&word)
}

/// An address and a port with words or signs between them.
fn by_neighbours(token: Token<'_>, before: &[Token<'_>], after: &[Token<'_>], line: &Line) -> Option<Endpoint> {
    let endpoint = |port, address| Some(Endpoint { port, address, protocol: None, form: Form::Pair, at: token.at });
    let address = |token: &Token<'_>| bare_address(token.text);
    let bare = |token: &Token<'_>| bare_port(token.text);
    // SQL Server: [ 'any' <ipv4> 1433].
    if token.text == "ipv4" || token.text == "ipv6" {
        return endpoint(bare(after.first()?)?, before.last().and_then(address))
            .map(|found| Endpoint { form: Form::Part, ..found });
    }
    // "0.0.0.0" port 3000; ('0.0.0.0', 8000); bind(0.0.0.0, 143).
    if let Some(address) = address(&token) {
        let next = after.first()?;
        if is_port_word(next.text) {
            return endpoint(bare(after.get(1)?)?, Some(address));
        }
        let between = &line.text[token.at + token.text.len()..next.at];
        return endpoint(bare(next)?, Some(address))
            .filter(|_| between.contains(',') && line.text[..token.at].ends_with(['(', '\'', '"']));
    }
    // port 22 on 0.0.0.0; port 445 socket_addr = 0.0.0.0.
    let word = before.last().filter(|word| is_port_word(word.text))?;
    let joint = after.first().filter(|joint| ["on", "at", "socket_addr"].contains(&joint.text) && word.at < token.at)?;
    let found = after.get(1).filter(|next| next.at > joint.at).and_then(address)?;
    endpoint(bare(&token)?, Some(found))
}

/// Tomcat's connectors: `http-nio-8080`, `AJP/1.3-8010`, `https-jsse-nio-127.0.0.1-8443`.
fn part(token: Token<'_>) -> Option<Endpoint> {
    let text = token.text.trim_end_matches(']').rsplit('[').next()?;
    let scheme = text.split(['-', '/']).next()?.to_ascii_lowercase();
    let (_, digits) = text.rsplit_once('-').filter(|_| ["http", "https", "ajp"].contains(&scheme.as_str()))?;
    Some(Endpoint { port: port(digits)?, address: None, protocol: Some(Protocol::Tcp), form: Form::Part, at: token.at })
}

/// The port that old Tomcats cannot create for their shutdown: `create[8005]`, `create[localhost:8005]`.
fn created(token: Token<'_>) -> Option<Endpoint> {
    let inner = token.text.strip_prefix("create[")?.trim_end_matches(':').strip_suffix(']')?;
    let port = port(inner.rsplit_once(':').map_or(inner, |(_, digits)| digits))?;
    Some(Endpoint { port, address: None, protocol: Some(Protocol::Tcp), form: Form::Part, at: token.at })
}

/// `port 80`, `port: 3306`, `port [8005]`, `TCP port 1433`, `port 5432/tcp`, `Port already in use: 9010`, `Failed to bind to [9200]`.
fn by_word(token: Token<'_>, before: &[Token<'_>], after: &[Token<'_>]) -> Option<Endpoint> {
    let mut previous = before.iter().rev().map(|token| token.text.trim_end_matches(':')).filter(|text| !text.is_empty());
    let last = previous.next()?;
    let (digits, protocol) = with_protocol(token.text);
    let bracketed =
        digits.starts_with('[') && last == "to" && previous.next().is_some_and(|word| word.eq_ignore_ascii_case("bind"));
    // Kubernetes: `spec.ports[0].nodePort: Invalid value: 30080`.
    let refused = || last == "value" && before.iter().rev().nth(2).is_some_and(|token| token.text.ends_with("Port:"));
    let named = is_port_word(last)
        || refused()
        || (["number", "no"].contains(&last) && previous.next().is_some_and(is_port_word))
        || (last == "use" && previous.take(3).any(is_port_word));
    if !(named || bracketed) {
        return None;
    }
    // "port 80" but not "ports 80 of 100".
    let counted = after.first().is_some_and(|next| next.text == "of");
    let read = if bracketed { first_in_brackets(&digits[1..]) } else { bare_port(digits.strip_prefix(':').unwrap_or(digits)) };
    let port = read.filter(|_| !counted)?;
    Some(Endpoint { port, address: None, protocol, form: Form::Word, at: token.at })
}

/// Erlang's listeners: `{acceptor,{0,0,0,0,0,0,0,0},5672}`.
fn acceptor(token: Token<'_>, line: &Line) -> Option<Endpoint> {
    let rest = line.text[token.at..].strip_prefix("acceptor,{")?;
    // An address has eight numbers at most.
    let end = rest.bytes().take(64).position(|byte| byte == b'}')?;
    let digits = rest.get(end + 1..)?.strip_prefix(',')?;
    let digits = &digits[..digits.bytes().take(6).position(|byte| byte == b'}')?];
    Some(Endpoint { port: port(digits)?, address: None, protocol: Some(Protocol::Tcp), form: Form::Pair, at: token.at })
}

/// An address alone, before a colon or at the end of a sentence, too; `::` ends in colons itself.
fn bare_address(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches(['[', ']']);
    text.parse().or_else(|_| text.strip_suffix([':', '.']).unwrap_or(text).parse()).ok()
}

fn bare_port(text: &str) -> Option<Port> {
    port(text.trim_matches(['[', ']']).trim_end_matches(['.', ':', '!', '?', ']']))
}

/// `9200]`; of the ports that are tried in turn, `9200-9300]`, the first one.
fn first_in_brackets(text: &str) -> Option<Port> {
    let text = text.trim_end_matches([']', '.', ':']);
    let Some((first, last)) = text.split_once('-') else { return port(text) };
    port(first).filter(|first| port(last).is_some_and(|last| *first <= last))
}

fn is_port_word(text: &str) -> bool {
    let text = text.trim_end_matches(':').to_lowercase();
    PORT.contains(&text.as_str()) || text.strip_suffix("(s)").is_some_and(|text| text == "port")
}
