//! Configuration files of services, of every product that the catalogue knows.

use std::cell::Cell;

use portmedic::catalog::products;
use portmedic::platform::services::arguments;
use portmedic::platform::services::config::{Files, Place, endpoints, settings_of};
use proptest::prelude::*;

use crate::{cases, damaged_text};

/// Every file holds the same, also those that it includes; as on a real computer, only so many are read.
struct Same<'a> {
    text: &'a str,
    left: Cell<usize>,
}

impl Files for Same<'_> {
    fn read(&self, _path: &str) -> Option<String> {
        self.left.set(self.left.get().checked_sub(1)?);
        Some(self.text.to_owned())
    }

    fn matching(&self, pattern: &str) -> Vec<String> {
        vec![pattern.replace('*', "a"), pattern.replace('*', "b")]
    }

    fn is_folder(&self, path: &str) -> bool {
        path.contains(".d")
    }
}

const TEXTS: &[&str] = &[
    "http { include conf.d/*.conf; server { listen 80; listen [::]:443 ssl; listen unix:/x; } }\nstream { server { listen 1433 udp; } }\n",
    "Listen 80\nListen 10.0.0.5:8080 https\nInclude *.conf\nIncludeOptional a/*.conf\n<IfModule x>\n<VirtualHost *:443>\n",
    "frontend a\n  bind *:80,:::443 v4v6 ssl\n  bind ipv4@10.0.0.5:1000-1010\n",
    "[mysqld]\nport = 3306\nbind-address=127.0.0.1,::1\n!includedir /etc/my.d\n!include own.cnf\n[client]\nport=1\n",
    "port = 5432\nlisten_addresses = 'localhost, 10.0.0.5' # c\ninclude_dir 'conf.d'\ninclude 'a.conf'\n",
    "port 6379\nbind 127.0.0.1 -::1\ntls-port 6380\ninclude own.conf\n",
    "Port 22\nListenAddress [::]:2222\nInclude sshd.d/*.conf\nMatch all\n",
    "server:\n  port: 9200-9300\n  host: \"::\"\nhttp.port: 8080\n{ \"a\": { \"port\": 80 } }\n<a port=\"80\"/>\n",
];

#[test]
fn a_file_that_includes_itself_is_read_to_its_end() {
    for text in TEXTS {
        look_at(text);
    }
}

fn look_at(text: &str) {
    let command: Vec<String> = ["server", "--port", "80", "-c", "/srv/own.conf", "--listen=[::]:443"].map(str::to_owned).to_vec();
    for product in products() {
        let files = Same { text, left: Cell::new(20) };
        let place = Place { product, config: &product.config, command: &command, instance: Some("15-main"), folder: "/srv" };
        let settings = settings_of(&place, &files).unwrap_or_default();
        assert!(settings.iter().all(|setting| setting.port != 0), "{}: {settings:?}", product.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases().cases / 4, ..cases() })]

    #[test]
    fn damaged_settings_are_read_to_their_end(text in damaged_text(TEXTS)) {
        look_at(&text);
        let _ends = endpoints(&text);
        let _ports = arguments::ports(&text.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    }
}
