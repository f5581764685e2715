//! KS Student Section Associations, and the students and enrollments that they stand on.

use serde_json::json;

use super::schedule::Scheduled;
use super::{AtSchool, District, Expected, Outcome};
use crate::tables::Row;

impl<'t> District<'t> {
    /// The student's id, or the rule by which he or she does not report. readings, studentReference: "Person.edFiID;
    /// none → no record, reason named".
    pub(super) fn student_id(person: &'t Row) -> Result<&'t str, &'static str> {
        if person.flag("exclude") {
            return Err("student-excluded");
        }
        person.text("edFiID").ok_or("no-student-id")
    }

    /// "School Year dates are defined in School Year Setup. If Start Date is NULL, 07/01/StartYear will be used. If End
    /// Date is NULL, 06/30/EndYear will be used."
    pub(super) fn school_year(&self, end_year: i64) -> (String, String) {
        let setup = self.tables.of("SchoolYear", "endYear", &end_year.to_string());
        let date = |column: &str| setup.first().and_then(|year| year.date(column)).map(str::to_owned);
        let first = date("startDate").unwrap_or_else(|| format!("{:04}-07-01", end_year - 1));
        let last = date("endDate").unwrap_or_else(|| format!("{end_year:04}-06-30"));
        (first, last)
    }

