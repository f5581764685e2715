//! Kansas: Course Offerings.

use rollcall_core::testing::District;

use crate::kansas::start;
use crate::rows::{ALL_IS_POSTED, ONE_MORE_SCHOOL, all_of_the_school_moves};

const OFFERINGS: &str = "courseOfferings";
const CODE: &str = "/localCourseCode";
const TITLE: &str = "/localCourseTitle";
const SESSION: &str = "/sessionReference/sessionName";

/// A second course with the number of ALG1.
fn with_second_algebra(sis: District) -> District {
    let course = [("courseID", "9"), ("calendarID", "1"), ("number", "ALG1"), ("name", "Algebra, renewed")];
    sis.with("Course", &[&course[..], &[("stateCode", "02053"), ("active", "1")]].concat())
}

/// A third course, with a section in the fall.
fn with_chess(sis: District) -> District {
    let course = [("courseID", "9"), ("calendarID", "1"), ("number", "CHESS"), ("name", "Chess")];
    sis.with("Course", &[&course[..], &[("stateCode", "02053"), ("active", "1")]].concat())
        .with_section("9", "9", "01")
        .with_placement("9", "9", "1")
}

/// The state knows the course of the rows above.
fn known(sis: District) -> District {
    with_second_algebra(sis)
}

// Object Triggering Logic: Post

#[test]
fn post_when_a_section_with_section_placement_is_created() {
    start()
        .in_step_with(known)
        .edit(|sis| with_chess(sis).without("SectionPlacement:9"))
        .sync(&[])
        .edit(|sis| sis.with_placement("9", "9", "1"))
        .sync(&["1 POST courseOfferings", "1 POST sections"])
        .has(OFFERINGS, CODE, &["ALG1", "BAND", "BAND", "CHESS"]);
}

#[test]
fn post_one_record_per_course_and_term_type() {
    // Another section of the same course in the same term makes none; one in another term does.
    start()
        .in_step()
        .edit(|sis| sis.with_section("9", "1", "02").with_placement("9", "9", "1"))
        .sync(&["1 POST sections"])
        .edit(|sis| sis.with_placement("10", "9", "2"))
        .sync(&["1 POST courseOfferings", "1 POST sections"])
        .has(OFFERINGS, SESSION, &["S1", "S1", "S2", "S2"]);
}

#[test]
fn post_only_with_a_state_code() {
    start()
        .in_step_with(known)
        .edit(|sis| with_chess(sis).set("Course:9.stateCode", "-"))
        .sync(&[])
        .edit(|sis| sis.set("Course:9.stateCode", "02053"))
        .sync(&["1 POST courseOfferings", "1 POST sections"]);
}

#[test]
fn post_not_when_the_course_is_not_active() {
    start()
        .in_step_with(known)
        .edit(|sis| with_chess(sis).set("Course:9.active", "0"))
        .sync(&[])
        .edit(|sis| sis.set("Course:9.active", "1"))
        .sync(&["1 POST courseOfferings", "1 POST sections"]);
}

#[test]
fn post_not_with_calendar_exclude() {
    start()
        .sis(|sis| sis.set("Calendar:1.exclude", "1"))
        .in_step()
        .holds(OFFERINGS, 0)
        .edit(|sis| sis.set("Calendar:1.exclude", "0"))
        .sync(ALL_IS_POSTED);
}

#[test]
fn post_not_with_school_exclude() {
    start()
        .sis(|sis| sis.set("School:1.exclude", "1"))
        .in_step()
        .holds(OFFERINGS, 0)
        .edit(|sis| sis.set("School:1.exclude", "0"))
        .sync(ALL_IS_POSTED);
}

#[test]
fn post_not_with_exclude_from_state_reporting() {
    start()
        .in_step_with(known)
        .edit(|sis| with_chess(sis).set("Course:9.stateExclude", "1"))
        .sync(&[])
        .edit(|sis| sis.set("Course:9.stateExclude", "0"))
        .sync(&["1 POST courseOfferings", "1 POST sections"]);
}

// Object Triggering Logic: Delete/Post

/// ALG1 has one offering, one section and two students.
const ALGEBRA_MOVES: &[&str] = &[
    "2 DELETE studentSectionAssociations",
    "1 DELETE sections",
    "1 DELETE courseOfferings",
    "1 POST courseOfferings",
    "1 POST sections",
    "2 POST studentSectionAssociations",
];

#[test]
fn delete_post_when_the_course_number_changes() {
    start().in_step().edit(|sis| sis.set("Course:1.number", "ALG1A")).sync(ALGEBRA_MOVES).has(
        OFFERINGS,
        CODE,
        &["ALG1A", "BAND", "BAND"],
    );
}

#[test]
fn delete_post_when_the_term_descriptor_changes_via_placement() {
    // The rosters have no dates of their own but Ben's, which then begins before the spring.
    start().in_step().edit(|sis| sis.set("SectionPlacement:1.termID", "2")).sync(ALGEBRA_MOVES).has(
        OFFERINGS,
        SESSION,
        &["S1", "S2", "S2"],
    );
}

