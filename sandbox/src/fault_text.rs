//! Faults written as text: `latency=20ms, 429:every=50:retry-after=1, reset-after:one-in=100:times=1`.

use std::str::FromStr;
use std::time::Duration;

use crate::faults::{Faults, Hit, Moment, Outage, What, Whom};

/// A text that names no faults.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem} in the fault \"{fault}\"; {hint}")]
pub struct ParseFaultsError {
    fault: String,
    problem: String,
    hint: &'static str,
}

const KINDS: &str = "faults are latency=TIME, token-requests=N, outage:after=N:for=TIME, and, each with every=N or one-in=N \
                     and perhaps times=N: a status such as 429 or 500 (with retry-after=SECONDS), html, html-STATUS, \
                     reset-before, reset-after, cut, hang";

impl FromStr for Faults {
    type Err = ParseFaultsError;

    /// Faults separated by commas; a fault's options follow it, each after a colon.
    ///
    /// | fault | what happens |
    /// |---|---|
    /// | `latency=20ms` | each answer waits |
    /// | `token-requests=500` | a token ends after so many requests |
    /// | `outage:after=200:for=5s` | after 200 writes every connection is reset for so long, and tokens are forgotten |
    /// | `429`, any status | the write is not done, the answer is this status; `retry-after=1` adds that header |
    /// | `html`, `html-403` | the write is not done, the answer is a web page (of status 200, or this one) |
    /// | `reset-before`, `reset-after` | the connection is reset before or after the write is done |
    /// | `cut` | the answer breaks off; reads too |
    /// | `hang` | the write is done, the answer never comes |
    ///
    /// `every=50` hits each 50th write, so that a repeat comes through; `one-in=50` hits one record in 50, whenever it
    /// comes. `times=3` ends it after three times, with `one-in` for each record. Without either, every write is hit.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut faults = Self::default();
        for fault in text.split(',').map(str::trim).filter(|fault| !fault.is_empty()) {
            add(&mut faults, fault).map_err(|(problem, hint)| ParseFaultsError {
                fault: fault.to_owned(),
                problem,
                hint,
            })?;
        }
        Ok(faults)
    }
}

type Problem = (String, &'static str);

fn add(faults: &mut Faults, fault: &str) -> Result<(), Problem> {
    let mut parts = fault.split(':').map(str::trim);
    let (kind, value) = option(parts.next().unwrap_or_default());
    let mut options: Vec<(&str, Option<&str>)> = parts.map(option).collect();
    let mut take = |name: &str| {
        // One without a value stays, and is named as wrong.
        let at = options.iter().position(|(found, value)| *found == name && value.is_some())?;
        options.swap_remove(at).1
    };
    match (kind, value) {
        ("latency", Some(value)) => faults.latency = time(value)?,
        ("token-requests", Some(value)) => faults.token_requests = Some(number(value)?),
        ("outage", None) => {
            let missing = || ("after= or for= is missing".to_owned(), KINDS);
            let after = number(take("after").ok_or_else(missing)?)?;
            let lasts = time(take("for").ok_or_else(missing)?)?;
            faults.outage = Some(Outage { after, lasts });
        }
        (_, None) => {
            let what = what(kind, &mut take)?;
            let whom = match (take("every"), take("one-in")) {
                (Some(every), None) => Whom::Every(number(every)?),
                (None, Some(of)) => Whom::OneIn(number(of)?),
                (None, None) => Whom::Every(1),
                (Some(_), Some(_)) => return Err(("both every= and one-in=".to_owned(), "keep one of the two")),
            };
            let times = take("times").map(number).transpose()?;
            faults.hits.push(Hit { what, whom, times });
        }
        (kind, Some(_)) => return Err((format!("\"{kind}\" takes no value or is unknown"), KINDS)),
    }
    match options.first() {
        Some((name, _)) => Err((format!("\"{name}\" is no option of it, or has no value"), KINDS)),
        None => Ok(()),
    }
}

fn what<'t>(kind: &str, take: &mut impl FnMut(&str) -> Option<&'t str>) -> Result<What, Problem> {
    let status = |text: &str| text.parse().ok().filter(|status| (100..600).contains(status));
    Ok(match kind {
        "html" => What::Page(200),
        "reset-before" => What::Reset(Moment::BeforeCommit),
        "reset-after" => What::Reset(Moment::AfterCommit),
        "cut" => What::Cut,
        "hang" => What::Hang,
        _ => {
            if let Some(status) = kind.strip_prefix("html-").and_then(status) {
                What::Page(status)
            } else if let Some(status) = status(kind) {
                What::Status { status, retry_after: take("retry-after").map(number).transpose()? }
            } else {
                return Err((format!("\"{kind}\" is unknown"), KINDS));
            }
        }
    })
}

fn option(text: &str) -> (&str, Option<&str>) {
    text.split_once('=').map_or((text, None), |(name, value)| (name.trim(), Some(value.trim())))
}

fn number(text: &str) -> Result<u64, Problem> {
    text.parse().map_err(|_| (format!("\"{text}\" is no whole number"), "numbers are written as 50"))
}

fn time(text: &str) -> Result<Duration, Problem> {
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        _ => 0,
    };
    digits
        .parse::<u64>()
        .ok()
        .filter(|_| millis > 0)
        .and_then(|n| n.checked_mul(millis))
        .map(Duration::from_millis)
        .ok_or_else(|| (format!("\"{text}\" is no time"), "times are written as 20ms, 5s or 10m"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_fault() {
        let text = "latency=20ms, token-requests=500, outage:after=200:for=5s, 429:every=50:retry-after=1:times=3,\
                    500:one-in=100, html, html-403:one-in=7:times=1, reset-before:every=3, reset-after:every=5, cut, hang:times=1";
        let faults: Faults = text.parse().unwrap();
        assert_eq!(faults.latency, Duration::from_millis(20));
        assert_eq!(faults.token_requests, Some(500));
        assert_eq!(faults.outage, Some(Outage { after: 200, lasts: Duration::from_secs(5) }));
        let status = |status, retry_after| What::Status { status, retry_after };
        let hit = |what, whom, times| Hit { what, whom, times };
        assert_eq!(
            faults.hits,
            [
                hit(status(429, Some(1)), Whom::Every(50), Some(3)),
                hit(status(500, None), Whom::OneIn(100), None),
                hit(What::Page(200), Whom::Every(1), None),
                hit(What::Page(403), Whom::OneIn(7), Some(1)),
                hit(What::Reset(Moment::BeforeCommit), Whom::Every(3), None),
                hit(What::Reset(Moment::AfterCommit), Whom::Every(5), None),
                hit(What::Cut, Whom::Every(1), None),
                hit(What::Hang, Whom::Every(1), Some(1)),
            ]
        );
        assert_eq!("".parse(), Ok(Faults::default()));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for text in [
            "latency",
            "latency=20",
            "latency=ms",
            "slow",
            "slow=1",
            "500:every",
            "500:every=x",
            "500:evry=2",
            "42",
            "1000",
            "outage:after=2",
            "429:every=2:one-in=3",
            "cut:retry-after=1",
            "html-9",
            "latency=99999999999999999m",
        ] {
            let error = text.parse::<Faults>().unwrap_err();
            assert!(error.to_string().contains(text), "{error}");
        }
    }
}
