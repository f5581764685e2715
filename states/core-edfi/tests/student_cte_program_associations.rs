//! `Core Student CTE Program Associations`, row by row: docs/coverage/core-student-cte-program-associations.md names the
//! row of each test.

mod common;

use common::{
    Case, assert_delete_post, assert_element, assert_elements_are_the_standards, assert_put, assert_triggers,
    assert_valid, assert_waits_for_a_resync, case_of,
};
use rollcall_core::model::DataStandard;
use rollcall_core::resource::Need;
use rollcall_core_edfi::programs::Programs;
use rollcall_core_edfi::student_cte_program_associations::{SPEC, StudentCteProgramAssociations};
use rollcall_core_edfi::students::Students;
use serde_json::{Value, json};

const ADA: &str = "ProgramParticipation:801";
const CTE: &str = "uri://ed-fi.org/ProgramTypeDescriptor#Career and Technical Education";
const OTHER: &str = "uri://ed-fi.org/ProgramTypeDescriptor#Special Education";

/// Ada (`Person:1`) takes part in Nursing from 2025-09-02, with no end and no certification.
fn case() -> Case {
    case_of(&StudentCteProgramAssociations)
        .with_program("1", "Nursing", "51.3801")
        .with_program("2", "Welding", "48.0508")
        .with_program("3", "Title I", "-")
        .with_participation("801", "1", "1", "2025-09-02", "-")
        .set("ProgramParticipation:801.studentStatus", "Participant")
}

trait Rows {
    fn with_program(self, id: &str, name: &str, cip: &str) -> Self;
    fn with_participation(self, id: &str, person: &str, program: &str, start: &str, end: &str) -> Self;
    fn with_certification(self, id: &str, attempted: &str, passed: &str, date: &str) -> Self;
}

impl Rows for Case {
    fn with_program(self, id: &str, name: &str, cip: &str) -> Self {
        self.with("Program", &[("programID", id), ("name", name), ("code", cip), ("category", "CTE")])
    }

    fn with_participation(self, id: &str, person: &str, program: &str, start: &str, end: &str) -> Self {
        let cells = [("participationID", id), ("personID", person), ("programID", program)];
        self.with("ProgramParticipation", &[&cells[..], &[("startDate", start), ("endDate", end)]].concat())
    }

    /// Of Ada's participation.
    fn with_certification(self, id: &str, attempted: &str, passed: &str, date: &str) -> Self {
        let cells = [("certificationID", id), ("participationID", "801"), ("name", "Nurse Aide")];
        let result = [("attempted", attempted), ("passed", passed), ("certificationDate", date)];
        self.with("ProgramParticipationCertification", &[&cells[..], &result].concat())
    }
}

// Object Triggering Logic: Post

#[test]
fn post_when_a_cte_program_record_overlaps_the_configured_year_and_the_student_has_an_enrollment_in_it() {
    assert_eq!(
        case().body(ADA),
        json!({
            "beginDate": "2025-09-02",
            "educationOrganizationReference": { "educationOrganizationId": 500 },
            "programReference": {
                "educationOrganizationId": 500,
                "programName": "Nursing",
                "programTypeDescriptor": CTE,
            },
            "studentReference": { "studentUniqueId": "7001" },
            "ctePrograms": [{
                "careerPathwayDescriptor": "uri://ed-fi.org/CareerPathwayDescriptor#Health Science",
                "cipCode": "51.3801",
                "primaryCTEProgramIndicator": true,
                "cteProgramCompletionIndicator": false,
            }],
            "nonTraditionalGenderStatus": false,
            "privateCTEProgram": false,
        })
    );
    let overlapping = |start: &str, end: &str| {
        case().set("ProgramParticipation:801.startDate", start).set("ProgramParticipation:801.endDate", end).count()
    };
    assert_eq!(overlapping("2023-09-05", "-"), 1, "begun years ago and not ended");
    assert_eq!(overlapping("2023-09-05", "2025-05-30"), 0);
    assert_eq!(overlapping("2026-08-20", "-"), 0);
}

