//! Core: Student CTE Program Associations, and the programs that they refer to.

use serde_json::{Value, json};

use super::{District, Expected, Outcome, Preferences};
use crate::tables::{Row, Tables};

/// The resources that are compared, upstream first.
pub const RESOURCES: [&str; 3] = ["sessions", "programs", "studentCTEProgramAssociations"];

/// The type of the standard's programs that a CTE association may name.
const CTE: &str = "uri://ed-fi.org/ProgramTypeDescriptor#Career and Technical Education";

impl Expected {
    /// Reads a district's tables as the core documents say.
    pub fn core(tables: &Tables, preferences: &Preferences) -> Self {
        let district = District { tables, preferences };
        let mut expected = Self::about(&RESOURCES);
        district.sessions(&mut expected);
        district.programs(&mut expected);
        district.cte_associations(&mut expected);
        expected
    }
}

impl<'t> District<'t> {
    /// The members of the natural key of a program that is "mapped to an Ed-Fi Code".
    fn program_key(&self, program: &Row) -> Option<Value> {
        let name = program.given("name");
        let mapped = self.preferences.mapped("program", Some(name))?;
        Some(json!({
            "educationOrganizationId": self.agency_id(),
            "programName": mapped.program.as_deref().unwrap_or(name),
            "programTypeDescriptor": mapped.uri,
        }))
    }

    /// No source document; readings, programs: "the programs that are mapped under the Programs preference to such a
    /// type, at the district". Nothing but the natural key is asked for: "the fields that are part of the Natural Key".
    fn programs(&self, expected: &mut Expected) {
        for program in self.tables.sorted("Program", "programID") {
            let outcome = match self.program_key(program) {
                None => Outcome::Exclude("program-unmapped"),
                Some(key) if key["programTypeDescriptor"] != CTE => Outcome::Exclude("no CTE program"),
                Some(mut key) => {
                    let mut body = json!({
                        "educationOrganizationReference": {"educationOrganizationId": key["educationOrganizationId"]},
                    });
                    for name in ["programName", "programTypeDescriptor"] {
                        body[name] = key[name].take();
                    }
                    Outcome::Report(body)
                }
            };
            expected.note("programs", format!("Program:{}", program.given("programID")), outcome);
        }
    }

    fn cte_associations(&self, expected: &mut Expected) {
        for participation in self.tables.sorted("ProgramParticipation", "participationID") {
            let outcome = match self.cte_silence(participation) {
                Some(rule) => Outcome::Exclude(rule),
                // readings, CTE null dates: "a participation without start date is a defect".
                None if participation.date("startDate").is_none() => Outcome::Defect,
                None => Outcome::Report(self.cte_association(participation)),
            };
            let object = format!("ProgramParticipation:{}", participation.given("participationID"));
            expected.note("studentCTEProgramAssociations", object, outcome);
        }
    }

