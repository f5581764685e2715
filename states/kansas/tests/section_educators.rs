//! Section Educators (Kansas v3.6), as far as it is public: each test is a row of docs/coverage/kansas-section-educators.md.

mod common;

use common::{
    Case, assert_delete_post, assert_element, assert_put, assert_triggers, assert_waits_for_a_resync, case_of,
};
use rollcall_core::resource::Need::{M, O};
use rollcall_core::testing::District;
use rollcall_core_edfi::preferences::SECTION_IDENTIFIER;
use rollcall_kansas::section_educators::{SPEC, SectionEducators};
use rollcall_kansas::sections::Sections;
use serde_json::json;

/// Cleo (`StaffMember:5`, without a state id) teaches ALG1-01 in the fall (`SectionStaffHistory:1`) and BAND-07 all year
/// (`SectionStaffHistory:2`). Fall is 2025-08-18 to 2025-12-19, spring 2026-01-05 to 2026-05-22.
fn case() -> Case {
    case_of(&SectionEducators)
        .with_educator()
        .with_staff_history("1", "5", "1", "-", "-")
        .with_staff_history("2", "5", "2", "-", "-")
}

const FALL: &str = "SectionStaffHistory:2-1";
const SPRING: &str = "SectionStaffHistory:2-2";

/// The history of the whole year from a day to a day.
fn taught(start: &str, end: &str) -> Case {
    case().set("SectionStaffHistory:2.startDate", start).set("SectionStaffHistory:2.endDate", end)
}

#[track_caller]
fn assert_reports(case: &Case, expected: &[&str]) {
    let records = case.records();
    let objects: Vec<&str> = records.values().flat_map(|(objects, _)| objects).map(String::as_str).collect();
    let mut objects: Vec<&str> = objects.into_iter().filter(|object| object.contains(":2-")).collect();
    objects.sort_unstable();
    assert_eq!(objects, expected);
}

#[test]
fn post_when_a_staff_member_is_added_on_staff_history() {
    assert_eq!(case().objects(), ["SectionStaffHistory:1-1", FALL, SPRING]);
    assert_eq!(
        case().body(SPRING),
        json!({
            "educatorElectronicMailAddress": "cleo@north.example",
            "sectionReference": {
                "localCourseCode": "BAND", "schoolId": 500_001, "schoolYear": 2026, "sessionName": "S2",
                "sectionIdentifier": "07",
            },
            "educatorFirstName": "Cleo",
            "educatorLastSurname": "Finch",
        })
    );
    assert_eq!(case().with_staff_history("3", "5", "1", "2025-09-01", "-").count(), 3, "one record per educator");
    let second = case().with("StaffMember", &[("personID", "6"), ("email", "dov@north.example")]);
    assert_eq!(second.with_staff_history("3", "6", "1", "-", "-").count(), 4);
}

#[test]
fn post_only_primary_teachers_and_teachers() {
    let of_type = |kind: &str| case().set("SectionStaffHistory:2.staffType", kind);
    assert_eq!(of_type("T").records(), case().records());
    for kind in ["S", "-", "p"] {
        assert_eq!(of_type(kind).excluded(FALL), "staff-type SectionStaffHistory:2");
    }
    assert_triggers(&case(), &of_type("T"), FALL);
}

#[test]
fn post_not_with_a_state_id() {
    let with_id = case().set("StaffMember:5.stateID", "1000005");
    assert_eq!(with_id.excluded(FALL), "staff-has-state-id StaffMember:5");
    assert_eq!(with_id.count(), 0);
    assert_triggers(&case(), &with_id, FALL);
}

