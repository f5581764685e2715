//! Wisconsin's `studentSectionAssociations`, after `WI DPI WISEdata Ed-Fi Docs, /studentSectionAssociation`: the shared
//! rules, the attempt status and the programs.

use rollcall_core::context::Context;
use rollcall_core::resource::{Element, Need, Resource, ResourceSpec, Trigger};
use rollcall_core::sources::Sources;
use rollcall_core::tables::TableName;
use rollcall_core::value::Object;
use rollcall_core::verdict::{ObjectKey, Unreported, Verdict};
use rollcall_core_edfi::kept_back::read_on;
use rollcall_core_edfi::preferences::{
    ELIGIBLE_ENROLLMENT, LOCAL_COURSE_CODE_OPTION, SECTION_IDENTIFIER, SESSION_NAME_OPTION, STUDENT_ID,
    TERM_DESCRIPTOR_OVERRIDE, TERM_TYPE,
};
use rollcall_core_edfi::student_section_associations::{self as standard, Association};
use rollcall_core_edfi::triggers;

use crate::attempt_status::attempt_status;
use crate::extensions::KEY;
use crate::preferences::{ATTEMPT_STATUS_DEFAULT, ELIGIBILITY, WITHDRAWN_WITHOUT_GRADE};
use crate::programs::{PROGRAMS, programs};
use crate::stays::Stays;
use crate::{eligibility, rules};

/// The resource.
pub struct StudentSectionAssociations;

/// The document's Data Properties table, in its order.
pub static SPEC: ResourceSpec = ResourceSpec {
    name: "studentSectionAssociations",
    document: "WI DPI WISEdata Ed-Fi Docs: /studentSectionAssociation",
    summary: "The sections in which a student is enrolled, with the student's completion status and the programs in \
              which the student takes part through them.",
    elements: &[
        standard::BEGIN_DATE,
        of_section("sectionReference.localCourseCode", "string", &["Course.number"], "The course number."),
        of_section(
            "sectionReference.schoolId",
            "integer",
            &["School.number", "School.edFiSchoolNumber"],
            "The identifier assigned to the school.",
        ),
        of_section(
            "sectionReference.schoolYear",
            "integer",
            &["Calendar.endYear"],
            "The year in which the school year ends.",
        ),
        of_section(
            "sectionReference.sectionIdentifier",
            "string",
            &["Section.number"],
            "As the preference section-identifier puts it together (default: the section number).",
        ),
        of_section(
            "sectionReference.sessionName",
            "string",
            &["Term.termType", "Course.termDescriptorOverride", "Section.termDescriptorOverride"],
            "The session in which the section is placed: one record for each session that the roster overlaps.",
        ),
        Element {
            name: "studentReference.studentUniqueId",
            kind: "string",
            need: Need::M,
            key: true,
            columns: &["Person.edFiID", "Person.stateID", "Person.studentNumber"],
            rule: "The unique code assigned to the student.",
        },
        Element {
            name: "attemptStatusDescriptor",
            kind: "descriptor",
            need: Need::M,
            key: false,
            columns: &[
                "Roster.attemptStatus",
                "GradingScore.score",
                "GradingTask.final",
                "Roster.endDate",
                "Term.endDate",
            ],
            rule: "The attempt status of the roster. Without one: I when the student left and came back later in the \
                   session, else S with a final grade, else I when the student left; else the option \
                   attempt-status-default, and without it nothing can report.",
        },
        Element { need: Need::M, ..standard::END_DATE },
        Element {
            name: PROGRAMS,
            kind: "array",
            need: Need::C,
            key: false,
            columns: &[
                "District.number",
                "District.edFiDistrictNumber",
                "RosterProgram.programName",
                "RosterProgram.programType",
            ],
            rule: "One programReference for each program on the roster, and on the student's other stays in the \
                   section and session: the district's id (educationOrganizationId), the name as the state spells it \
                   (programName) and the type (programTypeDescriptor). A program whose type does not hold in the \
                   school year is left out.",
        },
        Element {
            need: Need::NotReported,
            rule: "Not among the document's properties; does not report.",
            ..standard::HOMEROOM_INDICATOR
        },
    ],
    triggers: TRIGGERS,
    exclusions: rules::ASSOCIATION_EXCLUSIONS,
    mappings: &[&TERM_TYPE, &TERM_DESCRIPTOR_OVERRIDE],
    options: &[
        &STUDENT_ID,
        &ELIGIBLE_ENROLLMENT,
        &SECTION_IDENTIFIER,
        &SESSION_NAME_OPTION,
        &LOCAL_COURSE_CODE_OPTION,
        &ATTEMPT_STATUS_DEFAULT,
        &ELIGIBILITY,
        &WITHDRAWN_WITHOUT_GRADE,
    ],
    gathers: &[
        TableName::Term,
        TableName::SectionPlacement,
        TableName::Enrollment,
        TableName::Roster,
        TableName::RosterProgram,
        TableName::GradingScore,
        TableName::GradingTask,
        TableName::GradingTaskCredit,
    ],
    shared: false,
};

