//! docs/coverage/ods-behaviour.md has a row for every row of the notes on the real ODS/API's behaviour, and for each the
//! sandbox's tests that show it. These tests keep the page true: each test that is named exists, each test of
//! `sandbox/tests/ods_behaviour` is named, and a row without a test says why.

use std::collections::BTreeSet;
use std::fs;

use rollcall_tests::workspace::{root, sources};

/// The rows of the page: section, row and cell.
fn rows() -> Vec<(String, String, String)> {
    let text = fs::read_to_string(root().join("docs/coverage/ods-behaviour.md")).expect("the page is there");
    let (mut rows, mut section) = (Vec::new(), String::new());
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            title.clone_into(&mut section);
        }
        let Some(cells) = line.strip_prefix("| ").and_then(|line| line.strip_suffix(" |")) else { continue };
        let (row, cell) = cells.rsplit_once(" | ").unwrap_or_else(|| panic!("no row: {line}"));
        if (row, cell) != ("row", "test") {
            rows.push((section.clone(), row.to_owned(), cell.to_owned()));
        }
    }
    rows
}

/// The tests that a cell names.
fn named(cell: &str) -> Vec<&str> {
    cell.split(", ").map(|name| name.trim().trim_matches('`')).collect()
}

/// The tests there are, by the module that they stand in: `reads::limit_is_500`.
fn tests() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, text) in sources(&["sandbox/tests/ods_behaviour"]) {
        let module = path.file_stem().expect("a source file has a name").to_string_lossy().into_owned();
        let mut is_test = false;
        for line in text.lines() {
            is_test |= line.starts_with("#[tokio::test") || line.starts_with("#[test]");
            let Some(name) = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn ")) else { continue };
            if std::mem::take(&mut is_test) {
                let name = name.split('(').next().unwrap_or_default();
                found.insert(format!("{module}::{name}"));
            }
        }
    }
    assert!(found.len() > 100, "the tests are looked for in another place");
    found
}

#[test]
fn every_row_has_a_test_that_exists_or_says_why_not() {
    let tests = tests();
    let mut missing = Vec::new();
    for (section, row, cell) in rows() {
        if let Some(why) = cell.strip_prefix("not served: ") {
            assert!(why.len() > 10, "{section}: {row} does not say why");
            continue;
        }
        missing.extend(named(&cell).into_iter().filter(|name| !tests.contains(*name)).map(|n| format!("{n}: {row}")));
    }
    assert_eq!(missing, Vec::<String>::new(), "rows that name no test");
}

#[test]
fn every_test_is_named_by_a_row() {
    let rows = rows();
    let named: BTreeSet<&str> = rows.iter().flat_map(|(_, _, cell)| named(cell)).collect();
    let lost: Vec<String> = tests().into_iter().filter(|test| !named.contains(test.as_str())).collect();
    assert_eq!(lost, Vec::<String>::new(), "tests that no row names");
}

#[test]
fn no_row_stands_twice_and_every_section_is_there() {
    let rows = rows();
    let mut seen = BTreeSet::new();
    let twice: Vec<&String> = rows.iter().filter(|row| !seen.insert((&row.0, &row.1))).map(|row| &row.1).collect();
    assert_eq!(twice, Vec::<&String>::new());
    for section in ["2.", "3.", "4.", "5.", "6.", "7.", "7.5.", "9.", "10."] {
        assert!(rows.iter().any(|(title, ..)| title.starts_with(&format!("{section} "))), "no section {section}");
    }
}
