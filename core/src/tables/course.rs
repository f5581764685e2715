//! Courses, sections, their placements and their staff.

use chrono::NaiveDate;

use super::row::table;

table! {
    /// A course of a calendar.
    Course, "Course", Id, false {
        course_id: i64 = "courseID",
        calendar_id: i64 = "calendarID" [-> Calendar],
        number: Box<str> = "number",
        name: Box<str> = "name",
        /// The state's course code.
        state_code: Option<Box<str>> = "stateCode",
        active: bool = "active",
        /// Exclude from State Reporting.
        state_exclude: bool = "stateExclude",
        homeroom: bool = "homeroom",
        course_level: Option<Box<str>> = "courseLevel" [optional],
        grade: Option<Box<str>> = "grade" [optional],
        sequence: Option<i32> = "sequence" [optional],
        sequence_total: Option<i32> = "sequenceTotal" [optional],
        delivery_type: Option<Box<str>> = "deliveryType" [optional],
        targeted_program: Option<Box<str>> = "targetedProgram" [optional],
        college_career_type: Option<Box<str>> = "collegeCareerType" [optional],
        term_descriptor_override: Option<Box<str>> = "termDescriptorOverride" [optional],
    }
}

table! {
    /// A section of a course in one trial.
    Section, "Section", Id, false {
        section_id: i64 = "sectionID",
        course_id: i64 = "courseID" [-> Course],
        trial_id: i64 = "trialID" [-> Trial],
        number: Box<str> = "number",
        homeroom_section: bool = "homeroomSection",
        term_descriptor_override: Option<Box<str>> = "termDescriptorOverride" [optional],
    }
}

table! {
    /// Where a section is placed in the schedule: one row per term and period.
    SectionPlacement, "SectionPlacement", Id, false {
        section_placement_id: i64 = "sectionPlacementID",
        section_id: i64 = "sectionID" [-> Section],
        trial_id: i64 = "trialID" [-> Trial],
        term_id: i64 = "termID" [-> Term],
        period_id: Option<i64> = "periodID",
    }
}

table! {
    /// A member of staff.
    StaffMember, "StaffMember", Id, true {
        person_id: i64 = "personID" [personal],
        state_id: Option<Box<str>> = "stateID" [personal],
        first_name: Option<Box<str>> = "firstName" [personal],
        middle_name: Option<Box<str>> = "middleName" [personal optional],
        last_name: Option<Box<str>> = "lastName" [personal],
        email: Option<Box<str>> = "email" [personal optional],
        secondary_email: Option<Box<str>> = "secondaryEmail" [personal optional],
    }
}

table! {
    /// Who taught a section, when.
    SectionStaffHistory, "SectionStaffHistory", Id, true {
        section_staff_history_id: i64 = "sectionStaffHistoryID",
        section_id: i64 = "sectionID" [-> Section],
        trial_id: i64 = "trialID" [-> Trial],
        person_id: i64 = "personID" [personal -> StaffMember],
        staff_type: Option<Box<str>> = "staffType",
        start_date: Option<NaiveDate> = "startDate",
        end_date: Option<NaiveDate> = "endDate",
    }
}
