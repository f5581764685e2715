//! A resource: its elements as data, and one pure function.

use serde::Serialize;

use crate::context::Context;
use crate::preferences::{MappingSpec, OptionSpec};
use crate::sources::Sources;
use crate::tables::TableName;
use crate::verdict::{ObjectKey, Rule, Verdict};

/// One resource in one state's version (or in the standard's own).
///
/// Both methods are pure: they see the snapshot and the preferences in the context and nothing else.
pub trait Resource: Sync {
    /// The resource as its document describes it.
    fn spec(&self) -> &'static ResourceSpec;

    /// Visits the SIS objects of the scope year that the resource has to decide about, in the order of their ids.
    fn objects(&self, cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey));

    /// Decides about one SIS object. Objects that stand behind one record give the same natural key; the newest
    /// object's body (the highest key) is the one that is sent.
    ///
    /// An object that is not in the snapshot (any more) is excluded.
    fn verdict<'a>(&self, cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Verdict<'a>;
}

/// A resource as its document describes it.
#[derive(Debug, Serialize)]
pub struct ResourceSpec {
    /// Name in URLs: `studentSectionAssociations`.
    pub name: &'static str,
    /// The source document, or what is read in its place.
    pub document: &'static str,
    /// The document's summary in a sentence.
    pub summary: &'static str,
    /// Its element table.
    pub elements: &'static [Element],
    /// Its trigger tables.
    pub triggers: &'static [Trigger],
    /// Every rule that can decide that nothing reports, in the order in which they are asked.
    pub exclusions: &'static [&'static Rule],
    /// The Resource Preferences mappings that its elements use.
    pub mappings: &'static [&'static MappingSpec],
    /// Its other preferences.
    pub options: &'static [&'static OptionSpec],
    /// The tables of which a record may use other rows than the one that it is about (the terms of a session, the scores
    /// of a student): a row of theirs that cannot be read may change what the record says, so its updates wait.
    pub gathers: &'static [TableName],
    /// Whether several districts write the same records (students, staff): such records are never deleted by a sync;
    /// the last district to write wins.
    pub shared: bool,
}

/// One row of a document's trigger tables.
#[derive(Debug, Serialize)]
pub struct Trigger {
    /// `Post`, `Put`, `Delete/Post`, `Delete`, `Resync` or `None`.
    pub action: &'static str,
    /// When, in the document's words or a shorter form of them.
    pub when: &'static str,
}

impl Trigger {
    /// One row.
    pub const fn new(action: &'static str, when: &'static str) -> Self {
        Self { action, when }
    }
}

/// One row of a document's element table.
#[derive(Debug, Serialize)]
pub struct Element {
    /// Data element label, with the path of members where it is nested: `_ext.ks.courseStatusDescriptor`.
    pub name: &'static str,
    /// `date`, `reference`, `descriptor`, `array` …
    pub kind: &'static str,
    /// Mandatory, conditional or optional.
    pub need: Need,
    /// Part of the natural key.
    pub key: bool,
    /// The SIS columns it comes from: `Roster.startDate`.
    pub columns: &'static [&'static str],
    /// The business rule in a sentence; for an element that does not report, says so.
    pub rule: &'static str,
}

impl Element {
    /// An element of the document's table, or of the state's server, that does not report; the rule says why.
    pub const fn not_reported(name: &'static str, kind: &'static str, rule: &'static str) -> Self {
        Self { name, kind, need: Need::NotReported, key: false, columns: &[], rule }
    }
}

/// Whether an element has to report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Need {
    /// Mandatory.
    M,
    /// Conditional.
    C,
    /// Optional.
    O,
    /// In the document's table, but does not report.
    #[serde(rename = "-")]
    NotReported,
}

impl Need {
    /// `M`, `C`, `O`, or `-` for an element that does not report.
    pub const fn letter(self) -> &'static str {
        match self {
            Self::M => "M",
            Self::C => "C",
            Self::O => "O",
            Self::NotReported => "-",
        }
    }
}
