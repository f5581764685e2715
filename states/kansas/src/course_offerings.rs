//! Kansas' `courseOfferings`, after `Course Offerings (Kansas v3.6)`: one record per course and term type in which a
//! section of the course is placed.

use rollcall_core::context::Context;
use rollcall_core::preferences::MappingSpec;
use rollcall_core::resource::{Element, Need, Resource, ResourceSpec, Trigger};
use rollcall_core::sources::Sources;
use rollcall_core::value::{Object, Value};
use rollcall_core::verdict::{ObjectKey, Unreported, Verdict};
use rollcall_core_edfi::course_offerings::{self as standard, Offering};
use rollcall_core_edfi::preferences::{
    GRADE_LEVEL, LOCAL_COURSE_CODE_OPTION, SESSION_NAME_OPTION, TERM_DESCRIPTOR_OVERRIDE, TERM_TYPE,
};
use rollcall_core_edfi::triggers;

use crate::extensions::KEY;
use crate::preferences::{COLLEGE_CAREER_TYPE, COURSE_LEVEL, DELIVERY_TYPE, TARGETED_PROGRAM};
use crate::rules;
use crate::state::STATE_EDUCATION_AGENCY_ID;

/// The resource.
pub struct CourseOfferings;

/// The document's element table.
pub static SPEC: ResourceSpec = ResourceSpec {
    name: "courseOfferings",
    document: "Course Offerings (Kansas v3.6)",
    summary: "An offering of a course by school during a session, representing the course catalog of available courses.",
    elements: &[
        Element {
            name: "id",
            kind: "string",
            need: Need::NotReported,
            key: false,
            columns: &[],
            rule: "The unique identifier of the resource, which the ODS gives; it is no part of what is sent.",
        },
        standard::LOCAL_COURSE_CODE,
        Element {
            name: "courseReference",
            kind: "reference",
            need: Need::M,
            key: false,
            columns: &["Course.stateCode"],
            rule: "Matches the State Ed-Fi Course: courseCode is course.stateCode; educationOrganizationId is hard-coded \
                   to 100000000, the KS state education organization.",
        },
        standard::SCHOOL_REFERENCE,
        standard::SESSION_REFERENCE,
        Element {
            name: "courseLevelCharacteristics",
            kind: "array",
            need: Need::M,
            key: false,
            columns: &["Course.courseLevel"],
            rule: "Reports the mapped Ed-Fi value of the Course Level selected. When blank, does not report.",
        },
        Element {
            name: "curriculumUseds",
            kind: "array",
            need: Need::NotReported,
            key: false,
            columns: &[],
            rule: "This is optional, does not report.",
        },
        Element {
            name: "instructionalTimePlanned",
            kind: "integer",
            need: Need::NotReported,
            key: false,
            columns: &[],
            rule: "This is optional, does not report.",
        },
        standard::LOCAL_COURSE_TITLE,
        Element {
            name: "offeredGradeLevels",
            kind: "array",
            need: Need::O,
            key: false,
            columns: &["Course.grade"],
            rule: "Reports the Ed-Fi Grade Level Descriptor associated with the selected Grade Level.",
        },
        Element {
            name: "_ext.ks.courseCredits",
            kind: "decimal",
            need: Need::NotReported,
            key: false,
            columns: &["GradingTaskCredit.credit"],
            rule: "Reports blank.",
        },
        Element {
            name: "_ext.ks.courseSequence",
            kind: "integer",
            need: Need::O,
            key: false,
            columns: &["Course.sequence"],
            rule: "Reports the course sequence.",
        },
        Element {
            name: "_ext.ks.courseTotalSequence",
            kind: "integer",
            need: Need::O,
            key: false,
            columns: &["Course.sequenceTotal"],
            rule: "Reports the total course sequence (the document's totalCourseSequence; the server's name differs).",
        },
        Element {
            name: "_ext.ks.courseDeliveryTypeDescriptor",
            kind: "descriptor",
            need: Need::O,
            key: false,
            columns: &["Course.deliveryType"],
            rule: "Reports the mapped Ed-Fi code value of the Delivery Type selected. When blank, does not report.",
        },
        Element {
            name: "_ext.ks.courseProgramTypeDescriptor",
            kind: "descriptor",
            need: Need::O,
            key: false,
            columns: &["Course.targetedProgram"],
            rule: "Reports the mapped Ed-Fi code value of the Targeted Program selected. When blank, does not report.",
        },
        Element {
            name: "_ext.ks.collegeCareerTypeDescriptor",
            kind: "descriptor",
            need: Need::O,
            key: false,
            columns: &["Course.collegeCareerType"],
            rule: "Reports the mapped Ed-Fi code value of the College Career Type, when present (the document has its \
                   descriptor table but no element row: docs/readings.md).",
        },
    ],
    triggers: TRIGGERS,
    exclusions: rules::SCHEDULE_EXCLUSIONS,
    mappings: &[
        &TERM_TYPE,
        &TERM_DESCRIPTOR_OVERRIDE,
        &GRADE_LEVEL,
        &COURSE_LEVEL,
        &DELIVERY_TYPE,
        &TARGETED_PROGRAM,
        &COLLEGE_CAREER_TYPE,
    ],
    options: &[&SESSION_NAME_OPTION, &LOCAL_COURSE_CODE_OPTION],
    gathers: &[],
    shared: false,
};

