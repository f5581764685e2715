//! What Kansas adds to resources under `_ext.ks`, and whole at `/ks/…`, as its server has it (Data Standard 4.0). Members
//! that no rule fills are declared too, so that a sandbox keeps them as the state's server does.

use rollcall_core::descriptor::ALL_YEARS;
use rollcall_core::extension::{ExtensionMember as Member, ExtensionResource, ExtensionTable, MemberKind as Kind};
use rollcall_core::model::ResourceModel;

/// The key under `_ext`. A server drops any other key without a word.
pub const KEY: &str = "ks";

/// `studentSectionAssociations._ext.ks`. The state's database allows a null course status; the document marks it
/// mandatory, and so does this.
pub static STUDENT_SECTION_ASSOCIATION: ExtensionTable = ExtensionTable {
    key: KEY,
    resource: "studentSectionAssociations",
    years: ALL_YEARS,
    members: &[Member::required("courseStatusDescriptor", Kind::Descriptor("CourseStatusDescriptor"))],
    nested: None,
};

/// `courseOfferings._ext.ks`. The document's `totalCourseSequence` is `courseTotalSequence` at the server.
pub static COURSE_OFFERING: ExtensionTable = ExtensionTable {
    key: KEY,
    resource: "courseOfferings",
    years: ALL_YEARS,
    members: &[
        Member::optional("collegeCareerTypeDescriptor", Kind::Descriptor("CollegeCareerTypeDescriptor")),
        Member::optional("courseCredits", Kind::Decimal(5, 2)),
        Member::optional("courseDeliveryTypeDescriptor", Kind::Descriptor("CourseDeliveryTypeDescriptor")),
        Member::optional("courseProgramTypeDescriptor", Kind::Descriptor("CourseProgramTypeDescriptor")),
        Member::optional("courseSequence", Kind::Integer),
        Member::optional("courseTotalSequence", Kind::Integer),
    ],
    nested: None,
};

/// `studentSchoolAssociations._ext.ks`.
pub static STUDENT_SCHOOL_ASSOCIATION: ExtensionTable = ExtensionTable {
    key: KEY,
    resource: "studentSchoolAssociations",
    years: ALL_YEARS,
    members: &[
        Member::required("localEducationAgencyEntryDate", Kind::Date),
        Member::required("stateEntryDate", Kind::Date),
        Member::optional("attendanceDays", Kind::Decimal(4, 1)),
        Member::optional("membershipDays", Kind::Decimal(4, 1)),
        Member::optional("minutesEnrolled", Kind::Integer),
        Member::optional("creditsEarned", Kind::Decimal(9, 3)),
        Member::optional("creditsRequiredToGraduate", Kind::Decimal(9, 3)),
        Member::optional("cteContactMinutes", Kind::Decimal(3, 0)),
        Member::optional("firstInstructionalDate", Kind::Date),
        Member::optional("individualPlanOfStudy", Kind::Boolean),
        Member::optional("unweightedGradePointAverage", Kind::Decimal(3, 2)),
    ],
    nested: None,
};

/// `sectionEducators`: who teaches a section and has no id of the state (docs/readings.md, KS Section Educators school
/// years).
pub static SECTION_EDUCATOR: ExtensionResource = ExtensionResource {
    segment: KEY,
    years: ALL_YEARS,
    model: || {
        ResourceModel::of_json(
            r#"{"name": "sectionEducators", "entity": "SectionEducator", "authorizationSubjects": ["schoolId"],
            "identity": [
                {"name": "educatorElectronicMailAddress", "type": "string", "paths": ["educatorElectronicMailAddress"]},
                {"name": "localCourseCode", "type": "string", "paths": ["sectionReference.localCourseCode"]},
                {"name": "schoolId", "type": "integer", "paths": ["sectionReference.schoolId"]},
                {"name": "schoolYear", "type": "integer", "paths": ["sectionReference.schoolYear"]},
                {"name": "sectionIdentifier", "type": "string", "paths": ["sectionReference.sectionIdentifier"]},
                {"name": "sessionName", "type": "string", "paths": ["sectionReference.sessionName"]}],
            "properties": [
                {"name": "educatorElectronicMailAddress", "type": "string", "maxLength": 128, "required": true,
                    "identity": true},
                {"name": "educatorFirstName", "type": "string", "maxLength": 75},
                {"name": "educatorLastSurname", "type": "string", "maxLength": 75},
                {"name": "educatorMiddleName", "type": "string", "maxLength": 75}],
            "references": [{"name": "sectionReference", "target": "sections", "required": true, "identity": true,
                "properties": [
                    {"name": "localCourseCode", "type": "string", "maxLength": 60, "flattenedAs": "localCourseCode"},
                    {"name": "schoolId", "type": "integer", "flattenedAs": "schoolId"},
                    {"name": "schoolYear", "type": "integer", "format": "int16", "flattenedAs": "schoolYear"},
                    {"name": "sectionIdentifier", "type": "string", "maxLength": 255,
                        "flattenedAs": "sectionIdentifier"},
                    {"name": "sessionName", "type": "string", "maxLength": 60, "flattenedAs": "sessionName"}]}]}"#,
        )
    },
};
