//! Kansas' `studentSectionAssociations`, after `KS Ed-Fi Suite v3.6.2: Student Section Associations`: the shared rules
//! and the course status.

use rollcall_core::context::Context;
use rollcall_core::resource::{Element, Need, Resource, ResourceSpec, Trigger};
use rollcall_core::sources::Sources;
use rollcall_core::tables::{Course, TableName};
use rollcall_core::value::Object;
use rollcall_core::verdict::{ObjectKey, Unreported, Verdict};
use rollcall_core_edfi::preferences::{
    ELIGIBLE_ENROLLMENT, LOCAL_COURSE_CODE_OPTION, SECTION_IDENTIFIER, SESSION_NAME_OPTION, STUDENT_ID,
    TERM_DESCRIPTOR_OVERRIDE, TERM_TYPE,
};
use rollcall_core_edfi::student_section_associations::{self as standard, Association};

use crate::descriptors::COURSE_STATUS;
use crate::extensions::KEY;
use crate::rules;

/// The resource.
pub struct StudentSectionAssociations;

/// The document's element table.
pub static SPEC: ResourceSpec = ResourceSpec {
    name: "studentSectionAssociations",
    document: "KS Ed-Fi Suite v3.6.2: Student Section Associations",
    summary: "This association indicates the course sections to which a student is assigned.",
    elements: &[
        standard::BEGIN_DATE,
        standard::SECTION_REFERENCE,
        standard::STUDENT_REFERENCE,
        standard::END_DATE,
        standard::HOMEROOM_INDICATOR,
        Element {
            name: "_ext.ks.courseStatusDescriptor",
            kind: "descriptor",
            need: Need::M,
            key: false,
            columns: &[
                "GradingScore.score",
                "ScoreListItem.passingScore",
                "GradingTask.final",
                "Roster.endDate",
                "Term.endDate",
            ],
            rule: "If a final grade is posted: Completed (Pass) when it is passing, else Completed (Fail). Otherwise \
                   Enrolled when the roster end date is null or on or after the latest term end date, else Exited \
                   before course completion.",
        },
        not_reported("attemptStatusDescriptor"),
        not_reported("repeatIdentifierDescriptor"),
        not_reported("teacherStudentDataLinkExclusion"),
    ],
    triggers: TRIGGERS,
    exclusions: rules::ASSOCIATION_EXCLUSIONS,
    mappings: &[&TERM_TYPE, &TERM_DESCRIPTOR_OVERRIDE],
    options: &[&STUDENT_ID, &ELIGIBLE_ENROLLMENT, &SECTION_IDENTIFIER, &SESSION_NAME_OPTION, &LOCAL_COURSE_CODE_OPTION],
    gathers: &[
        TableName::Term,
        TableName::SectionPlacement,
        TableName::Enrollment,
        TableName::GradingScore,
        TableName::GradingTask,
        TableName::GradingTaskCredit,
        TableName::ScoreListItem,
    ],
    shared: false,
};

/// The document's trigger table.
const TRIGGERS: &[Trigger] = &[
    Trigger::new("Post", "When a student is scheduled into a course section in the configured year."),
    Trigger::new(
        "Post",
        "A record will report per eligible Sessions record attributed to the Section/Student Roster Dates.",
    ),
    Trigger::new("Post", "A record will report for each Section record that is reported based on the Sections logic."),
    Trigger::new(
        "Delete/Post",
        "If the data element being altered is part of the resource's natural key. A PUT will be performed otherwise.",
    ),
    Trigger::new(
        "Put",
        "When any of the following information is changed on Roster: Roster ID (New Roster Entry), Start Date, End Date.",
    ),
    Trigger::new(
        "Put",
        "When any of the following information is changed on Enrollment: Enrollment ID (New Enrollment), Start Date, \
         End Date, No Show.",
    ),
    Trigger::new(
        "None",
        "Changes to Resource Preferences mappings do NOT trigger. A manual resync must be performed on the resource if \
         mappings are changed.",
    ),
    Trigger::new("Delete", "When the Student is excluded in some way."),
    Trigger::new("Delete", "When the Enrollment is deleted."),
    Trigger::new("Delete", "When the Enrollment dates no longer overlap the configured year."),
    Trigger::new("Delete", "When the Roster record is deleted."),
];

