//! Core: Student CTE Program Associations.

use rollcall_core::testing::District;

use crate::district::Start;
use crate::rows::ALL_IS_POSTED;

const CONFIG: &str = r#"
[mappings.term-type]
"Fall" = "Fall Semester"
"Spring" = "Spring Semester"

[mappings.grade-level]
"09" = "Ninth grade"
"10" = "Tenth grade"

[mappings.program]
"Nursing" = "Career and Technical Education"
"Welding" = "Career and Technical Education"

[mappings.career-pathway]
"Nursing" = "Health Science"
"Welding" = "Manufacturing"

[mappings.student-status]
"Completer" = true
"Participant" = false

[mappings.technical-skills-assessment]
"passed" = "Passed"
"not-passed" = "Not Passed"
"not-attempted" = "Did Not Take"
"#;

pub(crate) const CTE: &str = "studentCTEProgramAssociations";
const BEGIN: &str = "/beginDate";
const PROGRAM: &str = "/programReference/programName";
const STUDENT: &str = "/studentReference/studentUniqueId";
const CIP: &str = "/ctePrograms/0/cipCode";
const ASSESSMENT: &str = "/technicalSkillsAssessmentDescriptor";
pub(crate) const POSTED: &[&str] = &["1 POST studentCTEProgramAssociations"];
pub(crate) const PUT: &[&str] = &["1 PUT studentCTEProgramAssociations"];
pub(crate) const DELETED: &[&str] = &["1 DELETE studentCTEProgramAssociations"];
const DELETED_AND_POSTED: &[&str] = &["1 DELETE studentCTEProgramAssociations", "1 POST studentCTEProgramAssociations"];

/// What goes when Ada has no enrollment that reports, and what comes with one.
const ADA_GOES: &[&str] = &[
    "1 DELETE studentCTEProgramAssociations",
    "3 DELETE studentSectionAssociations",
    "1 DELETE studentSchoolAssociations",
];
const ADA_COMES: &[&str] =
    &["1 POST studentSchoolAssociations", "3 POST studentSectionAssociations", "1 POST studentCTEProgramAssociations"];

/// Ada (7001) takes part in Nursing from 2 September (`ProgramParticipation:801`) and has attempted a certification on
/// 5 December without passing it; Ben (7002) takes part in nothing. Both have one enrollment.
pub(crate) fn start() -> Start {
    let sis = with_program(District::small(), "1", "Nursing", "51.3801");
    let sis = with_program(sis, "2", "Welding", "48.0508");
    let sis = with_participation(sis, "801", "1", "1", "2025-09-02");
    let sis = with_certification(sis, "901", "0", "2025-12-05");
    Start { state: "ed-fi", config: CONFIG.into(), years: vec![2026], sis }
}

fn with_program(sis: District, id: &str, name: &str, cip: &str) -> District {
    sis.with("Program", &[("programID", id), ("name", name), ("code", cip), ("category", "CTE")])
}

fn with_participation(sis: District, id: &str, person: &str, program: &str, start: &str) -> District {
    let cells = [("participationID", id), ("personID", person), ("programID", program), ("startDate", start)];
    sis.with("ProgramParticipation", &[&cells[..], &[("studentStatus", "Participant")]].concat())
}

/// Of Ada's participation.
fn with_certification(sis: District, id: &str, passed: &str, date: &str) -> District {
    let cells = [("certificationID", id), ("participationID", "801"), ("name", "Nurse Aide")];
    let result = [("attempted", "1"), ("passed", passed), ("certificationDate", date)];
    sis.with("ProgramParticipationCertification", &[&cells[..], &result].concat())
}

fn assessment(code: &str) -> String {
    format!("uri://ed-fi.org/TechnicalSkillsAssessmentDescriptor#{code}")
}

// Object Triggering Logic: Post

#[test]
fn post_when_a_cte_program_record_overlaps_the_configured_year_and_the_student_has_an_enrollment_in_it() {
    start().in_step().edit(|sis| with_participation(sis, "802", "2", "1", "2025-10-06")).sync(POSTED).has(
        CTE,
        STUDENT,
        &["7001", "7002"],
    );
}

#[test]
fn post_only_programs_that_are_mapped_to_an_ed_fi_code() {
    start()
        .in_step()
        .edit(|sis| with_participation(with_program(sis, "3", "Pottery", "50.0711"), "802", "2", "3", "2025-10-06"))
        .sync(&[])
        .edit(|sis| sis.set("ProgramParticipation:802.programID", "2"))
        .sync(POSTED)
        .has(CTE, PROGRAM, &["Nursing", "Welding"]);
}

