//! `WI DPI WISEdata Ed-Fi Docs: /studentSectionAssociation`, row by row: its properties, its JSON sample and its use
//! cases 1.0 to 5.0; `attempt_status.rs` has 6.0 to 6.7, `programs.rs` 7.0 to 9.0.
//! docs/coverage/wisconsin-student-section-association.md names the row of each test.

mod common;

use common::{Case, assert_element, case_of};
use rollcall_core::resource::Need;
use rollcall_core_edfi::student_school_associations::StudentSchoolAssociations;
use rollcall_wisconsin::course_offerings::CourseOfferings;
use rollcall_wisconsin::preferences::{ATTEMPT_STATUS_DEFAULT, ELIGIBILITY};
use rollcall_wisconsin::sections::Sections;
use rollcall_wisconsin::student_section_associations::{SPEC, StudentSectionAssociations};
use serde_json::{Value, json};

fn case() -> Case {
    case_of(&StudentSectionAssociations)
}

fn program(name: &str, kind: &str) -> Value {
    let kind = format!("uri://dpi.wi.gov/ProgramTypeDescriptor#{kind}");
    json!({"programReference": {"educationOrganizationId": 500, "programName": name, "programTypeDescriptor": kind}})
}

/// A property that is REQ'D for public schools: mandatory, and in the body at this place.
#[track_caller]
fn assert_required(name: &str, key: bool, value: &Value) {
    assert_element(&SPEC, name, Need::M, key, &[]);
    assert_eq!(case().at("Roster:1-1", &format!("/{}", name.replace('.', "/"))), *value);
}

/// A property of the programs: conditional, and in the body of an association that has one.
#[track_caller]
fn assert_of_program(member: &str, value: &Value) {
    assert_element(&SPEC, "_ext.wi.programs", Need::C, false, &[]);
    let case = case().with_roster_program("1", "1", "Youth Apprenticeship", "WBL");
    assert_eq!(case.at("Roster:1-1", &format!("/_ext/wi/programs/0/programReference/{member}")), *value);
    assert_eq!(self::case().at("Roster:1-1", "/_ext"), Value::Null);
}

// Data Properties

#[test]
fn property_begin_date() {
    assert_required("beginDate", true, &json!("2025-08-18"));
    assert_eq!(case().set("Roster:1.startDate", "2025-09-02").at("Roster:1-1", "/beginDate"), "2025-09-02");
    assert_eq!(case().set("Roster:1.startDate", "2025-08-01").at("Roster:1-1", "/beginDate"), "2025-08-18");
}

#[test]
fn property_local_course_code() {
    assert_required("sectionReference.localCourseCode", true, &json!("ALG1"));
}

#[test]
fn property_school_id() {
    assert_required("sectionReference.schoolId", true, &json!(500_001));
    let own = case().set("School:1.edFiSchoolNumber", "1302");
    assert_eq!(own.at("Roster:1-1", "/sectionReference/schoolId"), 1302);
}

#[test]
fn property_school_year() {
    assert_required("sectionReference.schoolYear", true, &json!(2026));
}

#[test]
fn property_section_identifier() {
    assert_required("sectionReference.sectionIdentifier", true, &json!("01"));
}

#[test]
fn property_session_name() {
    assert_required("sectionReference.sessionName", true, &json!("Fall Semester"));
}

#[test]
fn property_student_unique_id() {
    assert_required("studentReference.studentUniqueId", true, &json!("7001"));
}

#[test]
fn property_attempt_status_descriptor() {
    assert_required("attemptStatusDescriptor", false, &json!("uri://dpi.wi.gov/AttemptStatusDescriptor#S"));
    // The element is required: nothing reports while no rule decides it.
    assert_eq!(case().without("GradingScore:1").defect("Roster:1-1").element, "attemptStatusDescriptor");
}

#[test]
fn property_end_date() {
    assert_required("endDate", false, &json!("2025-12-19"));
    assert_eq!(case().set("Roster:1.endDate", "2025-10-31").at("Roster:1-1", "/endDate"), "2025-10-31");
    assert_eq!(case().set("Roster:1.endDate", "2026-05-22").at("Roster:1-1", "/endDate"), "2025-12-19");
}

#[test]
fn property_education_organization_id() {
    assert_of_program("educationOrganizationId", &json!(500));
    let own = case()
        .with_roster_program("1", "1", "Youth Apprenticeship", "WBL")
        .set("District:1.edFiDistrictNumber", "48856");
    assert_eq!(own.at("Roster:1-1", "/_ext/wi/programs/0/programReference/educationOrganizationId"), 48856);
}

