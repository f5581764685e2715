//! Reading a folder of CSV files: what is accepted, and what each defect says.

mod encodings;
mod folder;

use chrono::NaiveDate;
use folder::Folder;
use rollcall_core::finding::Severity;
use rollcall_source::{CsvFolder, SourceError};

#[test]
fn a_plain_folder_reads_without_findings() {
    let reading = Folder::plain().read();
    assert_eq!(reading.findings, []);
    assert_eq!(reading.snapshot.rosters.len(), 2);
    let roster = reading.snapshot.rosters.get(1).unwrap();
    assert_eq!(roster.start_date, NaiveDate::from_ymd_opt(2025, 8, 14));
    assert_eq!(roster.end_date, None);
    let table = reading.tables.iter().find(|t| t.table == "Roster").unwrap();
    assert!(table.file_present && table.usable);
    assert_eq!((table.rows, table.left_out), (2, 0));
    let optional = reading.tables.iter().find(|t| t.table == "StaffMember").unwrap();
    assert!(!optional.file_present && optional.usable);
    assert_eq!(reading.tables.len(), rollcall_core::tables::TABLES.len());
}

#[test]
fn byte_order_mark_crlf_case_order_and_spaces_are_accepted() {
    let folder = Folder::plain();
    folder.remove("Roster.csv");
    folder.write(
        "rOSTER.CSV",
        "\u{feff}PERSONID, EndDate ,rosterid,TrialID,sectionID,startDate\r\n\
         100,,1,40,60,2025-08-14\r\n100 ,2025-12-19, 2,40,60, 2025-08-15 00:00:00\r\n",
    );
    let reading = folder.read();
    assert_eq!(reading.findings, []);
    assert_eq!(reading.snapshot.rosters.get(2).unwrap().start_date, NaiveDate::from_ymd_opt(2025, 8, 15));
}

#[test]
fn quoted_fields_hold_commas_quotes_and_line_breaks() {
    let folder = Folder::plain();
    folder.write("District.csv", "districtID,number,name\r\n1,999,\"Plains, \"\"North\"\"\r\nUnified\"\r\n");
    let reading = folder.read();
    assert_eq!(reading.findings, []);
    assert_eq!(&*reading.snapshot.districts.get(1).unwrap().name, "Plains, \"North\"\r\nUnified");
}

#[test]
fn extra_columns_and_files_are_notes() {
    let folder = Folder::plain();
    folder.write("Trial.csv", "trialID,calendarID,color,structureID,active,courseLvl,\n40,10,red,20,1,,\n");
    folder.write("README.txt", "");
    folder.write("Staff-Member.csv", "");
    folder.write(".DS_Store", "");
    let reading = folder.read();
    assert!(reading.findings.iter().all(|f| f.severity == Severity::Note));
    assert_eq!(folder::texts(&reading.findings)[1], "Trial.csv: columns not read: color, courseLvl");
    assert!(folder::texts(&reading.findings)[0].ends_with(
        "files not read: README.txt, Staff-Member.csv; if Staff-Member.csv is the table StaffMember, rename it"
    ));
    assert_eq!(reading.tables.iter().find(|t| t.table == "Trial").unwrap().extra_columns, ["color", "courseLvl"]);
}

#[test]
fn a_missing_table_names_its_columns() {
    let folder = Folder::plain();
    folder.remove("Term.csv");
    let reading = folder.read();
    assert_eq!(
        folder::texts(&reading.findings)[0],
        "Term.csv: missing table; export it with the columns termID, termScheduleID, name, seq, startDate, endDate, \
         termType"
    );
    assert!(!reading.tables.iter().find(|t| t.table == "Term").unwrap().usable);
    assert!(reading.snapshot.placements.is_empty());
}

#[test]
fn a_missing_column_names_the_nearest_and_empties_the_table() {
    let folder = Folder::plain();
    folder.write("Roster.csv", "rosterID,personID,sectionID,trialID,start_date\n1,100,60,40,2025-08-14\n");
    let reading = folder.read();
    assert_eq!(
        folder::texts(&reading.findings),
        [
            "Roster.csv, column startDate: missing column; rename column \"start_date\" to startDate, if that is what \
             it holds",
            "Roster.csv, column endDate: missing column; export it too; the table needs the columns rosterID, \
             personID, sectionID, trialID, startDate, endDate",
            "Roster.csv: columns not read: start_date",
        ]
    );
    assert!(reading.snapshot.rosters.is_empty());
}

#[test]
fn a_column_that_stands_twice_empties_the_table() {
    let folder = Folder::plain();
    folder.write("Trial.csv", "trialID,calendarID,structureID,active,Active\n40,10,20,1,0\n");
    let reading = folder.read();
    assert_eq!(
        folder::texts(&reading.findings)[0],
        "Trial.csv, column active: the header has this column twice (as columns 4 and 5); remove or rename one of them"
    );
    assert!(reading.snapshot.trials.is_empty());
}

