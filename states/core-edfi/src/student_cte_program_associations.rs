//! `studentCTEProgramAssociations`, after Core Student CTE Program Associations: one record per participation of a
//! student in a program of career and technical education.
//!
//! What a preference decides must not show in the record's source, for a changed mapping triggers nothing (Delete/Post:
//! "Changes to Resource Preferences mappings do NOT trigger"). So everything that a mapping could bring in is read,
//! whatever the mappings say: the student's other participations, and every certification.

mod spec;

use rollcall_core::context::Context;
use rollcall_core::preferences::{MappedCode, MappingSpec};
use rollcall_core::resource::{Resource, ResourceSpec};
use rollcall_core::sources::Sources;
use rollcall_core::tables::{Calendar, Program, ProgramParticipation, TableName};
use rollcall_core::value::{Object, Value};
use rollcall_core::verdict::{ObjectKey, Unreported, Verdict};

use crate::education_organizations::local_education_agency_id;
use crate::kept_back::{read_on, stand_in};
use crate::preferences::{CAREER_PATHWAY, STUDENT_STATUS, TECHNICAL_SKILLS_ASSESSMENT, assessment_code};
use crate::programs::{CteProgram, cte_type};
use crate::rules;
use crate::state::school_year_span;
use crate::student_school_associations::calendar_of;
use crate::students::student_unique_id;

pub use spec::SPEC;

/// The resource.
pub struct StudentCteProgramAssociations;

impl Resource for StudentCteProgramAssociations {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    /// The participations that overlap a configured school year, as far as their dates go.
    fn objects(&self, cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey)) {
        for participation in &cx.snapshot.participations {
            if cx.years.iter().any(|year| overlaps(cx, participation, *year)) {
                visit(ObjectKey::new(TableName::ProgramParticipation, participation.participation_id));
            }
        }
    }

    fn verdict<'a>(&self, cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Verdict<'a> {
        body(cx, object, sources).into()
    }
}

fn body<'a>(cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Result<Object<'a>, Unreported> {
    let participation = object.only(TableName::ProgramParticipation).and_then(|id| cx.snapshot.participations.get(id));
    let participation = participation.ok_or(Unreported::rule(&rules::GONE))?;
    let calendar = enrolled_calendar(cx, participation, sources)?;
    let person = cx.snapshot.people.get(participation.person_id).ok_or(Unreported::rule(&rules::GONE))?;
    let (student, kept_back) = stand_in(student_unique_id(cx, person, &rules::CTE_STUDENT, sources), "")?;
    read_on(kept_back, sources, |sources| body_of(cx, participation, calendar, student, sources))
}

fn body_of<'a>(
    cx: &Context<'a>,
    participation: &'a ProgramParticipation,
    calendar: &'a Calendar,
    student: &'a str,
    sources: &mut Sources,
) -> Result<Object<'a>, Unreported> {
    sources.read("ProgramParticipation.programID", participation.program_id);
    let program = cx.snapshot.programs.get(participation.program_id).ok_or(Unreported::rule(&rules::GONE))?;
    let cte_program = CteProgram::of(cx, program, sources);
    let district = cx.snapshot.district_of(cx.snapshot.school_of(calendar));
    let district = local_education_agency_id(district, sources);
    let cte_programs = cte_programs(cx, participation, program, calendar.end_year, sources);
    sources.read("ProgramParticipation.nonTraditional", participation.non_traditional);
    let technical_skills_assessment = technical_skills_assessment(cx, participation, sources);
    // After every rule that the SIS decides, and when all was read: what only a mapping keeps from reporting waits for a
    // resync, and a participation that the SIS moves to such a program ("Program") does not.
    let (cte_program, district) = (cte_program?, district?);
    // docs/readings.md, CTE null dates: "a participation without start date is a defect (beginDate is part of the key)".
    let begin_date = participation.start_date.ok_or_else(|| {
        Unreported::defect(
            "beginDate",
            format!(
                "ProgramParticipation:{} has no start date, which is part of the record's natural key",
                participation.participation_id
            ),
            "enter the start date of the program record (ProgramParticipation.startDate)",
        )
    })?;
    Ok(Object::new()
        .with("beginDate", begin_date)
        .with("educationOrganizationReference", Object::new().with("educationOrganizationId", district))
        .with("programReference", cte_program.reference())
        .with("studentReference", Object::new().with("studentUniqueId", student))
        .with_some("ctePrograms", cte_programs.map(|item| vec![Value::Object(item)]))
        .with_some("endDate", participation.end_date)
        .with("nonTraditionalGenderStatus", participation.non_traditional)
        // Element 8, privateCTEProgram: "Reports False. This is hard-coded."
        .with("privateCTEProgram", false)
        .with_some("technicalSkillsAssessmentDescriptor", technical_skills_assessment))
}

