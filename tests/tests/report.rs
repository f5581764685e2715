//! `rollcall report`: one page about a run, that names no student unless it is told to.
#![cfg(feature = "kansas")]

use std::fs;

use rollcall_tests::place::Place;
use rollcall_tests::says::{Says, message};
use rollcall_tests::tiny;

/// Everything of a student that the tables have.
const STUDENTS: [&str; 9] =
    ["Tamsin", "Quennell", "Silas", "Garrow", "4000000901", "4000000902", "80901", "2010-02-03", "Person:901"];

/// A district whose sections were refused with words that name a student, and a student with no birth date.
fn office() -> (Place, Says) {
    let server = Says::start(|asked| {
        let words = match asked.resource.as_str() {
            "sections" => "<b>Tamsin Quennell</b> (4000000901) is in no 'section'; BeginDate is required.",
            "studentSchoolAssociations" if asked.body.contains("4000000902") => {
                "Student 4000000902 'Silas Garrow' could not be resolved."
            }
            _ => return None,
        };
        Some((400, message(words)))
    });
    let place = tiny::place(&server.url());
    place.edit_table("Person", |text| text.replace(",2010-04-05,", ",,"));
    place.run(&["sync", "--no-progress"]).expect(4);
    (place, server)
}

fn page(place: &Place, options: &[&str]) -> String {
    let file = place.path().join("report.html");
    let path = file.display().to_string();
    let ended = place.run(&[&["report", "--output", &path], options].concat());
    assert_eq!(ended.expect(0).stdout.trim(), path);
    fs::read_to_string(file).expect("the page is there")
}

#[test]
fn a_page_of_its_own() {
    let (place, _server) = office();
    let page = page(&place, &[]);
    for outside in ["http-equiv=\"refresh\"", "<script", "<link", "<img", "src=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    for part in [
        "<html lang=\"en\">",
        "Kansas: sync 1",
        "Incomplete:",
        "sections: 2 records are refused",
        "9 studentSectionAssociations",
        "students: 1 record has a defect",
        "Little House School (990001)",
        "roster-outside-term",
        "By school and resource",
        "Requests",
        "<code>rollcall explain</code>",
    ] {
        assert!(page.contains(part), "no \"{part}\"");
    }
    // A server's words are no markup.
    assert!(page.contains("&#60;b&#62;… …"), "its words are told as words");
}

#[test]
fn no_student_unless_asked_for() {
    let (place, _server) = office();
    let plain = page(&place, &[]);
    for personal in STUDENTS {
        assert!(!plain.contains(personal), "{personal}");
    }
    assert!(plain.contains("This page names no student"));
    let named = page(&place, &["--with-students"]);
    for personal in ["Tamsin Quennell (4000000901)", "Silas Garrow (4000000902)", "This page names students"] {
        assert!(named.contains(personal), "no {personal}");
    }
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let (place, _server) = office();
    let file = place.path().join("report.html");
    page(&place, &[]);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("the file is ours");
    page(&place, &[]);
    assert_eq!(fs::metadata(&file).expect("it is there").permissions().mode() & 0o777, 0o600);
    let left: Vec<_> =
        fs::read_dir(place.path()).expect("the folder is ours").flatten().map(|e| e.file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains(".part")), "{left:?}");
}

#[test]
fn it_is_written_over_nothing_but_a_report() {
    let (place, _server) = office();
    for taken in ["rollcall.db", "rollcall.toml", "sis/Person.csv", "sis"] {
        let before = fs::read(place.path().join(taken)).ok();
        assert!(place.path().join(taken).exists(), "{taken}");
        let refused = place.run(&["report", "--output", &place.path().join(taken).display().to_string()]);
        refused.expect(2);
        assert_eq!(fs::read(place.path().join(taken)).ok(), before, "{taken}");
    }
}

#[test]
fn a_page_of_an_earlier_run() {
    let (place, server) = office();
    server.say(|_| None);
    place.edit_table("Person", |text| text.replace("Yarrow,,", "Yarrow,2010-04-05,"));
    place.run(&["sync", "--no-progress"]).expect(0);
    let now = page(&place, &[]);
    assert!(now.contains("Nothing: every record that reports is at the ODS."), "run 2");
    // What was wrong then is kept with the run, without students.
    let then = page(&place, &["1"]);
    assert!(then.contains("sections: 2 records are refused") && then.contains("Kansas: sync 1"));
    for personal in STUDENTS {
        assert!(!then.contains(personal), "{personal}");
    }
    place.run(&["report", "7"]).expect(2);
}

/// The last run that did something is what somebody wants to read of.
#[test]
fn a_run_that_could_not_begin_has_no_page() {
    let (place, server) = office();
    place.configure(&tiny::kansas(&server.url()).replace("[connection]", "[connection]\nkey-file = \"nowhere\""));
    place.run(&["sync", "--no-progress"]).expect(3);
    assert!(page(&place, &[]).contains("Kansas: sync 1"));
    let path = place.path().join("report.html").display().to_string();
    let told = place.run(&["report", "--output", &path]).stderr;
    assert!(told.contains("run 2 has nothing to report") && told.contains("this is run 1"), "{told}");
    let asked = place.run(&["report", "2", "--output", &path]);
    assert!(asked.expect(2).stderr.contains("failed before anything was sent"), "{}", asked.stderr);
}

#[test]
fn what_a_run_keeps_names_no_student() {
    let (place, _server) = office();
    for command in [["show", "--format", "json"], ["history", "--format", "json"], ["status", "--format", "json"]] {
        let told = place.run(&command).stdout;
        for personal in &STUDENTS[..8] {
            assert!(!told.contains(personal), "{personal} in {command:?}");
        }
    }
    let run = place.run(&["show", "--format", "json"]).expect(0).json();
    let causes = run["summary"]["causes"].as_array().expect("a run keeps its causes");
    assert_eq!(causes.len(), 3, "{causes:#?}");
    let parts = run["summary"]["resources"].as_array().expect("a run has resources");
    let sections = parts.iter().find(|part| part["resource"] == "sections").expect("Kansas reports it");
    assert_eq!(sections["schools"]["990001"]["refused"], 2);
    assert_eq!(sections["traffic"]["requests"], 2);
    assert!(
        sections["traffic"]["bytes_sent"].as_u64() > Some(100) && sections["traffic"]["max_ms"].as_f64() > Some(0.0)
    );
    let shown = place.run(&["show"]).stdout;
    assert!(shown.contains("median") && shown.contains("sections: 2 records are refused"), "{shown}");
}
