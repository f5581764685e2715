//! `WISEdata`, studentSectionAssociation, and the courseOfferings and sections that it stands on.

use serde_json::{Value, json};

use super::preferences::Code;
use super::schedule::Scheduled;
use super::{District, Expected, Outcome, Preferences};
use crate::tables::{Row, Tables};

/// Wisconsin's resources that are compared, upstream first.
pub const RESOURCES: [&str; 4] = ["sessions", "courseOfferings", "sections", "studentSectionAssociations"];

impl Expected {
    /// Reads a Wisconsin district's tables as its document says, for the Public profile.
    pub fn wisconsin(tables: &Tables, preferences: &Preferences) -> Self {
        let district = District { tables, preferences };
        let mut expected = Self::about(&RESOURCES);
        district.sessions(&mut expected);
        district.wisconsin_schedule(&mut expected);
        district.wisconsin_associations(&mut expected);
        expected
    }
}

/// When a student is in a section, of one session.
struct Spell<'a> {
    begin: &'a str,
    end: &'a str,
}

impl District<'_> {
    fn wisconsin_schedule(&self, expected: &mut Expected) {
        for scheduled in self.sections() {
            for term in self.terms_of(scheduled.section) {
                // courseOfferings: `courseReference{courseCode …}`, which nothing but the state's code can name.
                let (offering, section) = match Self::schedule_rule(scheduled) {
                    Some(rule) => (Outcome::Exclude(rule), Outcome::Exclude(rule)),
                    None => match self.session_of(scheduled, term) {
                        Ok(code) => (
                            Outcome::Report(self.wisconsin_offering(scheduled, code)),
                            Outcome::Report(self.wisconsin_section(scheduled, code)),
                        ),
                        Err(rule) => (Outcome::Exclude(rule), Outcome::Exclude(rule)),
                    },
                };
                let object = format!("Section:{}-{}", scheduled.section.given("sectionID"), term.given("termID"));
                expected.note("courseOfferings", object.clone(), offering);
                expected.note("sections", object, section);
            }
        }
    }

    fn wisconsin_offering(&self, scheduled: Scheduled<'_>, code: &Code) -> Value {
        let (course, at) = (scheduled.course, scheduled.at);
        // states.md 2.4: `courseReference{courseCode "12194", educationOrganizationId 48856}`, the agency's id.
        let mut body = json!({
            "localCourseCode": course.given("number"),
            "localCourseTitle": course.given("name"),
            "schoolReference": {"schoolId": at.school_id()},
            "sessionReference": {
                "schoolId": at.school_id(),
                "schoolYear": at.calendar.number("endYear"),
                "sessionName": code.session,
            },
            "courseReference": {
                "courseCode": course.given("stateCode"),
                "educationOrganizationId": self.agency_id(),
            },
        });
        // "_ext.wi.careerPathways[{careerPathwayDescriptor:"uri://dpi.wi.gov/CareerPathwayDescriptor#4"}]", conditional
        if let Some(pathway) = self.preferences.mapped("career-pathway", course.text("collegeCareerType")) {
            body["_ext"]["wi"]["careerPathways"] = json!([{"careerPathwayDescriptor": pathway.uri}]);
        }
        body
    }

    fn wisconsin_section(&self, scheduled: Scheduled<'_>, code: &Code) -> Value {
        let course = scheduled.course;
        // "mediumOfInstructionDescriptor … #F2F|#Dist (REQ)": it has to say something of a course without a delivery type
        // too, and the state's page (`rollcall describe`) says F2F.
        let medium = course.text("deliveryType").map(|local| {
            let mapped = self.preferences.mapped("delivery-type", Some(local));
            &mapped.expect("the configuration maps every delivery type").uri
        });
        json!({
            "sectionIdentifier": scheduled.section.given("number"),
            "courseOfferingReference": Self::offering_key(scheduled, code),
            "mediumOfInstructionDescriptor":
                medium.map_or("uri://dpi.wi.gov/MediumOfInstructionDescriptor#F2F", String::as_str),
            // "sequenceOfCourse (1 if no parts)"
            "sequenceOfCourse": course.text("sequence").map_or(1, |_| course.number("sequence")),
        })
    }

    fn wisconsin_associations(&self, expected: &mut Expected) {
        for roster in self.tables.sorted("Roster", "rosterID") {
            let section = self.tables.one("Section", "sectionID", roster.given("sectionID"));
            let scheduled = self.scheduled(section);
            let real = self.is_active(section) && roster.given("trialID") == section.given("trialID");
            if !real || !self.in_scope(scheduled.at) {
                continue;
            }
            // readings, WI sessions of a roster: "one record per session that the roster overlaps".
            for term in self.terms_of(section) {
                let outcome = self.wisconsin_association(roster, scheduled, term);
                let object = format!("Roster:{}-{}", roster.given("rosterID"), term.given("termID"));
                expected.note("studentSectionAssociations", object, outcome);
            }
        }
    }

    fn wisconsin_association(&self, roster: &Row, scheduled: Scheduled<'_>, term: &Row) -> Outcome {
        if let Some(rule) = Self::schedule_rule(scheduled) {
            return Outcome::Exclude(rule);
        }
        let session = match self.session_of(scheduled, term) {
            Ok(session) => session,
            Err(rule) => return Outcome::Exclude(rule),
        };
        let person = self.tables.one("Person", "personID", roster.given("personID"));
        let student = match Self::student_id(person) {
            Ok(student) => student,
            Err(rule) => return Outcome::Exclude(rule),
        };
        if let Some(rule) = self.wisconsin_silence(roster, scheduled) {
            return Outcome::Exclude(rule);
        }
        // The terms of the session in which the section is placed, as for every roster.
        let mut terms = self.terms_of(scheduled.section);
        terms.retain(|other| self.session_of(scheduled, other).is_ok_and(|code| code.session == session.session));
        let Some(spell) = spell(roster, &terms) else { return Outcome::Exclude("roster-outside-term") };
        let Some(status) = self.attempt_status(roster, &terms, &spell) else { return Outcome::Defect };
        let mut section = Self::offering_key(scheduled, session);
        section["sectionIdentifier"] = json!(scheduled.section.given("number"));
        // readings, WI homeroomIndicator: "not in the property table: not sent".
        let mut body = json!({
            "beginDate": spell.begin,
            "endDate": spell.end,
            "sectionReference": section,
            "studentReference": {"studentUniqueId": student},
            "attemptStatusDescriptor": format!("uri://dpi.wi.gov/AttemptStatusDescriptor#{status}"),
        });
        let programs = self.section_programs(roster, &terms, &spell, scheduled.at.calendar.number("endYear"));
        if !programs.is_empty() {
            body["_ext"]["wi"]["programs"] = json!(programs);
        }
        Outcome::Report(body)
    }

    /// The eligibility rules of states.md 2.6, which a district can do without, and the enrollment.
    fn wisconsin_silence(&self, roster: &Row, scheduled: Scheduled<'_>) -> Option<&'static str> {
        let vendors = self.preferences.option("eligibility") != Some("document");
        // "calendar not State Exclude nor Summer School"
        if vendors && scheduled.at.calendar.flag("summerSchool") {
            return Some("summer-school");
        }
        // "the course/section has a Grading Task that is State Reported, … with Ed-Fi Grade Type Final"
        let credits = self.tables.of("GradingTaskCredit", "courseID", scheduled.course.given("courseID"));
        let graded = credits.iter().any(|credit| {
            let task = self.tables.one("GradingTask", "taskID", credit.given("taskID"));
            task.flag("final") && task.flag("stateReported")
        });
        if vendors && !graded {
            return Some("no-state-reported-final-task");
        }
        let trial = self.tables.one("Trial", "trialID", scheduled.section.given("trialID"));
        let mut enrollments = self.tables.of("Enrollment", "personID", roster.given("personID"));
        enrollments.retain(|enrollment| enrollment.given("structureID") == trial.given("structureID"));
        let year = scheduled.at.calendar.number("endYear");
        let good = |enrollment: &&Row| {
            // "State Enrollment Type Primary or Coursework Only", "state grade level 6–12"
            let service = enrollment.text("serviceType").is_some_and(|kind| ["P", "S"].contains(&kind));
            let grade = enrollment.text("grade").and_then(|grade| grade.parse::<u8>().ok());
            let eligible = !vendors || (service && grade.is_some_and(|grade| (6..=12).contains(&grade)));
            eligible && self.enrollment_rule(enrollment, year).is_none()
        };
        (!enrollments.iter().any(good)).then_some("no good enrollment")
    }

    /// S or I; none where the district has to say which. readings, WI attempt status: "the district's
    /// Roster.attemptStatus; else derived for 6.0 S, 6.4 S, 6.5 I, 6.6 I then S, 6.7 I both; for 6.1–6.3 the preference …
    /// and without it a defect".
    fn attempt_status(&self, roster: &Row, terms: &[&Row], spell: &Spell<'_>) -> Option<&str> {
        if let Some(own) = roster.text("attemptStatus") {
            // The descriptor table has two codes.
            return ["S", "I"].into_iter().find(|code| *code == own);
        }
        let later = self.stays(roster, terms, |other| other.begin >= spell.end);
        let earlier = self.stays(roster, terms, |other| other.end <= spell.begin);
        if !later.is_empty() {
            // 6.6 and 6.7: the first of two.
            return Some("I");
        }
        let last_day = terms.iter().filter_map(|term| term.date("endDate")).max().expect("a term has dates");
        match (self.has_final_grade(roster, terms), spell.end < last_day, earlier.is_empty()) {
            // 6.0, 6.4, and the second of 6.6
            (true, _, _) => Some("S"),
            // 6.5, and the second of 6.7
            (false, true, _) | (false, _, false) => Some("I"),
            // 6.1, 6.2, 6.3
            (false, false, true) => self.preferences.option("attempt-status-default").filter(|code| *code != "none"),
        }
    }

    /// The same student's other rosters in the same section, that are within the same terms and that a test takes.
    fn stays(&self, roster: &Row, terms: &[&Row], test: impl Fn(&Spell<'_>) -> bool) -> Vec<&Row> {
        let mut stays = self.tables.of("Roster", "personID", roster.given("personID"));
        stays.retain(|stay| {
            let same = |column: &str| stay.given(column) == roster.given(column);
            let another = !same("rosterID") && same("sectionID") && same("trialID");
            another && spell(stay, terms).is_some_and(|spell| test(&spell))
        });
        stays
    }

    /// "received a grade/mark": a posted score of a final task in one of the record's terms, or without a term.
    fn has_final_grade(&self, roster: &Row, terms: &[&Row]) -> bool {
        let scores = self.tables.of("GradingScore", "personID", roster.given("personID"));
        scores.into_iter().any(|score| {
            let in_term = score.text("termID").is_none_or(|id| terms.iter().any(|term| term.given("termID") == id));
            score.given("sectionID") == roster.given("sectionID")
                && score.text("score").is_some()
                && self.tables.one("GradingTask", "taskID", score.given("taskID")).flag("final")
                && in_term
        })
    }

    /// `_ext.wi.programs`. 7.0, of a student who left a section and returned within the term: "In both instances, the
    /// student section should be associated with student program participation." So what stands at one stands at both.
    fn section_programs(&self, roster: &Row, terms: &[&Row], spell: &Spell<'_>, year: i64) -> Vec<Value> {
        let mut stays = self.stays(roster, terms, |other| other.begin >= spell.end || other.end <= spell.begin);
        stays.push(roster);
        let of_stay = |stay: &Row| self.tables.of("RosterProgram", "rosterID", stay.given("rosterID"));
        let mut programs: Vec<&Row> = stays.into_iter().flat_map(of_stay).collect();
        programs.sort_by_key(|program| (program.given("programType"), program.given("programName")));
        programs.dedup_by_key(|program| (program.given("programType"), program.given("programName")));
        // readings, WI program type outside its school years: "valid to 2023-24: Certified, Non Certified; from 2023-24:
        // IRC, WBL; Dual and WL always; outside: left out".
        programs.retain(|program| match program.given("programType") {
            "Certified" | "Non Certified" => year <= 2024,
            "IRC" | "WBL" => year >= 2024,
            "Dual" | "WL" => true,
            _ => false,
        });
        let reference = |program: &Row| {
            let kind = program.given("programType");
            json!({"programReference": {
                // states.md 2.3: "the LEA's edOrg id"
                "educationOrganizationId": self.agency_id(),
                "programName": program.given("programName"),
                "programTypeDescriptor": format!("uri://dpi.wi.gov/ProgramTypeDescriptor#{kind}"),
            }})
        };
        programs.into_iter().map(reference).collect()
    }
}

/// When a roster is within some terms: the later start and the earlier end; none if they do not meet.
fn spell<'a>(roster: &'a Row, terms: &[&'a Row]) -> Option<Spell<'a>> {
    let start = terms.iter().filter_map(|term| term.date("startDate")).min().expect("a term has dates");
    let last = terms.iter().filter_map(|term| term.date("endDate")).max().expect("a term has dates");
    let begin = roster.date("startDate").map_or(start, |own| own.max(start));
    let end = roster.date("endDate").map_or(last, |own| own.min(last));
    (begin <= end).then_some(Spell { begin, end })
}