    fn program_of(&self, participation: &Row) -> &'t Row {
        self.tables.one("Program", "programID", participation.given("programID"))
    }

    fn person_of(&self, participation: &Row) -> &'t Row {
        self.tables.one("Person", "personID", participation.given("personID"))
    }

    /// Why a participation does not report, if it does not.
    fn cte_silence(&self, participation: &Row) -> Option<&'static str> {
        // readings, CTE program: "mapped to an Ed-Fi program under the Programs preference, whose type is a CTE type".
        let Some(key) = self.program_key(self.program_of(participation)) else { return Some("program-unmapped") };
        if key["programTypeDescriptor"] != CTE {
            return Some("no CTE program");
        }
        let person = self.person_of(participation);
        // "When the associated Student is now excluded in some way."
        if let Err(rule) = Self::student_id(person) {
            return Some(rule);
        }
        // "A record is only reported for CTE program records and Enrollments in the same School Year as the Ed-Fi
        // Connection sending the record."
        let enrollments = self.enrollments_in_scope(person.given("personID"));
        let good = enrollments.into_iter().filter(|enrollment| self.enrollment_reports(enrollment).is_ok());
        let mut years: Vec<i64> =
            good.map(|enrollment| self.calendar(enrollment.given("calendarID")).calendar.number("endYear")).collect();
        if years.is_empty() {
            return Some("no good enrollment");
        }
        years.retain(|year| {
            let (first, last) = self.school_year(*year);
            let starts = participation.date("startDate").is_none_or(|start| start <= last.as_str());
            let ends = participation.date("endDate").is_none_or(|end| end >= first.as_str());
            // What ends before it starts overlaps nothing.
            let (start, end) = (participation.date("startDate"), participation.date("endDate"));
            starts && ends && start.zip(end).is_none_or(|(start, end)| start <= end)
        });
        years.is_empty().then_some("outside the year")
    }

    fn cte_association(&self, participation: &Row) -> Value {
        let program = self.program_of(participation);
        let student = Self::student_id(self.person_of(participation)).expect("it reports");
        let mut body = json!({
            // 1. "Reports the CTE Program Start Date."
            "beginDate": participation.date("startDate").expect("it reports"),
            // 2. "the fields that are part of the Natural Key for the Local Education Agencies resource"
            "educationOrganizationReference": {"educationOrganizationId": self.agency_id()},
            "programReference": self.program_key(program).expect("it reports"),
            "studentReference": {"studentUniqueId": student},
            // 7. "Reports True if Non-Traditional Participation is checked. Reports False in all other situations."
            "nonTraditionalGenderStatus": participation.flag("nonTraditional"),
            // 8. "Reports False. This is hard-coded."
            "privateCTEProgram": false,
        });
        // 6. "Does not report if the CTE Program End Date is NULL."
        if let Some(end) = participation.date("endDate") {
            body["endDate"] = json!(end);
        }
        if let Some(entry) = self.cte_program(participation, program) {
            body["ctePrograms"] = json!([entry]);
        }
        if let Some(code) = self.skills_assessment(participation) {
            body["technicalSkillsAssessmentDescriptor"] = json!(code);
        }
        body
    }

    /// Element 5; readings, CTE 5: "careerPathwayDescriptor (mapped program), cipCode (Program.code),
    /// cteProgramCompletionIndicator (studentStatus, mapped), primaryCTEProgramIndicator (true for the latest start)".
    /// An entry is known by its pathway: without one there is none.
    fn cte_program(&self, participation: &Row, program: &Row) -> Option<Value> {
        let pathway = self.preferences.mapped("career-pathway", program.text("name"))?;
        let mut of_student = self.tables.of("ProgramParticipation", "personID", participation.given("personID"));
        of_student.retain(|other| other.date("startDate").is_some() && self.cte_silence(other).is_none());
        // One is primary: of equals the highest id.
        let latest =
            of_student.into_iter().max_by_key(|other| (other.date("startDate"), other.number("participationID")));
        let primary =
            latest.is_some_and(|other| other.given("participationID") == participation.given("participationID"));
        let mut entry = json!({
            "careerPathwayDescriptor": pathway.uri,
            "primaryCTEProgramIndicator": primary,
        });
        if let Some(code) = program.text("code") {
            entry["cipCode"] = json!(code);
        }
        if let Some(status) = self.preferences.mapped("student-status", participation.text("studentStatus")) {
            entry["cteProgramCompletionIndicator"] = json!(status.uri == "true");
        }
        Some(entry)
    }

    /// Element 9: "If there are multiple certifications, report based on the following priority order: Most recent (latest) Date;
    /// Highest Participation Certification ID". readings: without a date "after every dated one; ties by highest id".
    fn skills_assessment(&self, participation: &Row) -> Option<&str> {
        let of = self.tables.of(
            "ProgramParticipationCertification",
            "participationID",
            participation.given("participationID"),
        );
        let latest = of.into_iter().max_by_key(|row| (row.date("certificationDate"), row.number("certificationID")))?;
        let local = match (latest.flag("attempted"), latest.flag("passed")) {
            (_, true) => "passed",
            (true, false) => "not-passed",
            (false, false) => "not-attempted",
        };
        self.preferences.mapped("technical-skills-assessment", Some(local)).map(|code| code.uri.as_str())
    }
}