#[test]
fn post_only_programs_that_are_mapped_under_programs() {
    let unmapped = case().set("Program:1.name", "Pottery");
    assert_eq!(unmapped.excluded(ADA), "program-unmapped Program:1");
    let mapped = unmapped.map("program", "Pottery", CTE);
    assert_eq!(mapped.at(ADA, "/programReference/programName"), "Pottery");
}

#[test]
fn post_only_programs_that_are_mapped_to_a_cte_type() {
    let title_one = case().set("ProgramParticipation:801.programID", "3");
    assert_eq!(title_one.excluded(ADA), "program-not-cte Program:3");
    assert_eq!(case().map("program", "Nursing", OTHER).excluded(ADA), "program-not-cte Program:1");
    let older = case().map("program", "Nursing", "uri://ed-fi.org/ProgramTypeDescriptor#Vocational Education");
    assert_eq!(older.count(), 1);
}

#[test]
fn post_only_in_the_same_school_year() {
    let next_year = case().with_calendar("2", "2027").set("ProgramParticipation:801.startDate", "2026-09-01");
    assert_eq!(next_year.excluded(ADA), "program-record-outside-year ProgramParticipation:801");
    let both = next_year.years(&[2026, 2027]);
    assert_eq!(both.excluded(ADA), "no-enrollment ProgramParticipation:801", "the enrollment is of the other year");
    let enrolled = both.with(
        "Enrollment",
        &[
            ("enrollmentID", "9"),
            ("personID", "1"),
            ("calendarID", "2"),
            ("structureID", "2"),
            ("startDate", "2026-08-17"),
        ],
    );
    assert_eq!(enrolled.count(), 1);
}

#[test]
fn post_by_the_school_year_setup() {
    let case = case().set("SchoolYear:2026.startDate", "2025-08-01").set("SchoolYear:2026.endDate", "2026-05-31");
    let june = case.clone().set("ProgramParticipation:801.startDate", "2026-06-01");
    assert_eq!(june.excluded(ADA), "program-record-outside-year ProgramParticipation:801");
    assert_eq!(case.clone().set("ProgramParticipation:801.startDate", "2026-05-31").count(), 1);
    let ended = case.set("ProgramParticipation:801.startDate", "2025-01-07");
    assert_eq!(ended.clone().set("ProgramParticipation:801.endDate", "2025-07-31").count(), 0);
    assert_eq!(ended.set("ProgramParticipation:801.endDate", "2025-08-01").count(), 1);
}

#[test]
fn post_null_start_date_of_the_school_year_is_07_01() {
    let before = case().set("ProgramParticipation:801.startDate", "2025-01-07");
    let ended = before.clone().set("ProgramParticipation:801.endDate", "2025-06-30");
    assert_eq!(ended.excluded(ADA), "program-record-outside-year ProgramParticipation:801");
    assert_eq!(before.set("ProgramParticipation:801.endDate", "2025-07-01").count(), 1);
}

#[test]
fn post_null_end_date_of_the_school_year_is_06_30() {
    let after = case().set("ProgramParticipation:801.startDate", "2026-07-01");
    assert_eq!(after.excluded(ADA), "program-record-outside-year ProgramParticipation:801");
    assert_eq!(case().set("ProgramParticipation:801.startDate", "2026-06-30").count(), 1);
}

#[test]
fn post_not_with_enrollment_no_show() {
    let no_show = case().set("Enrollment:1.noShow", "1");
    assert_eq!(no_show.excluded(ADA), "enrollment-no-show Enrollment:1");
    assert_eq!(no_show.with_enrollment("9", "1", "-").count(), 1, "one good enrollment suffices");
}

#[test]
fn post_not_with_calendar_exclude() {
    assert_eq!(case().set("Calendar:1.exclude", "1").excluded(ADA), "calendar-exclude Calendar:1");
}

