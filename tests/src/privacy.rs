//! What nobody may see in a log, and the search for it.

use std::collections::{BTreeSet, HashSet};

use crate::place::Place;
use crate::program::{KEY, SECRET};
use crate::tables::{Row, Tables};

/// What must not be seen: names, birth dates and ids of the students and the staff, and the key's secret.
pub fn secrets(place: &Place) -> BTreeSet<String> {
    let tables = Tables::read(&place.tables());
    let of = |table: &str, columns: &[&str]| -> Vec<String> {
        let cells = |row: &Row| columns.iter().filter_map(|c| row.text(c)).map(str::to_owned).collect::<Vec<_>>();
        tables.all(table).iter().flat_map(cells).collect()
    };
    let mut all: BTreeSet<String> = BTreeSet::from([SECRET.to_owned(), KEY.to_owned()]);
    let people = ["stateID", "edFiID", "studentNumber", "firstName", "middleName", "lastName", "birthDate"];
    all.extend(of("Person", &people));
    all.extend(of("StaffMember", &["stateID", "firstName", "middleName", "lastName", "email", "secondaryEmail"]));
    assert!(all.iter().any(|secret| secret.contains('@')), "no member of staff has an e-mail");
    assert!(all.len() > 200, "{}", all.len());
    all
}

/// The secrets that stand in a text as words of their own.
pub fn found<'s>(text: &str, secrets: &'s BTreeSet<String>) -> Vec<&'s str> {
    let words = |text: &str| text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect::<HashSet<_>>();
    let there = words(text);
    let boundary = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    let stands = |secret: &str| {
        // Most are told apart by their words, which is quick.
        words(secret).is_subset(&there)
            && text.match_indices(secret).any(|(at, _)| {
                boundary(text[..at].chars().next_back()) && boundary(text[at + secret.len()..].chars().next())
            })
    };
    secrets.iter().map(String::as_str).filter(|secret| stands(secret)).collect()
}