#[test]
fn delete_post_when_the_term_descriptor_changes_via_mapping_override() {
    start()
        .in_step()
        .edit(|sis| sis.set("Course:1.termDescriptorOverride", "whole year"))
        .sync(&[ALGEBRA_MOVES, &["1 POST sessions"]].concat())
        .has(OFFERINGS, SESSION, &["S1", "S2", "YR"]);
}

// Object Triggering Logic: Put

#[test]
fn put_when_a_new_course_id() {
    // A new course with the number of one that is there: one record, with the newer course's data.
    start()
        .in_step_with(known)
        .edit(|sis| with_second_algebra(sis).with_section("9", "9", "02").with_placement("9", "9", "1"))
        .sync(&["1 PUT courseOfferings", "1 POST sections"])
        .has(OFFERINGS, TITLE, &["Algebra, renewed", "Band", "Band"]);
}

#[test]
fn put_when_the_course_code_changes() {
    start()
        .in_step_with(known)
        .edit(|sis| sis.set("Course:1.stateCode", "02053"))
        .sync(&["1 PUT courseOfferings"])
        .has(OFFERINGS, "/courseReference/courseCode", &["02053", "05101", "05101"]);
}

#[test]
fn put_when_the_course_title_changes() {
    start().in_step().edit(|sis| sis.set("Course:2.name", "Concert Band")).sync(&["2 PUT courseOfferings"]).has(
        OFFERINGS,
        TITLE,
        &["Algebra", "Concert Band", "Concert Band"],
    );
}

#[test]
fn put_when_the_course_level_characteristic_changes() {
    start().in_step().edit(|sis| sis.set("Course:1.courseLevel", "G")).sync(&["1 PUT courseOfferings"]).has(
        OFFERINGS,
        "/courseLevelCharacteristics/0/courseLevelCharacteristicDescriptor",
        &["null", "null", "uri://ksde.org/CourseLevelCharacteristicDescriptor#G"],
    );
}

#[test]
fn put_when_any_other_element_changes() {
    start()
        .in_step()
        .edit(|sis| sis.set("Course:1.sequence", "2").set("Course:1.targetedProgram", "-"))
        .sync(&["1 PUT courseOfferings"])
        .has(OFFERINGS, "/_ext/ks/courseSequence", &["2", "null", "null"])
        .has(OFFERINGS, "/_ext/ks/courseProgramTypeDescriptor", &["null", "null", "null"]);
}

// Object Triggering Logic: Delete

#[test]
fn delete_when_a_section_is_deleted() {
    start()
        .in_step()
        .edit(|sis| sis.without("Roster:1").without("Roster:3").without("SectionPlacement:1").without("Section:1"))
        .sync(&["2 DELETE studentSectionAssociations", "1 DELETE sections", "1 DELETE courseOfferings"])
        .has(OFFERINGS, CODE, &["BAND", "BAND"]);
}

#[test]
fn delete_when_a_section_schedule_placement_is_removed() {
    start()
        .in_step()
        .edit(|sis| sis.without("SectionPlacement:3"))
        .sync(&["1 DELETE studentSectionAssociations", "1 DELETE sections", "1 DELETE courseOfferings"])
        .has(OFFERINGS, SESSION, &["S1", "S1"]);
}

#[test]
fn delete_post_when_one_of_two_sections_with_one_natural_key_is_deleted() {
    // "the other record posts with the remaining record's data": an update of the one record that both stand behind.
    start()
        .sis(|sis| with_second_algebra(sis).with_section("9", "9", "02").with_placement("9", "9", "1"))
        .in_step()
        .has(OFFERINGS, TITLE, &["Algebra, renewed", "Band", "Band"])
        .edit(|sis| sis.without("SectionPlacement:9").without("Section:9"))
        .sync(&["1 DELETE sections", "1 PUT courseOfferings"])
        .has(OFFERINGS, TITLE, &["Algebra", "Band", "Band"]);
}

// School Exclude, Calendar Exclude, Resource Toggle and Resync Logic

#[test]
fn none_when_the_resource_is_toggled_to_off() {
    // Sections too: the state would refuse a section whose offering is not there.
    start()
        .in_step_with(known)
        .configure("", "[resources]\ncourseOfferings = false\nsections = false")
        .edit(with_chess)
        .sync(&[])
        .has(OFFERINGS, CODE, &["ALG1", "BAND", "BAND"])
        .configure("\ncourseOfferings = false\nsections = false", "\ncourseOfferings = true")
        .sync(&["1 POST courseOfferings", "1 POST sections"]);
}

#[test]
fn delete_waits_for_a_resync_when_the_resource_is_toggled_to_off() {
    start()
        .in_step()
        .configure("", "[resources]\ncourseOfferings = false")
        .edit(|sis| sis.without("SectionPlacement:3"))
        .sync(&["1 DELETE studentSectionAssociations", "1 DELETE sections"])
        .has(OFFERINGS, SESSION, &["S1", "S1", "S2"])
        .resync(&["1 DELETE courseOfferings"])
        .has(OFFERINGS, SESSION, &["S1", "S1"]);
}