#[test]
fn post_not_with_school_exclude() {
    assert_eq!(case().set("School:1.exclude", "1").excluded(ADA), "school-exclude School:1");
}

// Object Triggering Logic: Delete/Post, Put

#[test]
fn delete_post_when_the_element_is_part_of_the_natural_key() {
    let altered = [
        case().set("ProgramParticipation:801.startDate", "2025-09-03"),
        case().set("ProgramParticipation:801.programID", "2"),
        case().set("Person:1.edFiID", "7009"),
        case().set("District:1.number", "501"),
        case().set("District:1.edFiDistrictNumber", "600"),
    ];
    for after in altered {
        assert_delete_post(&case(), &after, ADA);
    }
}

#[test]
fn put_otherwise() {
    let altered = [
        case().set("ProgramParticipation:801.endDate", "2026-01-16"),
        case().set("ProgramParticipation:801.studentStatus", "Completer"),
        case().set("ProgramParticipation:801.nonTraditional", "1"),
        case().set("Program:1.code", "51.0000"),
        case().with_certification("901", "1", "1", "2025-12-05"),
    ];
    for after in altered {
        assert_put(&case(), &after, ADA);
    }
}

#[test]
fn put_enrollment_id_new_enrollment() {
    let after = case().without("Enrollment:1").with_enrollment("9", "1", "-");
    assert_triggers(&case(), &after, ADA);
    assert_eq!(case().body(ADA), after.body(ADA));
}

#[test]
fn put_enrollment_start_date() {
    assert_triggers(&case(), &case().set("Enrollment:1.startDate", "2025-08-25"), ADA);
}

#[test]
fn put_enrollment_end_date() {
    assert_triggers(&case(), &case().set("Enrollment:1.endDate", "2026-01-16"), ADA);
}

#[test]
fn put_enrollment_no_show() {
    let no_show = case().set("Enrollment:1.noShow", "1");
    assert_triggers(&case(), &no_show, ADA);
    assert_eq!(no_show.set("Enrollment:1.noShow", "0").records(), case().records());
}

#[test]
fn put_program_id_new_program_record() {
    let after = case().with_participation("802", "1", "2", "2025-10-06", "-");
    assert_eq!((case().count(), after.count()), (1, 2));
    // The new one is the primary one now.
    assert_put(&case(), &after, ADA);
}

#[test]
fn put_program() {
    assert_delete_post(&case(), &case().set("ProgramParticipation:801.programID", "2"), ADA);
}

#[test]
fn put_start_date() {
    assert_delete_post(&case(), &case().set("ProgramParticipation:801.startDate", "2025-09-03"), ADA);
}

#[test]
fn put_end_date() {
    assert_put(&case(), &case().set("ProgramParticipation:801.endDate", "2026-01-16"), ADA);
}

#[test]
fn put_student_status() {
    assert_put(&case(), &case().set("ProgramParticipation:801.studentStatus", "Completer"), ADA);
}

#[test]
fn put_non_traditional_participation() {
    assert_put(&case(), &case().set("ProgramParticipation:801.nonTraditional", "1"), ADA);
}

/// Attempted, not passed, on 5 December.
fn certified() -> Case {
    case().with_certification("901", "1", "0", "2025-12-05")
}

#[test]
fn put_certification_name() {
    let after = certified().set("ProgramParticipationCertification:901.name", "CNA");
    assert_triggers(&certified(), &after, ADA);
    assert_eq!(certified().body(ADA), after.body(ADA), "no element has the name");
}

#[test]
fn put_certification_attempted() {
    assert_put(&certified(), &certified().set("ProgramParticipationCertification:901.attempted", "0"), ADA);
}

#[test]
fn put_certification_passed() {
    assert_put(&certified(), &certified().set("ProgramParticipationCertification:901.passed", "1"), ADA);
}

