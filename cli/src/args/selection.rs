//! What a command is limited to.

use clap::{Args, ValueEnum};

/// Which records a resync looks at; without any of these, all.
#[derive(Debug, Args)]
pub struct Filter {
    /// Of these resources only (more than once for several)
    #[arg(long, value_name = "NAME")]
    pub resource: Vec<String>,
    /// Of these schools only, by the ODS's school id; leaves out resources without a school in their natural key
    #[arg(long, value_name = "ID")]
    pub school: Vec<String>,
    /// Of these students only, by the ODS's student id or as Person:ID; leaves out resources without a student in their
    /// natural key
    #[arg(long, value_name = "ID")]
    pub person: Vec<String>,
    /// One record of the resource: an object key (Roster:100001) or parts of its natural key
    /// (schoolId=1&sessionName=S1)
    #[arg(long, value_name = "KEY", requires = "resource")]
    pub key: Option<String>,
}

/// Which errors of the error log; all that is said has to be true of them.
#[derive(Debug, Args)]
pub struct ErrorSelection {
    /// Of this resource only
    #[arg(long, value_name = "NAME")]
    pub resource: Option<String>,
    /// Of this school only, by its number or name; may be repeated
    #[arg(long, value_name = "SCHOOL")]
    pub school: Vec<String>,
    /// Of this student only, by the state's, Ed-Fi's or the district's id, or as Person:ID; may be repeated
    #[arg(long, value_name = "ID")]
    pub person: Vec<String>,
    /// Of this SIS object (Roster:100001), and of what waits for its record
    #[arg(long, value_name = "OBJECT")]
    pub object: Option<String>,
    /// That ended so
    #[arg(long, value_enum, value_name = "OUTCOME")]
    pub outcome: Option<ErrorOutcome>,
    /// Of this class only (docs/errors.md)
    #[arg(long, value_name = "CLASS")]
    pub class: Option<String>,
    /// Whose last try was in this run
    #[arg(long, value_name = "RUN")]
    pub run: Option<i64>,
}

impl ErrorSelection {
    /// Whether the SIS tables say which errors are meant.
    pub fn needs_tables(&self) -> bool {
        !self.school.is_empty() || !self.person.is_empty()
    }

    /// Whether nothing is left out.
    pub fn is_all(&self) -> bool {
        let Self { resource, school, person, object, outcome, class, run } = self;
        let texts = [resource, object, class];
        school.is_empty()
            && person.is_empty()
            && outcome.is_none()
            && run.is_none()
            && texts.iter().all(|t| t.is_none())
    }
}

/// How a record's last try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ErrorOutcome {
    /// The ODS said no.
    Refused,
    /// Nobody knows whether the ODS has it.
    Unknown,
    /// It waits for another record.
    Held,
    /// Something has to be mended before it can be sent.
    Defect,
}

impl From<ErrorOutcome> for rollcall_ledger::Outcome {
    fn from(outcome: ErrorOutcome) -> Self {
        match outcome {
            ErrorOutcome::Refused => Self::Refused,
            ErrorOutcome::Unknown => Self::Unknown,
            ErrorOutcome::Held => Self::Held,
            ErrorOutcome::Defect => Self::Defect,
        }
    }
}
