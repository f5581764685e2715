//! Teachers and who taught which section when.

use chrono::NaiveDate;
use rollcall_core::tables::{SectionStaffHistory, StaffMember};

use super::catalog::{FIRST_NAMES, LAST_NAMES};
use super::edits::count;
use super::year::day;
use super::{SampleDistrict, next_id, text};

/// Sections of one teacher.
const LOAD: usize = 5;
/// Students and staff share one sequence of ids in a SIS; staff start here.
const FIRST_ID: i64 = 5_000_001;
/// Of so many teachers one has no state id.
const WITHOUT_ID: usize = 5;

impl SampleDistrict {
    /// Gives a section its teacher: a new one for every fifth section. Some hand over in October, some share, some are away
    /// for a while, some have an aide.
    pub(super) fn add_teacher(&mut self, section_id: i64, trial_id: i64) {
        if self.staff.len() * LOAD < self.sections.len() {
            let (first, last) = (self.random.pick(FIRST_NAMES), self.random.pick(LAST_NAMES));
            let member = member(self.staff.len(), first, last);
            self.staff.push(member);
        }
        let teacher = next_id(FIRST_ID - 1, self.staff.len());
        let earlier = (teacher - 1).max(FIRST_ID);
        let handover = day(self.year.ends - 1, 10, 17);
        match section_id % 11 {
            3 => {
                self.add_history(section_id, trial_id, earlier, "P", None, Some(handover));
                self.add_history(section_id, trial_id, teacher, "P", handover.succ_opt(), None);
            }
            5 => {
                self.add_history(section_id, trial_id, teacher, "P", None, Some(handover));
                self.add_history(section_id, trial_id, teacher, "P", Some(day(self.year.ends - 1, 11, 10)), None);
            }
            7 => {
                self.add_history(section_id, trial_id, teacher, "P", Some(self.year.first), None);
                self.add_history(section_id, trial_id, earlier, "T", None, None);
            }
            9 => {
                self.add_history(section_id, trial_id, teacher, "P", None, None);
                self.add_history(section_id, trial_id, earlier, "S", None, None);
            }
            _ => self.add_history(section_id, trial_id, teacher, "P", None, None),
        }
    }

    fn add_history(
        &mut self,
        section_id: i64,
        trial_id: i64,
        person_id: i64,
        staff_type: &str,
        start_date: Option<NaiveDate>,
        end_date: Option<NaiveDate>,
    ) {
        self.staff_history.push(SectionStaffHistory {
            section_staff_history_id: next_id(40_001, self.staff_history.len()),
            section_id,
            trial_id,
            person_id,
            staff_type: text(staff_type),
            start_date,
            end_date,
        });
    }

    /// The first teacher without a state id marries; the third one gets an id while there are some more.
    pub(super) fn change_staff(&mut self) -> String {
        let last_name = self.random.pick(LAST_NAMES);
        let mut without: Vec<&mut StaffMember> = self.staff.iter_mut().filter(|s| s.state_id.is_none()).collect();
        let enough = without.len() > 3;
        let renamed = without.first_mut().map(|member| member.last_name = text(&format!("{last_name}-Reyes")));
        let given = without.get_mut(2).filter(|_| enough).map(|member| member.state_id = state_id(member.person_id));
        let renamed = count(usize::from(renamed.is_some()), "teacher");
        format!("{renamed} without a state id renamed, {} given one", usize::from(given.is_some()))
    }
}

/// The n-th member of staff. Of those without a state id the second has only a secondary e-mail, the fifth none.
fn member(at: usize, first: &str, last: &str) -> StaffMember {
    let person_id = next_id(FIRST_ID, at);
    let has_id = at % WITHOUT_ID != WITHOUT_ID - 2;
    let address = |host: &str| {
        let plain = |name: &str| name.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase();
        text(&format!("{}.{}.{at}@{host}.example", plain(first), plain(last)))
    };
    let (email, secondary_email) = match (has_id, at / WITHOUT_ID) {
        (false, 1) => (None, address("home")),
        (false, 4) => (None, None),
        _ => (address("school"), address("home").filter(|_| at.is_multiple_of(2))),
    };
    StaffMember {
        person_id,
        state_id: state_id(person_id).filter(|_| has_id),
        first_name: text(first),
        middle_name: FIRST_NAMES.get(at).filter(|_| at % 4 == 3).and_then(|name| text(name)),
        last_name: text(last),
        email,
        secondary_email,
    }
}

fn state_id(person_id: i64) -> Option<Box<str>> {
    text(&format!("{}", person_id - 4_000_000))
}