#[test]
fn put_certification_date() {
    let before = certified().with_certification("902", "1", "1", "2025-12-01");
    assert_put(
        &before,
        &before.clone().set("ProgramParticipationCertification:902.certificationDate", "2025-12-06"),
        ADA,
    );
}

#[test]
fn put_academic_program_id_new_academic_program() {
    let another = case().with_program("9", "Nursing", "51.3801").set("ProgramParticipation:801.programID", "9");
    assert_triggers(&case(), &another, ADA);
    assert_eq!(case().body(ADA), another.body(ADA), "a program is known by its name");
}

#[test]
fn put_program_type() {
    let after = case().set("Program:1.programType", "Perkins");
    assert_triggers(&case(), &after, ADA);
    assert_eq!(case().body(ADA), after.body(ADA), "the mapping has the type");
}

#[test]
fn put_category() {
    let after = case().set("Program:1.category", "-");
    assert_triggers(&case(), &after, ADA);
    assert_eq!(case().body(ADA), after.body(ADA), "no element has the category");
}

#[test]
fn put_state_code_cip() {
    assert_put(&case(), &case().set("Program:1.code", "51.0000"), ADA);
}

#[test]
fn mapping_changes_do_not_trigger() {
    let before = certified().with_participation("802", "1", "3", "2025-10-06", "-");
    let pathway = "uri://ed-fi.org/CareerPathwayDescriptor#Human Services";
    let passed = "uri://ed-fi.org/TechnicalSkillsAssessmentDescriptor#Passed";
    let changed = [
        before.clone().map("program", "Nursing", "uri://ed-fi.org/ProgramTypeDescriptor#Vocational Education"),
        before.clone().name("program", "Nursing", CTE, "Health"),
        before.clone().map("career-pathway", "Nursing", pathway),
        before.clone().map("student-status", "Participant", "true"),
        before.clone().map("technical-skills-assessment", "not-passed", passed),
        // The student's other program is a CTE program now, and the primary one.
        before.clone().map("program", "Title I", CTE),
    ];
    for after in changed {
        assert_waits_for_a_resync(&before, &after, ADA);
    }
}

// Object Triggering Logic: Delete

#[test]
fn delete_when_the_enrollment_is_deleted() {
    assert_eq!(case().without("Enrollment:1").excluded(ADA), "no-enrollment ProgramParticipation:801");
}

#[test]
fn delete_when_the_enrollment_no_longer_overlaps_the_configured_year() {
    let ended = case().set("Enrollment:1.startDate", "2024-08-19").set("Enrollment:1.endDate", "2025-06-30");
    assert_eq!(ended.excluded(ADA), "enrollment-outside-year Enrollment:1");
    let later = case().set("Enrollment:1.startDate", "2026-07-01");
    assert_eq!(later.excluded(ADA), "enrollment-outside-year Enrollment:1");
}

#[test]
fn delete_when_the_student_is_excluded_in_some_way() {
    assert_eq!(case().set("Person:1.exclude", "1").excluded(ADA), "student-excluded Person:1");
    assert_eq!(case().set("Person:1.edFiID", "-").excluded(ADA), "no-student-id Person:1");
    let state_excluded = case().set("Enrollment:1.stateExclude", "1");
    assert_eq!(state_excluded.excluded(ADA), "enrollment-state-exclude Enrollment:1");
}

#[test]
fn delete_when_the_cte_program_record_is_deleted() {
    let after = case().without(ADA);
    assert!(after.objects().is_empty());
    assert_eq!(after.excluded(ADA), "not-in-sis");
}

#[test]
fn delete_when_the_cte_program_record_no_longer_overlaps_the_configured_year() {
    let after = case()
        .set("ProgramParticipation:801.startDate", "2024-09-03")
        .set("ProgramParticipation:801.endDate", "2025-05-30");
    assert!(after.objects().is_empty());
    assert_eq!(after.excluded(ADA), "program-record-outside-year ProgramParticipation:801");
    let backwards = case().set("ProgramParticipation:801.endDate", "2025-09-01");
    assert_eq!(
        backwards.excluded(ADA),
        "program-record-outside-year ProgramParticipation:801",
        "it ends before it starts"
    );
}