#[test]
fn post_not_of_a_section_that_does_not_report() {
    let excluded = [
        (case().set("Calendar:1.exclude", "1"), "calendar-exclude Calendar:1"),
        (case().set("School:1.exclude", "1"), "school-exclude School:1"),
        (case().set("Course:1.active", "0"), "course-inactive Course:1"),
        (case().set("Course:1.stateExclude", "1"), "course-state-exclude Course:1"),
        (case().set("Course:1.stateCode", "-"), "no-state-code Course:1"),
        (case().set("Term:1.termType", "-"), "term-type-null Term:1"),
        (case().set("Term:1.termType", "Autumn"), "term-unmapped Term:1"),
    ];
    for (case, because) in excluded {
        assert_eq!(case.excluded("SectionStaffHistory:1-1"), because);
        assert_eq!(case.about(&Sections).excluded("Section:1-1"), because);
    }
    assert_eq!(case().without("SectionPlacement:1").excluded("SectionStaffHistory:1"), "no-placement Section:1");
    let elsewhere = case().years(&[2025]);
    assert_eq!((elsewhere.objects().len(), elsewhere.excluded("SectionStaffHistory:1-1").as_str()), (0, "not-in-sis"));
    for gone in ["SectionStaffHistory:1-2", "SectionStaffHistory:9-1", "Section:1-1"] {
        assert_eq!(case().excluded(gone), "not-in-sis");
    }
}

#[test]
fn put_when_the_dates_change_and_still_overlap() {
    let both = [FALL, SPRING];
    for (start, end) in [("2025-08-18", "-"), ("-", "2026-05-22"), ("2025-12-19", "2026-01-05"), ("2020-01-01", "-")] {
        assert_reports(&taught(start, end), &both);
        assert_eq!(taught(start, end).body(FALL), case().body(FALL), "the record has no dates");
        assert_triggers(&case(), &taught(start, end), FALL);
    }
}

#[test]
fn delete_when_the_dates_no_longer_overlap_the_term() {
    assert_reports(&taught("2025-12-20", "-"), &[SPRING]);
    assert_reports(&taught("-", "2026-01-04"), &[FALL]);
    assert_reports(&taught("2025-12-20", "2026-01-04"), &[]);
    assert_reports(&taught("2026-05-23", "-"), &[]);
    assert_reports(&taught("2025-10-10", "2025-10-01"), &[]);
    assert_eq!(taught("2025-12-20", "-").excluded(FALL), format!("staff-outside-term {FALL}"));
    let without_dates = |case: Case| case.set("Term:1.startDate", "-").set("Term:1.endDate", "-");
    assert_reports(&without_dates(taught("2025-12-20", "-")), &[FALL, SPRING]);
}

#[test]
fn the_dates_are_asked_before_the_mapping() {
    let unmapped = taught("2025-12-20", "-").set("Term:1.termType", "Autumn");
    assert_eq!(unmapped.excluded(FALL), format!("staff-outside-term {FALL}"));
}

#[test]
fn put_when_a_name_changes() {
    for (cell, element, value) in [
        ("StaffMember:5.firstName", "/educatorFirstName", "Clio"),
        ("StaffMember:5.middleName", "/educatorMiddleName", "Ray"),
        ("StaffMember:5.lastName", "/educatorLastSurname", "Finch-Reyes"),
    ] {
        let renamed = case().set(cell, value);
        assert_put(&case(), &renamed, FALL);
        assert_eq!(renamed.at(FALL, element), value);
        assert_eq!(case().set(cell, "-").body(FALL).pointer(element), None, "an empty name is left out");
    }
}

#[test]
fn delete_post_when_the_e_mail_changes() {
    let secondary = |case: Case| case.set("StaffMember:5.secondaryEmail", "finch@home.example");
    let address = |case: &Case| case.at(FALL, "/educatorElectronicMailAddress");
    assert_eq!(address(&secondary(case())), "cleo@north.example", "the e-mail goes before the secondary one");
    assert_eq!(secondary(case()).source(FALL), case().source(FALL), "and the secondary one is not asked then");
    let blank = secondary(case()).set("StaffMember:5.email", "-");
    assert_eq!(address(&blank), "finch@home.example");
    for after in [case().set("StaffMember:5.email", "c.finch@north.example"), blank.clone()] {
        assert_delete_post(&case(), &after, FALL);
    }
    assert_delete_post(&blank, &blank.clone().set("StaffMember:5.secondaryEmail", "cf@home.example"), FALL);
}