#[test]
fn property_program_name() {
    assert_of_program("programName", &json!("Youth Apprenticeship"));
}

#[test]
fn property_program_type_descriptor() {
    assert_of_program("programTypeDescriptor", &json!("uri://dpi.wi.gov/ProgramTypeDescriptor#WBL"));
}

/// docs/readings.md, WI homeroomIndicator: not in the property table, not sent.
// extra: the property table has no such row
#[test]
fn homeroom_indicator_is_not_among_the_properties() {
    assert_element(&SPEC, "homeroomIndicator", Need::NotReported, false, &[]);
    assert_eq!(case().set("Course:1.homeroom", "1").at("Roster:1-1", "/homeroomIndicator"), Value::Null);
}

/// The document's sample, from tables that hold what it shows.
#[test]
fn json_sample() {
    let case = case()
        .in_year(2023)
        .name("term-type", "Annual", "uri://dpi.wi.gov/TermDescriptor#A", "Sessions-121941")
        .set("Term:1.termType", "Annual")
        .set("Term:1.startDate", "2022-07-01")
        .set("Term:1.endDate", "2023-06-30")
        .set("District:1.number", "48856")
        .set("School:1.number", "1302")
        .set("Course:1.number", "LCC-121941")
        .set("Section:1.number", "Section-121941")
        .set("Person:1.edFiID", "5281033584")
        .set("Roster:1.startDate", "2022-07-02")
        .set("Roster:1.endDate", "2023-06-05")
        .set("Roster:1.attemptStatus", "S")
        .with_roster_program("1", "1", "College Course with WI Tribal College", "Dual")
        .with_roster_program("2", "1", "Internship/Local Co-op", "Non Certified")
        .with_roster_program("3", "1", "State Co-op Ed. Skill Standards - DPI Youth Leadership", "Certified");
    let program = |name, kind| {
        let mut program = program(name, kind);
        program["programReference"]["educationOrganizationId"] = json!(48856);
        program
    };
    let sample = json!({
        "sectionReference": {
            "localCourseCode": "LCC-121941",
            "schoolId": 1302,
            "schoolYear": 2023,
            "sectionIdentifier": "Section-121941",
            "sessionName": "Sessions-121941"
        },
        "studentReference": {"studentUniqueId": "5281033584"},
        "beginDate": "2022-07-02",
        "attemptStatusDescriptor": "uri://dpi.wi.gov/AttemptStatusDescriptor#S",
        "endDate": "2023-06-05",
        "_ext": {"wi": {"programs": [
            program("College Course with WI Tribal College", "Dual"),
            program("Internship/Local Co-op", "Non Certified"),
            program("State Co-op Ed. Skill Standards - DPI Youth Leadership", "Certified"),
        ]}}
    });
    assert_eq!(case.body("Roster:1-1"), sample);
}

// Use Cases

/// "Report Roster data for all periods of time when a student is/was enrolled": one record for each session that the
/// roster overlaps, and none for another.
#[test]
fn use_case_1_0_student_in_a_section_during_the_school_year() {
    let case = case().option(&ATTEMPT_STATUS_DEFAULT, "S");
    assert_eq!(case.reporting(), ["Roster:1-1", "Roster:2-1", "Roster:2-2", "Roster:3-1"]);
    assert_eq!(case.at("Roster:2-1", "/sectionReference/sessionName"), "Fall Semester");
    assert_eq!(case.at("Roster:2-2", "/sectionReference/sessionName"), "Spring Semester");
    let left = case.set("Roster:2.endDate", "2025-12-01");
    assert_eq!(left.at("Roster:2-1", "/endDate"), "2025-12-01");
    assert_eq!(left.excluded("Roster:2-2"), "roster-outside-term Roster:2-2");
}

