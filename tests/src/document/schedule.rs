//! Core Sessions and Course Offerings (Kansas): what is scheduled.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::preferences::Code;
use super::{AtSchool, District, Expected, Outcome};
use crate::tables::Row;

/// A section with what it belongs to.
#[derive(Clone, Copy)]
pub(super) struct Scheduled<'t> {
    pub(super) section: &'t Row,
    pub(super) course: &'t Row,
    pub(super) at: AtSchool<'t>,
}

impl<'t> District<'t> {
    pub(super) fn scheduled(&self, section: &'t Row) -> Scheduled<'t> {
        let course = self.tables.one("Course", "courseID", section.given("courseID"));
        Scheduled { section, course, at: self.calendar(course.given("calendarID")) }
    }

    /// The sections of the active trials in the configured years, by id.
    pub(super) fn sections(&self) -> Vec<Scheduled<'t>> {
        let sections = self.tables.sorted("Section", "sectionID");
        let active = sections.into_iter().filter(|section| self.is_active(section));
        active.map(|section| self.scheduled(section)).filter(|s| self.in_scope(s.at)).collect()
    }

    /// readings: "a course or section with a mapped override"; the section's before the course's.
    fn override_of(&self, scheduled: Scheduled<'_>) -> Option<&Code> {
        let mapped =
            |row: &Row| self.preferences.mapped("term-descriptor-override", row.text("termDescriptorOverride"));
        mapped(scheduled.section).or_else(|| mapped(scheduled.course))
    }

    /// "Term Descriptor reports based on section schedule placement of the sections of the course. When Term Descriptor
    /// Override is marked and there is an existing mapping …, based on the mappings". Otherwise the rule that says that
    /// the term has none.
    pub(super) fn session_of(&self, scheduled: Scheduled<'_>, term: &Row) -> Result<&Code, &'static str> {
        match self.override_of(scheduled) {
            Some(code) => Ok(code),
            None => self.session_of_term(term),
        }
    }

    /// "When Ed-Fi Term Type is Null or when no Ed-Fi code exists, does not report."
    fn session_of_term(&self, term: &Row) -> Result<&Code, &'static str> {
        let local = term.text("termType").ok_or("term-type-null")?;
        self.preferences.mapped("term-type", Some(local)).ok_or("term-unmapped")
    }

    /// Course Offerings, Post: the exclusions, in the document's words "Does not send …".
    pub(super) fn schedule_rule(scheduled: Scheduled<'_>) -> Option<&'static str> {
        if let Some(rule) = scheduled.at.excluded() {
            return Some(rule);
        }
        if !scheduled.course.flag("active") {
            return Some("course-inactive");
        }
        if scheduled.course.flag("stateExclude") {
            return Some("course-state-exclude");
        }
        // "A course MUST have a State Code present to report."
        scheduled.course.text("stateCode").is_none().then_some("no-state-code")
    }

    pub(super) fn sessions(&self, expected: &mut Expected) {
        let sections = self.sections();
        for term in self.tables.sorted("Term", "termID") {
            let at = self.calendar_of_term(term);
            if self.in_scope(at) {
                let code = at.excluded().map_or_else(|| self.session_of_term(term), Err);
                let object = format!("Term:{}", term.given("termID"));
                expected.note("sessions", object, self.session(at, code, &sections));
            }
        }
        for course in self.tables.sorted("Course", "courseID") {
            let (at, id) = (self.calendar(course.given("calendarID")), course.given("courseID"));
            if !self.in_scope(at) {
                continue;
            }
            let of_course: Vec<Scheduled<'_>> =
                sections.iter().copied().filter(|s| s.course.given("courseID") == id).collect();
            let mapped =
                |row: &Row| self.preferences.mapped("term-descriptor-override", row.text("termDescriptorOverride"));
            if course.text("termDescriptorOverride").is_some() {
                let placed =
                    of_course.iter().any(|s| mapped(s.section).is_none() && !self.terms_of(s.section).is_empty());
                let code = self.override_session(at, mapped(course), placed);
                expected.note("sessions", format!("Course:{id}"), self.session(at, code, &sections));
            }
            for own in of_course.iter().filter(|s| s.section.text("termDescriptorOverride").is_some()) {
                let placed = !self.terms_of(own.section).is_empty();
                let code = self.override_session(at, mapped(own.section), placed);
                let object = format!("Course:{id}-{}", own.section.given("sectionID"));
                expected.note("sessions", object, self.session(at, code, &sections));
            }
        }
    }

    #[expect(clippy::unused_self, reason = "reads as the others")]
    fn override_session<'p>(
        &self,
        at: AtSchool<'_>,
        code: Option<&'p Code>,
        placed: bool,
    ) -> Result<&'p Code, &'static str> {
        if let Some(rule) = at.excluded() {
            return Err(rule);
        }
        let code = code.ok_or("override-unmapped")?;
        if placed { Ok(code) } else { Err("override-without-placement") }
    }

