//! Why a record that others refer to is not there: the rules' own verdict on the rows that it would come from.

use rollcall_core::config::Config;
use rollcall_core::context::Context;
use rollcall_core::model::KeyHash;
use rollcall_core::testing::District;
use rollcall_core::verdict::ObjectKey;
use rollcall_sync::advice::{Absent, Absentees, Known};
use rollcall_sync::check::Checker;
use rollcall_tests::small;

/// Why a record of `upstream`, which the record of `object` refers to, is not there.
fn why(district: &District, object: &str, upstream: &str) -> Absent {
    let registry = rollcall::registry().expect("the registry is whole");
    let (config, findings) = Config::read(&small::kansas(), "rollcall.toml", &registry);
    let config = config.unwrap_or_else(|| panic!("{findings:?}"));
    let snapshot = district.snapshot();
    let cx = Context { snapshot: &snapshot, preferences: &config.preferences, years: &config.years };
    let checker = Checker::new(&config.state, &config.years);
    let known = Known { cx, state: &config.state, checker: &checker };
    let object = ObjectKey::parse(object).expect("it is an object key");
    let resource = config.state.resource(upstream).expect("Kansas reports it");
    let absent = Absentees::default().find(&known, object, resource, KeyHash([0; 16]));
    Absent::clone(&absent)
}

#[test]
fn the_course_of_a_section_has_no_state_code() {
    let district = District::small().set("Course:1.stateCode", "-");
    let absent = why(&district, "Roster:1-1", "sections");
    assert_eq!(absent.object, ObjectKey::parse("Section:1-1"));
    assert_eq!(
        absent.why,
        "sections Section:1-1 does not report (no-state-code): Course.stateCode of Course:1 is empty"
    );
    assert!(absent.fix.contains("correct Course.stateCode in the SIS"), "{}", absent.fix);
    assert!(absent.fix.contains("rollcall explain sections Section:1-1"), "{}", absent.fix);
}

#[test]
fn a_flag_that_decides_is_told_with_its_value() {
    let district = District::small().set("Course:1.active", "0");
    let told = why(&district, "Roster:1-1", "courseOfferings").why;
    assert_eq!(told, "courseOfferings Section:1-1 does not report (course-inactive): Course.active of Course:1 is 0");
}

#[test]
fn a_student_is_not_told_of_but_by_the_row() {
    let district = District::small().set("Person:1.birthDate", "-").set("Person:1.firstName", "-");
    let absent = why(&district, "Roster:1-1", "students");
    assert_eq!(absent.object, ObjectKey::parse("Person:1"));
    assert!(absent.why.starts_with("students Person:1 "), "{}", absent.why);
    for personal in ["Ada", "Lark", "7001", "9001"] {
        assert!(!absent.why.contains(personal), "{}", absent.why);
    }
}

#[test]
fn no_row_at_all() {
    let absent = why(&District::small(), "Person:1", "sections");
    assert_eq!(absent.object, None);
    assert_eq!(absent.why, "the SIS tables have no row that would report the sections record");
}

/// Another school with the same kind of terms, and a section of the first school that is placed in one of them.
fn placed_astray(placement: &str) -> District {
    let term = [("termID", "9"), ("termScheduleID", "9"), ("startDate", "2025-08-18"), ("endDate", "2025-12-19")];
    District::small()
        .with("School", &[("schoolID", "2"), ("districtID", "1"), ("name", "Creek"), ("number", "0002")])
        .with("Calendar", &[("calendarID", "9"), ("schoolID", "2"), ("endYear", "2026")])
        .with("ScheduleStructure", &[("structureID", "8"), ("calendarID", "9")])
        .with("TermSchedule", &[("termScheduleID", "9"), ("structureID", "8")])
        .with("Term", &[&term[..], &[("termType", "Summer")]].concat())
        .set(&format!("SectionPlacement:{placement}.termID"), "9")
}

#[test]
fn a_section_is_placed_in_a_term_of_another_school() {
    for object in ["Section:1-9", "Roster:1-9"] {
        let absent = why(&placed_astray("1"), object, "sessions");
        assert_eq!(absent.object, None);
        assert_eq!(
            absent.why,
            "the SIS tables have no row that would report the sessions record: Term:9 is of Calendar:9 \
             (ScheduleStructure:8), and Section:1 is of Calendar:1, of another school or school year: no session of the \
             section comes from it"
        );
        assert_eq!(
            absent.fix,
            "name a term of Calendar:1 in the termID of SectionPlacement:1, or correct the course and the trial of \
             Section:1; `rollcall check --offline` says in which row of the file it stands"
        );
    }
    // What is in order beside it, and what no term reports.
    assert!(!why(&placed_astray("1"), "Section:2-1", "sessions").why.contains("Calendar"));
    assert!(!why(&placed_astray("1"), "Section:1-9", "students").why.contains("Calendar"));
}
