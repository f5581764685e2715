//! Tables as Windows writes them say the same as in UTF-8 with commas.
#![cfg(feature = "kansas")]

use std::fs;

use rollcall_tests::place::Place;
use rollcall_tests::served::Served;
use rollcall_tests::tiny;

/// Every table of the place once more, with another separator and in other bytes.
fn rewrite(place: &Place, separator: &str, bytes: impl Fn(&str) -> Vec<u8>) {
    for (table, _) in tiny::TABLES {
        let path = place.tables().join(format!("{table}.csv"));
        let text = fs::read_to_string(&path).expect("the table is there");
        let separated = text.replace(',', separator).replace('\n', "\r\n");
        fs::write(path, bytes(&separated)).expect("the folder is ours");
    }
}

fn changes(place: &Place) -> u64 {
    let synced = place.run(&["sync", "--full", "--format", "json", "--no-progress"]).expect(0).json();
    let parts = synced["resources"].as_array().expect("a summary has resources").iter();
    let count = |part: &serde_json::Value, name: &str| part[name].as_u64().expect("it is a number");
    parts.map(|part| count(part, "posted") + count(part, "put") + count(part, "deleted")).sum()
}

/// A place whose names have letters that Windows-1252 writes otherwise than UTF-8, synced.
fn synced() -> (Place, Served, u64) {
    let state = rollcall::registry().expect("the registry is whole").state("ks").expect("Kansas is compiled in");
    let place = tiny::place("http://127.0.0.1:1");
    place.edit_table("Person", |text| text.replace("Quennell", "Núñez-Ærø"));
    place.edit_table("Course", |text| text.replace("Algebra I", "Álgebra – I"));
    let served = Served::start(&place, &state, 2026);
    place.configure(&tiny::kansas(&served.url()));
    let posted = changes(&place);
    (place, served, posted)
}

#[test]
fn utf_16_with_tabs_changes_nothing() {
    let (place, served, posted) = synced();
    let before = served.contents();
    assert!(posted > 0 && before["students"].concat().contains("Núñez-Ærø"));
    rewrite(&place, "\t", |text| {
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    });
    assert_eq!((changes(&place), served.contents() == before), (0, true));
    // A correction that is made in such a file arrives.
    let path = place.tables().join("Person.csv");
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let text = fs::read(&path).expect("the table is there");
    let at = text.windows(2).position(|pair| pair == wide("Æ")).expect("the name is there");
    fs::write(&path, [&text[..at], &wide("E"), &text[at + 2..]].concat()).expect("the folder is ours");
    assert_eq!(changes(&place), 1);
    assert!(served.contents()["students"].concat().contains("Núñez-Erø"));
}

#[test]
fn windows_1252_with_semicolons_changes_nothing_when_it_is_told() {
    let (place, served, _) = synced();
    let before = served.contents();
    let byte = |c: char| if c == '–' { 0x96 } else { u8::try_from(u32::from(c)).expect("the rest is ISO 8859-1") };
    rewrite(&place, ";", |text| text.chars().map(byte).collect());
    // Untold, the rows that it would guess at are left out, and nothing at the ODS is touched.
    let checked = place.run(&["check", "--offline"]);
    checked.expect(3);
    assert!(checked.stderr.contains("source.encoding"), "{}", checked.stderr);
    place.run(&["sync", "--no-progress"]).expect(4);
    assert!(served.contents() == before);
    let told = "[source]\nencoding = \"windows-1252\"\n\n[mappings.term-type]";
    place.configure(&tiny::kansas(&served.url()).replacen("[mappings.term-type]", told, 1));
    assert_eq!((changes(&place), served.contents() == before), (0, true));
}
