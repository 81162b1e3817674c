//! Ports in configurations that are XML: those of IIS, of the Network Policy Server, and of programs in Java and .NET.

use roxmltree::{Document, Node};

use crate::machine::Protocol;
use crate::platform::services::config::{Files, Setting, endpoints};

/// The bindings of the sites of IIS in `applicationHost.config`; `None` where the file cannot be read.
/// <https://learn.microsoft.com/iis/configuration/system.applicationhost/sites/site/bindings/binding>
pub fn iis(file: &str, files: &dyn Files) -> Option<Vec<Setting>> {
    read(file, files, |node| {
        let web = node.has_tag_name("binding") && matches!(node.attribute("protocol"), Some("http" | "https"));
        // "*:80:www.example.com", "[::1]:80:": address, port and host name.
        let told = node.attribute("bindingInformation").filter(|_| web)?;
        let place = told.rsplit_once(':').map(|(place, _host)| place.to_owned())?;
        Some((place, Protocol::Tcp))
    })
}

/// The ports of the Network Policy Server in `ias.xml`: `1812,1645`, each with addresses of its own where some are named.
pub fn nps(file: &str, files: &dyn Files) -> Option<Vec<Setting>> {
    read(file, files, |node| {
        let is_ports = matches!(node.tag_name().name(), "Authentication_Port" | "Accounting_Port");
        Some((node.text().filter(|_| is_ports)?.to_owned(), Protocol::Udp))
    })
}

/// A setting of a program: `<add key="NAME" value="PORT"/>` (.NET), or an attribute that is called "port of the Connector" (Tomcat).
pub fn setting(file: &str, name: &str, files: &dyn Files) -> Option<Vec<Setting>> {
    let of_element = name.split_once(" of the ");
    read(file, files, |node| {
        let value = match of_element {
            Some((attribute, element)) if node.has_tag_name(element) => node.attribute(attribute)?,
            None if node.has_tag_name("add") && node.attribute("key") == Some(name) => node.attribute("value")?,
            _ => return None,
        };
        Some((value.to_owned(), Protocol::Tcp))
    })
}

/// The endpoints that `told` finds in the elements of a file, with their lines.
fn read(file: &str, files: &dyn Files, told: impl Fn(Node<'_, '_>) -> Option<(String, Protocol)>) -> Option<Vec<Setting>> {
    let text = files.read(file)?;
    let document = Document::parse(&text).ok()?;
    let mut settings = Vec::new();
    for node in document.descendants().filter(Node::is_element) {
        let Some((places, protocol)) = told(node) else { continue };
        let line = usize::try_from(document.text_pos_at(node.range().start).row).ok();
        let endpoints = places.split([',', ';']).flat_map(|place| endpoints(place.trim()));
        settings.extend(endpoints.map(|(port, address)| Setting { port, address, protocol, file: file.to_owned(), line }));
    }
    Some(settings)
}

#[cfg(test)]
mod tests {
    use super::{iis, nps, setting};
    use crate::platform::services::config::testing::{Folder, shown};

    #[test]
    fn the_bindings_of_every_site_are_read() {
        let text = "<configuration><system.applicationHost><sites>\n\
            <site name=\"Default Web Site\" id=\"1\"><bindings>\n\
            <binding protocol=\"http\" bindingInformation=\"*:80:\" />\n\
            <binding protocol=\"net.tcp\" bindingInformation=\"808:*\" />\n\
            <binding protocol=\"https\" bindingInformation=\"10.0.0.5:443:www.example.com\" />\n\
            <binding protocol=\"http\" bindingInformation=\"[::1]:8080:\" />\n\
            </bindings></site></sites></system.applicationHost></configuration>";
        let files = Folder::new(&[("C:/a.config", text)]);
        assert_eq!(
            shown(&iis("C:/a.config", &files).unwrap()),
            ["tcp * 80 a.config:3", "tcp 10.0.0.5 443 a.config:5", "tcp ::1 8080 a.config:6"]
        );
        assert_eq!(iis("C:/other", &files), None);
    }

    #[test]
    fn the_ports_of_radius_are_read() {
        let text = "<Root xmlns:dt=\"urn:schemas-microsoft-com:datatypes\"><Properties>\n\
            <Authentication_Port dt:dt=\"string\">1812,1645</Authentication_Port>\n\
            <Accounting_Port dt:dt=\"string\">10.0.0.5:1813</Accounting_Port>\n</Properties></Root>";
        let files = Folder::new(&[("C:/ias.xml", text)]);
        let found = shown(&nps("C:/ias.xml", &files).unwrap());
        assert_eq!(found, ["udp * 1812 ias.xml:2", "udp * 1645 ias.xml:2", "udp 10.0.0.5 1813 ias.xml:3"]);
    }

    #[test]
    fn settings_of_java_and_net_programs_are_read() {
        let files = Folder::new(&[
            (
                "C:/server.xml",
                "<Server port=\"8005\"><Service>\n<Connector port=\"8081\" protocol=\"HTTP/1.1\"/></Service></Server>",
            ),
            (
                "C:/a.config",
                "<appSettings>\n<add key=\"Other\" value=\"1\"/>\n<add key=\"ClientPort\" value=\"7046\"/></appSettings>",
            ),
        ]);
        assert_eq!(shown(&setting("C:/server.xml", "port of the Connector", &files).unwrap()), ["tcp * 8081 server.xml:2"]);
        assert_eq!(shown(&setting("C:/a.config", "ClientPort", &files).unwrap()), ["tcp * 7046 a.config:3"]);
    }

    #[test]
    fn what_is_no_xml_tells_nothing() {
        assert_eq!(iis("C:/a", &Folder::new(&[("C:/a", "<configuration>")])), None);
    }
}
