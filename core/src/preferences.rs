//! Resource Preferences: mappings of local codes, options and toggles.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashMap;
use serde::Serialize;

use crate::snapshot::Snapshot;

/// A mapping that a resource needs: from the codes of an SIS column to Ed-Fi codes.
#[derive(Debug, Serialize)]
pub struct MappingSpec {
    /// Key under `[mappings]`: `term-type`.
    pub key: &'static str,
    /// The label of the document's Resource Preferences table.
    pub label: &'static str,
    /// The column whose codes are mapped.
    pub column: &'static str,
    /// The descriptor whose code values are the targets, or [`BOOLEAN`].
    pub descriptor: &'static str,
    /// The key under which an entry may also name the session or program otherwise than by its default:
    /// `{ code = "S1", session-name = "Fall 2025" }`.
    pub name: Option<&'static str>,
    /// What becomes of a code without an entry.
    pub unmapped: Unmapped,
    /// Visits the codes that the SIS uses, repeated or not.
    #[serde(skip)]
    pub codes: VisitCodes,
}

/// What becomes of a code that a mapping lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unmapped {
    /// What needs it does not report, nor what hangs on that.
    Excluded,
    /// The records that need it are defects.
    Defect,
    /// An element is left out.
    LeftOut,
    /// It counts as none: another value stands in its place.
    Ignored,
    /// As it should be: the mapping chooses what reports.
    NotChosen,
}

impl Unmapped {
    /// After "until then".
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Excluded => "what needs it does not report",
            Self::Defect => "the records that need it cannot be sent",
            Self::LeftOut => "the element is left out",
            Self::Ignored => "it counts as blank",
            Self::NotChosen => "it does not report",
        }
    }
}

/// In the place of a descriptor: the targets of the mapping are `true` and `false`.
pub const BOOLEAN: &str = "boolean";

/// Visits the codes that stand in a column.
pub type VisitCodes = fn(&Snapshot, &mut dyn FnMut(&str));

/// A preference with one value.
#[derive(Debug, Serialize)]
pub struct OptionSpec {
    /// Key under `[options]`: `student-id`.
    pub key: &'static str,
    /// What it decides.
    pub summary: &'static str,
    /// Its value when the config has none.
    pub default: &'static str,
    /// What it may be.
    pub values: OptionValues,
}

/// What an option may be.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OptionValues {
    /// One of these.
    OneOf(&'static [&'static str]),
    /// A text with these fields in braces: `{course.number}-{section.number}`.
    Template(&'static [&'static str]),
}

/// The preferences of one connection.
#[derive(Debug, Clone, Default)]
pub struct Preferences {
    mappings: HashMap<String, Mapping>,
    options: BTreeMap<&'static str, String>,
    toggled_off: BTreeSet<String>,
}

/// One mapping.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    codes: HashMap<String, MappedCode>,
}

/// The Ed-Fi side of one entry of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedCode {
    /// The descriptor value on the wire: `uri://ksde.org/TermDescriptor#S1`.
    pub uri: String,
    /// Its code value: `S1`.
    pub code: String,
    /// The name that the entry gives to the session or program, if it does.
    pub name: Option<String>,
}

impl MappedCode {
    /// The session's name: Core Sessions, `SessionName`, "Reports the Term Descriptor of the Term(s) being
    /// reported", that is the Ed-Fi code, unless the preference names the session otherwise.
    pub fn session_name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.code)
    }

    /// The target of a mapping to [`BOOLEAN`].
    pub fn is_true(&self) -> bool {
        self.code == "true"
    }
}

impl Preferences {
    /// No preferences yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an entry to a mapping.
    pub fn map(&mut self, mapping: &str, local: impl Into<String>, code: MappedCode) {
        self.mappings.entry(mapping.to_owned()).or_default().codes.insert(local.into(), code);
    }

    /// Sets an option. The value has been checked against the option's values.
    pub fn set_option(&mut self, option: &OptionSpec, value: impl Into<String>) {
        self.options.insert(option.key, value.into());
    }

    /// Toggles a resource off.
    pub fn toggle_off(&mut self, resource: impl Into<String>) {
        self.toggled_off.insert(resource.into());
    }

    /// What a local code is mapped to. Codes are compared exactly, after trimming.
    pub fn mapped(&self, mapping: &MappingSpec, local: &str) -> Option<&MappedCode> {
        self.mappings.get(mapping.key)?.codes.get(local)
    }

    /// The entries of a mapping: `(local code, Ed-Fi code)`, in no order.
    pub fn entries(&self, mapping: &MappingSpec) -> impl Iterator<Item = (&str, &MappedCode)> {
        self.mappings.get(mapping.key).into_iter().flat_map(|m| m.codes.iter().map(|(l, c)| (l.as_str(), c)))
    }

    /// The value of an option.
    pub fn option<'a>(&'a self, option: &'a OptionSpec) -> &'a str {
        self.options.get(option.key).map_or(option.default, String::as_str)
    }

    /// Whether a resource is toggled on.
    pub fn is_on(&self, resource: &str) -> bool {
        !self.toggled_off.contains(resource)
    }
}