#[test]
fn post_only_in_the_same_school_year() {
    // Ben's participation is of the next school year; `school_years` has a connection that sends both.
    start()
        .sis(|sis| with_participation(sis, "802", "2", "1", "2026-09-01"))
        .in_step()
        .has(CTE, STUDENT, &["7001"])
        .edit(|sis| sis.set("ProgramParticipation:802.startDate", "2026-06-30"))
        .sync(POSTED)
        .has(CTE, STUDENT, &["7001", "7002"]);
}

#[test]
fn post_by_the_school_year_setup() {
    start()
        .sis(|sis| {
            let sis = with_participation(sis, "802", "2", "1", "2026-06-01");
            sis.set("SchoolYear:2026.startDate", "2025-08-01").set("SchoolYear:2026.endDate", "2026-05-31")
        })
        .in_step()
        .has(CTE, STUDENT, &["7001"])
        .edit(|sis| sis.set("SchoolYear:2026.endDate", "2026-06-01"))
        .sync(POSTED)
        .has(CTE, STUDENT, &["7001", "7002"]);
}

#[test]
fn post_null_start_date_of_the_school_year_is_07_01() {
    start()
        .sis(|sis| {
            let sis = with_participation(sis, "802", "2", "1", "2025-01-07");
            sis.set("ProgramParticipation:802.endDate", "2025-06-30")
        })
        .in_step()
        .has(CTE, STUDENT, &["7001"])
        .edit(|sis| sis.set("ProgramParticipation:802.endDate", "2025-07-01"))
        .sync(POSTED)
        .has(CTE, STUDENT, &["7001", "7002"]);
}

#[test]
fn post_null_end_date_of_the_school_year_is_06_30() {
    start()
        .sis(|sis| with_participation(sis, "802", "2", "1", "2026-07-01"))
        .in_step()
        .has(CTE, STUDENT, &["7001"])
        .edit(|sis| sis.set("ProgramParticipation:802.startDate", "2026-06-30"))
        .sync(POSTED)
        .has(CTE, STUDENT, &["7001", "7002"]);
}

#[test]
fn post_not_with_enrollment_no_show() {
    start()
        .in_step()
        .edit(|sis| sis.set("Enrollment:1.noShow", "1"))
        .sync(ADA_GOES)
        .edit(|sis| sis.set("Enrollment:1.noShow", "0"))
        .sync(ADA_COMES)
        .has(CTE, STUDENT, &["7001"]);
}

/// Everything but the program, which is the district's.
fn all_is_posted() -> Vec<&'static str> {
    [ALL_IS_POSTED, &["2 POST courses"], POSTED].concat()
}

#[test]
fn post_not_with_calendar_exclude() {
    start()
        .sis(|sis| sis.set("Calendar:1.exclude", "1"))
        .in_step()
        .holds(CTE, 0)
        .edit(|sis| sis.set("Calendar:1.exclude", "0"))
        .sync(&all_is_posted());
}

#[test]
fn post_not_with_school_exclude() {
    start()
        .sis(|sis| sis.set("School:1.exclude", "1"))
        .in_step()
        .holds(CTE, 0)
        .edit(|sis| sis.set("School:1.exclude", "0"))
        .sync(&all_is_posted());
}

// Object Triggering Logic: Delete/Post, Put

#[test]
fn delete_post_when_the_element_is_part_of_the_natural_key() {
    start()
        .in_step()
        .edit(|sis| sis.set("ProgramParticipation:801.startDate", "2025-09-03"))
        .sync(DELETED_AND_POSTED)
        .has(CTE, BEGIN, &["2025-09-03"]);
}

#[test]
fn put_otherwise() {
    start().in_step().edit(|sis| sis.set("ProgramParticipation:801.endDate", "2026-01-16")).sync(PUT).has(
        CTE,
        "/endDate",
        &["2026-01-16"],
    );
}

#[test]
fn put_enrollment_id_new_enrollment() {
    // No element has the enrollment: the association is looked at again and stays as it is.
    start()
        .in_step()
        .edit(|sis| sis.without("Enrollment:1").with_enrollment("9", "1", "-").set("Enrollment:9.serviceType", "S"))
        .sync(&["1 PUT studentSchoolAssociations"])
        .holds(CTE, 1)
        .edit(|sis| sis.without("Enrollment:9"))
        .sync(ADA_GOES);
}

#[test]
fn put_enrollment_start_date() {
    start()
        .in_step()
        .edit(|sis| sis.set("Enrollment:1.startDate", "2025-08-25"))
        .sync(&["1 DELETE studentSchoolAssociations", "1 POST studentSchoolAssociations"])
        .holds(CTE, 1)
        .edit(|sis| sis.set("Enrollment:1.startDate", "2026-07-01"))
        .sync(ADA_GOES);
}

