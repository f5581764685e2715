//! Whether a section is placed in a term of its own school and school year.

use super::Snapshot;
use super::integrity::Doubt;
use super::rows::Rows;
use crate::tables::{
    Calendar, Course, Row as _, ScheduleStructure, Section, SectionPlacement, TableName, Term, TermSchedule, Trial,
};

/// The tables above the placements, as they are read.
pub(super) struct Schedule<'a> {
    pub(super) calendars: &'a Rows<Calendar>,
    pub(super) structures: &'a Rows<ScheduleStructure>,
    pub(super) term_schedules: &'a Rows<TermSchedule>,
    pub(super) terms: &'a Rows<Term>,
    pub(super) trials: &'a Rows<Trial>,
    pub(super) courses: &'a Rows<Course>,
    pub(super) sections: &'a Rows<Section>,
}

/// A term of another school's or school year's calendar than that of the section which is placed in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Astray {
    /// The placement.
    pub placement: i64,
    /// The section.
    pub section: i64,
    /// The section's calendar.
    pub calendar: i64,
    /// The term.
    pub term: i64,
    /// The term's schedule structure.
    pub structure: i64,
    /// The term's calendar.
    pub other: i64,
}

impl Astray {
    /// What is wrong, by the rows of the SIS.
    pub fn message(&self) -> String {
        let Self { section, calendar, term, structure, other, .. } = self;
        format!(
            "Term:{term} is of Calendar:{other} (ScheduleStructure:{structure}), and Section:{section} is of \
             Calendar:{calendar}, of another school or school year: no session of the section comes from it"
        )
    }

    /// What to do.
    pub fn fix(&self) -> String {
        let Self { placement, calendar, section, .. } = self;
        format!(
            "name a term of Calendar:{calendar} in the termID of SectionPlacement:{placement}, or correct the course and \
             the trial of Section:{section}"
        )
    }
}

impl Schedule<'_> {
    /// A placement that counts, in a term of another school or school year.
    pub(super) fn doubt(&self, placement: &SectionPlacement) -> Option<Doubt> {
        let section = self.sections.get(placement.section_id).filter(|s| s.trial_id == placement.trial_id)?;
        self.trials.get(section.trial_id).filter(|trial| trial.active)?;
        let calendar = self.calendars.get(self.courses.get(section.course_id)?.calendar_id)?;
        let term = self.terms.get(placement.term_id)?;
        let schedule = self.term_schedules.get(term.term_schedule_id)?;
        let structure = self.structures.get(schedule.structure_id)?;
        let astray = astray(placement, calendar, structure, self.calendars.get(structure.calendar_id)?)?;
        let column = SectionPlacement::SPEC.columns.iter().position(|c| c.references == Some(TableName::Term))?;
        Some(Doubt { column, message: astray.message(), fix: astray.fix() })
    }
}

impl Snapshot {
    /// The placement of a section in a term of another school or school year, when it is one.
    pub fn astray(&self, section: &Section, term: &Term) -> Option<Astray> {
        let placement = self.placements_of(section).find(|placement| placement.term_id == term.term_id)?;
        let calendar = self.calendar_of_course(self.course_of(section));
        astray(placement, calendar, self.structure_of_term(term), self.calendar_of_term(term))
    }
}

fn astray(
    placement: &SectionPlacement,
    calendar: &Calendar,
    structure: &ScheduleStructure,
    other: &Calendar,
) -> Option<Astray> {
    // The calendars of one school and year have their sessions together.
    let of = |calendar: &Calendar| (calendar.school_id, calendar.end_year);
    (of(calendar) != of(other)).then_some(Astray {
        placement: placement.section_placement_id,
        section: placement.section_id,
        calendar: calendar.calendar_id,
        term: placement.term_id,
        structure: structure.structure_id,
        other: other.calendar_id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Finding, Severity};
    use crate::testing::District;

    /// A calendar of the next year with one term, in which placements of the first one's sections stand.
    fn district(placements: &[&str]) -> District {
        let district = District::small()
            .with("SchoolYear", &[("endYear", "2027")])
            .with("Calendar", &[("calendarID", "9"), ("schoolID", "1"), ("endYear", "2027")])
            .with("ScheduleStructure", &[("structureID", "8"), ("calendarID", "9")])
            .with("TermSchedule", &[("termScheduleID", "7"), ("structureID", "8")])
            .with("Term", &[("termID", "6"), ("termScheduleID", "7"), ("termType", "Fall")]);
        placements.iter().fold(district, |district, id| district.set(&format!("SectionPlacement:{id}.termID"), "6"))
    }

    fn findings(mut district: District) -> Vec<Finding> {
        let mut findings = Vec::new();
        Snapshot::read(&mut district, &mut findings);
        findings
    }

    #[test]
    fn a_term_of_another_calendar_is_told_with_file_row_and_column() {
        assert_eq!(findings(district(&[])), []);
        let told = findings(district(&["2"]));
        let lines: Vec<String> = told.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "SectionPlacement.csv row 3, column termID: Term:6 is of Calendar:9 (ScheduleStructure:8), and Section:2 is \
              of Calendar:1, of another school or school year: no session of the section comes from it; name a term of \
              Calendar:1 in the termID \
              of SectionPlacement:2, or correct the course and the trial of Section:2"
            ]
        );
        assert_eq!(told[0].severity, Severity::Warning, "the row stands");
    }

    #[test]
    fn a_placement_that_does_not_count_or_is_in_order_is_not_told() {
        assert_eq!(findings(district(&["1"]).set("Calendar:9.endYear", "2026")), []);
        assert_eq!(findings(district(&["1"]).set("SectionPlacement:1.trialID", "2")), []);
        assert_eq!(findings(district(&["1"]).set("Trial:1.active", "0")), []);
    }

    #[test]
    fn many_are_counted() {
        let placement = |district: District, id: usize| {
            let id = id.to_string();
            district.with(
                "SectionPlacement",
                &[("sectionPlacementID", id.as_str()), ("sectionID", "1"), ("trialID", "1"), ("termID", "6")],
            )
        };
        let told = findings((100..123).fold(district(&[]), placement));
        assert_eq!(told.len(), 21);
        assert_eq!(told[20].place, "SectionPlacement.csv");
        assert_eq!(told[20].message, "3 more rows of which the same is true");
    }
}