#[test]
fn two_files_of_one_table_are_ambiguous() {
    let folder = Folder::plain();
    folder.write("trial.csv", "trialID,calendarID,structureID,active\n");
    assert_eq!(
        folder::texts(&folder.read().findings)[0],
        "Trial.csv: two files hold this table: Trial.csv and trial.csv; remove or rename one of them"
    );
}

#[test]
fn bad_cells_name_row_column_and_fix_and_leave_the_rest() {
    let folder = Folder::plain();
    folder.write(
        "Roster.csv",
        "rosterID,personID,sectionID,trialID,startDate,endDate\n1,100,60,40,08/14/2025,\n2,100,60,40,,\n\
         \n3,100,six,40,,\n4,100,,40,,\n5,100,60,40,,,\n,,,,,\n6,100,60,40,,\"2025\n-12-19\"\n7,100,60,40,,",
    );
    let reading = folder.read();
    assert_eq!(
        folder::texts(&reading.findings),
        [
            "Roster.csv row 2, column startDate: \"08/14/2025\" is not a date (expected yyyy-MM-dd); this row is left \
             out; write it as yyyy-MM-dd",
            "Roster.csv row 5, column sectionID: \"six\" is not a whole number; this row is left out; write digits only",
            "Roster.csv row 6, column sectionID: empty (a value is required); this row is left out; fill in the value, \
             or leave the row out of the export",
            "Roster.csv row 7: 7 fields where the header has 6; this row is left out; put values that contain a comma, \
             a quotation mark or a line break in quotation marks",
            "Roster.csv row 9, column endDate: \"2025\\n-12-19\" is not a date (expected yyyy-MM-dd); this row is left \
             out; write it as yyyy-MM-dd",
        ]
    );
    assert_eq!(reading.snapshot.rosters.iter().map(|r| r.roster_id).collect::<Vec<_>>(), [2, 7]);
    assert_eq!(reading.tables.iter().find(|t| t.table == "Roster").unwrap().left_out, 5);
}

#[test]
fn line_numbers_are_the_files_own_after_crlf_blank_lines_and_quoted_breaks() {
    for newline in ["\n", "\r\n"] {
        let folder = Folder::plain();
        let text = "sectionID,courseID,trialID,number,homeroomSection\n\n60,50,40,\"1\n\n\",0\n\n\n61,50,40,2,no\n\
                    62,50,40,3,no";
        folder.write("Section.csv", &text.replace('\n', newline));
        let places: Vec<_> = folder.read().findings.into_iter().map(|f| f.place).collect();
        assert_eq!(
            places,
            ["Section.csv row 8, column homeroomSection", "Section.csv row 9, column homeroomSection"],
            "{newline:?}"
        );
    }
}

#[test]
fn bytes_that_are_not_utf8_name_row_and_column() {
    let folder = Folder::plain();
    folder.write_bytes(
        "Course.csv",
        b"courseID,calendarID,number,name,stateCode,active,stateExclude,homeroom\n50,10,A1,Espa\xf1ol,01001,1,0,0\n",
    );
    let reading = folder.read();
    assert_eq!(
        folder::texts(&reading.findings)[0],
        "Course.csv row 2, column name: not UTF-8 text; this row is left out; save the file as UTF-8, or set \
         source.encoding if all files are Windows-1252"
    );
    folder.write_bytes("Course.csv", b"c\0o\0u\0r\0s\0e\0I\0D\0\n\0");
    assert_eq!(
        folder::texts(&folder.read().findings)[0],
        "Course.csv row 1: the header is not UTF-8 text; save the file as UTF-8 (not as a spreadsheet; UTF-16 needs a \
         byte order mark)"
    );
}

#[test]
fn dangling_and_duplicate_ids_are_findings() {
    let folder = Folder::plain();
    folder.write(
        "Roster.csv",
        "rosterID,personID,sectionID,trialID,startDate,endDate\n1,100,60,40,,\n1,100,60,40,,\n2,100,61,40,,\n",
    );
    let reading = folder.read();
    let texts = folder::texts(&reading.findings);
    assert!(texts[0].starts_with("Roster.csv row 3, column rosterID: id 1 stands in an earlier row"), "{texts:?}");
    assert!(texts[1].starts_with("Roster.csv row 4, column sectionID: 61 is in no usable row of Section.csv"));
    assert_eq!(reading.snapshot.rosters.len(), 1);
}

#[test]
fn an_empty_file_is_an_error_and_a_header_alone_is_not() {
    let folder = Folder::plain();
    folder.write("Roster.csv", "");
    let reading = folder.read();
    assert_eq!(
        folder::texts(&reading.findings),
        ["Roster.csv: empty file; export it with a header line: rosterID, personID, sectionID, trialID, startDate, \
          endDate"]
    );
    folder.write("Roster.csv", "rosterID,personID,sectionID,trialID,startDate,endDate");
    let reading = folder.read();
    assert_eq!(reading.findings, []);
    assert!(reading.snapshot.rosters.is_empty());
    assert!(reading.tables.iter().all(|t| t.usable));
}