#[test]
fn put_enrollment_end_date() {
    start()
        .in_step()
        .edit(|sis| sis.set("Enrollment:1.endDate", "2026-05-01"))
        .sync(&["1 PUT studentSchoolAssociations"])
        .holds(CTE, 1)
        .edit(|sis| sis.set("Enrollment:1.startDate", "2025-06-01").set("Enrollment:1.endDate", "2025-06-30"))
        .sync(ADA_GOES);
}

#[test]
fn put_enrollment_no_show() {
    start().in_step().edit(|sis| sis.set("Enrollment:1.noShow", "1")).sync(ADA_GOES).holds(CTE, 0);
}

#[test]
fn put_program_id_new_program_record() {
    // The newer one is the student's primary program now.
    start()
        .in_step()
        .has(CTE, "/ctePrograms/0/primaryCTEProgramIndicator", &["true"])
        .edit(|sis| with_participation(sis, "802", "1", "2", "2025-10-06"))
        .sync(&["1 PUT studentCTEProgramAssociations", "1 POST studentCTEProgramAssociations"])
        .has(CTE, PROGRAM, &["Nursing", "Welding"])
        .has(CTE, "/ctePrograms/0/primaryCTEProgramIndicator", &["false", "true"]);
}

#[test]
fn put_program() {
    // It is in the natural key.
    start().in_step().edit(|sis| sis.set("ProgramParticipation:801.programID", "2")).sync(DELETED_AND_POSTED).has(
        CTE,
        PROGRAM,
        &["Welding"],
    );
}

#[test]
fn put_program_to_one_that_is_not_mapped() {
    // "Only CTE programs that are mapped to an Ed-Fi code … will be reported": the SIS says so, not a preference.
    start()
        .sis(|sis| with_program(sis, "3", "Pottery", "50.0711"))
        .in_step()
        .edit(|sis| sis.set("ProgramParticipation:801.programID", "3"))
        .sync(DELETED)
        .holds(CTE, 0)
        .edit(|sis| sis.set("ProgramParticipation:801.programID", "1"))
        .sync(POSTED)
        // A mapping that is taken away waits, and what the SIS changes meanwhile does not.
        .configure("\"Nursing\" = \"Career and Technical Education\"\n", "")
        .sync_waits(2)
        .holds(CTE, 1)
        .edit(|sis| sis.set("ProgramParticipation:801.programID", "3"))
        .sync(DELETED);
}

#[test]
fn put_start_date() {
    // It is in the natural key.
    start()
        .in_step()
        .edit(|sis| sis.set("ProgramParticipation:801.startDate", "2025-10-01"))
        .sync(DELETED_AND_POSTED)
        .has(CTE, BEGIN, &["2025-10-01"]);
}

#[test]
fn put_end_date() {
    start()
        .in_step()
        .edit(|sis| sis.set("ProgramParticipation:801.endDate", "2026-01-16"))
        .sync(PUT)
        .edit(|sis| sis.set("ProgramParticipation:801.endDate", "-"))
        .sync(PUT)
        .has(CTE, "/endDate", &["null"]);
}

#[test]
fn put_student_status() {
    start().in_step().edit(|sis| sis.set("ProgramParticipation:801.studentStatus", "Completer")).sync(PUT).has(
        CTE,
        "/ctePrograms/0/cteProgramCompletionIndicator",
        &["true"],
    );
}

#[test]
fn put_non_traditional_participation() {
    start().in_step().edit(|sis| sis.set("ProgramParticipation:801.nonTraditional", "1")).sync(PUT).has(
        CTE,
        "/nonTraditionalGenderStatus",
        &["true"],
    );
}

#[test]
fn put_certification_name() {
    // No element has the name: the association is looked at again and stays as it is.
    start()
        .in_step()
        .edit(|sis| sis.set("ProgramParticipationCertification:901.name", "Pharmacy Technician"))
        .sync(&[])
        .has(CTE, ASSESSMENT, &[&assessment("Not Passed")]);
}

#[test]
fn put_certification_attempted() {
    start().in_step().edit(|sis| sis.set("ProgramParticipationCertification:901.attempted", "0")).sync(PUT).has(
        CTE,
        ASSESSMENT,
        &[&assessment("Did Not Take")],
    );
}

#[test]
fn put_certification_passed() {
    start().in_step().edit(|sis| sis.set("ProgramParticipationCertification:901.passed", "1")).sync(PUT).has(
        CTE,
        ASSESSMENT,
        &[&assessment("Passed")],
    );
}

#[test]
fn put_certification_date() {
    // Of two, the most recent one counts.
    start()
        .sis(|sis| with_certification(sis, "902", "1", "2025-12-01"))
        .in_step()
        .has(CTE, ASSESSMENT, &[&assessment("Not Passed")])
        .edit(|sis| sis.set("ProgramParticipationCertification:902.certificationDate", "2025-12-08"))
        .sync(PUT)
        .has(CTE, ASSESSMENT, &[&assessment("Passed")]);
}

