//! Student data and secrets never reach a log line: every command at its most talkative, on tables with bad rows of
//! every kind, and nothing of a student in what it logs.
#![cfg(feature = "kansas")]

use std::fs;

use rollcall_tests::place::Place;
use rollcall_tests::privacy::{found, secrets};
use rollcall_tests::program::SandboxProcess;
use rollcall_tests::sample;

/// Plants rows that cannot be read or used, each with personal values where the trouble is.
fn plant_bad_rows(place: &Place) {
    let person = |text: String| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let header: Vec<String> = lines[0].split(',').map(str::to_owned).collect();
        let column = |name: &str| header.iter().position(|column| column == name).expect("the sample has it");
        let mut change = |line: usize, name: &str, value: &str| {
            // The first students' names hold no comma.
            let mut cells: Vec<String> = lines[line].split(',').map(str::to_owned).collect();
            value.clone_into(&mut cells[column(name)]);
            lines[line] = cells.join(",");
        };
        change(2, "birthDate", "13/13/2013");
        change(3, "birthDate", "");
        change(4, "lastName", "");
        change(5, "personID", "Xylophanes");
        change(6, "exclude", "maybe");
        let double = lines[7].clone();
        lines.push(double);
        lines.push(format!("{},one-field-more", lines[8]));
        lines.push("99999,Xylophanes".to_owned());
        lines.join("\n") + "\n"
    };
    place.edit_table("Person", person);
    // A student that is not there, a section that is not there, a date that is none, a score that no list has.
    place.edit_table("Roster", |text| {
        let mut rows: Vec<String> = text.lines().map(str::to_owned).collect();
        rows[2] = rows[2].replacen(",100", ",990", 1);
        rows[3] = rows[3].replace("2025-", "2025/");
        rows.join("\n") + "\n"
    });
    place.edit_table("GradingScore", |text| text.replacen(",A,", ",Xylophanes,", 3));
    place.edit_table("Enrollment", |text| text.replacen(",2025-08-14,", ",soon,", 2));
    // Educators: an address that is longer than the state takes, none at all, and a row that cannot be read.
    place.edit_table("StaffMember", |text| {
        let mut rows: Vec<String> = text.lines().map(str::to_owned).collect();
        let without_id: Vec<usize> = (1..rows.len()).filter(|at| rows[*at].split(',').nth(1) == Some("")).collect();
        rows[without_id[0]] = rows[without_id[0]].replace("@school.", &format!("@{}.", "Xylophanes".repeat(13)));
        rows[without_id[1]] = rows[without_id[1]].rsplit_once(',').expect("it has columns").0.to_owned() + ",";
        rows[1] = rows[1].replacen("5000001", "Xylophanes", 1);
        rows.join("\n") + "\n"
    });
}

#[test]
fn no_student_and_no_secret_in_what_is_logged() {
    let district = sample::district(200);
    let place = sample::place(&district);
    let mut secrets = secrets(&place);
    let log = place.path().join("sandbox.log");
    let file = fs::File::create(&log).expect("the folder is ours");
    let sandbox = SandboxProcess::start(&place.tables(), sample::SCHOOL_YEAR, None, Some(file));
    plant_bad_rows(&place);
    // Values of personal columns that cannot be read are personal too; a misread score is one.
    secrets.extend(["13/13/2013", "Xylophanes", &"Xylophanes".repeat(13)].map(str::to_owned));
    place.configure(&sample::kansas(&sandbox.url));

    let page = place.path().join("report.html").display().to_string();
    let report = format!("report -vv --output {page}");
    let commands = [
        "check -vv",
        "plan -vv --steps",
        "sync -vv",
        "retry -vv",
        "sync -vv --log-format json",
        "status -vv",
        "history -vv",
        "show -vv",
        &report,
        "errors -vv --list",
        "errors -vv",
    ];
    for args in commands {
        let ended = place.run(&args.split(' ').collect::<Vec<_>>());
        assert!(ended.code.is_some_and(|code| [0, 3, 4].contains(&code)), "{args}: {:?}\n{}", ended.code, ended.stderr);
        assert_eq!(found(&ended.stderr, &secrets), [""; 0], "stderr of {args}");
        if !args.starts_with("errors") {
            assert_eq!(found(&ended.stdout, &secrets), [""; 0], "stdout of {args}");
        }
        if args == "sync -vv" {
            let requests = ended.stderr.lines().filter(|line| line.contains("studentSectionAssociations")).count();
            assert!(requests > 100, "{args} logs no requests:\n{}", ended.stderr);
            assert!(ended.stderr.contains("ks/sectionEducators"), "{args} sends no educators:\n{}", ended.stderr);
        }
    }
    let page = fs::read_to_string(page).expect("the report is written");
    assert_eq!(found(&page, &secrets), [""; 0], "the report");
    // A refusal quotes the ODS, and the ODS may quote the record.
    let wrong = place.command(&["check", "-vv"]).env("ROLLCALL_SECRET", "Xylophanes").output().expect("it starts");
    assert_eq!(found(&String::from_utf8_lossy(&wrong.stderr), &secrets), [""; 0], "stderr with a wrong secret");
    drop(sandbox);
    let log = fs::read_to_string(log).expect("the sandbox logs");
    assert_eq!(found(&log, &secrets), [""; 0], "the sandbox's log");
}

/// What is searched for is found where it may stand: else the test above could not fail.
#[test]
fn what_a_user_asks_for_is_shown() {
    let district = sample::district(200);
    let place = sample::place(&district);
    let secrets = secrets(&place);
    let sandbox = SandboxProcess::start(&place.tables(), sample::SCHOOL_YEAR, None, None);
    // Without an Ed-Fi number the school is unknown to the state: its records are refused, payloads and all.
    place.edit_table("School", |text| text.replace("100990103", "123456789"));
    place.configure(&sample::kansas(&sandbox.url));
    place.run(&["sync"]).expect(4);
    let quiet = place.run(&["errors", "-vv", "--list"]);
    assert_eq!(found(&quiet.expect(4).stderr, &secrets), [""; 0]);
    let shown = place.run(&["errors", "--payloads"]);
    let seen = found(&shown.expect(4).stdout, &secrets);
    assert!(seen.len() > 10, "payloads are shown to who asks");
    assert!(seen.iter().any(|secret| secret.contains('@')), "those of educators too: {}", seen.len());
}

#[cfg(unix)]
#[test]
fn the_files_with_student_data_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let district = sample::district(60);
    let place = sample::place(&district);
    let file = place.path().join("sandbox.db");
    let sandbox = SandboxProcess::start(&place.tables(), sample::SCHOOL_YEAR, Some(&file), None);
    place.configure(&sample::kansas(&sandbox.url));
    assert!(matches!(place.run(&["sync"]).code, Some(0 | 4)));
    let mut checked = 0;
    for entry in fs::read_dir(place.path()).expect("the folder is ours") {
        let path = entry.expect("the folder can be listed").path();
        let name = path.file_name().expect("it has a name").to_string_lossy().into_owned();
        if name.contains(".db") {
            let mode = fs::metadata(&path).expect("it is there").permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{name} has mode {mode:o}");
            checked += 1;
        }
    }
    assert!(checked >= 2, "a ledger and a sandbox file");
}
