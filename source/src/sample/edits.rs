//! Single edits of a week: what to pick, and the changes to courses, sections and enrollments.

use rollcall_core::tables::{Enrollment, Roster, Section};

use super::SampleDistrict;
use super::schedule::Schedule;

impl SampleDistrict {
    /// Positions of so many rosters that are in session and pass a test; fewer if there are not as many.
    pub(super) fn some_rosters(
        &mut self,
        schedule: &Schedule,
        wanted: usize,
        test: impl Fn(&Roster) -> bool,
    ) -> Vec<usize> {
        let mut chosen = Vec::with_capacity(wanted);
        for _ in 0..wanted {
            let from = self.random.below(self.rosters.len());
            let next = (from..self.rosters.len()).chain(0..from).find(|at| {
                let roster = &self.rosters[*at];
                !chosen.contains(at) && schedule.runs(roster.section_id) && test(roster)
            });
            chosen.extend(next);
        }
        chosen
    }

    /// Position of a primary enrollment that reports.
    pub(super) fn some_enrollment(&mut self, schedule: &Schedule) -> Option<usize> {
        let good = |e: &Enrollment| {
            !e.no_show && !e.state_exclude && e.end_date.is_none() && e.service_type.as_deref() == Some("P")
        };
        let from = self.random.below(self.enrollments.len());
        (from..self.enrollments.len()).chain(0..from).find(|at| {
            let enrollment = &self.enrollments[*at];
            good(enrollment) && schedule.calendars.contains(&enrollment.calendar_id)
        })
    }

    /// Position of a section in session.
    fn some_section(&mut self, schedule: &Schedule) -> Option<usize> {
        let at = self.random.below(schedule.sections.len());
        let section_id = *schedule.sections.get(at)?;
        self.sections.iter().position(|section| section.section_id == section_id)
    }

    /// Position of the course of a section in session.
    fn some_course(&mut self, schedule: &Schedule) -> Option<usize> {
        let section = self.some_section(schedule)?;
        let course_id = self.sections[section].course_id;
        self.courses.iter().position(|course| course.course_id == course_id)
    }

    pub(super) fn toggle_homeroom(&mut self, schedule: &Schedule) -> Option<String> {
        let at = self.some_section(schedule)?;
        let section = &mut self.sections[at];
        section.homeroom_section = !section.homeroom_section;
        let now = if section.homeroom_section { "is now a homeroom" } else { "is no homeroom any more" };
        Some(format!("{} {now}", self.called(at)))
    }

    pub(super) fn rename_course(&mut self, schedule: &Schedule) -> Option<String> {
        let at = self.some_course(schedule)?;
        let course = &mut self.courses[at];
        let name = match course.name.strip_suffix(", revised") {
            Some(name) => name.to_owned(),
            None => format!("{}, revised", course.name),
        };
        let told = format!("course {} renamed from \"{}\" to \"{name}\"", course.number, course.name);
        course.name = name.into();
        Some(told)
    }

    pub(super) fn renumber_course(&mut self, schedule: &Schedule) -> Option<String> {
        let at = self.some_course(schedule)?;
        let course = &mut self.courses[at];
        let number = match course.number.strip_suffix("-R") {
            Some(number) => number.to_owned(),
            None => format!("{}-R", course.number),
        };
        let told =
            format!("course number {} changed to {number} (part of the natural key of all below it)", course.number);
        course.number = number.into();
        Some(told)
    }

    pub(super) fn remove_placement(&mut self, schedule: &Schedule) -> Option<String> {
        let at = self.some_section(schedule)?;
        let section_id = self.sections[at].section_id;
        let term_id = *schedule.last_term.get(&section_id)?;
        self.placements.retain(|p| (p.section_id, p.term_id) != (section_id, term_id));
        let term = self.terms.iter().find(|t| t.term_id == term_id).and_then(|t| t.name.as_deref()).unwrap_or("a term");
        Some(format!("{} taken out of {term}", self.called(at)))
    }

    pub(super) fn mark_no_show(&mut self, schedule: &Schedule) -> Option<String> {
        let at = self.some_enrollment(schedule)?;
        let enrollment = &mut self.enrollments[at];
        enrollment.no_show = true;
        enrollment.end_date = Some(enrollment.start_date);
        Some("1 student marked as no-show".to_owned())
    }

    pub(super) fn delete_enrollment(&mut self, schedule: &Schedule) -> Option<String> {
        let at = self.some_enrollment(schedule)?;
        self.enrollments.remove(at);
        Some("1 enrollment deleted".to_owned())
    }

    /// A section as a sentence names it.
    fn called(&self, at: usize) -> String {
        let Section { course_id, number, .. } = &self.sections[at];
        let course = self.courses.iter().find(|course| course.course_id == *course_id);
        format!("section {number} of {}", course.map_or("a course", |course| &course.number))
    }
}

/// A number of things, in words.
pub(super) fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}
