//! What happens in a random year.

use proptest::prelude::*;
use rollcall_core::tables::TableName;
use rollcall_sandbox::{Faults, Hit, Moment, What, Whom};

/// One thing that happens in a school year.
#[derive(Debug, Clone)]
pub(super) enum Event {
    /// A cell of the SIS, by its place in [`CELLS`], gets one of its values.
    Cell(usize, usize),
    /// A row of [`ROWS`] comes, or goes.
    Row(usize, bool),
    /// A line of the configuration, by its place in [`LINES`], becomes one of its forms.
    Line(usize, usize),
    /// A line of the configuration becomes one of its forms between two syncs with everything working.
    Mapped(usize, usize),
    /// A sync with everything working.
    Sync,
    /// A resync with everything working.
    Resync,
    /// A resync of some records only, by its place in [`SCOPES`].
    ResyncSome(usize),
    /// What failed is tried again.
    Retry,
    /// What the ODS has of a student is deleted by command; the next sync sends it anew.
    Deleted(usize),
    /// A sync while rows of a table, by its place in [`TABLES`], cannot be read.
    Damaged(usize),
    /// A sync, or a resync, that is killed after so many writes.
    Killed { writes: u64, resync: bool },
    /// A sync against a server that fails.
    Faulty(Fault),
    /// Somebody deletes the n-th of the records that nothing names.
    DeletedByHand(usize),
    /// Somebody changes the title of the n-th course offering.
    ChangedByHand(usize),
    /// The ledger's file is lost, and somebody resyncs as they are told.
    LedgerLost,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Fault {
    /// Every n-th write is answered 500.
    Errors(u64),
    /// Every n-th write is answered 429, for a while.
    Throttled(u64),
    /// Every n-th connection is reset, before or after the write is done.
    Resets(u64, bool),
}

/// Filters of a resync: resources, schools, students.
pub(super) const SCOPES: &[(&[&str], &[&str], &[&str])] = &[
    (&["studentSectionAssociations"], &[], &[]),
    (&["sections", "courseOfferings"], &[], &[]),
    (&["studentSchoolAssociations"], &[], &[]),
    (&[], &["500001"], &[]),
    (&[], &["500002"], &[]),
    (&[], &[], &["7002"]),
    (&[], &[], &["7999"]),
    (&["sectionEducators"], &[], &[]),
];

/// Tables of which rows cannot be read.
pub(super) const TABLES: &[TableName] = &[
    TableName::Roster,
    TableName::Enrollment,
    TableName::Term,
    TableName::SectionPlacement,
    TableName::Section,
    TableName::Person,
    TableName::GradingScore,
    TableName::StaffMember,
    TableName::SectionStaffHistory,
];

pub(super) const STUDENTS: &[&str] = &["7001", "7002", "7999"];

impl Fault {
    pub(super) fn as_faults(self) -> Faults {
        let status = |status| What::Status { status, retry_after: None };
        let (what, every, times) = match self {
            Self::Errors(every) => (status(500), every, None),
            Self::Throttled(every) => (status(429), every, Some(3)),
            Self::Resets(every, true) => (What::Reset(Moment::AfterCommit), every, None),
            Self::Resets(every, false) => (What::Reset(Moment::BeforeCommit), every, None),
        };
        Hit { what, whom: Whom::Every(every), times }.into()
    }
}

pub(super) fn event() -> impl Strategy<Value = Event> {
    let number = || 0..64_usize;
    let fault = prop_oneof![
        (1..4_u64).prop_map(Fault::Errors),
        (1..4_u64).prop_map(Fault::Throttled),
        (1..4_u64, any::<bool>()).prop_map(|(every, after)| Fault::Resets(every, after)),
    ];
    prop_oneof![
        12 => (number(), number()).prop_map(|(at, value)| Event::Cell(at, value)),
        5 => (number(), any::<bool>()).prop_map(|(at, there)| Event::Row(at, there)),
        3 => (number(), number()).prop_map(|(at, form)| Event::Line(at, form)),
        2 => (number(), number()).prop_map(|(at, form)| Event::Mapped(at, form)),
        6 => Just(Event::Sync),
        2 => Just(Event::Resync),
        2 => number().prop_map(Event::ResyncSome),
        1 => Just(Event::Retry),
        1 => number().prop_map(Event::Deleted),
        2 => number().prop_map(Event::Damaged),
        3 => (1..20_u64, any::<bool>()).prop_map(|(writes, resync)| Event::Killed { writes, resync }),
        3 => fault.prop_map(Event::Faulty),
        1 => number().prop_map(Event::DeletedByHand),
        1 => number().prop_map(Event::ChangedByHand),
        1 => Just(Event::LedgerLost),
    ]
}
