//! Academic programs, who takes part in them, and programs on rosters.

use chrono::{Days, NaiveDate};
use rollcall_core::tables::{Program, ProgramParticipation, ProgramParticipationCertification, RosterProgram};

use super::catalog::{CERTIFICATIONS, CTE, PROGRAMS};
use super::schools::Campus;
use super::year::day;
use super::{SampleDistrict, next_id, text};

impl SampleDistrict {
    pub(super) fn add_programs(&mut self) {
        for (name, code, program_type) in PROGRAMS {
            let program_id = next_id(1, self.programs.len());
            self.programs.push(Program {
                program_id,
                name: (*name).into(),
                code: text(code),
                program_type: text(program_type),
                category: text(if *program_type == CTE { "CTE" } else { "Federal" }),
                number: text(&format!("{program_id}")),
            });
        }
    }

    /// The program that the roster added last takes part in, if its course has one.
    pub(super) fn add_roster_program(&mut self, course: &str) {
        let Some(roster_id) = self.rosters.last().map(|roster| roster.roster_id) else { return };
        let (name, kind) = match course {
            "COLENG" => ("College Course with a Technical College", "Dual"),
            "NURSE" => ("IRC - Not State Approved", "IRC"),
            "WELD" | "DRAFT" if roster_id % 2 == 0 => ("Youth Apprenticeship", "WBL"),
            "AUTO" if roster_id % 2 == 0 => ("Internship/Local co-op", "WBL"),
            "AUTO" => ("IRC State Approved Business & Industry", "IRC"),
            _ => return,
        };
        self.roster_programs.push(RosterProgram {
            roster_program_id: next_id(1, self.roster_programs.len()),
            roster_id,
            program_name: name.into(),
            program_type: kind.into(),
        });
    }

    /// Participations of some students of a high school, most of them in the last two grades.
    pub(super) fn add_participations(&mut self, campus: &Campus, person_id: i64, grade: usize) {
        if grade < 11 || !self.random.chance(45) {
            if self.random.chance(5) {
                self.add_participation(campus, person_id, 6, Some(self.year.first), None, "Participant");
            }
            return;
        }
        let fall = self.year.ends - 1;
        let count = self.participations.len();
        let program = next_id(1, count % 5);
        let status = ["Participant", "Concentrator", "Completer"][count % 3];
        let start = match count % 12 {
            4 => None,
            8 => Some(day(fall - 1, 8, 20)),
            _ => Some(day(fall, 8, 25)),
        };
        let end = (count % 6 == 5).then(|| day(fall, 12, 12));
        self.add_participation(campus, person_id, program, start, end, status);
        self.add_certifications(count);
        if count.is_multiple_of(10) {
            let later = Some(day(self.year.ends, 1, 20));
            self.add_participation(campus, person_id, program % 5 + 1, later, None, "Participant");
        }
    }

    fn add_participation(
        &mut self,
        campus: &Campus,
        person_id: i64,
        program_id: i64,
        start_date: Option<NaiveDate>,
        end_date: Option<NaiveDate>,
        status: &str,
    ) {
        let count = self.participations.len();
        self.participations.push(ProgramParticipation {
            participation_id: next_id(801, count),
            person_id,
            program_id,
            calendar_id: (count % 7 != 6).then_some(campus.calendar_id),
            start_date,
            end_date,
            student_status: text(status),
            non_traditional: count % 4 == 1,
        });
    }

    /// Certifications of the participation added last.
    fn add_certifications(&mut self, count: usize) {
        let date = self.year.fall_end - Days::new(u64::try_from(count % 20).unwrap_or_default());
        match count % 6 {
            0 => {
                self.add_certification(true, false, Some(date - Days::new(40)));
                self.add_certification(true, true, Some(date));
            }
            1 => self.add_certification(true, true, Some(date)),
            2 => self.add_certification(true, false, Some(date)),
            3 => self.add_certification(false, false, None),
            4 => self.add_certification(true, true, None),
            _ => {}
        }
    }

    fn add_certification(&mut self, attempted: bool, passed: bool, certification_date: Option<NaiveDate>) {
        let Some(participation_id) = self.participations.last().map(|p| p.participation_id) else { return };
        self.certifications.push(ProgramParticipationCertification {
            certification_id: next_id(901, self.certifications.len()),
            participation_id,
            name: text(self.random.pick(CERTIFICATIONS)),
            attempted,
            passed,
            certification_date,
        });
    }
}
