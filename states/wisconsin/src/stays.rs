//! A student's other stays in the same section and session: use cases 6.6, 6.7 and 7.0, in which the SIS ends the first
//! roster and makes a new one with a new start date when the student comes back.

use chrono::NaiveDate;
use rollcall_core::context::Context;
use rollcall_core::sources::Sources;
use rollcall_core::tables::Roster;
use rollcall_core_edfi::student_section_associations::Association;

/// The other rosters of one student in one section, as far as they touch the session of an association.
pub struct Stays<'a> {
    /// Those that ended before it begins.
    pub earlier: Vec<&'a Roster>,
    /// Those that begin after it ended.
    pub later: Vec<&'a Roster>,
}

impl<'a> Stays<'a> {
    /// The stays around an association. Two rosters that overlap are no leaving and coming back; one that begins on the
    /// day on which the other ends is (docs/readings.md, WI stays).
    pub fn of(cx: &Context<'a>, association: &Association<'a>, sources: &mut Sources) -> Self {
        let own = association.roster;
        let (first, last) = session(association);
        let mut stays = Self { earlier: Vec::new(), later: Vec::new() };
        for roster in cx.snapshot.rosters_of(own.person_id) {
            if roster.section_id != own.section_id || roster.roster_id == own.roster_id {
                continue;
            }
            sources.read("Roster.rosterID", roster.roster_id);
            let begin = sources.read("Roster.startDate", roster.start_date).map_or(first, |start| start.max(first));
            let end = sources.read("Roster.endDate", roster.end_date).map_or(last, |end| end.min(last));
            if begin > end {
                continue;
            }
            if end <= association.begin_date {
                stays.earlier.push(roster);
            } else if begin >= association.end_date {
                stays.later.push(roster);
            }
        }
        stays
    }
}

/// First and last day of an association's session, as far as its section is placed in it. The association read the
/// dates of its terms when it was made.
pub fn session(association: &Association<'_>) -> (NaiveDate, NaiveDate) {
    let first = association.terms.iter().filter_map(|term| term.start_date).min();
    let last = association.terms.iter().filter_map(|term| term.end_date).max();
    (first.unwrap_or(association.begin_date), last.unwrap_or(association.end_date))
}
