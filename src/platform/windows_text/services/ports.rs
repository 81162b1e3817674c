//! The ports that a service of Windows wants, and where each is known from.

use super::command_line;
use super::name::product_of;
use super::places::{self, Sources};
use super::record::Record;
use super::registry::Registry;
use super::sql_server::{Instance, instance_name};
use crate::machine::{ServicePort, StartFailure};
use crate::platform::services::config::Setting;
use crate::platform::services::ports::{self, Told};

/// The ports of a service, the best known first.
pub fn of(record: &Record, failure: Option<&StartFailure>, sources: Sources<'_>) -> Vec<ServicePort> {
    let product = product_of(record);
    let command = command(record, sources.registry);
    let instance = Instance::of_service(&record.name, sources.registry);
    let (system, settings) = match instance.and_then(|instance| instance.ports(sources.registry)) {
        Some(ports) => (ports, Some(Vec::new())),
        // The registry of the other instances is not its own.
        None if instance_name(&record.name).is_some() => (Vec::new(), None),
        None => {
            let system = product.map(|product| places::in_registry(product, sources.registry)).unwrap_or_default();
            let in_files = product.and_then(|product| places::in_files(product, &command, sources));
            // What the registry tells takes the place of the usual ports.
            let none = (!system.is_empty()).then(Vec::new);
            (system, in_files.map(|settings| settings.into_iter().map(as_windows_writes).collect()).or(none))
        }
    };
    ports::of(Told { product, failure, system, settings, own: Vec::new(), command: &command })
}

/// The command line of the program that the service is for. The helper nssm runs another program, which the registry names.
pub fn command(record: &Record, registry: &dyn Registry) -> Vec<String> {
    let command = record.config.as_ref().map(|config| command_line::of_service(&config.command_line)).unwrap_or_default();
    let is_nssm = command.first().is_some_and(|program| command_line::file_name(program).eq_ignore_ascii_case("nssm.exe"));
    let key = format!(r"HKLM\SYSTEM\CurrentControlSet\Services\{}\Parameters", record.name);
    match registry.value(&key, "Application").filter(|_| is_nssm) {
        Some(program) => {
            let arguments = registry.value(&key, "AppParameters").map(|value| value.to_text()).unwrap_or_default();
            std::iter::once(program.to_text()).chain(command_line::words(&arguments)).collect()
        }
        None => command,
    }
}

/// The logs of a service: SQL Server's ERRORLOG, or those of its product. Patterns with slashes.
pub fn logs(record: &Record, sources: Sources<'_>) -> Vec<String> {
    match Instance::of_service(&record.name, sources.registry) {
        Some(instance) => instance.error_log(sources.registry).map(|path| path.replace('\\', "/")).into_iter().collect(),
        None => {
            product_of(record).into_iter().flat_map(|product| &product.windows_logs).filter_map(|log| sources.path(log)).collect()
        }
    }
}

/// People look for a file by the path that Windows shows.
fn as_windows_writes(mut setting: Setting) -> Setting {
    setting.file = setting.file.replace('/', "\\");
    setting
}

#[cfg(test)]
mod tests {
    use super::super::record::Config;
    use super::super::record::testing::running;
    use super::super::registry::testing::Tree;
    use super::*;
    use crate::platform::services::config::testing::Folder;

    fn service(name: &str, command_line: &str) -> Record {
        let mut record = running(name);
        record.config = record.config.map(|config| Config { command_line: command_line.to_owned(), ..config });
        record
    }

    fn shown(record: &Record, registry: &Tree, files: &Folder) -> Vec<String> {
        let variable = |_: &str| Some(r"C:\X".to_owned());
        let sources = Sources { registry, files, variable: &variable };
        let show =
            |port: &ServicePort| format!("{}/{} {:?} [{}]", port.port, port.protocol.as_str(), port.known_from, port.source);
        of(record, None, sources).iter().map(show).collect()
    }

    const SQL: &str = r"HKLM\SOFTWARE\Microsoft\Microsoft SQL Server";

    #[test]
    fn the_registry_of_an_instance_takes_the_place_of_the_usual_port() {
        let tcp = format!(r"{SQL}\MSSQL16.SALES\MSSQLServer\SuperSocketNetLib\Tcp");
        let all = format!(r"{tcp}\IPAll");
        let registry = Tree::new(&[
            (&format!(r"{SQL}\Instance Names\SQL"), "SALES", "MSSQL16.SALES"),
            (&tcp, "Enabled", "#1"),
            (&all, "TcpPort", "1500"),
        ]);
        let sales = service("MSSQL$SALES", r#""C:\SQL\sqlservr.exe" -sSALES"#);
        assert_eq!(shown(&sales, &registry, &Folder::default()), [format!("1500/tcp Configuration [TcpPort of {all}]")]);
        let other = shown(&service("MSSQLSERVER", ""), &registry, &Folder::default());
        assert!(other[0].starts_with("1433/tcp Catalogue"), "{other:?}");
    }

    #[test]
    fn a_file_is_named_as_windows_writes_it() {
        let files = Folder::new(&[("C:/nginx/conf/nginx.conf", "http { server { listen 8080; } }")]);
        let nginx = service("nginx", r"C:\nginx\nginx.exe");
        assert_eq!(shown(&nginx, &Tree::default(), &files), [r"8080/tcp Configuration [C:\nginx\conf\nginx.conf:1]"]);
    }

    #[test]
    fn the_program_behind_nssm_tells_the_port() {
        let key = r"HKLM\SYSTEM\CurrentControlSet\Services\Own\Parameters";
        let registry = Tree::new(&[(key, "Application", r"C:\own.exe"), (key, "AppParameters", "--port 8088 --name \"a b\"")]);
        let own = service("Own", r"C:\tools\nssm.exe");
        assert_eq!(shown(&own, &registry, &Folder::default()), ["8088/tcp CommandLine [--port 8088]"]);
    }

    #[test]
    fn the_words_of_svchost_are_no_ports() {
        let service = service("Own", r"C:\Windows\system32\svchost.exe -k netsvcs -p");
        assert!(shown(&service, &Tree::default(), &Folder::default()).is_empty());
    }
}
