//! Files that are not in UTF-8 with commas: what a database or a spreadsheet on Windows writes.

use rollcall_core::config::Encoding;
use rollcall_source::read_snapshot_in;

use crate::folder::{self, Folder};

const COURSES: &str = "courseID,calendarID,number,name,stateCode,active,stateExclude,homeroom\r\n\
                       50,10,A1,\"Español, nivel 1 – €\",01001,1,0,0\r\n";

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect()
}

/// The course's name, and what is wrong.
fn course(folder: &Folder, encoding: Encoding) -> (Option<String>, Vec<String>) {
    let reading = read_snapshot_in(folder.path(), encoding).unwrap();
    let name = reading.snapshot.courses.get(50).map(|course| course.name.to_string());
    (name, folder::texts(&reading.findings))
}

const SPANISH: &str = "Español, nivel 1 – €";

#[test]
fn utf_16_with_a_byte_order_mark_is_read_whatever_is_told() {
    let folder = Folder::plain();
    for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
        folder.write_bytes("Course.csv", &utf_16(COURSES, bytes));
        for (_, encoding) in Encoding::ALL {
            assert_eq!(course(&folder, encoding), (Some(SPANISH.to_owned()), vec![]));
        }
    }
}

#[test]
fn utf_16_that_breaks_off_gives_no_rows_and_says_so() {
    let folder = Folder::plain();
    let mut bytes = utf_16(COURSES, u16::to_le_bytes);
    bytes.pop();
    folder.write_bytes("Course.csv", &bytes);
    let (name, findings) = course(&folder, Encoding::Utf8);
    assert_eq!(name, None);
    assert_eq!(
        findings[0],
        "Course.csv: begins as UTF-16 and is not; none of its rows are used; export it again, or save it as UTF-8"
    );
}

#[test]
fn windows_1252_is_read_when_it_is_told_and_only_then() {
    let folder = Folder::plain();
    let bytes: Vec<u8> = COURSES
        .chars()
        .map(|c| match c {
            '–' => 0x96,
            '€' => 0x80,
            c => u8::try_from(u32::from(c)).expect("the rest is ISO 8859-1"),
        })
        .collect();
    folder.write_bytes("Course.csv", &bytes);
    assert_eq!(course(&folder, Encoding::Windows1252), (Some(SPANISH.to_owned()), vec![]));
    let (name, findings) = course(&folder, Encoding::Utf8);
    assert_eq!(name, None);
    assert_eq!(
        findings[0],
        "Course.csv row 2, column name: not UTF-8 text; this row is left out; save the file as UTF-8, or set \
         source.encoding if all files are Windows-1252"
    );
}

#[test]
fn a_byte_order_mark_of_utf_8_says_more_than_the_configuration() {
    let folder = Folder::plain();
    folder.write("Course.csv", &format!("\u{feff}{COURSES}"));
    for (_, encoding) in Encoding::ALL {
        assert_eq!(course(&folder, encoding), (Some(SPANISH.to_owned()), vec![]));
    }
}

#[test]
fn lines_are_counted_in_decoded_files_too() {
    let folder = Folder::plain();
    let text = "trialID,calendarID,structureID,active\r\n40,10,20,1\r\n\r\n41,10,20,\"1\r\n42,10,20,1\r\n";
    folder.write_bytes("Trial.csv", &utf_16(text, u16::to_le_bytes));
    let (_, findings) = course(&folder, Encoding::Utf8);
    let told = findings.first().map(String::as_str).unwrap_or_default();
    assert!(told.starts_with("Trial.csv row 4: a quotation mark is opened and never"), "{findings:?}");
}

#[test]
fn columns_are_separated_by_what_the_header_shows() {
    let folder = Folder::plain();
    for separator in [",", ";", "\t", "|"] {
        let mark = if separator == ";" { "\u{feff}" } else { "" };
        let columns =
            ["\"courseID\"", " calendarID", "NUMBER", "name", "stateCode", "active", "stateExclude", "homeroom"];
        let row = ["50", "10", "A1", "\"a,b;c\td|e\"", "01001", "1", "0", "0"];
        folder.write("Course.csv", &format!("{mark}{}\n{}\n", columns.join(separator), row.join(separator)));
        assert_eq!(course(&folder, Encoding::Utf8), (Some("a,b;c\td|e".to_owned()), vec![]), "{separator:?}");
    }
}