    /// readings, SSA eligible enrollment: "overlapping the scope year, not no-show, not state-excluded".
    pub(super) fn enrollment_rule(&self, enrollment: &Row, end_year: i64) -> Option<&'static str> {
        if enrollment.flag("noShow") {
            return Some("enrollment-no-show");
        }
        if enrollment.flag("stateExclude") {
            return Some("enrollment-state-exclude");
        }
        let (first, last) = self.school_year(end_year);
        let start = enrollment.date("startDate").expect("an enrollment has a start");
        let end = enrollment.date("endDate").unwrap_or("9999-12-31");
        (start > last.as_str() || end < first.as_str() || end < start).then_some("enrollment-outside-year")
    }

    /// Whether an enrollment reports, by its calendar and by itself.
    pub(super) fn enrollment_reports(&self, enrollment: &Row) -> Result<AtSchool<'t>, &'static str> {
        let at = self.calendar(enrollment.given("calendarID"));
        if let Some(rule) = at.excluded() {
            return Err(rule);
        }
        self.enrollment_rule(enrollment, at.calendar.number("endYear")).map_or(Ok(at), Err)
    }

    pub(super) fn enrollments_in_scope(&self, person: &str) -> Vec<&'t Row> {
        let enrollments = self.tables.of("Enrollment", "personID", person);
        enrollments.into_iter().filter(|e| self.in_scope(self.calendar(e.given("calendarID")))).collect()
    }

    pub(super) fn students(&self, expected: &mut Expected) {
        for person in self.tables.sorted("Person", "personID") {
            let enrollments = self.enrollments_in_scope(person.given("personID"));
            if enrollments.is_empty() {
                continue;
            }
            let reports = enrollments.iter().any(|enrollment| self.enrollment_reports(enrollment).is_ok());
            let outcome = match Self::student_id(person) {
                Err(rule) => Outcome::Exclude(rule),
                Ok(_) if !reports => Outcome::Exclude("no-reporting-enrollment"),
                Ok(id) => {
                    let mut body = json!({
                        "studentUniqueId": id,
                        "birthDate": person.date("birthDate").expect("a student has a birth date"),
                        "firstName": person.given("firstName"),
                        "lastSurname": person.given("lastName"),
                    });
                    if let Some(name) = person.text("middleName") {
                        body["middleName"] = json!(name);
                    }
                    Outcome::Report(body)
                }
            };
            expected.note("students", format!("Person:{}", person.given("personID")), outcome);
        }
    }

    pub(super) fn school_associations(&self, expected: &mut Expected) {
        for enrollment in self.tables.sorted("Enrollment", "enrollmentID") {
            if !self.in_scope(self.calendar(enrollment.given("calendarID"))) {
                continue;
            }
            let person = self.tables.one("Person", "personID", enrollment.given("personID"));
            let both = self.enrollment_reports(enrollment).and_then(|at| Ok((at, Self::student_id(person)?)));
            let outcome = match both {
                Err(rule) => Outcome::Exclude(rule),
                Ok((at, student)) => self.school_association(enrollment, at, student),
            };
            let object = format!("Enrollment:{}", enrollment.given("enrollmentID"));
            expected.note("studentSchoolAssociations", object, outcome);
        }
    }

    fn school_association(&self, enrollment: &Row, at: AtSchool<'_>, student: &str) -> Outcome {
        let mut all = self.tables.of("Enrollment", "personID", enrollment.given("personID"));
        // Of several of one day and school, service type P stands before S before N, then the highest id.
        let mut of_day: Vec<&Row> = all.clone();
        of_day.retain(|other| {
            other.date("startDate") == enrollment.date("startDate")
                && self.in_scope(self.calendar(other.given("calendarID")))
                && self
                    .enrollment_reports(other)
                    .is_ok_and(|there| there.school.given("schoolID") == at.school.given("schoolID"))
        });
        let rank = |e: &&Row| {
            let service = e.text("serviceType").and_then(|kind| ["P", "S", "N"].iter().position(|k| *k == kind));
            (service.unwrap_or(3), -e.number("enrollmentID"))
        };
        of_day.sort_by_key(rank);
        let stands = of_day[0];
        let Some(grade) = self.preferences.mapped("grade-level", stands.text("grade")) else {
            return Outcome::Defect;
        };
        all.retain(|other| !other.flag("noShow"));
        let first = all.iter().filter_map(|other| other.date("startDate")).min();
        let district = stands.date("districtEntryDate").or(first).expect("the enrollment itself counts");
        let mut body = json!({
            "entryDate": stands.date("startDate"),
            "schoolReference": {"schoolId": at.school_id()},
            "studentReference": {"studentUniqueId": student},
            "entryGradeLevelDescriptor": grade.uri,
            "primarySchool": stands.text("serviceType") == Some("P"),
            "schoolYearTypeReference": {"schoolYear": at.calendar.number("endYear")},
            "_ext": {"ks": {
                "localEducationAgencyEntryDate": district,
                "stateEntryDate": stands.date("stateEntryDate").unwrap_or(district),
            }},
        });
        if let Some(end) = stands.date("endDate") {
            body["exitWithdrawDate"] = json!(end);
        }
        Outcome::Report(body)
    }

    pub(super) fn section_associations(&self, expected: &mut Expected) {
        const RESOURCE: &str = "studentSectionAssociations";
        for roster in self.tables.sorted("Roster", "rosterID") {
            let section = self.tables.one("Section", "sectionID", roster.given("sectionID"));
            let scheduled = self.scheduled(section);
            let real = self.is_active(section) && roster.given("trialID") == section.given("trialID");
            if !real || !self.in_scope(scheduled.at) {
                continue;
            }
            let id = roster.given("rosterID");
            let terms = self.terms_of(section);
            // "A record will report per eligible Sessions record": each term is asked about.
            let asked: Vec<Option<&Row>> =
                if terms.is_empty() { vec![None] } else { terms.iter().copied().map(Some).collect() };
            let mut rules = Vec::new();
            let mut reports = false;
            for term in asked {
                let object =
                    term.map_or_else(|| format!("Roster:{id}"), |t| format!("Roster:{id}-{}", t.given("termID")));
                let outcome = self.section_association(roster, scheduled, term, &terms);
                if let Outcome::Exclude(rule) = outcome {
                    rules.push(rule.to_owned());
                }
                if let Some(key) = expected.note(RESOURCE, object.clone(), outcome) {
                    expected.of_roster.insert(object, key);
                    reports = true;
                }
            }
            if !reports {
                expected.silent_rosters.insert(id.to_owned(), rules);
            }
        }
    }

    fn section_association(
        &self,
        roster: &Row,
        scheduled: Scheduled<'_>,
        term: Option<&Row>,
        placed: &[&Row],
    ) -> Outcome {
        // "Do not report a record if the any of the following exclusions are present: Calendar Exclude, School Exclude,
        // Course Inactive"; "A record will report for each Section record that is reported based on the Sections logic."
        if let Some(rule) = Self::schedule_rule(scheduled) {
            return Outcome::Exclude(rule);
        }
        let Some(term) = term else { return Outcome::Exclude("no-placement") };
        let session = match self.session_of(scheduled, term) {
            Ok(session) => session,
            Err(rule) => return Outcome::Exclude(rule),
        };
        // "When the Student is excluded in some way."
        let person = self.tables.one("Person", "personID", roster.given("personID"));
        let student = match Self::student_id(person) {
            Ok(student) => student,
            Err(rule) => return Outcome::Exclude(rule),
        };
        if let Err(rule) = self.eligible_enrollment(roster, scheduled) {
            return Outcome::Exclude(rule);
        }
        // readings, SSA Term Start/End Date: "the terms of that session in which the section is placed".
        let of_session: Vec<&Row> = placed
            .iter()
            .copied()
            .filter(|term| self.session_of(scheduled, term).is_ok_and(|other| other.session == session.session))
            .collect();
        let start = of_session.iter().filter_map(|term| term.date("startDate")).min().expect("a term has dates");
        let end = of_session.iter().filter_map(|term| term.date("endDate")).max().expect("a term has dates");
        // 1. "Reports the latest of the Term Start Date or the Roster Start Date."
        let begin_date = roster.date("startDate").map_or(start, |own| own.max(start));
        // 4. "Reports the earliest of the Term End Date or the Roster End Date."
        let end_date = roster.date("endDate").map_or(end, |own| own.min(end));
        if begin_date > end_date {
            return Outcome::Exclude("roster-outside-term");
        }
        let Some(status) = self.course_status(roster, scheduled, &of_session, placed) else {
            return Outcome::Defect;
        };
        let mut section = Self::offering_key(scheduled, session);
        section["sectionIdentifier"] = json!(scheduled.section.given("number"));
        // 5. "Report True if the Homeroom checkbox is checked on the Section or Course the student is associated to."
        let homeroom = scheduled.section.flag("homeroomSection") || scheduled.course.flag("homeroom");
        Outcome::Report(json!({
            "beginDate": begin_date,
            "endDate": end_date,
            "sectionReference": section,
            "studentReference": {"studentUniqueId": student},
            "homeroomIndicator": homeroom,
            "_ext": {"ks": {"courseStatusDescriptor": format!("uri://ksde.org/CourseStatusDescriptor#{status}")}},
        }))
    }

    /// readings, SSA eligible enrollment: "one in the schedule structure of the section …; one good one suffices". Of
    /// several that are not good the newest says why; a good one elsewhere in the school is what the option is about.
    fn eligible_enrollment(&self, roster: &Row, scheduled: Scheduled<'_>) -> Result<(), &'static str> {
        let trial = self.tables.one("Trial", "trialID", scheduled.section.given("trialID"));
        let year = scheduled.at.calendar.number("endYear");
        let mut enrollments = self.tables.of("Enrollment", "personID", roster.given("personID"));
        enrollments.sort_by_key(|enrollment| enrollment.number("enrollmentID"));
        let (mut why, mut elsewhere) = ("no-enrollment", false);
        for enrollment in enrollments {
            let in_structure = enrollment.given("structureID") == trial.given("structureID");
            match self.enrollment_rule(enrollment, year) {
                None if in_structure => return Ok(()),
                None => elsewhere |= self.is_in_school(enrollment, scheduled),
                Some(rule) if in_structure => why = rule,
                Some(_) => {}
            }
        }
        Err(if elsewhere { "enrollment-elsewhere" } else { why })
    }

    fn is_in_school(&self, enrollment: &Row, scheduled: Scheduled<'_>) -> bool {
        let calendar = self.tables.one("Calendar", "calendarID", enrollment.given("calendarID"));
        let same = |column| calendar.given(column) == scheduled.at.calendar.given(column);
        same("schoolID") && same("endYear")
    }

    /// 6. courseStatusDescriptor; none when the posted score is not in its score list.
    fn course_status(
        &self,
        roster: &Row,
        scheduled: Scheduled<'_>,
        of_session: &[&Row],
        placed: &[&Row],
    ) -> Option<&'static str> {
        // readings, SSA final grade: "a score of a final task in one of the record's terms, or without a term; several:
        // latest date, then highest id".
        let mut posted = self.tables.of("GradingScore", "personID", roster.given("personID"));
        posted.retain(|score| {
            let task = self.tables.one("GradingTask", "taskID", score.given("taskID"));
            let in_term =
                score.text("termID").is_none_or(|id| of_session.iter().any(|term| term.given("termID") == id));
            score.given("sectionID") == roster.given("sectionID")
                && score.text("score").is_some()
                && task.flag("final")
                && in_term
        });
        let grade = posted.into_iter().max_by_key(|score| (score.date("date"), score.number("scoreID")));
        if let Some(grade) = grade {
            let credits = self.tables.of("GradingTaskCredit", "courseID", scheduled.course.given("courseID"));
            let credit = credits.into_iter().find(|credit| credit.given("taskID") == grade.given("taskID"))?;
            let list = self.tables.of("ScoreListItem", "scoreGroupID", credit.text("scoreGroupID")?);
            let item = list.into_iter().find(|item| item.given("score") == grade.given("score"))?;
            return Some(if item.flag("passingScore") { "Completed (Pass)" } else { "Completed (Fail)" });
        }
        // readings, "latest Term End Date": the latest end of all terms of the section's placements.
        let latest = placed.iter().filter_map(|term| term.date("endDate")).max();
        // "Roster End Date is null OR ≥ the latest Term End Date, report Enrolled"
        match (roster.date("endDate"), latest) {
            (Some(end), Some(latest)) if end < latest => Some("Exited before course completion"),
            _ => Some("Enrolled"),
        }
    }
}
