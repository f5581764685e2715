//! Reading one table of the configuration: typed keys, and a finding for each key that is wrong or unknown.

use std::ops::RangeInclusive;

use super::SecretPlace;
use crate::finding::{Finding, nearest};

/// A table of the file that is being read. Keys that nobody asked for are unknown.
pub(super) struct Section<'t, 'f> {
    table: &'t toml::Table,
    file: &'t str,
    path: String,
    known: Vec<String>,
    findings: &'f mut Vec<Finding>,
}

impl<'t, 'f> Section<'t, 'f> {
    pub(super) fn new(table: &'t toml::Table, file: &'t str, path: &str, findings: &'f mut Vec<Finding>) -> Self {
        Self { table, file, path: path.to_owned(), known: Vec::new(), findings }
    }

    /// The keys of the table, sorted.
    pub(super) fn keys(&self) -> Vec<String> {
        self.table.keys().cloned().collect()
    }

    pub(super) fn error(&mut self, key: &str, message: impl Into<String>, fix: impl Into<String>) {
        let place = self.place(key);
        self.findings.push(Finding::error(place, message, fix));
    }

    pub(super) fn value(&mut self, key: &str) -> Option<&'t toml::Value> {
        self.known.push(key.to_owned());
        self.table.get(key)
    }

    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        match self.value(key)? {
            toml::Value::String(text) if text.trim().is_empty() => self.wrong(key, "a text that is not empty"),
            toml::Value::String(text) => Some(text.clone()),
            _ => self.wrong(key, "a text in quotes"),
        }
    }

    pub(super) fn required_text(&mut self, key: &str) -> Option<String> {
        if !self.table.contains_key(key) {
            self.missing(key);
        }
        self.text(key)
    }

    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        match self.value(key)? {
            toml::Value::Boolean(flag) => Some(*flag),
            _ => self.wrong(key, "true or false"),
        }
    }

    /// One of some words, as what it stands for.
    pub(super) fn one_of<T: Copy>(&mut self, key: &str, words: &[(&'static str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meant)| *meant);
        let known: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        found.or_else(|| self.wrong(key, &known.join(" or ")))
    }

    pub(super) fn count(&mut self, key: &str, range: RangeInclusive<usize>) -> Option<usize> {
        let number = match self.value(key)? {
            toml::Value::Integer(number) => usize::try_from(*number).ok().filter(|n| range.contains(n)),
            _ => None,
        };
        number.or_else(|| self.wrong(key, &format!("a whole number from {} to {}", range.start(), range.end())))
    }

    pub(super) fn share(&mut self, key: &str) -> Option<f64> {
        let number = match self.value(key)? {
            toml::Value::Float(number) => Some(*number),
            toml::Value::Integer(number) => Some(*number as f64),
            _ => None,
        };
        let share = number.filter(|share| (0.0..=1.0).contains(share));
        share.or_else(|| self.wrong(key, "a share from 0.0 to 1.0 (10 % is 0.1)"))
    }

    pub(super) fn required_integers(&mut self, key: &str) -> Vec<i32> {
        let integer = |v: &toml::Value| v.as_integer().and_then(|n| i32::try_from(n).ok());
        match self.value(key) {
            None => {
                self.missing(key);
                Vec::new()
            }
            Some(toml::Value::Array(items)) if !items.is_empty() => {
                let numbers: Vec<i32> = items.iter().filter_map(integer).collect();
                if numbers.len() < items.len() {
                    self.wrong::<()>(key, "a list of whole numbers: [2026]");
                }
                numbers
            }
            Some(_) => {
                self.wrong::<()>(key, "a list of whole numbers: [2026]");
                Vec::new()
            }
        }
    }

    pub(super) fn table(&mut self, key: &str) -> Option<Section<'t, '_>> {
        match self.value(key)? {
            toml::Value::Table(table) => {
                let path = self.full(key);
                Some(Section { table, file: self.file, path, known: Vec::new(), findings: self.findings })
            }
            _ => self.wrong(key, &format!("a table: [{}]", self.full(key))),
        }
    }

    pub(super) fn required_table(&mut self, key: &str) -> Option<Section<'t, '_>> {
        if !self.table.contains_key(key) {
            self.missing(key);
        }
        self.table(key)
    }

    /// `{name}-env` or `{name}-file`. A secret in the file itself is refused in words of its own.
    pub(super) fn secret(&mut self, name: &str, default_env: &str) -> SecretPlace {
        let (env, file) = (format!("{name}-env"), format!("{name}-file"));
        if self.value(name).is_some() {
            let fix = format!("put it in an environment variable and name that in {env}, or in a file: {file}");
            self.error(name, "a secret must not stand in the configuration", fix);
        }
        match (self.text(&env), self.text(&file)) {
            (Some(_), Some(_)) => {
                self.error(&file, format!("{env} is given too"), "keep one of the two");
                SecretPlace::Env(default_env.to_owned())
            }
            (Some(variable), None) => SecretPlace::Env(variable),
            (None, Some(path)) => SecretPlace::File(path.into()),
            (None, None) => SecretPlace::Env(default_env.to_owned()),
        }
    }

    /// Reports the keys that nobody asked for.
    pub(super) fn finish(self) {
        for key in self.table.keys().filter(|key| !self.known.contains(key)) {
            let fix = match nearest(key, self.known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("known here: {}", self.known.join(", ")),
            };
            let finding = Finding::error(self.place(key), "unknown key", fix);
            self.findings.push(finding);
        }
    }

    fn missing(&mut self, key: &str) {
        self.error(key, "missing", "add it; docs/configuration.md describes every key");
    }

    fn wrong<T>(&mut self, key: &str, expected: &str) -> Option<T> {
        self.error(key, format!("must be {expected}"), "correct the value");
        None
    }

    fn full(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn place(&self, key: &str) -> String {
        format!("{}, {}", self.file, self.full(key))
    }
}
