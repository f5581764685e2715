//! Academic programs, participations and certifications.

use chrono::NaiveDate;

use super::row::table;

table! {
    /// An academic program.
    Program, "Program", Id, true {
        program_id: i64 = "programID",
        name: Box<str> = "name",
        /// State Code (CIP).
        code: Option<Box<str>> = "code",
        program_type: Option<Box<str>> = "programType",
        category: Option<Box<str>> = "category" [optional],
        number: Option<Box<str>> = "number" [optional],
    }
}

table! {
    /// A student's participation in a program.
    ProgramParticipation, "ProgramParticipation", Id, true {
        participation_id: i64 = "participationID",
        person_id: i64 = "personID" [personal -> Person],
        program_id: i64 = "programID" [-> Program],
        calendar_id: Option<i64> = "calendarID" [optional -> Calendar],
        start_date: Option<NaiveDate> = "startDate",
        end_date: Option<NaiveDate> = "endDate",
        student_status: Option<Box<str>> = "studentStatus",
        non_traditional: bool = "nonTraditional",
    }
}

table! {
    /// A certification of a participation.
    ProgramParticipationCertification, "ProgramParticipationCertification", Id, true {
        certification_id: i64 = "certificationID",
        participation_id: i64 = "participationID" [-> ProgramParticipation],
        name: Option<Box<str>> = "name",
        attempted: bool = "attempted",
        passed: bool = "passed",
        certification_date: Option<NaiveDate> = "certificationDate",
    }
}
