//! Rows that several documents' tests add to the small district, and what is sent when all of it comes or goes.

use rollcall_core::testing::District;

/// A section of a course of the small district.
pub(crate) fn with_section(sis: District, id: &str, course: &str, number: &str) -> District {
    sis.with("Section", &[("sectionID", id), ("courseID", course), ("trialID", "1"), ("number", number)])
}

/// A section's place in a term.
pub(crate) fn with_placement(sis: District, id: &str, section: &str, term: &str) -> District {
    let cells = [("sectionPlacementID", id), ("sectionID", section), ("trialID", "1"), ("termID", term)];
    sis.with("SectionPlacement", &cells)
}

/// A student in a section, from a day to a day.
pub(crate) fn with_roster(sis: District, id: &str, person: &str, section: &str, dates: [&str; 2]) -> District {
    let cells = [("rosterID", id), ("personID", person), ("sectionID", section), ("trialID", "1")];
    sis.with("Roster", &[&cells[..], &[("startDate", dates[0]), ("endDate", dates[1])]].concat())
}

/// A school that the state has loaded and the district has no rows of yet.
pub(crate) const ONE_MORE_SCHOOL: &[(&str, &str)] =
    &[("schoolID", "9"), ("districtID", "1"), ("name", "North"), ("number", "500009")];

/// Everything that the small district reports.
pub(crate) const ALL_IS_POSTED: &[&str] = &[
    "2 POST sessions",
    "3 POST courseOfferings",
    "3 POST sections",
    "2 POST students",
    "2 POST studentSchoolAssociations",
    "4 POST studentSectionAssociations",
];

/// All of it but the students, who may be another district's too.
pub(crate) const ALL_OF_THE_SCHOOL_GOES: &[&str] = &[
    "4 DELETE studentSectionAssociations",
    "2 DELETE studentSchoolAssociations",
    "3 DELETE sections",
    "3 DELETE courseOfferings",
    "2 DELETE sessions",
];

/// The same, back again.
pub(crate) const ALL_OF_THE_SCHOOL_COMES: &[&str] = &[
    "2 POST sessions",
    "3 POST courseOfferings",
    "3 POST sections",
    "2 POST studentSchoolAssociations",
    "4 POST studentSectionAssociations",
];

/// Another school number: delete/post of everything that has it in its natural key.
pub(crate) fn all_of_the_school_moves() -> Vec<&'static str> {
    [ALL_OF_THE_SCHOOL_GOES, ALL_OF_THE_SCHOOL_COMES].concat()
}