    fn calendar_of_term(&self, term: &Row) -> AtSchool<'t> {
        let structure = self.tables.one("ScheduleStructure", "structureID", self.structure_of_term(term));
        self.calendar(structure.given("calendarID"))
    }

    /// The session of a school, year and code: everything that reports in it.
    fn session(&self, at: AtSchool<'_>, code: Result<&Code, &'static str>, sections: &[Scheduled<'_>]) -> Outcome {
        let code = match code {
            Ok(code) => code,
            Err(rule) => return Outcome::Exclude(rule),
        };
        let same = |other: AtSchool<'_>| {
            other.school.given("schoolID") == at.school.given("schoolID")
                && other.calendar.given("endYear") == at.calendar.given("endYear")
                && other.excluded().is_none()
        };
        let mut terms: Vec<&Row> = Vec::new();
        for term in self.tables.all("Term") {
            if same(self.calendar_of_term(term)) && self.session_of_term(term).is_ok_and(|c| c.session == code.session)
            {
                terms.push(term);
            }
        }
        for scheduled in sections.iter().copied().filter(|s| same(s.at)) {
            if self.override_of(scheduled).is_some_and(|c| c.session == code.session) {
                terms.extend(self.terms_of(scheduled.section));
            }
        }
        // "When more than one term has the same Term Type selected, reports the earliest start date … the latest end
        // date"; readings: instructional days inside the session's terms, each date once.
        let mut days = BTreeSet::new();
        for term in &terms {
            for day in self.tables.of("Day", "structureID", self.structure_of_term(term)) {
                let date = day.date("date").expect("a day has a date");
                if day.flag("instruction") && term.date("startDate") <= Some(date) && Some(date) <= term.date("endDate")
                {
                    days.insert(date);
                }
            }
        }
        Outcome::Report(json!({
            "sessionName": code.session,
            "schoolReference": {"schoolId": at.school_id()},
            "schoolYearTypeReference": {"schoolYear": at.calendar.number("endYear")},
            "beginDate": terms.iter().map(|term| term.date("startDate").expect("a term has dates")).min(),
            "endDate": terms.iter().map(|term| term.date("endDate").expect("a term has dates")).max(),
            "termDescriptor": code.uri,
            "totalInstructionalDays": days.len(),
        }))
    }

    pub(super) fn offerings_and_sections(&self, expected: &mut Expected) {
        for scheduled in self.sections() {
            let id = scheduled.section.given("sectionID");
            let terms = self.terms_of(scheduled.section);
            if terms.is_empty() {
                // Both: "When a section with Section Placement is created and saved."
                let rule = Self::schedule_rule(scheduled).unwrap_or("no-placement");
                expected.note("courseOfferings", format!("Section:{id}"), Outcome::Exclude(rule));
                expected.note("sections", format!("Section:{id}"), Outcome::Exclude(rule));
            }
            for term in terms {
                let object = format!("Section:{id}-{}", term.given("termID"));
                let session = Self::schedule_rule(scheduled).map_or_else(|| self.session_of(scheduled, term), Err);
                let (offering, section) = match session {
                    Ok(code) => {
                        let offering = self.offering(scheduled, code);
                        (Outcome::Report(offering), Outcome::Report(Self::section(scheduled, code)))
                    }
                    Err(rule) => (Outcome::Exclude(rule), Outcome::Exclude(rule)),
                };
                expected.note("courseOfferings", object.clone(), offering);
                expected.note("sections", object, section);
            }
        }
    }

    fn offering(&self, scheduled: Scheduled<'_>, code: &Code) -> Value {
        let (course, at) = (scheduled.course, scheduled.at);
        let mapped =
            |mapping: &str, column: &str| self.preferences.mapped(mapping, course.text(column)).map(|c| &c.uri);
        let mut body = json!({
            "localCourseCode": course.given("number"),
            "localCourseTitle": course.given("name"),
            "schoolReference": {"schoolId": at.school_id()},
            "sessionReference": {
                "schoolId": at.school_id(),
                "schoolYear": at.calendar.number("endYear"),
                "sessionName": code.session,
            },
            // "courseCode = course.stateCode, educationOrganizationID = 100000000"
            "courseReference": {"courseCode": course.given("stateCode"), "educationOrganizationId": 100_000_000},
        });
        if let Some(uri) = mapped("course-level", "courseLevel") {
            body["courseLevelCharacteristics"] = json!([{"courseLevelCharacteristicDescriptor": uri}]);
        }
        if let Some(uri) = mapped("grade-level", "grade") {
            body["offeredGradeLevels"] = json!([{"gradeLevelDescriptor": uri}]);
        }
        let number = |column: &str| course.text(column).map(|_| json!(course.number(column)));
        let extension = [
            ("courseSequence", number("sequence")),
            // readings: "on the wire courseTotalSequence"
            ("courseTotalSequence", number("sequenceTotal")),
            ("courseDeliveryTypeDescriptor", mapped("delivery-type", "deliveryType").map(|uri| json!(uri))),
            ("courseProgramTypeDescriptor", mapped("targeted-program", "targetedProgram").map(|uri| json!(uri))),
            ("collegeCareerTypeDescriptor", mapped("college-career-type", "collegeCareerType").map(|uri| json!(uri))),
        ];
        for (name, value) in extension {
            if let Some(value) = value {
                body["_ext"]["ks"][name] = value;
            }
        }
        body
    }

    fn section(scheduled: Scheduled<'_>, code: &Code) -> Value {
        json!({
            // readings, section identifier: Section.number
            "sectionIdentifier": scheduled.section.given("number"),
            "courseOfferingReference": Self::offering_key(scheduled, code),
        })
    }

    pub(super) fn offering_key(scheduled: Scheduled<'_>, code: &Code) -> Value {
        json!({
            "localCourseCode": scheduled.course.given("number"),
            "schoolId": scheduled.at.school_id(),
            "schoolYear": scheduled.at.calendar.number("endYear"),
            "sessionName": code.session,
        })
    }
}
