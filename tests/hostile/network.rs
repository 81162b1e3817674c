//! What comes over the network, and what describes it.

use std::net::{IpAddr, Ipv4Addr};

use portmedic::diagnosis::connect::{Packet, decide};
use portmedic::machine::Family;
use portmedic::machine::connect::{Hook, Ruleset};
use portmedic::platform::firewall_text::{iptables, nft, windows};
use portmedic::platform::network::{hosts_file, proxy, ssrp};
use proptest::prelude::*;

use crate::damage::damaged_one_of;
use crate::{cases, damaged_text};

const SSRP: &[u8] = b"\x05\x58\x00ServerName;SRV1;InstanceName;SALES;IsClustered;No;Version;15.0.2000.5;tcp;49172;np;\\\\SRV1\\pipe\\sql\\query;;";
const HOSTS: &str = "127.0.0.1 localhost\n::1 ip6-localhost # own\n10.0.0.5\tsrv1 srv1.example.com\n";
const IPTABLES: &str = "*filter\n:INPUT DROP [0:0]\n:own - [0:0]\n-A INPUT -i lo -j ACCEPT\n-A INPUT -p tcp -m tcp --dport 1433 -j own\n\
    -A own -s 10.0.0.0/8 -m comment --comment \"a \\\" b\" -j REJECT --reject-with tcp-reset\n-A own -j INPUT\n-A INPUT -m set ! --match-set x src -j own\nCOMMIT\n";
const NFT: &str = r#"{"nftables":[{"metainfo":{"version":"1.0"}},{"table":{"family":"inet","name":"f","handle":1}},
    {"set":{"family":"inet","name":"s","table":"f","type":"inet_service","elem":[80,{"range":[1,9]}]}},
    {"chain":{"family":"inet","table":"f","name":"input","handle":1,"type":"filter","hook":"input","prio":0,"policy":"drop"}},
    {"chain":{"family":"inet","table":"f","name":"own","handle":2}},
    {"rule":{"family":"inet","table":"f","chain":"input","handle":3,"expr":[{"match":{"op":"==","left":{"payload":{"protocol":"tcp","field":"dport"}},"right":{"set":[1433,{"range":[80,90]}]}}},{"jump":{"target":"own"}}]}},
    {"rule":{"family":"inet","table":"f","chain":"own","handle":4,"expr":[{"match":{"op":"!=","left":{"payload":{"protocol":"ip","field":"saddr"}},"right":{"prefix":{"addr":"10.0.0.0","len":8}}}},{"goto":{"target":"input"}}]}},
    {"rule":{"family":"inet","table":"f","chain":"own","handle":5,"expr":[{"match":{"op":"==","left":{"meta":{"key":"iifname"}},"right":"lo"}},{"reject":null}]}}]}"#;
const RULES: &str = "v2.30|Action=Block|Active=TRUE|Dir=In|Protocol=6|LPort=1433|LPort=80-90|RA4=10.0.0.0/255.0.0.0|RA4=LocalSubnet|Name=Own|Profile=Domain|\n\
    v2.10|Action=Allow|Active=TRUE|Dir=Out|Protocol=17|RPort=53|RA6=fe80::/64|RA4=1.2.3.4-1.2.3.9|App=%SystemRoot%\\x.exe|Name=@x.dll,-1|";

fn ask(ruleset: &Ruleset) {
    for hook in [Hook::Input, Hook::Output] {
        for (to, loopback) in
            [(IpAddr::V4(Ipv4Addr::LOCALHOST), true), ("10.0.0.5".parse().unwrap(), false), ("fe80::1".parse().unwrap(), false)]
        {
            let _decision = decide(ruleset, &Packet { hook, from: None, to, port: 1433, loopback });
        }
    }
}

#[test]
fn the_rules_that_are_damaged_are_some() {
    assert_eq!(nft::read(NFT, "").unwrap().chains.len(), 2);
    assert_eq!(iptables::read(IPTABLES, Family::Ipv4, "iptables-save").unwrap().chains.len(), 2);
}

/// The kernel takes no circles, and a tree of chains of which each is jumped to often is walked through once for each jump.
#[test]
fn chains_that_jump_to_each_other_again_and_again_are_walked_to_an_end() {
    let mut lines = vec!["*filter".to_owned(), ":INPUT ACCEPT [0:0]".to_owned()];
    lines.extend((0..20).map(|chain| format!(":c{chain} - [0:0]")));
    lines.push("-A INPUT -j c0".to_owned());
    lines.extend((0..19).flat_map(|chain| vec![format!("-A c{chain} -j c{}", chain + 1); 20]));
    lines.push("COMMIT\n".to_owned());
    ask(&iptables::read(&lines.join("\n"), Family::Ipv4, "iptables-save").unwrap());
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn damaged_rules_of_firewalls_are_read_and_asked(nft in damaged_text(&[NFT]), listed in damaged_text(&[IPTABLES, HOSTS]), own in damaged_text(&[RULES])) {
        for ruleset in [nft::read(&nft, &listed), iptables::read(&listed, Family::Ipv4, "iptables-save")].into_iter().flatten() {
            ask(&ruleset);
        }
        let profiles = windows::PROFILES.map(|(name, _)| windows::Profile { name, on: true, lets_in: false, keeps_out: true });
        ask(&windows::ruleset(&profiles, &own.lines().map(str::to_owned).collect::<Vec<_>>()));
    }

    #[test]
    fn damaged_answers_and_files_of_hosts_are_read(answer in damaged_one_of(vec![SSRP.to_vec()]), hosts in damaged_text(&[HOSTS])) {
        let _instances = ssrp::read(&answer);
        let _entries = hosts_file::read(&hosts, "hosts");
        let _proxies = proxy::list(&hosts);
        let shown = proxy::without_password(&format!("http://user:secret@{}", hosts.trim()));
        prop_assert!(!shown.contains("user:secret@"), "{}", shown);
    }
}
