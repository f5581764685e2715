//! Students, their enrollments and their rosters.

use chrono::NaiveDate;

use super::row::table;

table! {
    /// A student.
    Person, "Person", Id, false {
        person_id: i64 = "personID" [personal],
        state_id: Option<Box<str>> = "stateID" [personal],
        ed_fi_id: Option<Box<str>> = "edFiID" [personal],
        student_number: Option<Box<str>> = "studentNumber" [personal optional],
        first_name: Option<Box<str>> = "firstName" [personal],
        middle_name: Option<Box<str>> = "middleName" [personal optional],
        last_name: Option<Box<str>> = "lastName" [personal],
        birth_date: Option<NaiveDate> = "birthDate" [personal],
        /// Excluded from reporting.
        exclude: bool = "exclude" [personal optional],
    }
}

table! {
    /// A student's enrollment in a calendar.
    Enrollment, "Enrollment", Id, false {
        enrollment_id: i64 = "enrollmentID",
        person_id: i64 = "personID" [personal -> Person],
        calendar_id: i64 = "calendarID" [-> Calendar],
        structure_id: i64 = "structureID" [-> ScheduleStructure],
        grade: Option<Box<str>> = "grade",
        start_date: NaiveDate = "startDate",
        end_date: Option<NaiveDate> = "endDate",
        /// P primary, S secondary, N special education services only.
        service_type: Option<Box<str>> = "serviceType",
        no_show: bool = "noShow",
        state_exclude: bool = "stateExclude",
        /// When the student first entered the district; without the column, the first enrollment in the tables.
        district_entry_date: Option<NaiveDate> = "districtEntryDate" [optional],
        /// When the student first entered the state's schools; without the column, the entry into the district.
        state_entry_date: Option<NaiveDate> = "stateEntryDate" [optional],
    }
}

table! {
    /// A student in a section.
    Roster, "Roster", Id, false {
        roster_id: i64 = "rosterID",
        person_id: i64 = "personID" [personal -> Person],
        section_id: i64 = "sectionID" [-> Section],
        trial_id: i64 = "trialID" [-> Trial],
        /// Null: from the term's start.
        start_date: Option<NaiveDate> = "startDate",
        end_date: Option<NaiveDate> = "endDate",
        attempt_status: Option<Box<str>> = "attemptStatus" [optional],
    }
}

table! {
    /// A program that a student takes part in through a section.
    RosterProgram, "RosterProgram", Id, true {
        roster_program_id: i64 = "rosterProgramID",
        roster_id: i64 = "rosterID" [-> Roster],
        program_name: Box<str> = "programName",
        program_type: Box<str> = "programType",
    }
}