#[test]
fn delete_post_when_the_sections_natural_key_changes() {
    assert_eq!(
        case().key("SectionStaffHistory:1-1"),
        "educatorElectronicMailAddress=cleo@north.example&localCourseCode=ALG1&schoolId=500001&schoolYear=2026\
         &sectionIdentifier=01&sessionName=S1"
    );
    let altered = [
        case().set("Section:1.number", "02"),
        case().set("Course:1.number", "ALG1A"),
        case().set("School:1.number", "500009"),
        case().set("Term:1.termType", "Spring"),
        case().set("Section:1.termDescriptorOverride", "first quarter"),
    ];
    for after in altered {
        assert_delete_post(&case(), &after, "SectionStaffHistory:1-1");
    }
    let whole = case().option(&SECTION_IDENTIFIER, "{course.number}-{section.number}");
    assert_eq!(whole.at(FALL, "/sectionReference/sectionIdentifier"), "BAND-07", "as the section is named");
}

#[test]
fn resync_when_a_mapping_changes() {
    let remapped = case().map("term-type", "Fall", "uri://ksde.org/TermDescriptor#Q1");
    assert_waits_for_a_resync(&case(), &remapped, "SectionStaffHistory:1-1");
}

#[test]
fn delete_when_a_staff_member_is_deleted_from_staff_history() {
    let without = case().without("SectionStaffHistory:2");
    assert_eq!((without.count(), without.excluded(FALL).as_str()), (1, "not-in-sis"));
}

#[test]
fn staff_without_an_e_mail_are_a_defect() {
    let none = case().set("StaffMember:5.email", "-");
    let problem = none.defect(FALL);
    assert_eq!(problem.element, "educatorElectronicMailAddress");
    assert_eq!(problem.message, "StaffMember:5 has neither an e-mail nor a secondary e-mail");
    assert!(problem.fix.contains("enter an e-mail"), "{}", problem.fix);
    let excluded = none.set("Term:1.termType", "Autumn");
    assert_eq!(excluded.excluded(FALL), "term-unmapped Term:1", "what does not report needs none");
}

#[test]
fn several_histories_of_one_educator_are_one_record() {
    let returned = taught("-", "2025-10-01").with_staff_history("3", "5", "2", "2025-11-10", "-");
    let records = returned.records();
    assert_eq!(records[&case().key(FALL)].0, [FALL, "SectionStaffHistory:3-1"]);
    assert_eq!(records[&case().key(SPRING)].0, ["SectionStaffHistory:3-2"]);
    let bodies = |case: &Case| case.records().into_iter().map(|(key, (_, body))| (key, body)).collect::<Vec<_>>();
    assert_eq!(bodies(&returned), bodies(&case()));
    let one_session = case().set("Course:2.termDescriptorOverride", "whole year");
    assert_eq!(one_session.records()[&one_session.key(FALL)].0, [FALL, SPRING], "and several terms of one session");
}

#[test]
fn histories_of_another_trial_do_not_count() {
    let district = District::small().with_educator().with_staff_history("1", "5", "1", "-", "-");
    let snapshot = district.set("SectionStaffHistory:1.trialID", "2").snapshot();
    assert!(snapshot.staff_history.is_empty());
}

#[test]
fn elements() {
    assert_element(
        &SPEC,
        "educatorElectronicMailAddress",
        M,
        true,
        &["StaffMember.email", "StaffMember.secondaryEmail"],
    );
    assert_element(&SPEC, "sectionReference", M, true, &["Section.number", "Course.number"]);
    assert_element(&SPEC, "educatorFirstName", O, false, &["StaffMember.firstName"]);
    assert_element(&SPEC, "educatorMiddleName", O, false, &["StaffMember.middleName"]);
    assert_element(&SPEC, "educatorLastSurname", O, false, &["StaffMember.lastName"]);
    let names: Vec<&str> = SPEC.elements.iter().map(|element| element.name).collect();
    assert_eq!(names.len(), 5, "{names:?}");
}
