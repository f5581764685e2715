//! Teachers and who taught which section when.

use chrono::NaiveDate;
use rollcall_core::tables::{SectionStaffHistory, StaffMember};

use super::catalog::{FIRST_NAMES, LAST_NAMES};
use super::year::day;
use super::{SampleDistrict, next_id, text};

/// Sections of one teacher.
const LOAD: usize = 5;
/// Students and staff share one sequence of ids in a SIS; staff start here.
const FIRST_ID: i64 = 5_000_001;

impl SampleDistrict {
    /// Gives a section its teacher: a new one for every fifth section. Some hand over in October, some share.
    pub(super) fn add_teacher(&mut self, section_id: i64, trial_id: i64) {
        if self.staff.len() * LOAD < self.sections.len() {
            let person_id = next_id(FIRST_ID, self.staff.len());
            let state_id = (!person_id.rem_euclid(9).eq(&4)).then(|| format!("{}", person_id - 4_000_000).into());
            let (first, last) = (self.random.pick(FIRST_NAMES), self.random.pick(LAST_NAMES));
            self.staff.push(StaffMember { person_id, state_id, first_name: text(first), last_name: text(last) });
        }
        let teacher = next_id(FIRST_ID - 1, self.staff.len());
        let earlier = (teacher - 1).max(FIRST_ID);
        let handover = day(self.year.ends - 1, 10, 17);
        match section_id % 11 {
            3 => {
                self.add_history(section_id, trial_id, earlier, "P", None, Some(handover));
                self.add_history(section_id, trial_id, teacher, "P", handover.succ_opt(), None);
            }
            7 => {
                self.add_history(section_id, trial_id, teacher, "P", Some(self.year.first), None);
                self.add_history(section_id, trial_id, earlier, "T", None, None);
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
}