#[test]
fn delete_what_only_a_mapping_excludes_waits_while_the_sis_decides_first() {
    let unmapped = case().without_mappings();
    assert_eq!(unmapped.excluded(ADA), "program-unmapped Program:1");
    assert_eq!(unmapped.set("Enrollment:1.noShow", "1").excluded(ADA), "enrollment-no-show Enrollment:1");
}

// Required Resources (Upstream), Dependent Resources (Downstream)

#[test]
fn upstream_local_education_agencies() {
    let model = DataStandard::ed_fi_4_0().resource("studentCTEProgramAssociations").unwrap();
    assert_eq!(model.upstream(), ["EducationOrganization", "programs", "students"]);
}

#[test]
fn upstream_students() {
    let students = case().about(&Students).records();
    assert!(
        students
            .values()
            .any(|(_, student)| student["studentUniqueId"] == case().at(ADA, "/studentReference/studentUniqueId"))
    );
}

#[test]
fn upstream_programs() {
    for case in
        [case(), case().name("program", "Nursing", CTE, "Health"), case().set("District:1.edFiDistrictNumber", "600")]
    {
        let reference = case.at(ADA, "/programReference");
        let programs = case.about(&Programs).records();
        let named = |program: &Value| {
            program["programName"] == reference["programName"]
                && program["programTypeDescriptor"] == reference["programTypeDescriptor"]
                && program["educationOrganizationReference"]["educationOrganizationId"]
                    == reference["educationOrganizationId"]
        };
        assert_eq!(programs.values().filter(|(_, program)| named(program)).count(), 1, "{reference}");
    }
}

#[test]
fn downstream_none() {
    let standard = DataStandard::ed_fi_4_0();
    let naming = |name: &str| standard.resources.iter().any(|r| r.upstream().contains(&name));
    assert!(!naming("studentCTEProgramAssociations"));
}

// Error Log

#[test]
fn error_400_field_is_required() {
    let model = DataStandard::ed_fi_4_0().resource("studentCTEProgramAssociations").unwrap();
    let required = model.class.properties.iter().filter(|property| property.required).map(|property| &property.name);
    let required = required.chain(model.class.references.iter().filter(|r| r.required).map(|r| &r.name));
    for name in required {
        let element = SPEC.elements.iter().find(|element| element.name == name).unwrap();
        assert_eq!((element.need, element.key), (Need::M, true), "{name}");
    }
    // What the table requires and the SIS may lack never becomes a request.
    case().set("ProgramParticipation:801.startDate", "-").defect(ADA);
    assert_eq!(case().set("Person:1.edFiID", "-").excluded(ADA), "no-student-id Person:1");
    case().set("District:1.number", "none").defect(ADA);
}

#[test]
fn error_400_reference_could_not_be_resolved() {
    // A record never names a student, or a program, that does not report itself.
    for case in [
        case().set("Person:1.exclude", "1"),
        case().set("Enrollment:1.noShow", "1"),
        case().set("Enrollment:1.stateExclude", "1"),
        case().set("Calendar:1.exclude", "1"),
        case().set("Person:1.edFiID", "-"),
    ] {
        let students = case.about(&Students);
        assert!(students.records().values().all(|(_, student)| student["studentUniqueId"] != "7001"));
        assert_eq!(case.count(), 0);
    }
    let unmapped = case().without_mappings();
    assert_eq!((unmapped.about(&Programs).count(), unmapped.count()), (0, 0));
}

// Object Data Elements Logic

#[test]
fn elements_are_the_standards() {
    assert_elements_are_the_standards(&SPEC);
    assert_valid(&certified().set("ProgramParticipation:801.endDate", "2026-01-16"));
}

