//! `attemptStatusDescriptor`: "an indication of the student's completion status for the section".
//!
//! The document's use cases 6.0 to 6.7 have lost their code cells; docs/readings.md (WI attempt status) has what they
//! must have been. The district's own `Roster.attemptStatus` comes first. Without it the status follows from the grade
//! and the roster's end where the use cases decide it.
//!
//! Rules know no time, so a section that is still running and one that ended without a grade are the same to them: no
//! posted final grade and not withdrawn is read as 6.1 to 6.3, which the document leaves to the district. So a running
//! section reports by `options.attempt-status-default`, and is a defect without it; the status changes by a PUT when
//! the grade is posted. A student who left and came back is 6.6 or 6.7 from the second roster on.

use rollcall_core::context::Context;
use rollcall_core::descriptor::uri;
use rollcall_core::sources::Sources;
use rollcall_core::tables::TableName;
use rollcall_core::verdict::{ObjectKey, Unreported};
use rollcall_core_edfi::student_section_associations::Association;

use crate::descriptors::ATTEMPT_STATUS;
use crate::preferences::{ATTEMPT_STATUS_DEFAULT, EXCLUDE, WITHDRAWN_WITHOUT_GRADE};
use crate::rules;
use crate::stays::{Stays, session};

/// The element's name.
const ELEMENT: &str = "attemptStatusDescriptor";

/// Whether a student was in a section long enough to receive an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptStatus {
    /// "enrolled in the section for the minimum amount of time to receive an outcome"
    Sufficient,
    /// "not enrolled in the section for the minimum amount of time to receive an outcome"
    Insufficient,
}

impl AttemptStatus {
    /// Its code value.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Sufficient => "S",
            Self::Insufficient => "I",
        }
    }

    /// Its descriptor value on the wire.
    pub fn uri(self) -> String {
        uri(ATTEMPT_STATUS.namespace, self.code())
    }

    fn from_code(code: &str) -> Option<Self> {
        [Self::Sufficient, Self::Insufficient].into_iter().find(|status| status.code() == code)
    }
}

/// The attempt status of an association.
pub fn attempt_status<'a>(
    cx: &Context<'a>,
    association: &Association<'a>,
    stays: &Stays<'a>,
    sources: &mut Sources,
) -> Result<AttemptStatus, Unreported> {
    let roster = association.roster;
    // 6.0: "DPI suggests that the Attempt Status be entered by the LEA".
    if let Some(entered) = sources.read("Roster.attemptStatus", roster.attempt_status.as_deref()) {
        return AttemptStatus::from_code(entered).ok_or_else(|| {
            Unreported::defect(
                ELEMENT,
                format!("the attempt status \"{entered}\" of Roster:{} is not known", roster.roster_id),
                "enter S (Sufficient) or I (Insufficient)",
            )
        });
    }
    // 6.6 and 6.7, the first record: the student dropped out and joined back in.
    if !stays.later.is_empty() {
        return Ok(AttemptStatus::Insufficient);
    }
    // 6.0, 6.4, and the second record of 6.6: a grade, an outcome.
    if association.final_grade(cx, sources).is_some() {
        return Ok(AttemptStatus::Sufficient);
    }
    // 6.7, the second record: back, and no grade.
    if !stays.earlier.is_empty() {
        return Ok(AttemptStatus::Insufficient);
    }
    let (_, last) = session(association);
    if association.end_date < last {
        return withdrawn_without_grade(cx, association);
    }
    // 6.1 to 6.3.
    AttemptStatus::from_code(cx.preferences.option(&ATTEMPT_STATUS_DEFAULT)).ok_or_else(|| {
        Unreported::defect(
            ELEMENT,
            format!("Roster:{} has no attempt status and no final grade", roster.roster_id),
            "enter an attempt status on the roster, post the final grade, or set options.attempt-status-default",
        )
    })
}

/// 6.5, against 6.0's "should not send": docs/readings.md sends by default.
fn withdrawn_without_grade(cx: &Context<'_>, association: &Association<'_>) -> Result<AttemptStatus, Unreported> {
    if cx.preferences.option(&WITHDRAWN_WITHOUT_GRADE) == EXCLUDE {
        let at = ObjectKey::new(TableName::Roster, association.roster.roster_id);
        return Err(Unreported::because(&rules::WITHDRAWN_WITHOUT_GRADE, at));
    }
    Ok(AttemptStatus::Insufficient)
}
