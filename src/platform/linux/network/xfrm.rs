//! The policies of IPsec in the kernel (ip-xfrm(8)).

use std::time::Duration;

use crate::machine::Gap;
use crate::machine::connect::{IpsecPolicy, Network};
use crate::platform::command;

const LIMIT: Duration = Duration::from_secs(10);
const ARGUMENTS: [&str; 3] = ["-o", "xfrm", "policy"];

/// The policies that are not of a single socket.
///
/// # Errors
/// Where they cannot be read.
pub fn read() -> Result<Vec<IpsecPolicy>, Gap> {
    let gap = |why: String| Gap::new("the policies of IPsec", why, "`ip xfrm policy` as root");
    let output = command::run("ip", &ARGUMENTS, LIMIT).map_err(|error| gap(error.to_string()))?;
    if output.success() { Ok(policies(&output.stdout)) } else { Err(gap(output.complaint())) }
}

/// One policy a line: `src 10.0.0.0/24 dst 10.0.1.0/24 \ dir out action block priority 0 ...`.
fn policies(text: &str) -> Vec<IpsecPolicy> {
    let policy = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let after = |name: &str| words.iter().position(|word| *word == name).and_then(|place| words.get(place + 1)).copied();
        // Those of one socket let the keys through; they stand beside every IPsec.
        let direction = after("dir")?;
        if !matches!(direction, "in" | "out") {
            return None;
        }
        // On the way in the other side is the sender.
        let networks: Vec<Network> = after(if direction == "out" { "dst" } else { "src" })?.parse().into_iter().collect();
        Some(IpsecPolicy {
            text: words.join(" ").replace(" \\", ""),
            blocks: Some(after("action") == Some("block")),
            networks,
            source: "ip xfrm policy".to_owned(),
        })
    };
    text.lines().filter_map(policy).collect()
}

#[cfg(test)]
mod tests {
    use super::policies;

    #[test]
    fn policies_are_read_with_their_networks() {
        let text = "src 10.0.0.0/24 dst 10.0.1.0/24 \\\tdir out action block priority 100 ptype main\n\
                    src 10.0.1.0/24 dst 10.0.0.0/24 \\\tdir in priority 100 ptype main \\\ttmpl src 1.2.3.4 dst 5.6.7.8 \\\t\tproto esp reqid 1 mode tunnel\n\
                    src 0.0.0.0/0 dst 0.0.0.0/0 \\\tsocket in priority 0 ptype main\n\nnonsense\n";
        let all = policies(text);
        assert_eq!(all.iter().map(|own| own.blocks).collect::<Vec<_>>(), [Some(true), Some(false)]);
        assert!(all.iter().all(|own| own.is_for("10.0.1.7".parse().unwrap()) && !own.is_for("10.0.0.7".parse().unwrap())));
        assert!(all[0].text.starts_with("src 10.0.0.0/24 dst 10.0.1.0/24 dir out"), "{}", all[0].text);
    }
}