/// Post: "a Career Tech (CTE) program record that overlaps the configured year AND the associated student has an
/// enrollment in the configured year … in the same School Year". Gives the calendar of such an enrollment, of the latest
/// year: a record has no school year, so of two configured ones the later speaks.
fn enrolled_calendar<'a>(
    cx: &Context<'a>,
    participation: &ProgramParticipation,
    sources: &mut Sources,
) -> Result<&'a Calendar, Unreported> {
    let at = ObjectKey::new(TableName::ProgramParticipation, participation.participation_id);
    sources.read("ProgramParticipation.startDate", participation.start_date);
    sources.read("ProgramParticipation.endDate", participation.end_date);
    for year in cx.years {
        let setup = cx.snapshot.school_years.get(i64::from(*year));
        sources.read("SchoolYear.startDate", setup.and_then(|year| year.start_date));
        sources.read("SchoolYear.endDate", setup.and_then(|year| year.end_date));
    }
    let overlapped = |year: i32| cx.in_scope(year) && overlaps(cx, participation, year);
    if !cx.years.iter().any(|year| overlapped(*year)) {
        return Err(Unreported::because(&rules::CTE_OUTSIDE_YEAR, at));
    }
    // docs/readings.md, CTE enrollment: any good enrollment of the scope year.
    let mut why = Unreported::because(&rules::CTE_NO_ENROLLMENT, at);
    let mut latest: Option<&Calendar> = None;
    for enrollment in cx.snapshot.enrollments_of(participation.person_id) {
        let year = cx.snapshot.calendars.get(enrollment.calendar_id).map(|calendar| calendar.end_year);
        if !year.is_some_and(overlapped) {
            continue;
        }
        sources.read("Enrollment.enrollmentID", enrollment.enrollment_id);
        match calendar_of(cx, enrollment, &rules::CTE_EXCLUDE, &rules::CTE_STUDENT, sources) {
            Ok(calendar) if latest.is_none_or(|latest| latest.end_year < calendar.end_year) => latest = Some(calendar),
            Ok(_) => {}
            Err(reason) => why = reason,
        }
    }
    latest.ok_or(why)
}

/// Whether a participation overlaps a school year. Without a start date it overlaps as far back as it must: that it
/// lacks one is found where the start date is needed.
fn overlaps(cx: &Context<'_>, participation: &ProgramParticipation, end_year: i32) -> bool {
    let (first, last) = school_year_span(cx.snapshot, end_year);
    let start = participation.start_date;
    start.is_none_or(|start| start <= last)
        && participation.end_date.is_none_or(|end| end >= first && start.is_none_or(|start| start <= end))
}

/// Element 5, ctePrograms. The row of the document is cut off; docs/readings.md has its members. The career pathway is
/// the collection's key: without one there is no item.
fn cte_programs<'a>(
    cx: &Context<'a>,
    participation: &'a ProgramParticipation,
    program: &'a Program,
    end_year: i32,
    sources: &mut Sources,
) -> Option<Object<'a>> {
    // Delete/Post, CTE program setup: a change of these two concerns the record, though no element has them.
    sources.read("Program.programType", program.program_type.as_deref());
    sources.read("Program.category", program.category.as_deref());
    let cip_code = sources.read("Program.code", program.code.as_deref());
    let status = sources.read("ProgramParticipation.studentStatus", participation.student_status.as_deref());
    let completed =
        status.and_then(|status| mapped(cx, "ctePrograms", &STUDENT_STATUS, status, sources)).map(MappedCode::is_true);
    let primary = is_primary(cx, participation, end_year, sources);
    let pathway = mapped(cx, "ctePrograms", &CAREER_PATHWAY, &program.name, sources)?;
    Some(
        Object::new()
            .with("careerPathwayDescriptor", pathway.uri.as_str())
            .with_some("cipCode", cip_code)
            .with("primaryCTEProgramIndicator", primary)
            .with_some("cteProgramCompletionIndicator", completed),
    )
}

/// docs/readings.md, CTE 5: the primary program is the one with the latest start, of the student's CTE programs that
/// overlap the school year; of several with one start, the one with the highest participation id.
fn is_primary(cx: &Context<'_>, participation: &ProgramParticipation, end_year: i32, sources: &mut Sources) -> bool {
    let mut primary = None;
    for other in cx.snapshot.participations_of(participation.person_id) {
        sources.read("ProgramParticipation.participationID", other.participation_id);
        let start = sources.read("ProgramParticipation.startDate", other.start_date);
        sources.read("ProgramParticipation.endDate", other.end_date);
        let Some(program) = cx.snapshot.programs.get(other.program_id) else { continue };
        sources.read("Program.name", program.name.as_ref());
        if start.is_some() && overlaps(cx, other, end_year) && cte_type(cx, program).is_ok() {
            primary = primary.max(Some((start, other.participation_id)));
        }
    }
    primary == Some((participation.start_date, participation.participation_id))
}

/// Element 9, technicalSkillsAssessmentDescriptor: "If there are multiple certifications, report based on the following
/// priority order: Most recent (latest) Date; Highest Participation Certification ID". One without a date comes after
/// every dated one (docs/readings.md, CTE 9).
fn technical_skills_assessment<'a>(
    cx: &Context<'a>,
    participation: &ProgramParticipation,
    sources: &mut Sources,
) -> Option<&'a str> {
    let mut first = None;
    for certification in cx.snapshot.certifications_of(participation) {
        let id = sources.read("ProgramParticipationCertification.certificationID", certification.certification_id);
        // Delete/Post, CTE program records: a change of the name concerns the record, though no element has it.
        sources.read("ProgramParticipationCertification.name", certification.name.as_deref());
        let date =
            sources.read("ProgramParticipationCertification.certificationDate", certification.certification_date);
        let attempted = sources.read("ProgramParticipationCertification.attempted", certification.attempted);
        let passed = sources.read("ProgramParticipationCertification.passed", certification.passed);
        first = first.max(Some((date, id, assessment_code(attempted, passed))));
    }
    let (_, _, code) = first?;
    mapped(cx, "technicalSkillsAssessmentDescriptor", &TECHNICAL_SKILLS_ASSESSMENT, code, sources)
        .map(|code| code.uri.as_str())
}

/// What a local code is mapped to. Without a mapping the optional element is left out, and the code is a finding.
fn mapped<'a>(
    cx: &Context<'a>,
    element: &'static str,
    mapping: &MappingSpec,
    local: &str,
    sources: &mut Sources,
) -> Option<&'a MappedCode> {
    let code = cx.preferences.mapped(mapping, local);
    if code.is_none() {
        sources.omit(element, format!("\"{local}\" is not mapped; map it in mappings.{}", mapping.key));
    }
    code
}
