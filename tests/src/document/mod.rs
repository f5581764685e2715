//! What a district must have at the ODS, read from the source documents a second time: plain and slow, straight
//! from the texts of the CSV files, without a line of the rules in `core`, `states` or `sync`.
//!
//! The documents are `KS Ed-Fi Suite v3.6.2: Student Section Associations`, `Course Offerings (Kansas v3.6)`, `Section
//! Educators (Kansas v3.6)` as far as it is public, and Core Sessions, for Kansas; `WISEdata Ed-Fi: studentSectionAssociation`, for Wisconsin; and `Core Ed-Fi Suite v3.6.1:
//! Student CTE Program Associations`. Where they are silent, docs/readings.md decides. Comments quote them.

mod cte;
mod educators;
mod preferences;
mod schedule;
mod students;
mod wisconsin;

use std::collections::BTreeMap;

use serde_json::Value;

pub use cte::RESOURCES as CORE_RESOURCES;
pub use preferences::Preferences;
pub use wisconsin::RESOURCES as WISCONSIN_RESOURCES;

use crate::ods::natural_key;
use crate::tables::{Row, Tables};

/// What reports and what does not.
#[derive(Default)]
pub struct Expected {
    /// By resource and natural key: the body.
    pub records: BTreeMap<&'static str, BTreeMap<String, Value>>,
    /// By resource and rule: how many SIS objects it keeps from reporting.
    pub excluded: BTreeMap<&'static str, BTreeMap<String, u64>>,
    /// By resource: the SIS objects (`Roster:1-2`) that something has to be mended for.
    pub defects: BTreeMap<&'static str, Vec<String>>,
    /// The student section association of each SIS object that reports one: its natural key.
    pub of_roster: BTreeMap<String, String>,
    /// Rosters by what becomes of them: of which no term reports, and the rules that say so.
    pub silent_rosters: BTreeMap<String, Vec<String>>,
}

/// The seven resources of Kansas, upstream first.
pub const RESOURCES: [&str; 7] = [
    "sessions",
    "courseOfferings",
    "sections",
    "students",
    "studentSchoolAssociations",
    "studentSectionAssociations",
    "sectionEducators",
];

/// What a document says about one SIS object.
enum Outcome {
    Report(Value),
    Exclude(&'static str),
    Defect,
}

impl Expected {
    /// Reads a Kansas district's tables as the documents say.
    pub fn of(tables: &Tables, preferences: &Preferences) -> Self {
        let district = District { tables, preferences };
        let mut expected = Self::about(&RESOURCES);
        district.sessions(&mut expected);
        district.offerings_and_sections(&mut expected);
        district.students(&mut expected);
        district.school_associations(&mut expected);
        district.section_associations(&mut expected);
        district.educators(&mut expected);
        expected
    }

    fn about(resources: &[&'static str]) -> Self {
        let mut expected = Self::default();
        for resource in resources.iter().copied() {
            expected.records.entry(resource).or_default();
            expected.excluded.entry(resource).or_default();
            expected.defects.entry(resource).or_default();
        }
        expected
    }

    /// The records of a resource.
    pub fn of_resource(&self, resource: &str) -> &BTreeMap<String, Value> {
        &self.records[resource]
    }

    /// Notes an outcome. Objects come by id, so of several with one natural key the newest one's body stands
    /// (docs/readings.md, "the newest object's data").
    fn note(&mut self, resource: &'static str, object: String, outcome: Outcome) -> Option<String> {
        match outcome {
            Outcome::Report(body) => {
                let key = natural_key(resource, &body);
                self.records.entry(resource).or_default().insert(key.clone(), body);
                return Some(key);
            }
            Outcome::Exclude(rule) => {
                *self.excluded.entry(resource).or_default().entry(rule.to_owned()).or_default() += 1;
            }
            Outcome::Defect => self.defects.entry(resource).or_default().push(object),
        }
        None
    }
}

/// The tables and the preferences, to look things up in.
struct District<'t> {
    tables: &'t Tables,
    preferences: &'t Preferences,
}

/// A calendar of the configured years, with its school.
#[derive(Clone, Copy)]
struct AtSchool<'t> {
    calendar: &'t Row,
    school: &'t Row,
}

impl<'t> District<'t> {
    fn calendar(&self, id: &str) -> AtSchool<'t> {
        let calendar = self.tables.one("Calendar", "calendarID", id);
        AtSchool { calendar, school: self.tables.one("School", "schoolID", calendar.given("schoolID")) }
    }

    /// "reports to the configured year"
    fn in_scope(&self, at: AtSchool<'_>) -> bool {
        self.preferences.years.contains(&at.calendar.number("endYear"))
    }

    /// design.md, Trial: "only rows of the active trial are the real schedule".
    fn is_active(&self, section: &Row) -> bool {
        self.tables.one("Trial", "trialID", section.given("trialID")).flag("active")
    }

    /// The terms in which a section is placed, each once, by id. readings: "a placement counts if its trial is its
    /// section's and is active".
    fn terms_of(&self, section: &Row) -> Vec<&'t Row> {
        let placements = self.tables.of("SectionPlacement", "sectionID", section.given("sectionID"));
        let own = placements.into_iter().filter(|placed| placed.given("trialID") == section.given("trialID"));
        let mut ids: Vec<i64> = own.map(|placed| placed.number("termID")).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().map(|id| self.tables.one("Term", "termID", &id.to_string())).collect()
    }

    /// The schedule structure of a term.
    fn structure_of_term(&self, term: &Row) -> &'t str {
        self.tables.one("TermSchedule", "termScheduleID", term.given("termScheduleID")).given("structureID")
    }
}

impl District<'_> {
    /// The local education agency's id: design.md, "edFiDistrictNumber?", else the number.
    fn agency_id(&self) -> i64 {
        let agency = &self.tables.all("District")[0];
        let number = agency.text("edFiDistrictNumber").unwrap_or_else(|| agency.given("number"));
        number.parse().expect("district numbers are numbers")
    }
}

impl AtSchool<'_> {
    /// The school's id: design.md, "edFiSchoolNumber?", else the number.
    fn school_id(&self) -> i64 {
        let number = self.school.text("edFiSchoolNumber").unwrap_or_else(|| self.school.given("number"));
        number.parse().expect("school numbers are numbers")
    }

    /// School Exclude and Calendar Exclude, in the order of the documents' lists.
    fn excluded(&self) -> Option<&'static str> {
        if self.calendar.flag("exclude") {
            return Some("calendar-exclude");
        }
        self.school.flag("exclude").then_some("school-exclude")
    }
}
