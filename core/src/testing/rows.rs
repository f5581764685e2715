//! Rows that many tests add to the small district; `-` is null.

use super::District;

impl District {
    /// The same in another school year.
    #[must_use]
    pub fn in_year(self, end_year: i32) -> Self {
        let fall = end_year - 1;
        let cells = [
            ("Calendar:1.endYear", end_year.to_string()),
            ("Calendar:1.startDate", format!("{fall}-08-18")),
            ("Calendar:1.endDate", format!("{end_year}-05-22")),
            ("Term:1.startDate", format!("{fall}-08-18")),
            ("Term:1.endDate", format!("{fall}-12-19")),
            ("Term:2.startDate", format!("{end_year}-01-05")),
            ("Term:2.endDate", format!("{end_year}-05-22")),
            ("Day:1.date", format!("{fall}-08-18")),
            ("Day:2.date", format!("{fall}-08-19")),
            ("Day:3.date", format!("{fall}-12-19")),
            ("Day:4.date", format!("{end_year}-01-05")),
            ("Day:5.date", format!("{end_year}-05-22")),
            ("Enrollment:1.startDate", format!("{fall}-08-18")),
            ("Enrollment:2.startDate", format!("{fall}-08-18")),
            ("Roster:3.startDate", format!("{fall}-09-02")),
        ];
        cells.iter().fold(self, |district, (cell, value)| district.set(cell, value))
    }

    /// The same school's calendar of another school year (structure and term schedule of the same id).
    #[must_use]
    pub fn with_calendar(self, id: &str, end_year: &str) -> Self {
        self.with("Calendar", &[("calendarID", id), ("schoolID", "1"), ("endYear", end_year)])
            .with("ScheduleStructure", &[("structureID", id), ("calendarID", id)])
            .with("TermSchedule", &[("termScheduleID", id), ("structureID", id)])
    }

    /// A term of a term schedule.
    #[must_use]
    pub fn with_term(self, id: &str, schedule: &str, kind: &str, start: &str, end: &str) -> Self {
        let cells = [("termID", id), ("termScheduleID", schedule), ("termType", kind)];
        self.with("Term", &[&cells[..], &[("startDate", start), ("endDate", end)]].concat())
    }

    /// An instructional day of a calendar (and of the structure of the same id).
    #[must_use]
    pub fn with_day(self, id: &str, calendar: &str, date: &str) -> Self {
        let cells = [("dayID", id), ("calendarID", calendar), ("structureID", calendar), ("date", date)];
        self.with("Day", &[&cells[..], &[("schoolDay", "1"), ("instruction", "1")]].concat())
    }

    /// A section of a course.
    #[must_use]
    pub fn with_section(self, id: &str, course: &str, number: &str) -> Self {
        self.with("Section", &[("sectionID", id), ("courseID", course), ("trialID", "1"), ("number", number)])
    }

    /// A section's place in a term.
    #[must_use]
    pub fn with_placement(self, id: &str, section: &str, term: &str) -> Self {
        let cells = [("sectionPlacementID", id), ("sectionID", section), ("trialID", "1"), ("termID", term)];
        self.with("SectionPlacement", &cells)
    }

    /// A student's enrollment in the school's structure from the first day on.
    #[must_use]
    pub fn with_enrollment(self, id: &str, person: &str, end: &str) -> Self {
        let cells = [("enrollmentID", id), ("personID", person), ("calendarID", "1"), ("structureID", "1")];
        let dates = [("grade", "09"), ("startDate", "2025-08-18"), ("endDate", end), ("serviceType", "P")];
        self.with("Enrollment", &[cells, dates].concat())
    }

    /// A student in a section, from a day to a day.
    #[must_use]
    pub fn with_roster(self, id: &str, person: &str, section: &str, start: &str, end: &str) -> Self {
        let cells = [("rosterID", id), ("personID", person), ("sectionID", section), ("trialID", "1")];
        self.with("Roster", &[&cells[..], &[("startDate", start), ("endDate", end)]].concat())
    }

    /// A program on a roster.
    #[must_use]
    pub fn with_roster_program(self, id: &str, roster: &str, name: &str, kind: &str) -> Self {
        let cells = [("rosterProgramID", id), ("rosterID", roster), ("programName", name), ("programType", kind)];
        self.with("RosterProgram", &cells)
    }

    /// A score of the first student's, posted for a task.
    #[must_use]
    pub fn with_score(self, id: &str, section: &str, task: &str, term: &str, score: &str, date: &str) -> Self {
        let cells = [("scoreID", id), ("personID", "1"), ("calendarID", "1"), ("sectionID", section)];
        let posted = [("taskID", task), ("termID", term), ("score", score), ("date", date)];
        self.with("GradingScore", &[cells, posted].concat())
    }

    /// Cleo Finch (`StaffMember:5`), who has an e-mail and no id of the state.
    #[must_use]
    pub fn with_educator(self) -> Self {
        let cells = [("personID", "5"), ("firstName", "Cleo"), ("lastName", "Finch"), ("email", "cleo@north.example")];
        self.with("StaffMember", &cells)
    }

    /// A member of staff at a section, from a day to a day.
    #[must_use]
    pub fn with_staff_history(self, id: &str, person: &str, section: &str, start: &str, end: &str) -> Self {
        let cells = [("sectionStaffHistoryID", id), ("personID", person), ("sectionID", section), ("trialID", "1")];
        let taught = [("staffType", "P"), ("startDate", start), ("endDate", end)];
        self.with("SectionStaffHistory", &[&cells[..], &taught].concat())
    }
}