#[test]
fn natural_key_elements_in_bold() {
    let bold: Vec<&str> = SPEC.elements.iter().filter(|element| element.key).map(|element| element.name).collect();
    assert_eq!(bold, ["beginDate", "educationOrganizationReference", "programReference", "studentReference"]);
    assert_eq!(
        case().key(ADA),
        format!(
            "beginDate=2025-09-02&educationOrganizationId=500&programEducationOrganizationId=500&programName=Nursing&\
             programTypeDescriptor={CTE}&studentUniqueId=7001"
        )
    );
}

#[test]
fn element_1_begin_date() {
    assert_element(&SPEC, "beginDate", Need::M, true, &["ProgramParticipation.startDate"]);
    assert_eq!(case().at(ADA, "/beginDate"), "2025-09-02");
    let earlier = case().set("ProgramParticipation:801.startDate", "2023-09-05");
    assert_eq!(earlier.at(ADA, "/beginDate"), "2023-09-05", "not the year's first day");
}

#[test]
fn element_1_begin_date_null_is_a_defect() {
    let case = case().set("ProgramParticipation:801.startDate", "-");
    assert_eq!(case.objects(), [ADA]);
    let problem = case.defect(ADA);
    assert_eq!(problem.element, "beginDate");
    assert!(problem.message.contains(ADA) && problem.fix.contains("ProgramParticipation.startDate"), "{problem}");
    // It is one only where a record would report.
    assert_eq!(case.set("Enrollment:1.noShow", "1").excluded(ADA), "enrollment-no-show Enrollment:1");
}

#[test]
fn element_2_education_organization_reference() {
    assert_element(&SPEC, "educationOrganizationReference", Need::M, true, &["District.number"]);
    assert_eq!(case().at(ADA, "/educationOrganizationReference"), json!({ "educationOrganizationId": 500 }));
    let own = case().set("District:1.edFiDistrictNumber", "600");
    assert_eq!(own.at(ADA, "/educationOrganizationReference/educationOrganizationId"), 600);
    assert_eq!(case().set("District:1.number", "D0500").defect(ADA).element, "educationOrganizationReference");
}

#[test]
fn element_3_program_reference() {
    assert_element(&SPEC, "programReference", Need::M, true, &["Program.name"]);
    let named = case().name("program", "Nursing", CTE, "Health Careers");
    let expected =
        json!({ "educationOrganizationId": 500, "programName": "Health Careers", "programTypeDescriptor": CTE });
    assert_eq!(named.at(ADA, "/programReference"), expected);
}

#[test]
fn element_4_student_reference() {
    assert_element(&SPEC, "studentReference", Need::M, true, &["Person.edFiID"]);
    assert_eq!(case().at(ADA, "/studentReference"), json!({ "studentUniqueId": "7001" }));
    let state = case().option(&rollcall_core_edfi::preferences::STUDENT_ID, "state-id");
    assert_eq!(state.at(ADA, "/studentReference/studentUniqueId"), "9001");
}

#[test]
fn element_5_cte_programs() {
    let columns = [
        "ProgramParticipation.programID",
        "Program.code",
        "ProgramParticipation.studentStatus",
        "ProgramParticipation.startDate",
    ];
    assert_element(&SPEC, "ctePrograms", Need::O, false, &columns);
    assert_eq!(case().at(ADA, "/ctePrograms").as_array().unwrap().len(), 1);
}

#[test]
fn element_5_career_pathway_descriptor() {
    let pathway = "uri://ed-fi.org/CareerPathwayDescriptor#Human Services";
    let mapped = case().map("career-pathway", "Nursing", pathway);
    assert_eq!(mapped.at(ADA, "/ctePrograms/0/careerPathwayDescriptor"), pathway);
    let unmapped = case().set("Program:1.name", "Pottery").map("program", "Pottery", CTE);
    assert_eq!(unmapped.at(ADA, "/ctePrograms"), Value::Null, "it is the collection's key");
    assert_eq!(unmapped.omissions(ADA), ["ctePrograms: \"Pottery\" is not mapped; map it in mappings.career-pathway"]);
}

