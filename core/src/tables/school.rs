//! Districts, schools, calendars, terms, days and trials.

use chrono::NaiveDate;

use super::row::table;

table! {
    /// The district (local education agency).
    District, "District", Id, false {
        district_id: i64 = "districtID",
        name: Box<str> = "name",
        /// State District Number.
        number: Box<str> = "number",
        /// Overrides `number` as the Ed-Fi id.
        ed_fi_district_number: Option<Box<str>> = "edFiDistrictNumber" [optional],
    }
}

table! {
    /// School Year Setup. A null start is 07/01 of the start year, a null end 06/30 of the end year.
    SchoolYear, "SchoolYear", Id, true {
        end_year: i32 = "endYear",
        start_date: Option<NaiveDate> = "startDate" [optional],
        end_date: Option<NaiveDate> = "endDate" [optional],
    }
}

table! {
    /// A school.
    School, "School", Id, false {
        school_id: i64 = "schoolID",
        district_id: i64 = "districtID" [-> District],
        name: Box<str> = "name",
        /// State school (building) number.
        number: Box<str> = "number",
        /// Overrides `number` as the Ed-Fi id.
        ed_fi_school_number: Option<Box<str>> = "edFiSchoolNumber" [optional],
        /// School Exclude.
        exclude: bool = "exclude",
    }
}

impl School {
    /// The number by which the ODS knows it, with its column: the Ed-Fi School Number, else the State School Number.
    pub fn number_at_ods(&self) -> (&'static str, &str) {
        match &self.ed_fi_school_number {
            Some(number) => ("School.edFiSchoolNumber", number),
            None => ("School.number", &self.number),
        }
    }
}

table! {
    /// One school in one year.
    Calendar, "Calendar", Id, false {
        calendar_id: i64 = "calendarID",
        school_id: i64 = "schoolID" [-> School],
        /// The school year by the year in which it ends.
        end_year: i32 = "endYear",
        name: Option<Box<str>> = "name",
        start_date: Option<NaiveDate> = "startDate",
        end_date: Option<NaiveDate> = "endDate",
        /// Calendar Exclude.
        exclude: bool = "exclude",
        summer_school: bool = "summerSchool" [optional],
    }
}

table! {
    /// A schedule structure of a calendar.
    ScheduleStructure, "ScheduleStructure", Id, false {
        structure_id: i64 = "structureID",
        calendar_id: i64 = "calendarID" [-> Calendar],
        name: Option<Box<str>> = "name",
    }
}

table! {
    /// A term schedule (semesters, quarters …) of a structure.
    TermSchedule, "TermSchedule", Id, false {
        term_schedule_id: i64 = "termScheduleID",
        structure_id: i64 = "structureID" [-> ScheduleStructure],
        name: Option<Box<str>> = "name",
    }
}

table! {
    /// A term.
    Term, "Term", Id, false {
        term_id: i64 = "termID",
        term_schedule_id: i64 = "termScheduleID" [-> TermSchedule],
        name: Option<Box<str>> = "name",
        seq: Option<i32> = "seq",
        start_date: Option<NaiveDate> = "startDate",
        end_date: Option<NaiveDate> = "endDate",
        /// Ed-Fi Term Type: a local code that the Sessions preference maps to a term descriptor.
        term_type: Option<Box<str>> = "termType",
    }
}

table! {
    /// A day of a calendar's schedule structure.
    Day, "Day", Id, false {
        day_id: i64 = "dayID",
        calendar_id: i64 = "calendarID" [-> Calendar],
        structure_id: i64 = "structureID" [-> ScheduleStructure],
        date: NaiveDate = "date",
        school_day: bool = "schoolDay",
        /// Whether the day is an instructional day.
        instruction: bool = "instruction",
    }
}

table! {
    /// A version of a structure's master schedule; only the active one is the real schedule.
    Trial, "Trial", Id, false {
        trial_id: i64 = "trialID",
        calendar_id: i64 = "calendarID" [-> Calendar],
        structure_id: i64 = "structureID" [-> ScheduleStructure],
        active: bool = "active",
    }
}
