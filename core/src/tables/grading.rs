//! Grading tasks, score lists and posted scores.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::row::table;

table! {
    /// A grading task (`Final Grade`, `Progress` …).
    GradingTask, "GradingTask", Id, true {
        task_id: i64 = "taskID",
        name: Option<Box<str>> = "name",
        /// Whether a score of this task is a final grade.
        is_final: bool = "final",
        state_reported: bool = "stateReported" [optional],
    }
}

table! {
    /// A grading task on a course, with its score list.
    GradingTaskCredit, "GradingTaskCredit", Id, true {
        grading_task_credit_id: i64 = "gradingTaskCreditID",
        course_id: i64 = "courseID" [-> Course],
        calendar_id: i64 = "calendarID" [-> Calendar],
        task_id: i64 = "taskID" [-> GradingTask],
        score_group_id: Option<i64> = "scoreGroupID",
        credit: Option<Decimal> = "credit",
    }
}

table! {
    /// A score of a score list, with whether it passes.
    ScoreListItem, "ScoreListItem", No, true {
        score_group_id: i64 = "scoreGroupID",
        score: Box<str> = "score",
        name: Option<Box<str>> = "name" [optional],
        passing_score: bool = "passingScore",
    }
}

table! {
    /// A student's score for a task in a section; posted when `score` is not null.
    GradingScore, "GradingScore", Id, true {
        score_id: i64 = "scoreID",
        person_id: i64 = "personID" [personal -> Person],
        calendar_id: i64 = "calendarID" [-> Calendar],
        section_id: i64 = "sectionID" [-> Section],
        task_id: i64 = "taskID" [-> GradingTask],
        term_id: Option<i64> = "termID" [-> Term],
        score: Option<Box<str>> = "score" [personal],
        date: Option<NaiveDate> = "date",
    }
}