#[test]
fn element_5_cip_code() {
    assert_eq!(case().at(ADA, "/ctePrograms/0/cipCode"), "51.3801");
    assert_eq!(case().set("Program:1.code", "-").at(ADA, "/ctePrograms/0/cipCode"), Value::Null);
}

#[test]
fn element_5_cte_program_completion_indicator() {
    let status = |code: &str| {
        let case = case().set("ProgramParticipation:801.studentStatus", code);
        case.at(ADA, "/ctePrograms/0/cteProgramCompletionIndicator")
    };
    assert_eq!([status("Participant"), status("Completer")], [json!(false), json!(true)]);
    assert_eq!([status("-"), status("Unknown")], [Value::Null, Value::Null]);
    let unknown = case().set("ProgramParticipation:801.studentStatus", "Unknown");
    assert_eq!(unknown.omissions(ADA), ["ctePrograms: \"Unknown\" is not mapped; map it in mappings.student-status"]);
}

#[test]
fn element_5_primary_cte_program_indicator() {
    let primary = |case: &Case| {
        let of = |id: &str| case.at(id, "/ctePrograms/0/primaryCTEProgramIndicator");
        (of(ADA), of("ProgramParticipation:802"))
    };
    let later = case().with_participation("802", "1", "2", "2025-10-06", "-");
    assert_eq!(primary(&later), (json!(false), json!(true)), "the latest start");
    let earlier = case().with_participation("802", "1", "2", "2025-09-01", "-");
    assert_eq!(primary(&earlier), (json!(true), json!(false)));
    let same_day = case().with_participation("802", "1", "2", "2025-09-02", "-");
    assert_eq!(primary(&same_day), (json!(false), json!(true)), "of one day the highest id");
    for other in [
        case().with_participation("802", "1", "3", "2025-10-06", "-"),
        case().with_participation("802", "1", "2", "2026-08-20", "-"),
        case().with_participation("802", "1", "2", "-", "-"),
        case().with_participation("802", "2", "2", "2025-10-06", "-"),
    ] {
        let primary = other.at(ADA, "/ctePrograms/0/primaryCTEProgramIndicator");
        assert_eq!(primary, true, "another kind of program, another year, no start, another student");
    }
}

#[test]
fn element_6_end_date() {
    assert_element(&SPEC, "endDate", Need::O, false, &["ProgramParticipation.endDate"]);
    assert_eq!(case().set("ProgramParticipation:801.endDate", "2026-01-16").at(ADA, "/endDate"), "2026-01-16");
}

#[test]
fn element_6_end_date_null_does_not_report() {
    assert_eq!(case().at(ADA, "/endDate"), Value::Null);
}

#[test]
fn element_7_non_traditional_gender_status() {
    assert_element(&SPEC, "nonTraditionalGenderStatus", Need::O, false, &["ProgramParticipation.nonTraditional"]);
    let checked = case().set("ProgramParticipation:801.nonTraditional", "1");
    assert_eq!(checked.at(ADA, "/nonTraditionalGenderStatus"), true);
    for other in ["0", "-"] {
        let case = case().set("ProgramParticipation:801.nonTraditional", other);
        assert_eq!(case.at(ADA, "/nonTraditionalGenderStatus"), false);
    }
}

#[test]
fn element_8_private_cte_program() {
    assert_element(&SPEC, "privateCTEProgram", Need::O, false, &[]);
    let checked = case().set("ProgramParticipation:801.nonTraditional", "1");
    for case in [case(), certified(), checked] {
        assert_eq!(case.at(ADA, "/privateCTEProgram"), false);
    }
}

