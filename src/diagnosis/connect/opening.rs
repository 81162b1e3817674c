//! What may be said to who answers, so that it shows what it is. Where the catalogue does not know the port, nothing is said.

use super::Wanted;
use crate::catalog::{self, Product};
use crate::machine::connect::Opening;
use crate::machine::{Port, Protocol};

/// What to say after the connection is made.
///
/// The product that was named decides; without one most of the products that have the port must speak alike, or nothing is sent.
pub fn opening(wanted: &Wanted) -> Opening {
    let Some(port) = wanted.port else { return Opening::Nothing };
    if wanted.is_sql() {
        return Opening::Tds;
    }
    if let Some(product) = wanted.known_product() {
        return of(product, port).unwrap_or(Opening::Nothing);
    }
    let all: Vec<Opening> = catalog::products().iter().filter_map(|product| of(product, port)).collect();
    let most = |own: &Opening| 2 * all.iter().filter(|other| *other == own).count() > all.len();
    [Opening::Http, Opening::Tls].into_iter().find(most).unwrap_or(Opening::Nothing)
}

/// What the product is asked at this port; `None` where the port is not one of its own.
fn of(product: &Product, port: Port) -> Option<Opening> {
    let own = product.ports.iter().find(|own| own.port == port && own.protocol == Protocol::Tcp)?;
    if product.id == "sqlserver" {
        return Some(Opening::Tds);
    }
    let words: Vec<&str> = own.purpose.split(|c: char| !c.is_alphanumeric()).collect();
    let says = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    Some(match () {
        () if says(&["HTTPS", "TLS", "SSL"]) => Opening::Tls,
        () if says(&["HTTP"]) => Opening::Http,
        () => Opening::Nothing,
    })
}

#[cfg(test)]
mod tests {
    use super::{Opening, Wanted, opening};

    #[test]
    fn only_what_the_catalogue_knows_is_spoken_to() {
        for (host, what, expected) in [
            ("db1", Some("1433"), Opening::Tds),
            (r"db1\SALES,50123", None, Opening::Tds),
            ("web1", Some("443"), Opening::Tls),
            ("web1", Some("80"), Opening::Http),
            ("web1", Some("nginx"), Opening::Http),
            ("db1", Some("5432"), Opening::Nothing),
            ("db1", Some("61234"), Opening::Nothing),
            ("srv1", Some("22"), Opening::Nothing),
        ] {
            assert_eq!(opening(&Wanted::parse(host, what).unwrap()), expected, "{host} {what:?}");
        }
    }
}