#[test]
fn an_open_quote_and_an_endless_field_are_refused() {
    let folder = Folder::plain();
    folder.write("Trial.csv", "calendarID,structureID,active,trialID\n10,20,1,40\n10,20,1,\"41\n10,20,1,42\n");
    let reading = folder.read();
    let texts = folder::texts(&reading.findings);
    assert!(texts[0].starts_with("Trial.csv row 3: a quotation mark is opened and never"), "{texts:?}");
    assert_eq!(reading.snapshot.trials.len(), 1);
    let long = "x".repeat((1 << 20) + 1);
    folder.write("Trial.csv", "trialID,calendarID,structureID,active\n40,10,20,1\n");
    folder.write("District.csv", &format!("districtID,name,number\n1,Plains,999\n2,{long},998\n"));
    let findings = folder.read().findings;
    assert_eq!(findings.len(), 1);
    assert!(findings[0].to_string().starts_with("District.csv row 3, column name: a field longer than 1 MiB"));
}

#[test]
fn a_header_that_is_none_is_named_once() {
    let folder = Folder::plain();
    folder.write("Trial.csv", "trial;calendar;structure;is active\n40;10;20;1\n");
    let texts = folder::texts(&folder.read().findings);
    assert_eq!(
        texts[0],
        "Trial.csv row 1: no column of the table is in the header; export the table as comma-separated values"
    );
    assert!(texts.iter().filter(|t| t.starts_with("Trial.csv")).count() == 1);
}

#[test]
fn one_kind_of_defect_is_told_twenty_times() {
    let folder = Folder::plain();
    let rows = folder::rows(100, "100,60,40,soon,");
    folder.write("Roster.csv", &format!("rosterID,personID,sectionID,trialID,startDate,endDate\n{rows}"));
    let reading = folder.read();
    assert_eq!(reading.findings.len(), 21);
    assert!(
        reading.findings[20]
            .to_string()
            .starts_with("Roster.csv, column startDate: 80 more rows are left out for the same reason: not a date")
    );
}

#[test]
fn ids_that_dangle_by_the_thousand_are_counted() {
    let folder = Folder::plain();
    folder.remove("Section.csv");
    let rows = folder::rows(1000, "100,60,40,,");
    folder.write("Roster.csv", &format!("rosterID,personID,sectionID,trialID,startDate,endDate\n{rows}"));
    let findings = folder.read().findings;
    assert!(findings.len() < 30, "{}", findings.len());
    assert!(folder::texts(&findings).iter().any(|t| t.starts_with("Roster.csv, column sectionID: 980 more rows")));
}

#[test]
fn personal_values_never_stand_in_a_finding() {
    let folder = Folder::plain();
    folder.write(
        "Person.csv",
        "personID,stateID,edFiID,firstName,lastName,birthDate,exclude\n100,S1,E1,Secret,Secret,Secret,0\n\
         Secret,S1,E1,Ada,Secret,2010-01-01,0\n101,S1,E1,A,B,,0\n101,S1,E1,A,B,,0\n",
    );
    folder.write(
        "Roster.csv",
        "rosterID,personID,sectionID,trialID,startDate,endDate\n1,987654321,60,40,,\n2,Secret,60,40,,\n",
    );
    folder.write("Enrollment.csv", "enrollmentID,personID,calendarID,structureID,grade,startDate,endDate,serviceType,noShow,stateExclude\n1,Secret,10,20,09,2025-08-14,,P,0,0\n");
    let reading = folder.read();
    let all = folder::texts(&reading.findings).join("\n");
    assert!(!all.contains("Secret") && !all.contains("987654321") && !all.contains("101"), "{all}");
    assert!(all.contains("Person.csv row 2, column birthDate: the value is not a date"));
    assert!(!format!("{reading:?}").contains("S1"));
}

#[test]
fn what_is_no_folder_of_tables_is_an_error_with_a_hint() {
    let empty = tempfile::tempdir().unwrap();
    let file = empty.path().join("a.txt");
    let absent = CsvFolder::open(empty.path().join("absent")).unwrap_err();
    assert!(matches!(absent, SourceError::NotFound { .. }));
    let none = CsvFolder::open(empty.path()).unwrap_err();
    assert!(matches!(none, SourceError::NoTables { .. }));
    std::fs::write(&file, "").unwrap();
    let error = CsvFolder::open(&file).unwrap_err();
    assert!(matches!(error, SourceError::NotAFolder { .. }));
    assert!(error.to_string().ends_with("a.txt is not a folder") && !error.hint().is_empty());
}