/// The code value that reports, without its namespace.
fn assessment(case: &Case) -> String {
    let uri = case.at(ADA, "/technicalSkillsAssessmentDescriptor");
    uri.as_str().map_or(String::new(), |uri| uri.rsplit('#').next().unwrap_or_default().to_owned())
}

#[test]
fn element_9_technical_skills_assessment_descriptor() {
    let columns = [
        "ProgramParticipationCertification.attempted",
        "ProgramParticipationCertification.passed",
        "ProgramParticipationCertification.certificationDate",
    ];
    assert_element(&SPEC, "technicalSkillsAssessmentDescriptor", Need::O, false, &columns);
    assert_eq!(
        certified().at(ADA, "/technicalSkillsAssessmentDescriptor"),
        "uri://ed-fi.org/TechnicalSkillsAssessmentDescriptor#Not Passed"
    );
    assert_eq!(assessment(&case()), "", "without a certification it does not report");
}

#[test]
fn element_9_mapping_looks_at_attempted_and_passed() {
    let of =
        |attempted: &str, passed: &str| assessment(&case().with_certification("901", attempted, passed, "2025-12-05"));
    assert_eq!([of("1", "1"), of("0", "1")], ["Passed", "Passed"]);
    assert_eq!([of("1", "0"), of("0", "0")], ["Not Passed", "Did Not Take"]);
    let unmapped = certified().without_mappings().map("program", "Nursing", CTE);
    assert_eq!(assessment(&unmapped), "");
    let left_out = "technicalSkillsAssessmentDescriptor: \"not-passed\" is not mapped; map it in \
                    mappings.technical-skills-assessment";
    assert!(unmapped.omissions(ADA).contains(&left_out.to_owned()), "{:?}", unmapped.omissions(ADA));
}

#[test]
fn element_9_most_recent_date() {
    let case =
        case().with_certification("901", "1", "1", "2025-12-05").with_certification("902", "1", "0", "2025-11-05");
    assert_eq!(assessment(&case), "Passed");
    let undated = case.with_certification("903", "0", "0", "-");
    assert_eq!(assessment(&undated), "Passed", "one without a date comes after every dated one");
}

#[test]
fn element_9_highest_participation_certification_id() {
    let same_day =
        case().with_certification("902", "1", "1", "2025-12-05").with_certification("901", "1", "0", "2025-12-05");
    assert_eq!(assessment(&same_day), "Passed");
    let undated = case().with_certification("901", "1", "0", "-").with_certification("902", "1", "1", "-");
    assert_eq!(assessment(&undated), "Passed");
}

fn assert_not_reported(name: &str) {
    assert_element(&SPEC, name, Need::NotReported, false, &[]);
    let whole = certified().set("ProgramParticipation:801.endDate", "2026-01-16");
    assert_eq!(whole.at(ADA, &format!("/{name}")), Value::Null);
}

#[test]
fn element_10_cte_program_services() {
    assert_not_reported("cteProgramServices");
}

#[test]
fn element_11_participation_status() {
    assert_not_reported("participationStatus");
}

#[test]
fn element_12_program_participation_statuses() {
    assert_not_reported("programParticipationStatuses");
}

#[test]
fn element_13_reason_exited_descriptor() {
    assert_not_reported("reasonExitedDescriptor");
}

#[test]
fn element_14_served_outside_of_regular_session() {
    assert_not_reported("servedOutsideOfRegularSession");
}

#[test]
fn element_15_services() {
    assert_not_reported("services");
}

// Several objects of one natural key

#[test]
fn two_records_of_one_program_and_day_are_one() {
    let twice = case().with_participation("802", "1", "1", "2025-09-02", "2026-01-16");
    let (objects, body) = twice.records().into_values().next().unwrap();
    assert_eq!(objects, [ADA, "ProgramParticipation:802"]);
    assert_eq!(body["endDate"], "2026-01-16", "the newest object's data");
    assert_eq!(body["ctePrograms"][0]["primaryCTEProgramIndicator"], true);
}
