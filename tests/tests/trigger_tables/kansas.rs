//! Where the rows of Kansas' two documents start.

use rollcall_core::testing::District;
use rollcall_tests::small::KANSAS_MAPPINGS;

use crate::district::Start;

/// Ada (7001) is in ALG1-01 in the fall (`Roster:1`) and in BAND-07 all year (`Roster:2`), Ben (7002) in ALG1-01 from
/// 2 September (`Roster:3`). Fall is 2025-08-18 to 2025-12-19, spring 2026-01-05 to 2026-05-22.
pub(crate) fn start() -> Start {
    Start { state: "ks", config: KANSAS_MAPPINGS.into(), years: vec![2026], sis: District::small() }
}
