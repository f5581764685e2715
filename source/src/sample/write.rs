//! Writing tables as a folder of CSV files.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use chrono::NaiveDate;
use rollcall_core::tables::{
    Calendar, Course, Day, District, Enrollment, GradingScore, GradingTask, GradingTaskCredit, Person, Program,
    ProgramParticipation, ProgramParticipationCertification, Roster, RosterProgram, Row, ScheduleStructure, School,
    SchoolYear, ScoreListItem, Section, SectionPlacement, SectionStaffHistory, StaffMember, Term, TermSchedule, Trial,
};
use rust_decimal::Decimal;

use super::SampleDistrict;
use crate::SourceError;

impl SampleDistrict {
    /// Writes one CSV file a table, in place of those that are there; only the user may read them. Makes the folder
    /// if there is none.
    pub fn write(&self, folder: &Path) -> Result<(), SourceError> {
        fs::create_dir_all(folder).map_err(|source| SourceError::write(folder, source))?;
        table(folder, &self.districts)?;
        table(folder, &self.school_years)?;
        table(folder, &self.schools)?;
        table(folder, &self.calendars)?;
        table(folder, &self.structures)?;
        table(folder, &self.term_schedules)?;
        table(folder, &self.terms)?;
        table(folder, &self.days)?;
        table(folder, &self.trials)?;
        table(folder, &self.courses)?;
        table(folder, &self.sections)?;
        table(folder, &self.placements)?;
        table(folder, &self.people)?;
        table(folder, &self.enrollments)?;
        table(folder, &self.rosters)?;
        table(folder, &self.roster_programs)?;
        table(folder, &self.grading_tasks)?;
        table(folder, &self.grading_task_credits)?;
        table(folder, &self.score_list_items)?;
        table(folder, &self.grading_scores)?;
        table(folder, &self.programs)?;
        table(folder, &self.participations)?;
        table(folder, &self.certifications)?;
        table(folder, &self.staff)?;
        table(folder, &self.staff_history)
    }
}

fn table<R: Cells>(folder: &Path, rows: &[R]) -> Result<(), SourceError> {
    let path = folder.join(format!("{}.csv", R::SPEC.name));
    // A reader sees the old file or the new one, never half of one.
    let unfinished = folder.join(format!(".{}.csv.new", R::SPEC.name));
    write_rows(&unfinished, rows)
        .and_then(|()| fs::rename(&unfinished, &path))
        .map_err(|source| SourceError::write(&path, source))
}

fn write_rows<R: Cells>(path: &Path, rows: &[R]) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new().buffer_capacity(1 << 16).from_writer(create(path)?);
    writer.write_record(R::SPEC.columns.iter().map(|column| column.name))?;
    let mut record = csv::ByteRecord::new();
    let mut cell = String::new();
    for row in rows {
        record.clear();
        row.cells(&mut |value| {
            cell.clear();
            value.put(&mut cell);
            record.push_field(cell.as_bytes());
        });
        writer.write_byte_record(&record)?;
    }
    writer.into_inner().map_err(csv::IntoInnerError::into_error)?.flush()
}

/// Makes a file that only the user may read, in place of one that may have been readable.
fn create(path: &Path) -> io::Result<File> {
    if path.exists() {
        fs::remove_file(path)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A value as the text of a cell; null is empty.
trait Put {
    fn put(&self, cell: &mut String);
}

macro_rules! put_as_displayed {
    ($($type:ty),+) => {
        $(impl Put for $type {
            fn put(&self, cell: &mut String) {
                use std::fmt::Write as _;
                write!(cell, "{self}").expect("a string takes any text");
            }
        })+
    };
}

put_as_displayed!(i64, i32, NaiveDate, Decimal, Box<str>);

impl Put for bool {
    fn put(&self, cell: &mut String) {
        cell.push(if *self { '1' } else { '0' });
    }
}

impl<T: Put> Put for Option<T> {
    fn put(&self, cell: &mut String) {
        if let Some(value) = self {
            value.put(cell);
        }
    }
}

/// A row that can be written, its fields in the order of the table's columns.
trait Cells: Row {
    fn cells(&self, put: &mut dyn FnMut(&dyn Put));
}

macro_rules! cells {
    ($($row:ident { $($field:ident),+ $(,)? })+) => {
        $(impl Cells for $row {
            fn cells(&self, put: &mut dyn FnMut(&dyn Put)) {
                // Names every field: one that is new in the table doesn't compile until it is written too.
                let Self { $($field),+ } = self;
                $(put($field);)+
            }
        })+
    };
}

cells! {
    District { district_id, name, number, ed_fi_district_number }
    SchoolYear { end_year, start_date, end_date }
    School { school_id, district_id, name, number, ed_fi_school_number, exclude }
    Calendar { calendar_id, school_id, end_year, name, start_date, end_date, exclude, summer_school }
    ScheduleStructure { structure_id, calendar_id, name }
    TermSchedule { term_schedule_id, structure_id, name }
    Term { term_id, term_schedule_id, name, seq, start_date, end_date, term_type }
    Day { day_id, calendar_id, structure_id, date, school_day, instruction }
    Trial { trial_id, calendar_id, structure_id, active }
    Course {
        course_id, calendar_id, number, name, state_code, active, state_exclude, homeroom, course_level, grade,
        sequence, sequence_total, delivery_type, targeted_program, college_career_type, term_descriptor_override,
    }
    Section { section_id, course_id, trial_id, number, homeroom_section, term_descriptor_override }
    SectionPlacement { section_placement_id, section_id, trial_id, term_id, period_id }
    Person {
        person_id, state_id, ed_fi_id, student_number, first_name, middle_name, last_name, birth_date, exclude,
    }
    Enrollment {
        enrollment_id, person_id, calendar_id, structure_id, grade, start_date, end_date, service_type, no_show,
        state_exclude, district_entry_date, state_entry_date,
    }
    Roster { roster_id, person_id, section_id, trial_id, start_date, end_date, attempt_status }
    RosterProgram { roster_program_id, roster_id, program_name, program_type }
    GradingTask { task_id, name, is_final, state_reported }
    GradingTaskCredit { grading_task_credit_id, course_id, calendar_id, task_id, score_group_id, credit }
    ScoreListItem { score_group_id, score, name, passing_score }
    GradingScore { score_id, person_id, calendar_id, section_id, task_id, term_id, score, date }
    Program { program_id, name, code, program_type, category, number }
    ProgramParticipation {
        participation_id, person_id, program_id, calendar_id, start_date, end_date, student_status, non_traditional,
    }
    ProgramParticipationCertification { certification_id, participation_id, name, attempted, passed, certification_date }
    StaffMember { person_id, state_id, first_name, middle_name, last_name, email, secondary_email }
    SectionStaffHistory { section_staff_history_id, section_id, trial_id, person_id, staff_type, start_date, end_date }
}
