//! Reads a whole Case for what has to be hidden: names in their fields, and names that only a text tells.

use std::collections::BTreeSet;

use serde_json::Value;

use super::plain::Plain;
use super::{Kind, Redactor, boundary, is_loopback_name, known, places};
use crate::case::Case;

/// The longest name that Windows keeps for NetBIOS; there a longer one is cut.
const NETBIOS: usize = 15;

pub fn learn(redactor: &mut Redactor, case: &Case) {
    let texts = texts_of(case);
    redactor.taken = texts.iter().flat_map(|text| places::words(text)).collect();
    let programs = programs(case);
    let mut names = Names { redactor, programs };
    names.computer(&case.host.name);
    names.user(&case.host.user);
    for user in case.owners.iter().filter_map(|owner| owner.user.as_deref()) {
        names.user(user);
    }
    for user in case.facts.iter().flat_map(|facts| &facts.services).filter_map(|service| service.user.as_deref()) {
        names.user(user);
    }
    for annex in &case.annexes {
        let Some(place) = annex.users() else { continue };
        for user in annex.rows.iter().filter_map(|row| row.get(place)) {
            names.user(user);
        }
    }
    for text in &texts {
        for server in places::servers(text) {
            names.computer(&server);
        }
        for user in places::users(text) {
            names.user(&user);
        }
    }
    // A program's own path is known to its end, even where blanks are in it.
    for exe in case.owners.iter().filter_map(|owner| owner.exe.as_deref()) {
        names.path(exe);
    }
    // Now each value gets its word, in about the order in which people read the Case.
    redactor.name(Kind::Computer, &case.host.name);
    redactor.name(Kind::User, &case.host.user);
    let verdict = &case.verdict;
    redactor.text(&verdict.headline);
    redactor.text(&verdict.explanation);
    for owner in &case.owners {
        let ends = [Some(owner.local), owner.remote];
        ends.into_iter().flatten().for_each(|end| drop(redactor.text(&end.to_string())));
    }
    for text in &texts {
        redactor.text(text);
    }
}

/// What programs, units and products of the Case are called: a name that is one of these stays in texts, or they would lie.
fn programs(case: &Case) -> BTreeSet<String> {
    let target = [&case.target.service, &case.target.product, &case.symptom.service, &case.symptom.product];
    let owners = case.owners.iter().flat_map(|owner| [&owner.process, &owner.service]);
    let services = case.facts.iter().flat_map(|facts| &facts.services);
    let services = services.flat_map(|service| std::iter::once(&service.name).chain(&service.product));
    let all = target.into_iter().chain(owners).flatten().chain(services);
    all.flat_map(|name| [name.to_lowercase(), stem_of_unit(name).to_lowercase()]).collect()
}

fn stem_of_unit(unit: &str) -> &str {
    let stem = unit.rsplit_once('.').map_or(unit, |(stem, _)| stem);
    stem.split_once('@').map_or(stem, |(template, _)| template)
}

struct Names<'a> {
    redactor: &'a mut Redactor,
    programs: BTreeSet<String>,
}

impl Names<'_> {
    fn can_stand_in_a_text(&self, name: &str) -> bool {
        !known::is_like_a_word(name) && !self.programs.contains(&name.to_lowercase())
    }

    fn look_for(&mut self, kind: Kind, name: &str) {
        if self.can_stand_in_a_text(name) {
            self.redactor.look_for(kind, name);
        }
    }

    /// A computer by all its names: whole, without its domain, and cut as NetBIOS cuts it.
    fn computer(&mut self, name: &str) {
        let name: &str = &Plain::of(name).text;
        if is_loopback_name(name) || self.redactor.is_word(name) || name.parse::<std::net::IpAddr>().is_ok() {
            return;
        }
        self.look_for(Kind::Computer, name);
        let (short, domain) = name.split_once('.').map_or((name, None), |(short, domain)| (short, Some(domain)));
        self.look_for(Kind::Computer, short);
        if short.chars().count() > NETBIOS {
            let cut: String = short.chars().take(NETBIOS).collect();
            self.look_for(Kind::Computer, &cut);
        }
        if let Some(domain) = domain.filter(|domain| !domain.is_empty()) {
            self.domain(domain);
        }
    }

    fn domain(&mut self, domain: &str) {
        if self.can_stand_in_a_text(domain) {
            self.redactor.look_for(Kind::Computer, domain);
            let key = domain.to_lowercase();
            if !self.redactor.domains.contains(&key) {
                self.redactor.domains.push(key);
            }
        }
    }

    /// A user, as `anna` or as `DOMAIN\anna`.
    fn user(&mut self, name: &str) {
        let name: &str = &Plain::of(name).text;
        if known::is_account_of_system(name) {
            return;
        }
        let (domain, account) = name.rsplit_once('\\').map_or((None, name), |(domain, account)| (Some(domain), account));
        self.look_for(Kind::User, account);
        if let Some(domain) = domain.filter(|domain| !known::is_authority(domain) && !domain.is_empty())
            && self.redactor.names.iter().all(|name| name.lower != boundary::lower(domain))
        {
            self.domain(domain);
        }
    }

    fn path(&mut self, path: &str) {
        let path: &str = &Plain::of(path).text;
        if places::is_own_folder(path) {
            self.redactor.look_for(Kind::Path, path);
        }
    }
}

/// Every text of the Case.
fn texts_of(case: &Case) -> Vec<String> {
    fn collect(value: Value, texts: &mut Vec<String>) {
        match value {
            Value::String(text) => texts.push(Plain::of(&text).text),
            Value::Array(values) => values.into_iter().for_each(|value| collect(value, texts)),
            Value::Object(fields) => fields.into_iter().for_each(|(_, value)| collect(value, texts)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let mut texts = Vec::new();
    // A Case always has a JSON form; without one there is no text to read either.
    if let Ok(value) = serde_json::to_value(case) {
        collect(value, &mut texts);
    }
    texts
}
