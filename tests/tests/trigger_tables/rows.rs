//! A row that several documents' tests add to the small district, and what is sent when all of it comes or goes.

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
