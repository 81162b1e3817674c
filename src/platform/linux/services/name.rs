//! From what people call a service to the units it could be.

use std::collections::BTreeSet;

use super::unit::Unit;
use crate::catalog;
use crate::machine::ServiceState;
use crate::platform::PlatformError;

/// The units that a name may mean: a unit with or without its suffix, the instances of a template, or the units of a product.
#[derive(Debug)]
pub struct Candidates {
    asked: String,
    patterns: Vec<String>,
}

impl Candidates {
    /// What `asked` may mean.
    ///
    /// # Errors
    /// Where the text could be an option, a path or a pattern for the tool that gets it.
    pub fn of(asked: &str) -> Result<Self, PlatformError> {
        let asked = asked.trim();
        if !is_name(asked) {
            return Err(PlatformError::BadServiceName(asked.to_owned()));
        }
        let mut patterns = Vec::new();
        if is_unit_name(asked) {
            if let Some(template) = asked.strip_suffix("@.service").or(asked.strip_suffix('@')) {
                // A template alone runs nothing.
                patterns.push(format!("{template}@*.service"));
            } else if has_suffix(asked) {
                patterns.push(asked.to_owned());
            } else {
                patterns.push(format!("{asked}.service"));
                patterns.extend(instances(asked));
                patterns.push(format!("{asked}.socket"));
            }
        }
        for unit in catalog::product_called(asked).iter().flat_map(|product| &product.units) {
            patterns.push(format!("{unit}.service"));
            patterns.extend(instances(unit));
        }
        let mut seen = BTreeSet::new();
        patterns.retain(|pattern| seen.insert(pattern.clone()));
        Ok(Self { asked: asked.to_owned(), patterns })
    }

    /// What was asked for.
    pub fn asked(&self) -> &str {
        &self.asked
    }

    /// The names, with `*` for any instance, as systemctl takes them.
    pub fn patterns(&self) -> &[String] {
        &self.patterns
    }

    /// Whether the unit is one of them, by its name or an alias.
    pub fn mean(&self, unit: &Unit) -> bool {
        self.patterns.iter().any(|pattern| match pattern.split_once('*') {
            None => unit.is_called(pattern),
            Some((before, after)) => unit.id().strip_prefix(before).is_some_and(|rest| rest.ends_with(after)),
        })
    }

    /// What is meant most likely comes first: a unit that fails, then the one with exactly this name, then one that runs.
    pub fn order(&self, unit: &Unit, state: ServiceState) -> impl Ord + use<> {
        let exact = unit.is_called(&self.asked) || unit.is_called(&format!("{}.service", self.asked));
        (unit.is_umbrella(), !state.is_failing(), !exact, state != ServiceState::Running, unit.is_socket(), unit.id().to_owned())
    }
}

/// The instances of a template; `postgresql` may be `postgresql@15-main.service`.
fn instances(unit: &str) -> Option<String> {
    (!unit.contains('@')).then(|| format!("{unit}@*.service"))
}

fn has_suffix(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, kind)| kind == "service" || kind == "socket")
}

/// What a product or a unit can be called. Never an option, a path or a pattern.
fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || " :_.\\@-$+()".contains(c);
    !text.is_empty() && text.len() <= 255 && text.chars().all(fits) && !text.starts_with(['-', '.'])
}

/// What systemd allows in the name of a unit (systemd.unit(5)).
fn is_unit_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":_.\\@-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::super::properties::Properties;
    use super::super::systemctl::Manager;
    use super::*;

    fn patterns(asked: &str) -> Vec<String> {
        Candidates::of(asked).unwrap().patterns
    }

    fn unit(text: &str) -> Unit {
        Unit::new(Properties::parse_all(&format!("LoadState=loaded\n{text}")).remove(0), Manager::System).unwrap()
    }

    #[test]
    fn a_name_may_be_a_service_its_instances_or_a_socket() {
        assert_eq!(patterns("demo-db"), ["demo-db.service", "demo-db@*.service", "demo-db.socket"]);
        assert_eq!(patterns("web.socket"), ["web.socket"]);
        assert_eq!(patterns("app@"), ["app@*.service"]);
        assert_eq!(patterns("app@.service"), ["app@*.service"]);
        assert_eq!(patterns("app@blue"), ["app@blue.service", "app@blue.socket"]);
    }

    #[test]
    fn a_product_is_found_whatever_its_case() {
        assert!(patterns("PostgreSQL").contains(&"postgresql.service".to_owned()));
        assert!(patterns("PostgreSQL").contains(&"postgresql@*.service".to_owned()));
        assert_eq!(patterns("SQL Server"), ["mssql-server.service", "mssql-server@*.service"]);
    }

    #[test]
    fn options_paths_and_patterns_are_no_names() {
        for text in ["", "-H", "--help", "../etc", "/etc/passwd", "a b; reboot", "*", "nginx*", "a\nb", &"x".repeat(300)] {
            assert!(matches!(Candidates::of(text), Err(PlatformError::BadServiceName(_))), "{text:?}");
        }
    }

    #[test]
    fn the_unit_that_fails_is_meant_and_an_umbrella_last() {
        let umbrella =
            unit("Id=postgresql.service\nExecStart={ path=/bin/true ; argv[]=/bin/true ; ignore_errors=no ; status=0/0 }");
        let main = unit("Id=postgresql@15-main.service");
        let other = unit("Id=postgresql@14-old.service");
        let candidates = Candidates::of("postgresql").unwrap();
        assert!([&umbrella, &main, &other].iter().all(|unit| candidates.mean(unit)));
        let running = ServiceState::Running;
        assert!(candidates.order(&other, ServiceState::Failed) < candidates.order(&main, running));
        assert!(candidates.order(&main, running) < candidates.order(&other, ServiceState::Stopped));
        assert!(candidates.order(&other, ServiceState::Stopped) < candidates.order(&umbrella, running));
    }

    #[test]
    fn an_alias_means_its_unit() {
        let candidates = Candidates::of("mysql").unwrap();
        assert!(candidates.mean(&unit("Id=mariadb.service\nNames=mariadb.service mysql.service")));
        assert!(!candidates.mean(&unit("Id=mysql-router.service\nNames=mysql-router.service")));
    }
}
