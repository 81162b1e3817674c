//! Where a product keeps its port on Windows, as its entry in the catalogue has it, and what stands there.

use super::command_line::folder;
use super::registry::{Registry, keys_like};
use super::xml_settings;
use crate::catalog::{ConfigFormat, ConfigPlace, Product, WindowsPlace, WindowsSetting};
use crate::machine::{KnownFrom, Port, Protocol, ServicePort};
use crate::platform::services::config::{Files, Place, Setting, settings_of};

/// What the places are read from.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The registry.
    pub registry: &'a dyn Registry,
    /// The files. Their paths have slashes.
    pub files: &'a dyn Files,
    /// The variables of the system, such as `ProgramData`.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
}

impl Sources<'_> {
    /// A path of the catalogue with its variables filled in, and slashes; `None` where one is not set.
    pub fn path(&self, text: &str) -> Option<String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('%') {
            let (name, tail) = after.split_once('%')?;
            filled.push_str(before);
            filled.push_str(&(self.variable)(name)?);
            rest = tail;
        }
        filled.push_str(rest);
        Some(filled.replace('\\', "/"))
    }
}

/// The ports that the registry tells of a product.
pub fn in_registry(product: &Product, registry: &dyn Registry) -> Vec<ServicePort> {
    let mut ports = Vec::new();
    for setting in &product.windows_config {
        let WindowsPlace::Registry(pattern) = &setting.place else { continue };
        for key in keys_like(registry, pattern) {
            let value = registry.value(&key, &setting.setting).map(|value| value.to_text());
            let Some(port) = value.and_then(|text| text.trim().parse::<Port>().ok()).filter(|port| *port > 0) else { continue };
            ports.extend(protocols(product, setting).into_iter().map(|protocol| ServicePort {
                port,
                protocol,
                address: None,
                known_from: KnownFrom::Configuration,
                source: format!("{} of {key}", setting.setting),
            }));
        }
    }
    ports
}

/// The ports that the files of a product tell; `None` where no file could be read. `command` is the command line of the service.
pub fn in_files(product: &Product, command: &[String], sources: Sources<'_>) -> Option<Vec<Setting>> {
    let special = match product.id.as_str() {
        "iis" => sources
            .path(r"%SystemRoot%\System32\inetsrv\config\applicationHost.config")
            .map(|path| xml_settings::iis(&path, sources.files)),
        "nps" => sources.path(r"%SystemRoot%\System32\ias\ias.xml").map(|path| xml_settings::nps(&path, sources.files)),
        _ => None,
    };
    if let Some(found) = special {
        return found;
    }
    let program = command.first().map(|program| folder(program)).unwrap_or_default();
    let config = config(product, &program, sources);
    let folder = prefix(command).unwrap_or(program);
    let place = Place { product, config: &config, command, instance: None, folder: &folder };
    settings_of(&place, sources.files).or_else(|| in_xml(product, sources))
}

/// The files of the catalogue as the common readers take them, those beside the program first.
fn config(product: &Product, program: &str, sources: Sources<'_>) -> Vec<ConfigPlace> {
    // The same program reads the same format on both systems.
    let format =
        product.config.iter().map(|config| config.format).find(|format| *format != ConfigFormat::Settings).unwrap_or_default();
    let place = |file: String, setting: &str, section: Option<String>, purpose: Option<String>| ConfigPlace {
        file,
        section,
        setting: setting.to_owned(),
        format,
        purpose,
    };
    let beside =
        beside(format).iter().filter(|_| !program.is_empty()).map(|file| place(format!("{program}/{file}"), "", None, None));
    let catalogued = product.windows_config.iter().filter_map(|own| {
        let WindowsPlace::File(file) = &own.place else { return None };
        let (setting, section) = match own.setting.split_once(" in the section ") {
            Some((setting, section)) => (setting, Some(section.to_owned())),
            None => (own.setting.as_str(), None),
        };
        // The others are descriptions for people, and XML is read by its own reader.
        let readable = !setting.contains(' ') && !is_xml(file);
        readable.then(|| Some(place(sources.path(file)?, setting, section, own.purpose.clone())))?
    });
    beside.chain(catalogued).collect()
}

/// Where programs have their configuration when nothing tells them another place, from the folder of the program on.
const fn beside(format: ConfigFormat) -> &'static [&'static str] {
    match format {
        ConfigFormat::Nginx => &["conf/nginx.conf"],
        ConfigFormat::Apache => &["../conf/httpd.conf"],
        ConfigFormat::Mysql => &["../my.ini", "../data/my.ini"],
        ConfigFormat::Redis => &["redis.windows-service.conf", "redis.conf"],
        ConfigFormat::Haproxy => &["haproxy.cfg"],
        ConfigFormat::Postgresql | ConfigFormat::Sshd | ConfigFormat::Settings => &[],
    }
}

/// The folder that nginx's option `-p` and Apache's `-d` name: other paths are relative to it.
fn prefix(command: &[String]) -> Option<String> {
    let mut pairs = command.windows(2);
    pairs.find(|pair| pair[0] == "-p" || pair[0] == "-d").map(|pair| pair[1].replace('\\', "/"))
}