#[test]
fn resync_when_a_record_is_in_the_mapping_and_not_in_the_ods() {
    // An offering without a section at the ODS, since a state has nothing left in the way of deleting it.
    let in_step = start().in_step_with(known).configure("", "[resources]\nsections = false").edit(with_chess);
    in_step
        .sync(&["1 POST courseOfferings"])
        .deleted_by_hand(OFFERINGS, CODE, "CHESS")
        .sync(&[])
        .resync(&["1 POST courseOfferings"])
        .deleted_by_hand(OFFERINGS, CODE, "CHESS")
        .edit(|sis| sis.without("SectionPlacement:9").without("Section:9"))
        .maps(OFFERINGS, 4)
        .resync(&[])
        .maps(OFFERINGS, 3);
}

#[test]
fn resync_when_a_record_is_in_the_ods_and_in_neither_the_sis_nor_the_mapping() {
    let in_step = start().in_step_with(known).edit(with_chess).sync(&["1 POST courseOfferings", "1 POST sections"]);
    let chess = in_step.one(OFFERINGS, CODE, "CHESS");
    in_step
        .edit(|sis| sis.without("SectionPlacement:9").without("Section:9"))
        .sync(&["1 DELETE sections", "1 DELETE courseOfferings"])
        .written_by_hand(OFFERINGS, &chess)
        .sync(&[])
        .resync(&["1 DELETE courseOfferings"])
        .has(OFFERINGS, CODE, &["ALG1", "BAND", "BAND"]);
}

#[test]
fn resync_when_a_mapping_is_changed() {
    start().in_step().configure("\"H\" = \"H\"", "\"H\" = \"E\"").sync_waits(1).resync(&["1 PUT courseOfferings"]).has(
        OFFERINGS,
        "/courseLevelCharacteristics/0/courseLevelCharacteristicDescriptor",
        &["null", "null", "uri://ksde.org/CourseLevelCharacteristicDescriptor#E"],
    );
}

// Natural Key Changes, Cascading Updates, and Deletes Logic

#[test]
fn natural_key_school_number_changes() {
    start()
        .in_step_with(|sis| sis.with("School", ONE_MORE_SCHOOL))
        .edit(|sis| sis.set("School:1.number", "500009"))
        .sync(&all_of_the_school_moves())
        .has(OFFERINGS, "/schoolReference/schoolId", &["500009", "500009", "500009"]);
}

#[test]
fn natural_key_ed_fi_school_number_changes() {
    start()
        .sis(|sis| sis.set("School:1.edFiSchoolNumber", "500001"))
        .in_step_with(|sis| sis.with("School", ONE_MORE_SCHOOL))
        // The Ed-Fi School Number stands for the number.
        .edit(|sis| sis.set("School:1.number", "500002"))
        .sync(&[])
        .edit(|sis| sis.set("School:1.edFiSchoolNumber", "500009"))
        .sync(&all_of_the_school_moves())
        .has(OFFERINGS, "/schoolReference/schoolId", &["500009", "500009", "500009"]);
}

#[test]
fn natural_key_course_number_changes() {
    start()
        .in_step()
        .edit(|sis| sis.set("Course:2.number", "BAND2"))
        .sync(&[
            "2 DELETE studentSectionAssociations",
            "2 DELETE sections",
            "2 DELETE courseOfferings",
            "2 POST courseOfferings",
            "2 POST sections",
            "2 POST studentSectionAssociations",
        ])
        .has(OFFERINGS, CODE, &["ALG1", "BAND2", "BAND2"]);
}

#[test]
fn natural_key_session_name_changes() {
    start()
        .in_step()
        .edit(|sis| sis.set("Term:2.termType", "Summer"))
        .sync(&[
            "1 DELETE studentSectionAssociations",
            "1 DELETE sections",
            "1 DELETE courseOfferings",
            "1 DELETE sessions",
            "1 POST sessions",
            "1 POST courseOfferings",
            "1 POST sections",
            "1 POST studentSectionAssociations",
        ])
        .has(OFFERINGS, SESSION, &["S1", "S1", "SM"]);
}

#[test]
fn natural_key_changes_dependent_sections() {
    start().in_step().edit(|sis| sis.set("Course:1.number", "ALG1A")).sync(ALGEBRA_MOVES).has(
        "sections",
        "/courseOfferingReference/localCourseCode",
        &["ALG1A", "BAND", "BAND"],
    );
}

#[test]
fn natural_key_changes_dependent_student_section_associations() {
    start().in_step().edit(|sis| sis.set("Course:1.number", "ALG1A")).sync(ALGEBRA_MOVES).has(
        "studentSectionAssociations",
        "/sectionReference/localCourseCode",
        &["ALG1A", "ALG1A", "BAND", "BAND"],
    );
}
