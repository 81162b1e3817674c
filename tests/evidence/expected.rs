//! What must be read from a case, and what differs.

use serde_json::{Map, Value};

/// What `answer` lacks of `expected` or has too much, one line each.
pub fn differences(expected: &Value, answer: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    for (key, wanted) in expected.as_object().unwrap() {
        let got = &answer[key];
        match key.as_str() {
            "notes" | "forbidden_in_html_report" | "forbidden_csv_cell_starts" | "per_file" => {}
            "encoding" if wanted == "ascii" => {}
            "files" => {
                let names: Vec<&Value> = list(got).iter().map(|file| &file["name"]).collect();
                if list(wanted).iter().any(|name| !names.contains(&name)) {
                    wrong.push(format!("files: {names:?}"));
                }
            }
            "sockets" => wrong.extend(missing(key, list(wanted), list(got))),
            "top_holders" => wrong.extend(first(key, list(wanted), list(got))),
            "failures" | "dynamic_ranges" | "excluded_ranges" => wrong.extend(one_to_one(key, list(wanted), list(got))),
            "failed_services" => {
                if sorted(wanted) != sorted(got) {
                    wrong.push(format!("{key}: {got} in place of {wanted}"));
                }
            }
            "samples" | "machines" => {
                wrong.extend(first(key, list(wanted), list(got)));
                if list(wanted).len() != list(got).len() {
                    wrong.push(format!("{key}: {} in place of {}", list(got).len(), list(wanted).len()));
                }
            }
            "must_reject_lines" => {
                for line in list(wanted) {
                    let has = |key: &str| list(&answer[key]).iter().any(|fact| &fact["line"] == line);
                    if ["sockets", "failures", "dynamic_ranges", "excluded_ranges"].into_iter().any(has) {
                        wrong.push(format!("line {line} became a fact"));
                    }
                }
            }
            "must_reject_excluded" => wrong.extend(present(key, list(wanted), list(&answer["excluded_ranges"]))),
            "must_reject_dynamic" => wrong.extend(present(key, list(wanted), list(&answer["dynamic_ranges"]))),
            _ if got == wanted => {}
            _ => wrong.push(format!("{key}: {got} in place of {wanted}")),
        }
    }
    wrong
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn sorted(value: &Value) -> Vec<String> {
    let mut all: Vec<String> = list(value).iter().map(ToString::to_string).collect();
    all.sort();
    all
}

/// Whether one fact has every key as it is wanted.
fn fits(wanted: &Value, got: &Value) -> bool {
    let also = |key: &str| wanted.get(format!("{key}_also")).map(list).unwrap_or_default();
    wanted.as_object().is_some_and(|keys: &Map<String, Value>| {
        keys.iter().all(|(key, value)| match key.as_str() {
            key if key.ends_with("_also") => true,
            "process" => same_name(value, &got[key]),
            "top_holders" => first(key, list(value), list(&got[key])).is_empty(),
            // What must not be told.
            key if value.is_null() => got.get(key).is_none(),
            key => got.get(key).is_some_and(|got| got == value || also(key).contains(got)),
        })
    })
}

fn same_name(wanted: &Value, got: &Value) -> bool {
    wanted.as_str().zip(got.as_str()).is_some_and(|(wanted, got)| wanted.eq_ignore_ascii_case(got))
}

fn missing(key: &str, wanted: &[Value], got: &[Value]) -> Vec<String> {
    let missing = wanted.iter().filter(|wanted| !got.iter().any(|got| fits(wanted, got)));
    missing.map(|wanted| format!("{key}: nothing like {wanted}")).collect()
}

fn present(key: &str, refused: &[Value], got: &[Value]) -> Vec<String> {
    let present = refused.iter().filter(|refused| got.iter().any(|got| fits(refused, got)));
    present.map(|refused| format!("{key}: {refused} became a fact")).collect()
}

fn first(key: &str, wanted: &[Value], got: &[Value]) -> Vec<String> {
    let pairs = wanted.iter().enumerate().filter(|(index, wanted)| !got.get(*index).is_some_and(|got| fits(wanted, got)));
    pairs.map(|(index, wanted)| format!("{key}: {} in place of {wanted}", got.get(index).unwrap_or(&Value::Null))).collect()
}

/// Each wanted fact has one that fits, and none is left over.
fn one_to_one(key: &str, wanted: &[Value], got: &[Value]) -> Vec<String> {
    let mut left: Vec<&Value> = got.iter().collect();
    let mut wrong = Vec::new();
    for wanted in wanted {
        match left.iter().position(|got| fits(wanted, got)) {
            Some(place) => drop(left.remove(place)),
            None => wrong.push(format!("{key}: nothing like {wanted}")),
        }
    }
    wrong.extend(left.iter().map(|got| format!("{key}: {got} is too much")));
    wrong
}
