//! A body is held against what the state takes in the body's own school year.
#![cfg(feature = "wisconsin")]

use rollcall_core::value::Object;
use rollcall_sync::check::Checker;

#[test]
fn code_lists_hold_in_their_school_years() {
    let registry = rollcall::registry().unwrap();
    let checker = Checker::new(&registry.state("wi").unwrap(), &[2023, 2026]);
    let model = checker.model("studentSectionAssociations").unwrap();
    let violations = |year: i32, program_type: &str| -> Vec<String> {
        let json = serde_json::json!({
            "beginDate": "2022-09-01",
            "endDate": "2023-06-05",
            "attemptStatusDescriptor": "uri://dpi.wi.gov/AttemptStatusDescriptor#S",
            "sectionReference": {
                "localCourseCode": "A", "schoolId": 1, "schoolYear": year, "sectionIdentifier": "1", "sessionName": "S"
            },
            "studentReference": { "studentUniqueId": "1" },
            "_ext": { "wi": { "programs": [{ "programReference": {
                "educationOrganizationId": 1,
                "programName": "P",
                "programTypeDescriptor": format!("uri://dpi.wi.gov/ProgramTypeDescriptor#{program_type}")
            } }] } }
        });
        let body: Object<'static> = serde_json::from_value(json).unwrap();
        checker.violations(model, &body).iter().map(|violation| violation.path.clone()).collect()
    };
    let at = "_ext.wi.programs[0].programReference.programTypeDescriptor";
    // "Certified" to 2023-24, "IRC" from then on, "Dual" always.
    assert_eq!(violations(2023, "Certified"), Vec::<String>::new());
    assert_eq!(violations(2026, "Certified"), [at]);
    assert_eq!(violations(2023, "IRC"), [at]);
    assert_eq!(violations(2026, "IRC"), Vec::<String>::new());
    assert_eq!(violations(2023, "Dual"), Vec::<String>::new());
    assert_eq!(violations(2026, "Dual"), Vec::<String>::new());
}
