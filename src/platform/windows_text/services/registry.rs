//! The registry as the readers of settings need it: keys below a root, and values in them.

/// What a value of the registry holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A number.
    Number(u64),
    /// A text.
    Text(String),
    /// Several texts.
    List(Vec<String>),
}

impl Value {
    /// The text; a number in digits.
    pub fn to_text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
            Self::List(texts) => texts.join(" "),
        }
    }
}

/// A registry. Keys are written from their root on: `HKLM\SOFTWARE\…`.
pub trait Registry {
    /// A value of a key; `None` where it is not there, or may not be read.
    fn value(&self, key: &str, name: &str) -> Option<Value>;
    /// The names and values of a key, in the registry's order.
    fn values(&self, key: &str) -> Vec<(String, Value)>;
    /// The names of the keys right below a key.
    fn keys(&self, key: &str) -> Vec<String>;
}

/// The keys that fit a pattern, where `*` in a part stands for any letters.
pub fn keys_like(registry: &dyn Registry, pattern: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for part in pattern.split('\\') {
        let join = |above: &str, part: &str| if above.is_empty() { part.to_owned() } else { format!("{above}\\{part}") };
        found = match part.split_once('*') {
            None => found.iter().map(|above| join(above, part)).collect(),
            Some((before, after)) => {
                let fits = |name: &String| {
                    let (name, before, after) = (name.to_lowercase(), before.to_lowercase(), after.to_lowercase());
                    name.len() >= before.len() + after.len() && name.starts_with(&before) && name.ends_with(&after)
                };
                let below = |above: &String| {
                    let names = registry.keys(above).into_iter().filter(fits);
                    names.map(|name| join(above, &name)).collect::<Vec<_>>()
                };
                found.iter().flat_map(below).collect()
            }
        };
    }
    found
}

#[cfg(test)]
pub mod testing {
    //! A registry for tests.

    use super::{Registry, Value};

    /// Values by key and name.
    #[derive(Debug, Default)]
    pub struct Tree(Vec<(String, String, Value)>);

    impl Tree {
        /// A registry from its keys, names and texts.
        pub fn new(values: &[(&str, &str, &str)]) -> Self {
            let value = |(key, name, text): &(&str, &str, &str)| {
                let value = text.strip_prefix('#').and_then(|digits| digits.parse().ok());
                ((*key).to_owned(), (*name).to_owned(), value.map_or_else(|| Value::Text((*text).to_owned()), Value::Number))
            };
            Self(values.iter().map(value).collect())
        }
    }

    impl Registry for Tree {
        fn value(&self, key: &str, name: &str) -> Option<Value> {
            let is = |(own, own_name, _): &&(String, String, Value)| {
                own.eq_ignore_ascii_case(key) && own_name.eq_ignore_ascii_case(name)
            };
            self.0.iter().find(is).map(|(_, _, value)| value.clone())
        }

        fn values(&self, key: &str) -> Vec<(String, Value)> {
            let own = self.0.iter().filter(|(own, ..)| own.eq_ignore_ascii_case(key));
            own.map(|(_, name, value)| (name.clone(), value.clone())).collect()
        }

        fn keys(&self, key: &str) -> Vec<String> {
            let below = |own: &str| {
                let rest = own.get(key.len()..).filter(|_| own[..key.len()].eq_ignore_ascii_case(key))?;
                Some(rest.strip_prefix('\\')?.split('\\').next()?.to_owned())
            };
            let mut names: Vec<String> = self.0.iter().filter_map(|(own, ..)| below(own)).collect();
            names.dedup();
            names
        }
    }
}

#[cfg(test)]
mod tests {
    use super::keys_like;
    use super::testing::Tree;

    #[test]
    fn a_star_stands_for_any_letters_of_a_part() {
        let tree = Tree::new(&[
            (r"HKLM\SOFTWARE\X\MSSQL15.A\Tcp", "Port", "1"),
            (r"HKLM\SOFTWARE\X\MSSQL16.B\Tcp", "Port", "2"),
            (r"HKLM\SOFTWARE\X\Other\Tcp", "Port", "3"),
        ]);
        let found = keys_like(&tree, r"HKLM\SOFTWARE\X\mssql*\Tcp");
        assert_eq!(found, [r"HKLM\SOFTWARE\X\MSSQL15.A\Tcp", r"HKLM\SOFTWARE\X\MSSQL16.B\Tcp"]);
        assert_eq!(keys_like(&tree, r"HKLM\SOFTWARE"), [r"HKLM\SOFTWARE"]);
    }
}