fn in_xml(product: &Product, sources: Sources<'_>) -> Option<Vec<Setting>> {
    let found = product.windows_config.iter().filter_map(|own| {
        let WindowsPlace::File(file) = &own.place else { return None };
        let paths = sources.files.matching(&sources.path(file).filter(|path| is_xml(path))?);
        let settings = paths.iter().filter_map(|path| xml_settings::setting(path, &own.setting, sources.files));
        Some(settings.flatten().collect::<Vec<_>>())
    });
    let found: Vec<Setting> = found.flatten().collect();
    (!found.is_empty()).then_some(found)
}

fn is_xml(file: &str) -> bool {
    let kind = file.rsplit_once('.').map(|(_, kind)| kind.to_lowercase());
    matches!(kind.as_deref(), Some("xml" | "config"))
}

/// The protocols of the purpose that a setting moves: Remote Desktop has both.
fn protocols(product: &Product, setting: &WindowsSetting) -> Vec<Protocol> {
    let purpose = setting.purpose.as_ref().or_else(|| product.ports.first().map(|port| &port.purpose));
    let own: Vec<Protocol> =
        product.ports.iter().filter(|port| Some(&port.purpose) == purpose).map(|port| port.protocol).collect();
    if own.is_empty() { vec![Protocol::Tcp] } else { own }
}

#[cfg(test)]
mod tests {
    use super::super::registry::testing::Tree;
    use super::{Sources, in_files, in_registry};
    use crate::catalog;
    use crate::platform::services::config::testing::{Folder, shown};

    fn variable(name: &str) -> Option<String> {
        match name {
            "ProgramFiles" => Some(r"C:\Program Files".to_owned()),
            "ProgramData" => Some(r"C:\ProgramData".to_owned()),
            "SystemRoot" => Some(r"C:\Windows".to_owned()),
            _ => None,
        }
    }

    fn found(service: &str, command: &[&str], files: &[(&str, &str)]) -> Option<Vec<String>> {
        let product = catalog::product_of_windows_service(service).unwrap();
        let command: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
        let (files, registry) = (Folder::new(files), Tree::default());
        let sources = Sources { registry: &registry, files: &files, variable: &variable };
        in_files(product, &command, sources).map(|settings| shown(&settings))
    }

    #[test]
    fn the_port_of_remote_desktop_counts_for_both_protocols() {
        let key = r"HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp";
        let ports =
            in_registry(catalog::product_of_windows_service("TermService").unwrap(), &Tree::new(&[(key, "PortNumber", "#3390")]));
        let shown: Vec<_> = ports.iter().map(|port| (port.port, port.protocol.as_str(), port.source.as_str())).collect();
        let source = format!("PortNumber of {key}");
        assert_eq!(shown, [(3390, "tcp", source.as_str()), (3390, "udp", source.as_str())]);
    }

    #[test]
    fn a_file_beside_the_program_is_read() {
        let files = [
            ("C:/nginx/conf/nginx.conf", "http { server { listen 8080; include more.conf; } }"),
            ("C:/nginx/conf/more.conf", ""),
        ];
        assert_eq!(found("nginx", &[r"C:\nginx\nginx.exe"], &files).unwrap(), ["tcp * 8080 nginx.conf:1"]);
        let files = [("C:/own/conf/nginx.conf", "http { server { listen 8081; } }")];
        let named = found("nginx", &[r"C:\nginx\nginx.exe", "-p", r"C:\own", "-c", r"conf\nginx.conf"], &files);
        assert_eq!(named.unwrap(), ["tcp * 8081 nginx.conf:1"]);
    }

    #[test]
    fn a_file_that_the_command_line_names_is_the_one() {
        let data = [("D:/pg data/postgresql.conf", "port = 5433\nlisten_addresses = '*'\n")];
        let command = [r"C:\Program Files\PostgreSQL\16\bin\pg_ctl.exe", "runservice", "-N", "x", "-D", r"D:\pg data", "-w"];
        assert_eq!(found("postgresql-x64-16", &command, &data).unwrap(), ["tcp * 5433 postgresql.conf:1"]);
        let ini = [(r"D:/my.ini", "[mysqld]\r\nport=3307\r\n")];
        let command = [r"C:\mysql\bin\mysqld.exe", r"--defaults-file=D:\my.ini", "MySQL80"];
        assert_eq!(found("MySQL80", &command, &ini).unwrap(), ["tcp * 3307 my.ini:2"]);
    }

    #[test]
    fn a_file_of_the_catalogue_is_found_by_its_variable() {
        let files = [("C:/ProgramData/ssh/sshd_config", "Port 2222\n")];
        assert_eq!(found("sshd", &[r"C:\Windows\System32\OpenSSH\sshd.exe"], &files).unwrap(), ["tcp * 2222 sshd_config:1"]);
        let files = [("C:/Program Files/NSClient++/nsclient.ini", "[/settings/NRPE/server]\nport = 5667\n")];
        assert_eq!(found("nscp", &[r"C:\Program Files\NSClient++\nscp.exe"], &files).unwrap()[0], "tcp * 5667 nsclient.ini:2");
    }

    #[test]
    fn without_a_file_nothing_is_known() {
        assert_eq!(found("W3SVC", &[r"C:\Windows\system32\svchost.exe", "-k", "iissvcs"], &[]), None);
        assert_eq!(found("IAS", &[r"C:\Windows\system32\svchost.exe"], &[]), None);
        assert_eq!(found("nginx", &[r"C:\nginx\nginx.exe"], &[]), None);
    }
}
