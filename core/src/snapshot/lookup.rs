//! From one row to the rows around it.
//!
//! Up a foreign key there is always exactly one row (the snapshot is complete); down there are any number.

use super::Snapshot;
use super::rows::Relation;
use crate::tables::{
    Calendar, Course, Day, District, Enrollment, GradingScore, GradingTask, GradingTaskCredit, Person,
    ProgramParticipation, ProgramParticipationCertification, Roster, RosterProgram, ScheduleStructure, School,
    ScoreListItem, Section, SectionPlacement, SectionStaffHistory, StaffMember, Term, TermSchedule,
};

/// Foreign keys were checked when the snapshot was made.
const COMPLETE: &str = "a snapshot has a row for every foreign key";

impl Snapshot {
    /// The school's district.
    pub fn district_of(&self, school: &School) -> &District {
        self.districts.get(school.district_id).expect(COMPLETE)
    }

    /// The calendar's school.
    pub fn school_of(&self, calendar: &Calendar) -> &School {
        self.schools.get(calendar.school_id).expect(COMPLETE)
    }

    /// The structure's calendar.
    pub(crate) fn calendar_of_structure(&self, structure_id: i64) -> &Calendar {
        let structure = self.structures.get(structure_id).expect(COMPLETE);
        self.calendars.get(structure.calendar_id).expect(COMPLETE)
    }

    /// The schedule structure of a term.
    pub fn structure_of_term(&self, term: &Term) -> &ScheduleStructure {
        let schedule = self.term_schedules.get(term.term_schedule_id).expect(COMPLETE);
        self.structures.get(schedule.structure_id).expect(COMPLETE)
    }

    /// The calendar of a term.
    pub fn calendar_of_term(&self, term: &Term) -> &Calendar {
        self.calendar_of_structure(self.structure_of_term(term).structure_id)
    }

    /// The calendar of a course.
    pub fn calendar_of_course(&self, course: &Course) -> &Calendar {
        self.calendars.get(course.calendar_id).expect(COMPLETE)
    }

    /// The course of a section.
    pub fn course_of(&self, section: &Section) -> &Course {
        self.courses.get(section.course_id).expect(COMPLETE)
    }

    /// The schedule structure that a section's trial belongs to.
    pub fn structure_of_section(&self, section: &Section) -> i64 {
        self.trials.get(section.trial_id).expect(COMPLETE).structure_id
    }

    /// The section of a roster.
    pub fn section_of(&self, roster: &Roster) -> &Section {
        self.sections.get(roster.section_id).expect(COMPLETE)
    }

    /// The section that somebody taught.
    pub fn section_taught(&self, history: &SectionStaffHistory) -> &Section {
        self.sections.get(history.section_id).expect(COMPLETE)
    }

    /// Who taught it.
    pub fn teacher_of(&self, history: &SectionStaffHistory) -> &StaffMember {
        self.staff.get(history.person_id).expect(COMPLETE)
    }

    /// The student of a roster.
    pub fn student_of(&self, roster: &Roster) -> &Person {
        self.people.get(roster.person_id).expect(COMPLETE)
    }

    /// The calendars of a school.
    pub fn calendars_of(&self, school: &School) -> impl Iterator<Item = &Calendar> {
        self.calendars_by_school.of(school.school_id, &self.calendars)
    }

    /// The schedule structures of a calendar.
    pub fn structures_of(&self, calendar: &Calendar) -> impl Iterator<Item = &ScheduleStructure> {
        self.structures_by_calendar.of(calendar.calendar_id, &self.structures)
    }

    /// The term schedules of a structure.
    pub(crate) fn term_schedules_of(&self, structure: &ScheduleStructure) -> impl Iterator<Item = &TermSchedule> {
        self.schedules_by_structure.of(structure.structure_id, &self.term_schedules)
    }

    /// The terms of a calendar, through its structures and their term schedules.
    pub fn terms_of<'a>(&'a self, calendar: &'a Calendar) -> impl Iterator<Item = &'a Term> {
        self.structures_of(calendar)
            .flat_map(|structure| self.term_schedules_of(structure))
            .flat_map(|schedule| self.terms_by_schedule.of(schedule.term_schedule_id, &self.terms))
    }

    /// The days of a schedule structure.
    pub fn days_of(&self, structure_id: i64) -> impl Iterator<Item = &Day> {
        self.days_by_structure.of(structure_id, &self.days)
    }

    /// The courses of a calendar.
    pub fn courses_of(&self, calendar: &Calendar) -> impl Iterator<Item = &Course> {
        self.courses_by_calendar.of(calendar.calendar_id, &self.courses)
    }

    /// The sections of a course (active trials only).
    pub fn sections_of(&self, course: &Course) -> impl Iterator<Item = &Section> {
        self.sections_by_course.of(course.course_id, &self.sections)
    }

    /// The placements of a section: a row per term and period.
    pub fn placements_of(&self, section: &Section) -> impl Iterator<Item = &SectionPlacement> {
        self.placements_by_section.of(section.section_id, &self.placements)
    }

    /// The terms in which a section is placed, each once, by id.
    pub fn placed_terms(&self, section: &Section) -> impl Iterator<Item = &Term> {
        self.terms_by_section.of(section.section_id, &self.terms)
    }

    /// The enrollments of a student.
    pub fn enrollments_of(&self, person_id: i64) -> impl Iterator<Item = &Enrollment> {
        self.enrollments_by_person.of(person_id, &self.enrollments)
    }

    /// The rosters of a student (active trials only).
    pub fn rosters_of(&self, person_id: i64) -> impl Iterator<Item = &Roster> {
        let by_person = self.rosters_by_person.get_or_init(|| Relation::new(&self.rosters, |r| r.person_id));
        by_person.of(person_id, &self.rosters)
    }

    /// The programs on a roster.
    pub fn programs_of(&self, roster: &Roster) -> impl Iterator<Item = &RosterProgram> {
        self.roster_programs_by_roster.of(roster.roster_id, &self.roster_programs)
    }

    /// A student's scores in a section, posted or not.
    pub fn scores_of(&self, person_id: i64, section_id: i64) -> impl Iterator<Item = GradingScore> {
        self.grading_scores.of(person_id, section_id)
    }

    /// The grading task of a score.
    pub fn task_of(&self, score: &GradingScore) -> &GradingTask {
        self.grading_tasks.get(score.task_id).expect(COMPLETE)
    }

    /// The grading tasks on a course.
    pub fn credits_of(&self, course_id: i64) -> impl Iterator<Item = &GradingTaskCredit> {
        self.credits_by_course.of(course_id, &self.grading_task_credits)
    }

    /// The scores of a score list.
    pub fn score_list(&self, score_group_id: i64) -> impl Iterator<Item = &ScoreListItem> {
        self.items_by_group.of(score_group_id, &self.score_list_items)
    }

    /// A student's participations in programs.
    pub fn participations_of(&self, person_id: i64) -> impl Iterator<Item = &ProgramParticipation> {
        self.participations_by_person.of(person_id, &self.participations)
    }

    /// The certifications of a participation.
    pub fn certifications_of(
        &self,
        participation: &ProgramParticipation,
    ) -> impl Iterator<Item = &ProgramParticipationCertification> {
        self.certifications_by_participation.of(participation.participation_id, &self.certifications)
    }
}