/// The document has no trigger table; these are the standard's, and the vendor's "also on grade add/change/delete".
const TRIGGERS: &[Trigger] = &[
    Trigger::new("Post", "When a student is scheduled into a section: a record per session that the roster overlaps."),
    Trigger::new(
        "Post",
        "When a student comes back to a section: the SIS ends the first roster and makes a new one (use case 7.0).",
    ),
    Trigger::new("Put", "When the roster's end date, its attempt status or its programs change."),
    Trigger::new("Put", "When a final grade is added, changed or deleted."),
    Trigger::new("Delete/Post", "When an element of the natural key changes."),
    Trigger::new("Delete", "When the roster is deleted, or a rule excludes it."),
    triggers::TOGGLE_OFF,
    triggers::TOGGLE_DELETE,
    triggers::RESYNC_LEDGER,
    triggers::RESYNC_ODS,
    triggers::RESYNC_MAPPING,
];

const fn of_section(
    name: &'static str,
    kind: &'static str,
    columns: &'static [&'static str],
    rule: &'static str,
) -> Element {
    Element { name, kind, need: Need::M, key: true, columns, rule }
}

impl Resource for StudentSectionAssociations {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    fn objects(&self, cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey)) {
        standard::objects(cx, visit);
    }

    fn verdict<'a>(&self, cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Verdict<'a> {
        Association::report(cx, object, &rules::ASSOCIATION, sources, |association, sources| {
            body(cx, association, sources)
        })
    }
}

/// An option may keep it back though it is eligible by the document.
fn body<'a>(cx: &Context<'a>, association: &Association<'a>, sources: &mut Sources) -> Result<Object<'a>, Unreported> {
    let kept_back = eligibility::check(cx, association, sources).err();
    read_on(kept_back, sources, |sources| eligible(cx, association, sources))
}

fn eligible<'a>(
    cx: &Context<'a>,
    association: &Association<'a>,
    sources: &mut Sources,
) -> Result<Object<'a>, Unreported> {
    let stays = Stays::of(cx, association, sources);
    let status = attempt_status(cx, association, &stays, sources);
    let rest = |sources: &mut Sources| {
        let programs = programs(cx, association, &stays, sources)?;
        Ok((association.body_without_homeroom(cx, sources), programs))
    };
    let status = match status {
        Ok(status) => status,
        Err(reason) => {
            sources.unseen(rest).ok();
            return Err(reason);
        }
    };
    let (mut body, programs) = rest(sources)?;
    body.push("attemptStatusDescriptor", status.uri());
    if !programs.is_empty() {
        body.push("_ext", Object::new().with(KEY, Object::new().with("programs", programs)));
    }
    Ok(body)
}
