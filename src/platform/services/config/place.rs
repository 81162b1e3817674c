//! Which configuration file a service reads, and what its product's reader finds there.

use super::{Files, Setting, absolute, apache, haproxy, has_drive, mysql, nginx, postgresql, redis, settings, sshd};
use crate::catalog::{ConfigFormat, ConfigPlace, Product};
use crate::machine::Protocol;

/// What tells where the configuration of one service is.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Its product.
    pub product: &'a Product,
    /// Where its product keeps its settings on this system.
    pub config: &'a [ConfigPlace],
    /// Its command line, variables filled in.
    pub command: &'a [String],
    /// The part after the `@` of its unit: `15-main`.
    pub instance: Option<&'a str>,
    /// The folder it is started in.
    pub folder: &'a str,
}

/// The ports that the configuration tells, and the purposes that they serve; `None` where no file could be read.
///
/// A reader of its own finds every port of its product; a setting moves the port of one purpose.
pub fn settings_of(place: &Place<'_>, files: &dyn Files) -> Option<Vec<Setting>> {
    let mut all = Vec::new();
    let mut told: Vec<&str> = Vec::new();
    let mut read = false;
    for config in place.config {
        let purpose = purpose(place.product, config);
        if config.format == ConfigFormat::Settings {
            for path in paths(place, config, files) {
                let found = settings::read(&path, config.section.as_deref(), &config.setting, files);
                read |= found.is_some();
                for found in found.into_iter().flatten() {
                    told.extend(purpose);
                    let protocols = protocols(place.product, purpose);
                    all.extend(protocols.into_iter().map(|protocol| Setting {
                        port: found.port,
                        address: found.address,
                        protocol,
                        file: path.clone(),
                        line: Some(found.line),
                    }));
                }
            }
        } else if !read {
            // The places of such a product are alternatives: the first one that is there.
            for path in paths(place, config, files) {
                let found = reader(config.format)(&path, files);
                read |= found.is_some();
                all.extend(found.into_iter().flatten());
            }
            if read {
                return Some(all);
            }
        }
    }
    if !read {
        return None;
    }
    // Where the files are silent about a purpose, its usual port holds.
    let silent = place.product.ports.iter().filter(|port| !told.contains(&port.purpose.as_str()));
    let file = place.config.first().map(|config| config.file.clone()).unwrap_or_default();
    all.extend(silent.map(|port| Setting {
        port: port.port,
        address: None,
        protocol: port.protocol,
        file: file.clone(),
        line: None,
    }));
    Some(all)
}

/// The files of one place: named by the command line, by the instance, or where the product usually has it.
fn paths(place: &Place<'_>, config: &ConfigPlace, files: &dyn Files) -> Vec<String> {
    if let Some(named) = named(place, config) {
        return vec![named];
    }
    match (config.format, place.instance) {
        // Debian's clusters: postgresql@15-main has /etc/postgresql/15/main.
        (ConfigFormat::Postgresql, Some(instance)) => {
            let cluster = instance.replacen('-', "/", 1);
            vec![config.file.replace("*/*", &cluster)].into_iter().filter(|path| !path.contains('*')).collect()
        }
        (_, Some(instance)) if config.file.contains('*') => vec![config.file.replace('*', instance)],
        _ => files.matching(&config.file),
    }
}

/// The file that the command line names.
fn named(place: &Place<'_>, config: &ConfigPlace) -> Option<String> {
    let arguments = place.command.get(1..)?;
    let option = |names: &[&str]| value_of(arguments, names).map(|path| absolute(path, place.folder));
    match config.format {
        ConfigFormat::Nginx => option(&["-c"]),
        ConfigFormat::Apache | ConfigFormat::Haproxy | ConfigFormat::Sshd => option(&["-f"]),
        ConfigFormat::Mysql => option(&["--defaults-file"]),
        ConfigFormat::Postgresql => {
            let setting = |argument: &String| {
                argument.strip_prefix("config_file=").or(argument.strip_prefix("--config_file=")).map(str::to_owned)
            };
            arguments
                .iter()
                .find_map(setting)
                .or_else(|| option(&["-D", "--pgdata"]).map(|data| format!("{}/postgresql.conf", data.trim_end_matches('/'))))
        }
        // The first argument is the file, unless it is an option.
        ConfigFormat::Redis => {
            let first = arguments.first().filter(|path| !path.starts_with('-')).map(|path| absolute(path, place.folder));
            first.or_else(|| option(&["--service-run"]))
        }
        ConfigFormat::Settings => {
            let named = option(&["-c", "-f", "--config", "--config-file", "--config.file", "-config", "--conf", "-conf-file"])?;
            // It replaces a file of the same kind; the product may have others for other settings.
            let kind = |path: &str| path.rsplit_once('.').map(|(_, kind)| kind.to_owned());
            (kind(&named) == kind(&config.file)).then_some(named)
        }
    }
}