/// The document's trigger tables.
const TRIGGERS: &[Trigger] = &[
    Trigger::new("Post", "When a section with Section Placement is created and saved."),
    Trigger::new("Post", "One (1) record reports per Course and Term Type combination."),
    Trigger::new("Delete/Post", "When the Course Number is changed."),
    Trigger::new(
        "Delete/Post",
        "When the Term Descriptor changes either via section placement or mapping override and a course offering \
         already exists with non-matching Term Descriptors.",
    ),
    Trigger::new(
        "Put",
        "When Course information is changed and saved: Course ID (New Course), Course Code, Course Title, Course Level \
         Characteristic Descriptor.",
    ),
    Trigger::new("Delete", "When a section is deleted."),
    Trigger::new("Delete", "When a section schedule placement is removed and saved."),
    Trigger::new(
        "Delete/Post",
        "When there are two Sections with the same natural key and 1 is deleted, the other record posts with the \
         remaining record's data.",
    ),
    Trigger::new(
        "Delete/Post",
        "When the School Number/Ed-Fi School Number changes, a delete/post occurs with the cascading deletes from the \
         School ID Change triggers.",
    ),
    Trigger::new("Delete/Post", "When the Course Number changes."),
    Trigger::new("Delete/Post", "When the Session Name changes to which the Course Offering is aligned."),
    Trigger::new("Delete/Post", "When the natural key changes all dependent resources are deleted/posted."),
    triggers::TOGGLE_OFF,
    triggers::TOGGLE_DELETE,
    triggers::RESYNC_LEDGER,
    triggers::RESYNC_ODS,
    triggers::RESYNC_MAPPING,
];

impl Resource for CourseOfferings {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    fn objects(&self, cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey)) {
        standard::placements(cx, visit);
    }

    fn verdict<'a>(&self, cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Verdict<'a> {
        let offering = Offering::of(cx, object, &rules::SCHEDULE, sources);
        offering.and_then(|offering| body(cx, &offering, sources)).into()
    }
}

fn body<'a>(cx: &Context<'a>, offering: &Offering<'a>, sources: &mut Sources) -> Result<Object<'a>, Unreported> {
    let course = offering.course;
    let state_code = sources.read("Course.stateCode", course.state_code.as_deref());
    let state_code = state_code.ok_or(Unreported::rule(&rules::NO_STATE_CODE))?;
    let reference =
        Object::new().with("courseCode", state_code).with("educationOrganizationId", STATE_EDUCATION_AGENCY_ID);
    // docs/readings.md, CO optional codes that are unmapped: the element is left out and `check` lists the code.
    let mut mapped = |column: &'static str, mapping: &'static MappingSpec, local: Option<&'a str>| {
        let local = sources.read(column, local)?;
        cx.preferences.mapped(mapping, local).map(|code| code.uri.as_str())
    };
    let level = mapped("Course.courseLevel", &COURSE_LEVEL, course.course_level.as_deref());
    let grade = mapped("Course.grade", &GRADE_LEVEL, course.grade.as_deref());
    let delivery = mapped("Course.deliveryType", &DELIVERY_TYPE, course.delivery_type.as_deref());
    let program = mapped("Course.targetedProgram", &TARGETED_PROGRAM, course.targeted_program.as_deref());
    let career = mapped("Course.collegeCareerType", &COLLEGE_CAREER_TYPE, course.college_career_type.as_deref());
    let only = |name: &'a str, uri: &'a str| vec![Value::Object(Object::new().with(name, uri))];
    let extension = Object::new()
        .with_some("courseSequence", sources.read("Course.sequence", course.sequence))
        .with_some("courseTotalSequence", sources.read("Course.sequenceTotal", course.sequence_total))
        .with_some("courseDeliveryTypeDescriptor", delivery)
        .with_some("courseProgramTypeDescriptor", program)
        .with_some("collegeCareerTypeDescriptor", career);
    let mut body = offering
        .body(reference, sources)
        .with_some("courseLevelCharacteristics", level.map(|uri| only("courseLevelCharacteristicDescriptor", uri)))
        .with_some("offeredGradeLevels", grade.map(|uri| only("gradeLevelDescriptor", uri)));
    if !extension.is_empty() {
        body.push("_ext", Object::new().with(KEY, extension));
    }
    Ok(body)
}