/// A middle school student who takes one course at the high school: primary there, coursework here.
#[test]
fn use_case_2_0_student_taking_courses_in_multiple_schools() {
    let school = [("schoolID", "2"), ("districtID", "1"), ("name", "Middle"), ("number", "500002"), ("exclude", "0")];
    let calendar = [("calendarID", "2"), ("schoolID", "2"), ("endYear", "2026"), ("exclude", "0")];
    let term = [("termID", "3"), ("termScheduleID", "2"), ("startDate", "2025-08-18"), ("endDate", "2026-05-22")];
    let course = [("courseID", "3"), ("calendarID", "2"), ("number", "SCI8"), ("name", "Science"), ("active", "1")];
    let course = [&course[..], &[("stateCode", "53238"), ("stateExclude", "0"), ("homeroom", "0")]].concat();
    let section = [("sectionID", "3"), ("courseID", "3"), ("trialID", "3"), ("number", "1"), ("homeroomSection", "0")];
    let placement = [("sectionPlacementID", "9"), ("sectionID", "3"), ("trialID", "3"), ("termID", "3")];
    let enrollment = [("enrollmentID", "3"), ("personID", "1"), ("calendarID", "2"), ("structureID", "2")];
    let enrolled = [("grade", "08"), ("startDate", "2025-08-18"), ("serviceType", "P")];
    let enrollment = [&enrollment[..], &enrolled, &[("noShow", "0"), ("stateExclude", "0")]].concat();
    let roster = [("rosterID", "4"), ("personID", "1"), ("sectionID", "3"), ("trialID", "3"), ("attemptStatus", "S")];
    let credit = [("gradingTaskCreditID", "3"), ("courseID", "3"), ("calendarID", "2"), ("taskID", "1")];
    let case = case()
        .with("School", &school)
        .with("Calendar", &calendar)
        .with("ScheduleStructure", &[("structureID", "2"), ("calendarID", "2")])
        .with("TermSchedule", &[("termScheduleID", "2"), ("structureID", "2")])
        .with("Term", &[&term[..], &[("termType", "Annual")]].concat())
        .with("Trial", &[("trialID", "3"), ("calendarID", "2"), ("structureID", "2"), ("active", "1")])
        .with("Course", &course)
        .with("Section", &section)
        .with("SectionPlacement", &placement)
        .with("Enrollment", &enrollment)
        .with("Roster", &roster)
        .with("GradingTaskCredit", &credit)
        .set("Enrollment:1.grade", "08")
        .set("Enrollment:1.serviceType", "S");
    let schools = case.about(&StudentSchoolAssociations);
    assert_eq!(schools.at("Enrollment:3", "/primarySchool"), true);
    assert_eq!(schools.at("Enrollment:1", "/primarySchool"), false);
    assert_eq!(case.at("Roster:4-3", "/sectionReference/schoolId"), 500_002);
    assert_eq!(case.at("Roster:1-1", "/sectionReference/schoolId"), 500_001);
}

/// There are courses for such students, so the whole chain reports. The vendor's rule leaves out services-only
/// enrollments (service type N); a district that reports them takes the document's own eligibility.
#[test]
fn use_case_3_0_students_receiving_only_speech_and_language_services_or_therapy() {
    let case = case().set("Course:1.name", "Speech-Workplace Experience").set("Course:1.stateCode", "19147");
    assert_eq!(case.about(&CourseOfferings).at("Section:1-1", "/courseReference/courseCode"), "19147");
    assert_eq!(case.about(&Sections).at("Section:1-1", "/courseOfferingReference/localCourseCode"), "ALG1");
    assert_eq!(case.at("Roster:1-1", "/sectionReference/localCourseCode"), "ALG1");
    let services = case.set("Enrollment:1.serviceType", "N");
    assert_eq!(services.excluded("Roster:1-1"), "service-type Enrollment:1");
    let document = services.option(&ELIGIBILITY, "document");
    assert_eq!(document.at("Roster:1-1", "/sectionReference/localCourseCode"), "ALG1");
}

/// "School districts should treat these schools as any other district-operated school."
#[test]
fn use_case_4_0_students_in_jails_or_juvenile_detention_centers() {
    let case = case().set("School:1.name", "County Detention Center School");
    assert_eq!(case.about(&StudentSchoolAssociations).at("Enrollment:1", "/schoolReference/schoolId"), 500_001);
    assert_eq!(case.at("Roster:1-1", "/sectionReference/schoolId"), 500_001);
}

/// The student is associated with a section of the district's own course; the college's teacher is not in the record.
#[test]
fn use_case_5_0_high_school_student_taking_college_courses() {
    let case = case().with_roster_program("1", "1", "College Course with WI Tribal College", "Dual");
    assert_eq!(case.at("Roster:1-1", "/sectionReference/sectionIdentifier"), "01");
    assert_eq!(
        case.at("Roster:1-1", "/_ext/wi/programs"),
        json!([program("College Course with WI Tribal College", "Dual")])
    );
}