const fn not_reported(name: &'static str) -> Element {
    Element::not_reported(name, "", "This data element is optional and does not report.")
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
            let status = course_status(cx, association, sources)?;
            let extension = Object::new().with("courseStatusDescriptor", status.uri());
            Ok(association.body(cx, sources).with("_ext", Object::new().with(KEY, extension)))
        })
    }
}

/// The student's status in the course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CourseStatus {
    /// "Grade is passing, report Completed (Pass)"
    CompletedPass,
    /// "Grade is not passing, report Completed (Fail)"
    CompletedFail,
    /// "Roster End Date is null OR ≥ the latest Term End Date, report Enrolled"
    Enrolled,
    /// "Roster End Date < the latest Term End Date, report Exited before course completion"
    ExitedBeforeCourseCompletion,
}

impl CourseStatus {
    /// Its code value.
    pub const fn code(self) -> &'static str {
        match self {
            Self::CompletedPass => "Completed (Pass)",
            Self::CompletedFail => "Completed (Fail)",
            Self::Enrolled => "Enrolled",
            Self::ExitedBeforeCourseCompletion => "Exited before course completion",
        }
    }

    /// Its descriptor value on the wire.
    pub fn uri(self) -> String {
        rollcall_core::descriptor::uri(COURSE_STATUS.namespace, self.code())
    }
}

/// The document's row 6, `courseStatusDescriptor`.
///
/// Every score and date is followed, whichever of them decides: which terms are one session hangs on a mapping, and a
/// changed mapping triggers nothing.
pub fn course_status(
    cx: &Context<'_>,
    association: &Association<'_>,
    sources: &mut Sources,
) -> Result<CourseStatus, Unreported> {
    // docs/readings.md, "latest Term End Date": the latest end of all terms of the section's placements.
    let ends = cx.snapshot.placed_terms(association.offering.section).filter_map(|term| term.end_date);
    let latest = sources.follow("Term.endDate", ends.max());
    let end = sources.follow("Roster.endDate", association.roster.end_date);
    if let Some(passing) = final_grade(cx, association, sources) {
        return Ok(if passing? { CourseStatus::CompletedPass } else { CourseStatus::CompletedFail });
    }
    Ok(match (sources.show("Roster.endDate", end), sources.show("Term.endDate", latest)) {
        (Some(end), Some(latest)) if end < latest => CourseStatus::ExitedBeforeCourseCompletion,
        _ => CourseStatus::Enrolled,
    })
}

/// Whether the final grade passes, if one is posted.
fn final_grade(
    cx: &Context<'_>,
    association: &Association<'_>,
    sources: &mut Sources,
) -> Option<Result<bool, Unreported>> {
    let (roster, course) = (association.roster, association.offering.course);
    let counts = association.final_grade(cx, sources).map(|score| score.score_id);
    let mut grade = None;
    for score in cx.snapshot.scores_of(roster.person_id, roster.section_id) {
        let Some(given) = score.score.as_deref().filter(|_| cx.snapshot.task_of(&score).is_final) else { continue };
        // A task may stand on a course more than once; what has no list says nothing of what passes.
        let mut credits = cx.snapshot.credits_of(course.course_id).filter(|credit| credit.task_id == score.task_id);
        let list = credits.find_map(|credit| credit.score_group_id);
        let item = list.and_then(|list| cx.snapshot.score_list(list).find(|item| item.score.as_ref() == given));
        sources.follow("GradingTaskCredit.scoreGroupID", list);
        let passing = sources.follow("ScoreListItem.passingScore", item.map(|item| item.passing_score));
        if counts == Some(score.score_id) {
            sources.show("GradingTaskCredit.scoreGroupID", list);
            sources.show("ScoreListItem.passingScore", passing);
            grade = Some(passing.ok_or_else(|| unlisted(course, given, list)));
        }
    }
    grade
}

/// docs/readings.md: a score that its list lacks is a defect that names the score, never "fail".
fn unlisted(course: &Course, given: &str, list: Option<i64>) -> Unreported {
    Unreported::defect(
        "_ext.ks.courseStatusDescriptor",
        match list {
            Some(list) => format!("the posted final score \"{given}\" is not in score list {list}"),
            None => format!("Course:{} has no score list for the posted final score \"{given}\"", course.course_id),
        },
        "add the score to the course's score list (ScoreListItem), or correct the posted score",
    )
}
