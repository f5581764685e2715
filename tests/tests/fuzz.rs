//! Input that nobody would write: bytes of all kinds, and real input bent at random. Nothing may panic, nothing may be
//! taken for what it is not.
//!
//! A run tries a modest number of cases; `ROLLCALL_FUZZ_CASES` sets another (`ROLLCALL_FUZZ_CASES=100000 cargo test
//! --release -p rollcall-tests --test fuzz`). A case that fails is made small and printed; it goes into this file as a
//! test of its own.
#![cfg(feature = "kansas")]

use std::fs;
use std::sync::OnceLock;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::Index;
use rollcall_core::config::{Config, Encoding};
use rollcall_core::registry::Registry;
use rollcall_sandbox::Faults;
use rollcall_source::read_snapshot_in;
use rollcall_tests::{sample, tiny};
use rollcall_transport::{Answer, Decision, Operation, RetryPolicy, Seen, Server, Shape, Tally, decide};

fn cases(modest: u32) -> ProptestConfig {
    let cases = std::env::var("ROLLCALL_FUZZ_CASES").ok().and_then(|number| number.parse().ok());
    ProptestConfig { cases: cases.unwrap_or(modest), failure_persistence: None, ..ProptestConfig::default() }
}

/// Bytes that parsers stumble over.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    const AWKWARD: &[&[u8]] = &[
        b"",
        b"\"",
        b"\"\"",
        b",",
        b",,,,",
        b"\n",
        b"\r\n",
        b"\r",
        b"\0",
        b"\xEF\xBB\xBF",
        b"\xFF\xFE",
        b"\xC3",
        b"\x1b[31m",
        b"{",
        b"}",
        b"[[",
        b"]]",
        b"=",
        b"'''",
        b"\"\"\"",
        b"#",
        b"-1",
        b"1e999",
        b"99999999999999999999",
        b"0.1",
        b"null",
        b"true",
        b"2025-02-30",
        b"9999-99-99",
        b"\\u0000",
        b"\\ud800",
        b"\xF0\x9F\x92\xA9",
        b"\xE2\x80\xAE",
        b" ",
        b"\t",
        b"<html>",
        b"urn:ed-fi:api:",
        b"http://",
        b"..",
        b":",
        b"every=0",
        b"one-in=0",
        b"18446744073709551616",
    ];
    const DEEP: &[&[u8]] = &[b"[", b"{\"a\":", b"a.", b"[a."];
    prop_oneof![
        8 => prop::sample::select(AWKWARD).prop_map(<[u8]>::to_vec),
        2 => prop::collection::vec(any::<u8>(), 0..20),
        1 => (any::<u8>(), 0_usize..20_000).prop_map(|(byte, times)| vec![byte; times]),
        1 => prop::sample::select(DEEP).prop_map(|part| part.repeat(2_000)),
    ]
}

/// A text with some places cut out and filled otherwise.
fn bent(text: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
    let cut = (any::<Index>(), 0_usize..40, piece());
    prop::collection::vec(cut, 0..8).prop_map(move |cuts| {
        let mut bytes = text.to_vec();
        for (at, length, piece) in cuts {
            let from = at.index(bytes.len() + 1);
            let to = (from + length).min(bytes.len());
            bytes.splice(from..to, piece);
        }
        bytes
    })
}

fn anything_like(text: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![4 => bent(text), 1 => prop::collection::vec(piece(), 0..30).prop_map(|pieces| pieces.concat())]
}

fn registry() -> &'static Registry {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    REGISTRY.get_or_init(|| rollcall::registry().expect("the registry is whole"))
}

fn configuration() -> &'static [u8] {
    static TEXT: OnceLock<Vec<u8>> = OnceLock::new();
    TEXT.get_or_init(|| {
        let more =
            "concurrency = 8\nrequests-per-second = 5\noutage-minutes = 3\nca-file = \"ca.pem\"\ntimeout-seconds = 9\n";
        sample::kansas("https://ods.example.org/")
            .replacen("[connection]\n", &format!("[connection]\n{more}"), 1)
            .into()
    })
}

