//! Where the rows of Kansas' two documents start.

use rollcall_core::testing::District;
use rollcall_tests::small::KANSAS_MAPPINGS;

use crate::district::Start;

/// A school that the state has loaded and the district has no rows of yet.
pub(crate) const ONE_MORE_SCHOOL: &[(&str, &str)] =
    &[("schoolID", "9"), ("districtID", "1"), ("name", "North"), ("number", "500009")];

/// Another school number: delete/post of everything that has it in its natural key.
pub(crate) const ALL_OF_THE_SCHOOL_MOVES: &[&str] = &[
    "4 DELETE studentSectionAssociations",
    "2 DELETE studentSchoolAssociations",
    "3 DELETE sections",
    "3 DELETE courseOfferings",
    "2 DELETE sessions",
    "2 POST sessions",
    "3 POST courseOfferings",
    "3 POST sections",
    "2 POST studentSchoolAssociations",
    "4 POST studentSectionAssociations",
];

/// Ada (7001) is in ALG1-01 in the fall (`Roster:1`) and in BAND-07 all year (`Roster:2`), Ben (7002) in ALG1-01 from
/// 2 September (`Roster:3`). Fall is 2025-08-18 to 2025-12-19, spring 2026-01-05 to 2026-05-22.
pub(crate) fn start() -> Start {
    Start { state: "ks", config: KANSAS_MAPPINGS, years: vec![2026], sis: District::small() }
}
