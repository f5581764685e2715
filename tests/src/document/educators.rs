//! Section Educators (Kansas v3.6), as far as it is public.

use serde_json::json;

use super::schedule::Scheduled;
use super::{District, Expected, Outcome};
use crate::tables::Row;

const RESOURCE: &str = "sectionEducators";

impl District<'_> {
    pub(super) fn educators(&self, expected: &mut Expected) {
        for history in self.tables.sorted("SectionStaffHistory", "sectionStaffHistoryID") {
            let id = history.given("sectionStaffHistoryID");
            let section = self.tables.one("Section", "sectionID", history.given("sectionID"));
            // readings, trial: staff history "counts if its trial is its section's trial and that trial is active".
            if !self.is_active(section) || history.given("trialID") != section.given("trialID") {
                continue;
            }
            let scheduled = self.scheduled(section);
            if !self.in_scope(scheduled.at) {
                continue;
            }
            let terms = self.terms_of(section);
            if terms.is_empty() {
                let rule =
                    Self::schedule_rule(scheduled).or_else(|| self.staff_rule(history)).unwrap_or("no-placement");
                expected.note(RESOURCE, format!("SectionStaffHistory:{id}"), Outcome::Exclude(rule));
            }
            for term in terms {
                let object = format!("SectionStaffHistory:{id}-{}", term.given("termID"));
                expected.note(RESOURCE, object, self.educator(history, scheduled, term));
            }
        }
    }

    /// "Must have a Staff Type of P: Primary Teacher or T: Teacher"; "for Educators who have not been assigned a State
    /// Educator IDs or Ed-Fi IDs".
    fn staff_rule(&self, history: &Row) -> Option<&'static str> {
        if !["P", "T"].contains(&history.text("staffType").unwrap_or_default()) {
            return Some("staff-type");
        }
        self.member(history).text("stateID").map(|_| "staff-has-state-id")
    }

    fn member(&self, history: &Row) -> &Row {
        self.tables.one("StaffMember", "personID", history.given("personID"))
    }

    fn educator(&self, history: &Row, scheduled: Scheduled<'_>, term: &Row) -> Outcome {
        // "Does not send records when …": as for the section.
        if let Some(rule) = Self::schedule_rule(scheduled).or_else(|| self.staff_rule(history)) {
            return Outcome::Exclude(rule);
        }
        // readings, KS Section Educators dates: the history's days and the term's have one in common.
        let start = [history.date("startDate"), term.date("startDate")].into_iter().flatten().max();
        let end = [history.date("endDate"), term.date("endDate")].into_iter().flatten().min();
        if start.zip(end).is_some_and(|(start, end)| start > end) {
            return Outcome::Exclude("staff-outside-term");
        }
        let session = match self.session_of(scheduled, term) {
            Ok(session) => session,
            Err(rule) => return Outcome::Exclude(rule),
        };
        // "When Email is populated, that value reports. When Email is blank, reports from Secondary Email."
        let member = self.member(history);
        let Some(address) = member.text("email").or_else(|| member.text("secondaryEmail")) else {
            return Outcome::Defect;
        };
        let mut section = Self::offering_key(scheduled, session);
        section["sectionIdentifier"] = json!(scheduled.section.given("number"));
        let mut body = json!({"educatorElectronicMailAddress": address, "sectionReference": section});
        let names = [
            ("educatorFirstName", "firstName"),
            ("educatorMiddleName", "middleName"),
            ("educatorLastSurname", "lastName"),
        ];
        for (element, column) in names {
            if let Some(name) = member.text(column) {
                body[element] = json!(name);
            }
        }
        Outcome::Report(body)
    }
}
