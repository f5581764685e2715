//! MCCC Certification Scenarios, Resource: Section.

mod common;

use common::{assert_element, case_of};
use rollcall_core::resource::Need;
use rollcall_minnesota::sections::{SPEC, Sections};
use serde_json::json;

#[test]
fn a_section_refers_to_the_offering_by_its_names() {
    assert_eq!(
        case_of(&Sections).body("Section:2-2"),
        json!({
            "sectionIdentifier": "07",
            "courseOfferingReference":
                {"localCourseCode": "500-BAND", "schoolId": 500_001, "schoolYear": 2026, "sessionName": "500001-Spring"}
        })
    );
}

#[test]
fn element_instructional_delivery_mode_does_not_report() {
    assert_element(&SPEC, "_ext.mn.instructionalDeliveryModeDescriptor", Need::NotReported, false, &[]);
    assert_element(&SPEC, "_ext.mn.instructionMinutesPerTerm", Need::NotReported, false, &[]);
}