#[test]
fn put_academic_program_id_new_academic_program() {
    // A new program of the same name is the same program at the ODS; of another CIP code, another value.
    start()
        .in_step()
        .edit(|sis| with_program(sis, "9", "Nursing", "51.3901").set("ProgramParticipation:801.programID", "9"))
        .sync(PUT)
        .has(CTE, CIP, &["51.3901"]);
}

#[test]
fn put_program_type() {
    // The mapping has the type: the association is looked at again and stays as it is.
    start().in_step().edit(|sis| sis.set("Program:1.programType", "Perkins")).sync(&[]).has(CTE, PROGRAM, &["Nursing"]);
}

#[test]
fn put_category() {
    // No element has the category.
    start().in_step().edit(|sis| sis.set("Program:1.category", "-")).sync(&[]).has(CTE, PROGRAM, &["Nursing"]);
}

#[test]
fn put_state_code_cip() {
    start().in_step().edit(|sis| sis.set("Program:1.code", "51.0000")).sync(PUT).has(CTE, CIP, &["51.0000"]);
}

#[test]
fn none_when_mappings_change() {
    let pathway = "/ctePrograms/0/careerPathwayDescriptor";
    let uri = |code: &str| format!("uri://ed-fi.org/CareerPathwayDescriptor#{code}");
    start()
        .in_step()
        .configure("\"Nursing\" = \"Health Science\"", "\"Nursing\" = \"Human Services\"")
        .sync_waits(1)
        .has(CTE, pathway, &[&uri("Health Science")])
        .resync(PUT)
        .has(CTE, pathway, &[&uri("Human Services")]);
}

#[test]
fn none_when_mappings_change_that_join_two_records() {
    // Ada begins with Welding on the same day. Under one name both are one record.
    let as_nursing = "\"Welding\" = { code = \"Career and Technical Education\", program-name = \"Nursing\" }";
    start()
        .sis(|sis| with_participation(sis, "802", "1", "2", "2025-09-02"))
        .in_step()
        .configure("\"Welding\" = \"Career and Technical Education\"", as_nursing)
        .sync_waits(4)
        .has(CTE, PROGRAM, &["Nursing", "Welding"])
        .resync(&["1 DELETE studentCTEProgramAssociations", "1 PUT studentCTEProgramAssociations", "1 DELETE programs"])
        .has(CTE, PROGRAM, &["Nursing"]);
}

// Object Triggering Logic: Delete

#[test]
fn delete_when_the_enrollment_is_deleted() {
    start().in_step().edit(|sis| sis.without("Enrollment:1")).sync(ADA_GOES).holds(CTE, 0);
}

#[test]
fn delete_when_the_enrollment_is_made_to_no_longer_overlap_the_configured_year() {
    start()
        .in_step()
        .edit(|sis| sis.set("Enrollment:1.startDate", "2024-08-19").set("Enrollment:1.endDate", "2025-05-30"))
        .sync(ADA_GOES)
        .holds(CTE, 0);
}

#[test]
fn delete_when_the_student_is_excluded_in_some_way() {
    for (cell, value) in [("Person:1.exclude", "1"), ("Enrollment:1.stateExclude", "1"), ("Person:1.edFiID", "-")] {
        start().in_step().edit(|sis| sis.set(cell, value)).sync(ADA_GOES).holds(CTE, 0);
    }
}

#[test]
fn delete_when_the_cte_program_record_is_deleted() {
    start()
        .in_step()
        .edit(|sis| sis.without("ProgramParticipationCertification:901").without("ProgramParticipation:801"))
        .sync(DELETED)
        .holds(CTE, 0);
}

#[test]
fn delete_when_the_cte_program_record_is_made_to_no_longer_overlap_the_configured_year() {
    let last_year = |sis: District| {
        sis.set("ProgramParticipation:801.startDate", "2024-09-03")
            .set("ProgramParticipation:801.endDate", "2025-05-30")
    };
    start().in_step().edit(last_year).sync(DELETED).holds(CTE, 0);
}

#[test]
fn delete_when_a_record_is_in_the_mapping_but_cannot_be_found_in_the_sis() {
    // Nor can the program: nothing is left to say what the record was.
    let purged = |sis: District| {
        sis.without("ProgramParticipationCertification:901").without("ProgramParticipation:801").without("Program:1")
    };
    start()
        .in_step()
        .maps(CTE, 1)
        .edit(purged)
        .sync(&["1 DELETE studentCTEProgramAssociations", "1 DELETE programs"])
        .holds(CTE, 0)
        .maps(CTE, 0);
}
