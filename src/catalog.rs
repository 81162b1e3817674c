//! What is known about products: their names, units, ports, configuration files and logs. The knowledge is data, in `assets/catalog`.
//!
//! Pure: the data is part of the executable.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::machine::{Port, Protocol, System};

/// The data, a file a field.
const FILES: [(&str, &str); 8] = [
    ("databases.toml", include_str!("../assets/catalog/databases.toml")),
    ("development.toml", include_str!("../assets/catalog/development.toml")),
    ("files.toml", include_str!("../assets/catalog/files.toml")),
    ("mail.toml", include_str!("../assets/catalog/mail.toml")),
    ("messaging.toml", include_str!("../assets/catalog/messaging.toml")),
    ("monitoring.toml", include_str!("../assets/catalog/monitoring.toml")),
    ("network.toml", include_str!("../assets/catalog/network.toml")),
    ("web.toml", include_str!("../assets/catalog/web.toml")),
];

/// A product.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Its short name for programs, never shown: `sqlserver`.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Other names that people use.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Its systemd units without `.service`. Instances (`postgresql@15-main`) belong to the unit before the `@`.
    pub units: Vec<String>,
    /// Its Windows services; a `*` at the end stands for the name of an instance.
    #[serde(default)]
    pub windows_services: Vec<String>,
    /// The ports it takes unless told otherwise, the main one first.
    pub ports: Vec<ProductPort>,
    /// Where its port is set.
    #[serde(default)]
    pub config: Vec<ConfigPlace>,
    /// Its own log files on Linux; a `*` stands for any part of a name.
    #[serde(default)]
    pub logs: Vec<String>,
    /// Texts that only the log lines of this product have.
    #[serde(default)]
    pub marks: Vec<String>,
    /// The page of its makers that tells of its ports.
    pub source: String,
}

/// A port that a product takes unless told otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductPort {
    /// The port.
    pub port: Port,
    /// The protocol.
    pub protocol: Protocol,
    /// What it is for.
    #[serde(rename = "use")]
    pub purpose: String,
}

/// A setting that moves a product to another port.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigPlace {
    /// The system it holds for.
    #[serde(default = "linux")]
    pub system: System,
    /// The file; a `*` stands for any part of a name.
    pub file: String,
    /// The section of the file, where it has sections.
    #[serde(default)]
    pub section: Option<String>,
    /// The name of the setting.
    pub setting: String,
    /// How the file is written.
    #[serde(default)]
    pub format: ConfigFormat,
    /// The purpose of the port that it moves, as in [`ProductPort::purpose`]; that of the main port where it is absent.
    #[serde(default, rename = "use")]
    pub purpose: Option<String>,
}

/// How a configuration file is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConfigFormat {
    /// One `name = value`, `name: value` or `name value` a line, in sections or not.
    #[default]
    Settings,
    /// nginx: blocks in braces, with includes.
    Nginx,
    /// Apache: directives and includes.
    Apache,
    /// PostgreSQL: settings with includes.
    Postgresql,
    /// MySQL and MariaDB: groups with includes.
    Mysql,
    /// Redis: directives with includes.
    Redis,
    /// OpenSSH: directives with includes.
    Sshd,
    /// HAProxy: sections with `bind` lines.
    Haproxy,
}

const fn linux() -> System {
    System::Linux
}

impl Product {
    /// Whether `unit` is one of its systemd units: `nginx.service`, `ssh.socket`, `postgresql@15-main.service`.
    pub fn has_unit(&self, unit: &str) -> bool {
        let unit = ["service", "socket"].iter().find_map(|kind| unit.strip_suffix(kind)?.strip_suffix('.')).unwrap_or(unit);
        let unit = unit.split_once('@').map_or(unit, |(template, _)| template);
        self.units.iter().any(|own| own == unit)
    }

    /// Whether people call it `name`: case, blanks and hyphens do not count.
    pub fn is_called(&self, name: &str) -> bool {
        let name = plain(name);
        !name.is_empty() && [&self.id, &self.name].into_iter().chain(&self.aliases).any(|own| plain(own) == name)
    }

    /// The protocol, where all its ports have the same one.
    pub fn only_protocol(&self) -> Option<Protocol> {
        let first = self.ports.first()?.protocol;
        self.ports.iter().all(|port| port.protocol == first).then_some(first)
    }
}

/// Every product, in the order of the files.
pub fn products() -> &'static [Product] {
    static PRODUCTS: LazyLock<Vec<Product>> = LazyLock::new(|| {
        // A file that cannot be read cannot get here: a test reads each.
        FILES.iter().flat_map(|(_, text)| parse(text).unwrap_or_default()).collect()
    });
    &PRODUCTS
}

/// The product that a systemd unit belongs to.
pub fn product_of_unit(unit: &str) -> Option<&'static Product> {
    products().iter().find(|product| product.has_unit(unit))
}

/// The product that people call `name`.
pub fn product_called(name: &str) -> Option<&'static Product> {
    products().iter().find(|product| product.is_called(name))
}

/// The product that wrote a log line, where its form tells.
pub fn product_of_line(line: &str) -> Option<&'static Product> {
    products().iter().find(|product| product.marks.iter().any(|mark| line.contains(mark.as_str())))
}

fn parse(text: &str) -> Result<Vec<Product>, toml::de::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        product: Vec<Product>,
    }
    toml::from_str::<File>(text).map(|file| file.product)
}

/// A name reduced to its letters and digits.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{FILES, parse, product_called, product_of_line, product_of_unit, products};

    #[test]
    fn every_file_can_be_read() {
        for (name, text) in FILES {
            let products = parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(!products.is_empty(), "{name}");
        }
    }

    #[test]
    fn every_product_is_complete_and_alone_under_its_names() {
        let mut names = BTreeSet::new();
        let mut units = BTreeSet::new();
        for product in products() {
            let id = &product.id;
            assert!(names.insert(id.clone()), "two products have the id {id}");
            assert!(product.source.starts_with("http"), "{id} has no source");
            assert!(product.ports.iter().all(|port| port.port > 0 && !port.purpose.is_empty()), "{id} has an impossible port");
            for unit in &product.units {
                assert!(!unit.ends_with(".service") && !unit.contains('@'), "{id}: {unit} is written without suffix");
                assert!(units.insert(unit.clone()), "two products have the unit {unit}");
            }
            for place in &product.config {
                let purpose = place.purpose.as_ref();
                let known = purpose.is_none_or(|purpose| product.ports.iter().any(|port| port.purpose == *purpose));
                assert!(known, "{id}: no port is for {purpose:?}");
                assert!(place.file.starts_with('/'), "{id}: {} is no full path", place.file);
            }
        }
    }

    #[test]
    fn finds_a_product_by_unit_name_and_line() {
        let id = |product: Option<&super::Product>| product.map(|product| product.id.as_str().to_owned());
        assert_eq!(id(product_of_unit("postgresql@15-main.service")).as_deref(), Some("postgresql"));
        assert_eq!(id(product_of_unit("ssh.socket")).as_deref(), Some("openssh"));
        assert_eq!(product_of_unit("nginx-old.service"), None);
        assert_eq!(id(product_called("SQL Server")).as_deref(), Some("sqlserver"));
        assert_eq!(id(product_called("sql-server")).as_deref(), Some("sqlserver"));
        assert_eq!(product_called("--"), None);
        assert_eq!(id(product_of_line("nginx: [emerg] bind() to 0.0.0.0:80 failed")).as_deref(), Some("nginx"));
    }
}
