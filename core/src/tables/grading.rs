//! Grading tasks, score lists and posted scores.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

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
    #[derive(Serialize, Deserialize)]
    GradingScore, "GradingScore", Id, true {
        score_id: i64 = "scoreID",
        person_id: i64 = "personID" [personal -> Person],
        calendar_id: i64 = "calendarID" [-> Calendar],
        section_id: i64 = "sectionID" [-> Section],
        task_id: i64 = "taskID" [-> GradingTask],
        term_id: Option<i64> = "termID" [-> Term],
        score: Option<Box<str>> = "score" [personal],
        #[serde(with = "days")]
        date: Option<NaiveDate> = "date",
    }
}

/// A date as the number of its day: it is packed in three bytes in the place of eleven.
mod days {
    use chrono::{Datelike, NaiveDate};
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    #[expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde asks for it so")]
    pub(super) fn serialize<S: Serializer>(date: &Option<NaiveDate>, serializer: S) -> Result<S::Ok, S::Error> {
        date.map(|date| date.num_days_from_ce()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
        let Some(day) = Option::<i32>::deserialize(deserializer)? else { return Ok(None) };
        let date = NaiveDate::from_num_days_from_ce_opt(day);
        date.map(Some).ok_or_else(|| de::Error::custom("no date has this number"))
    }
}