/// What servers say, in every form.
const ANSWERS: &[&[u8]] = &[
    br#"{"message":"Validation of 'Student' failed.\n\tLastSurname is required.\n\tThe field FirstName must be a string"}"#,
    br#"{"message":"The request is invalid.","modelState":{"request.birthDate":["String was not recognized","x"]}}"#,
    br#"{"detail":"d","type":"urn:ed-fi:api:data-conflict:unresolved-reference","title":"T","status":409,
        "correlationId":"c-1","validationErrors":{"$.lastSurname":["LastSurname is required."]},"errors":["one","two"]}"#,
    br#"[{"id":"a1","_etag":"5250","studentUniqueId":"604822"},{"id":"a2"}]"#,
    b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>",
];

const KINDS: &[Option<&str>] = &[None, Some("application/json"), Some("text/html; charset=utf-8"), Some("\u{1}")];
const OPERATIONS: &[Operation] = &[Operation::Post, Operation::Put, Operation::Delete, Operation::Read];
const MARKS: &[&[u8]] = &[b"", b"\xff\xfe", b"\xfe\xff", "\u{feff}".as_bytes()];
const SERVERS: &[Server] = &[Server::There, Server::Away, Server::Gone];

proptest! {
    #![proptest_config(cases(48))]

    /// The tables: bent rows are findings, and the rest is read.
    #[test]
    fn tables((at, bytes) in (0..tiny::TABLES.len()).prop_flat_map(|at| {
        (Just(at), anything_like(tiny::TABLES[at].1.as_bytes()))
    }), mark in prop::sample::select(MARKS), encoding in prop::sample::select(&Encoding::ALL[..])) {
        let bytes = [mark, &bytes].concat();
        let place = tiny::place("http://127.0.0.1");
        fs::write(place.tables().join(format!("{}.csv", tiny::TABLES[at].0)), bytes).expect("the folder is ours");
        if let Ok(reading) = read_snapshot_in(&place.tables(), encoding.1) {
            for finding in &reading.findings {
                let text = finding.to_string();
                prop_assert!(text.len() < 20_000, "a finding of {} bytes", text.len());
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(400))]

    /// The configuration: it is right, or the findings say where it is wrong.
    #[test]
    fn configurations(bytes in anything_like(configuration())) {
        let text = String::from_utf8_lossy(&bytes);
        let (config, findings) = Config::read(&text, "rollcall.toml", registry());
        let wrong = findings.iter().any(|finding| finding.severity == rollcall_core::finding::Severity::Error);
        prop_assert_eq!(config.is_some(), !wrong);
        if let Some(config) = config {
            prop_assert!((1..=256).contains(&config.connection.concurrency));
            prop_assert!((0.0..=1.0).contains(&config.delete_limit));
        }
    }

    /// The answers: whatever a server says, only a success without a page is taken for done.
    #[test]
    fn answers(
        body in (0..ANSWERS.len()).prop_flat_map(|at| anything_like(ANSWERS[at])),
        status in 100_u16..1000,
        kind in prop::sample::select(KINDS),
        retry_after in prop::option::of(any::<u64>().prop_map(Duration::from_secs)),
        attempts in 0_u32..20,
        operation in prop::sample::select(OPERATIONS),
        server in prop::sample::select(SERVERS),
    ) {
        let answer = Answer { retry_after, ..Answer::read(status, kind, &body) };
        let mut tally = Tally { attempts, ..Tally::default() };
        let seen = Seen::of(&answer, operation);
        tally.count(&seen, server);
        let policy = RetryPolicy::default();
        match decide(&seen, operation, &tally, &policy) {
            Decision::Done => prop_assert!((200..300).contains(&status) && answer.shape != Shape::WebPage),
            Decision::RetryAfter(Some(wait)) => prop_assert!(wait <= policy.max_retry_after),
            Decision::RetryAfter(None) | Decision::Pause if (200..300).contains(&status) => {
                prop_assert!(matches!(seen, Seen::Foreign(_)), "an answer of the API's is an end");
            }
            _ => {}
        }
        prop_assert!(answer.fields.len() <= 64);
        // Neither shows what the server said.
        let shown = format!("{answer:?}");
        prop_assert!(shown.len() < 50_000);
    }

    /// Faults as text: right, or an error that names the part.
    #[test]
    fn faults(bytes in anything_like(b"latency=20ms, 429:every=50:retry-after=1, reset-after:one-in=9:times=1, outage:after=2:for=5s")) {
        let text = String::from_utf8_lossy(&bytes);
        if let Err(error) = text.parse::<Faults>() {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
