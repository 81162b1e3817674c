//! The settings of proxies that programs find in their environment.

use crate::machine::connect::ProxySetting;

/// The variables that programs follow; most take the lower case first.
const VARIABLES: [&str; 6] = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const EXCEPTIONS: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// The proxies of the environment of this process.
pub fn of_environment() -> Vec<ProxySetting> {
    of(|name| std::env::var(name).ok())
}

fn of(variable: impl Fn(&str) -> Option<String>) -> Vec<ProxySetting> {
    let set = |name: &&str| variable(name).filter(|value| !value.trim().is_empty());
    let except: Vec<String> = EXCEPTIONS.iter().find_map(set).map(|value| list(&value)).unwrap_or_default();
    let setting = |name: &&str| {
        Some(ProxySetting {
            name: (*name).to_owned(),
            value: without_password(&set(name)?),
            except: except.clone(),
            source: "environment of this process".to_owned(),
        })
    };
    VARIABLES.iter().filter_map(setting).collect()
}

/// The parts of a list, which commas, semicolons or blanks divide.
pub fn list(text: &str) -> Vec<String> {
    text.split([',', ';', ' ']).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// The value without the user and password that may stand before the host.
pub fn without_password(value: &str) -> String {
    let (scheme, rest) = value.split_once("://").map_or(("", value), |(scheme, rest)| (scheme, rest));
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    if scheme.is_empty() { host.to_owned() } else { format!("{scheme}://{host}") }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn what_is_set_is_told_without_the_password() {
        let proxies = of(|name| match name {
            "https_proxy" => Some("http://m.weber:se@cret@proxy.corp.example:3128/".to_owned()),
            "ALL_PROXY" => Some(String::new()),
            "no_proxy" => Some("localhost, .corp.example".to_owned()),
            _ => None,
        });
        assert_eq!(proxies.len(), 1);
        assert_eq!(proxies[0].value, "http://proxy.corp.example:3128/");
        assert_eq!(proxies[0].except, ["localhost", ".corp.example"]);
    }
}