/// The value of the first of these options: `-c FILE`, `-cFILE`, `--config=FILE`.
fn value_of<'a>(arguments: &'a [String], names: &[&str]) -> Option<&'a str> {
    arguments.iter().enumerate().find_map(|(index, argument)| {
        names.iter().find_map(|name| {
            let rest = argument.strip_prefix(name)?;
            match rest.strip_prefix('=') {
                Some(value) => Some(value),
                None if rest.is_empty() => arguments.get(index + 1).map(String::as_str).filter(|value| !value.starts_with('-')),
                None => Some(rest).filter(|rest| rest.starts_with('/') || has_drive(rest)),
            }
        })
    })
}

fn reader(format: ConfigFormat) -> fn(&str, &dyn Files) -> Option<Vec<Setting>> {
    match format {
        ConfigFormat::Nginx => nginx::read,
        ConfigFormat::Apache => apache::read,
        ConfigFormat::Postgresql => postgresql::read,
        ConfigFormat::Mysql => mysql::read,
        ConfigFormat::Redis => redis::read,
        ConfigFormat::Sshd => sshd::read,
        ConfigFormat::Haproxy => haproxy::read,
        ConfigFormat::Settings => |_, _| None,
    }
}

/// What the port of a setting is for.
fn purpose<'a>(product: &'a Product, config: &'a ConfigPlace) -> Option<&'a str> {
    config.purpose.as_deref().or_else(|| product.ports.first().map(|port| port.purpose.as_str()))
}

/// The protocols of a purpose: DNS has both.
fn protocols(product: &Product, purpose: Option<&str>) -> Vec<Protocol> {
    let own = product.ports.iter().filter(|port| Some(port.purpose.as_str()) == purpose);
    let protocols: Vec<Protocol> = own.map(|port| port.protocol).collect();
    if protocols.is_empty() { vec![Protocol::Tcp] } else { protocols }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Folder, shown};
    use super::{Place, settings_of};
    use crate::catalog;

    fn found(unit: &str, command: &str, files: &[(&str, &str)]) -> Option<Vec<String>> {
        let command: Vec<String> = command.split(' ').map(str::to_owned).collect();
        let instance = unit.split_once('@').map(|(_, instance)| instance.trim_end_matches(".service"));
        let product = catalog::product_of_unit(unit).unwrap();
        let place = Place { product, config: &product.config, command: &command, instance, folder: "/srv" };
        settings_of(&place, &Folder::new(files)).map(|settings| shown(&settings))
    }

    #[test]
    fn a_file_named_on_the_command_line_is_the_one() {
        let files =
            [("/etc/nginx/nginx.conf", "http { server { listen 80; } }"), ("/srv/own.conf", "http { server { listen 8080; } }")];
        assert_eq!(found("nginx.service", "/usr/sbin/nginx -c own.conf", &files).unwrap(), ["tcp * 8080 own.conf:1"]);
        assert_eq!(found("nginx.service", "/usr/sbin/nginx -g daemon on;", &files).unwrap(), ["tcp * 80 nginx.conf:1"]);
    }

    #[test]
    fn an_instance_has_its_own_file() {
        let files = [
            ("/etc/postgresql/14/main/postgresql.conf", "port = 5432"),
            ("/etc/postgresql/15/second-one/postgresql.conf", "port = 5433"),
            ("/data/postgresql.conf", "port = 5434"),
        ];
        let unit = "postgresql@15-second-one.service";
        assert_eq!(found(unit, "/usr/bin/pg_ctlcluster start", &files).unwrap(), ["tcp 127.0.0.1 5433 postgresql.conf:1"]);
        let named = found("postgresql.service", "/usr/bin/postgres -D /data/", &files).unwrap();
        assert_eq!(named, ["tcp 127.0.0.1 5434 postgresql.conf:1"]);
    }

    #[test]
    fn a_setting_moves_one_port_and_leaves_the_others() {
        let files = [("/var/opt/mssql/mssql.conf", "[network]\ntcpport = 1500\n")];
        let ports = found("mssql-server.service", "/opt/mssql/bin/sqlservr", &files).unwrap();
        assert_eq!(ports, ["tcp * 1500 mssql.conf:2", "tcp * 1434 mssql.conf:default"]);
    }

    #[test]
    fn a_setting_of_dns_counts_for_both_protocols() {
        let ports = found("dnsmasq.service", "/usr/sbin/dnsmasq", &[("/etc/dnsmasq.conf", "port=5353\n")]).unwrap();
        assert_eq!(ports, ["udp * 5353 dnsmasq.conf:1", "tcp * 5353 dnsmasq.conf:1"]);
    }

    #[test]
    fn without_a_file_nothing_is_known() {
        assert_eq!(found("nginx.service", "/usr/sbin/nginx", &[]), None);
        assert_eq!(found("mssql-server.service", "/opt/mssql/bin/sqlservr", &[]), None);
    }
}
