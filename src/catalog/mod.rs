//! What is known about products: their names, units and services, ports, where these are set, and logs. The knowledge is data, in
//! `assets/catalog`.
//!
//! Pure: the data is part of the executable. It is read when the first question is asked.

mod phrases;
mod product;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

pub use phrases::Phrases;
use product::plain;
pub use product::{ConfigFormat, ConfigPlace, Product, ProductPort, WindowsPlace, WindowsSetting};

/// The data, a file a field.
const FILES: [(&str, &str); 19] = [
    ("applications.toml", include_str!("../../assets/catalog/applications.toml")),
    ("backup.toml", include_str!("../../assets/catalog/backup.toml")),
    ("builds.toml", include_str!("../../assets/catalog/builds.toml")),
    ("collectors.toml", include_str!("../../assets/catalog/collectors.toml")),
    ("databases-more.toml", include_str!("../../assets/catalog/databases-more.toml")),
    ("databases.toml", include_str!("../../assets/catalog/databases.toml")),
    ("development.toml", include_str!("../../assets/catalog/development.toml")),
    ("files.toml", include_str!("../../assets/catalog/files.toml")),
    ("identity.toml", include_str!("../../assets/catalog/identity.toml")),
    ("mail.toml", include_str!("../../assets/catalog/mail.toml")),
    ("messaging.toml", include_str!("../../assets/catalog/messaging.toml")),
    ("monitoring.toml", include_str!("../../assets/catalog/monitoring.toml")),
    ("network.toml", include_str!("../../assets/catalog/network.toml")),
    ("remote.toml", include_str!("../../assets/catalog/remote.toml")),
    ("security.toml", include_str!("../../assets/catalog/security.toml")),
    ("web.toml", include_str!("../../assets/catalog/web.toml")),
    ("windows-network.toml", include_str!("../../assets/catalog/windows-network.toml")),
    ("windows-server.toml", include_str!("../../assets/catalog/windows-server.toml")),
    ("windows.toml", include_str!("../../assets/catalog/windows.toml")),
];

/// Every product, in the order of the files.
pub fn products() -> &'static [Product] {
    static PRODUCTS: LazyLock<Vec<Product>> = LazyLock::new(|| {
        // A file that cannot be read cannot get here: a test reads each.
        FILES.iter().flat_map(|(_, text)| parse(text).unwrap_or_default()).collect()
    });
    &PRODUCTS
}

/// The product that a systemd unit belongs to: `nginx.service`, `ssh.socket`, `postgresql@15-main.service`.
pub fn product_of_unit(unit: &str) -> Option<&'static Product> {
    static BY_UNIT: LazyLock<HashMap<&str, &Product>> = LazyLock::new(|| {
        products().iter().flat_map(|product| product.units.iter().map(move |unit| (&**unit, product))).collect()
    });
    let unit = unit.strip_suffix(".service").or(unit.strip_suffix(".socket")).unwrap_or(unit);
    let template = unit.split_once('@').map_or(unit, |(template, _)| template);
    BY_UNIT.get(template).copied()
}

/// The product that a Windows service belongs to, by the service's name, not by the one that is displayed: `MSSQL$SALES`.
pub fn product_of_windows_service(service: &str) -> Option<&'static Product> {
    static BY_SERVICE: LazyLock<Vec<(String, &Product)>> = LazyLock::new(|| {
        let services =
            |product: &'static Product| product.windows_services.iter().map(move |name| (name.to_lowercase(), product));
        products().iter().flat_map(services).collect()
    });
    // Windows does not tell upper from lower case in the names of services.
    let service = service.to_lowercase();
    BY_SERVICE.iter().find(|(pattern, _)| fits(pattern, &service)).map(|(_, product)| *product)
}

/// The product that people call `name`: case, blanks and hyphens do not count.
pub fn product_called(name: &str) -> Option<&'static Product> {
    static BY_NAME: LazyLock<HashMap<String, &Product>> = LazyLock::new(|| {
        let mut by_name = HashMap::new();
        for product in products() {
            for name in product.names() {
                // Of two products the first one has the name.
                by_name.entry(plain(name)).or_insert(product);
            }
        }
        by_name
    });
    BY_NAME.get(plain(name).as_str()).copied()
}

/// The product that wrote a log line, where its form tells: of several, the first one.
pub fn product_of_line(line: &str) -> Option<&'static Product> {
    static MARKS: LazyLock<(Phrases, Vec<&Product>)> = LazyLock::new(|| {
        let marks = || products().iter().flat_map(|product| product.marks.iter().map(move |mark| (mark.as_str(), product)));
        (Phrases::new(marks().map(|(mark, _)| mark)), marks().map(|(_, product)| product).collect())
    });
    let (marks, products) = &*MARKS;
    marks.all_in(line).min().map(|mark| products[mark])
}

/// Whether `name` is `pattern`, where a `*` stands for an instance, which has at least one letter.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => {
            name.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).is_some_and(|instance| !instance.is_empty())
        }
    }
}

fn parse(text: &str) -> Result<Vec<Product>, toml::de::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        product: Vec<Product>,
    }
    toml::from_str::<File>(text).map(|file| file.product)
}
