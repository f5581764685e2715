//! Records that an option keeps back.
//!
//! "Changes to Resource Preferences … do NOT trigger." An option can decide that nothing reports, and the SIS can decide it in
//! the same rule ([`DecidedBy::Both`]). What such a rule keeps back is read to the end all the same: so its source is the
//! same with each value of the option, and a plan can tell which of the two has changed.

use rollcall_core::sources::Sources;
use rollcall_core::verdict::{DecidedBy, Unreported};

/// Goes on with a stand-in where only an option keeps a record back; any other reason is the end.
pub fn stand_in<T>(asked: Result<T, Unreported>, stand_in: T) -> Result<(T, Option<Unreported>), Unreported> {
    match asked {
        Ok(value) => Ok((value, None)),
        Err(reason) if is_kept_back(&reason) => Ok((stand_in, Some(reason))),
        Err(reason) => Err(reason),
    }
}

/// Reads the rest of a record, and then says why it is kept back, if it is.
pub fn read_on<T>(
    kept_back: Option<Unreported>,
    sources: &mut Sources,
    rest: impl FnOnce(&mut Sources) -> Result<T, Unreported>,
) -> Result<T, Unreported> {
    match kept_back {
        None => rest(sources),
        Some(reason) => {
            sources.unseen(rest).ok();
            Err(reason)
        }
    }
}

fn is_kept_back(reason: &Unreported) -> bool {
    matches!(reason, Unreported::Exclude(exclusion) if exclusion.rule.decided_by == DecidedBy::Both)
}
