//! The SIS values that a record was built from.
//!
//! Rules read the SIS through [`Sources::read`], naming the column as the source documents do. That gives three
//! things at once: the source fingerprint (what decides whether a change of the SIS concerns this record), the values
//! that `explain` shows, and a check that rules cite columns that exist.

mod text;

pub use text::SourceText;
pub(crate) use text::plain_date;

/// A 128-bit fingerprint of a record's source or of its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 16]);

impl Fingerprint {
    /// The fingerprint of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut short = [0; 16];
        short.copy_from_slice(&blake3::hash(bytes).as_bytes()[..16]);
        Self(short)
    }
}

/// One value that a rule read.
#[derive(Clone, PartialEq, Eq)]
pub struct SourceValue {
    /// `Roster.startDate`
    pub column: &'static str,
    /// The value as text; empty for null.
    pub value: String,
}

impl std::fmt::Debug for SourceValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}=…", self.column)
    }
}

/// What a rule had read when it excluded an object: if the same object reports later and its sources begin in the same way,
/// only a preference can have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Bytes read.
    pub length: u32,
    /// Their fingerprint.
    pub print: Fingerprint,
}

/// Something that the SIS has and a record leaves out, because a rule or a missing mapping says so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Omission {
    /// The element: `_ext.wi.programs`.
    pub element: &'static str,
    /// Why, without student data: the same words for every record of one cause.
    pub reason: String,
}

impl std::fmt::Display for Omission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.element, self.reason)
    }
}

/// Collects what a rule reads while it decides about one SIS object.
#[derive(Default)]
pub struct Sources {
    /// Whether what is read is kept for fingerprints.
    collects: bool,
    bytes: Vec<u8>,
    decisive: Vec<u8>,
    values: Option<Vec<SourceValue>>,
    omissions: Vec<Omission>,
}

impl Sources {
    /// Collects fingerprints only: what plans do.
    pub fn new() -> Self {
        Self { collects: true, ..Self::default() }
    }

    /// Collects no values at all: for who wants the rule's answer alone, and what it omits.
    pub fn ignored() -> Self {
        Self::default()
    }

    /// Collects the values too: what `explain` does.
    pub fn recording() -> Self {
        Self { values: Some(Vec::new()), ..Self::new() }
    }

    /// Notes that a rule used the value of a column (`Table.column`), and gives the value back.
    pub fn read<T: SourceText>(&mut self, column: &'static str, value: T) -> T {
        let value = self.follow(column, value);
        self.show(column, value)
    }

    /// Notes a value whose change concerns the record, though the record as it is now does not show it: a rule that
    /// chooses among many rows by a mapping follows all of them, so that a changed mapping does not look like a changed
    /// SIS.
    pub fn follow<T: SourceText>(&mut self, column: &'static str, value: T) -> T {
        debug_assert!(crate::tables::is_column(column), "{column} is not a column of the SIS tables");
        if self.collects {
            value.feed(&mut self.bytes);
            self.bytes.push(0x1f);
        }
        value
    }

    /// Notes a value that decides whether a preference lets the object report, and that the record's own source does not
    /// have at this place: the objects of one record have one source, whichever of them is the newest.
    pub fn decide<T: SourceText>(&mut self, column: &'static str, value: T) -> T {
        debug_assert!(crate::tables::is_column(column), "{column} is not a column of the SIS tables");
        if self.collects {
            value.feed(&mut self.decisive);
            self.decisive.push(0x1f);
        }
        self.show(column, value)
    }

    /// Notes a value for `explain` alone: one of those that were followed, and that the record was built from.
    pub fn show<T: SourceText>(&mut self, column: &'static str, value: T) -> T {
        if let Some(values) = &mut self.values {
            let mut text = Vec::new();
            value.feed(&mut text);
            let entry = SourceValue { column, value: String::from_utf8_lossy(&text).into_owned() };
            if !values.contains(&entry) {
                values.push(entry);
            }
        }
        value
    }

    /// Reads for the fingerprints alone: what a record would be built from that a preference keeps back or leaves unasked.
    pub fn unseen<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let (values, omissions) = (self.values.take(), self.omissions.len());
        let answer = read(self);
        self.values = values;
        self.omissions.truncate(omissions);
        answer
    }

    /// The fingerprint of what was read so far.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.bytes)
    }

    /// What was read so far, to be recognised later.
    pub fn mark(&self) -> Mark {
        let length = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        Mark { length, print: self.print(&self.bytes) }
    }

    /// Whether what was read begins with just what had been read when a mark was made.
    pub fn begins_with(&self, mark: &Mark) -> bool {
        let begin = self.bytes.get(..mark.length as usize);
        begin.is_some_and(|begin| self.print(begin) == mark.print)
    }

    /// The fingerprint of what was read and of what decided.
    fn print(&self, read: &[u8]) -> Fingerprint {
        Fingerprint::of(&[read, &[0x1e], &self.decisive].concat())
    }

    /// The values read so far, each once, in order; empty unless recording.
    pub fn values(&self) -> &[SourceValue] {
        self.values.as_deref().unwrap_or_default()
    }

    /// Notes that the record leaves something out that the SIS has: a plan counts it as a finding.
    pub fn omit(&mut self, element: &'static str, reason: impl Into<String>) {
        self.omissions.push(Omission { element, reason: reason.into() });
    }

    /// What was left out so far.
    pub fn omissions(&self) -> &[Omission] {
        &self.omissions
    }

    /// Forgets everything, to be used for the next object.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.decisive.clear();
        self.omissions.clear();
        if let Some(values) = &mut self.values {
            values.clear();
        }
    }
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sources({} bytes)", self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    #[test]
    fn a_changed_value_changes_the_fingerprint_and_an_equal_one_does_not() {
        let print = |start: Option<NaiveDate>| {
            let mut sources = Sources::new();
            sources.read("Roster.rosterID", 7_i64);
            sources.read("Roster.startDate", start);
            sources.fingerprint()
        };
        let date = NaiveDate::from_ymd_opt(2025, 8, 14);
        assert_eq!(print(date), print(date));
        assert_ne!(print(date), print(None));
    }

    #[test]
    fn sources_begin_with_what_was_read_before_an_exclusion() {
        let mut sources = Sources::new();
        sources.read("Term.termType", "Winter");
        let mark = sources.mark();
        sources.read("Term.startDate", NaiveDate::from_ymd_opt(2026, 1, 5));
        assert!(sources.begins_with(&mark));
        sources.clear();
        sources.read("Term.termType", "Spring");
        sources.read("Term.startDate", NaiveDate::from_ymd_opt(2026, 1, 5));
        assert!(!sources.begins_with(&mark));
        sources.clear();
        assert!(!sources.begins_with(&mark), "nothing was read yet");
        sources.decide("Term.termType", "Winter");
        let mark = sources.mark();
        let source = sources.fingerprint();
        sources.clear();
        sources.decide("Term.termType", "Spring");
        assert_eq!(sources.fingerprint(), source, "what decides is no part of the source");
        assert!(!sources.begins_with(&mark));
    }

    #[test]
    fn what_is_read_unseen_is_of_the_source_and_not_shown() {
        let read = |sources: &mut Sources| {
            sources.read("Roster.rosterID", 7_i64);
            sources.omit("_ext.wi.programs", "no such program");
        };
        let (mut seen, mut unseen) = (Sources::recording(), Sources::recording());
        read(&mut seen);
        unseen.unseen(read);
        assert_eq!(seen.fingerprint(), unseen.fingerprint());
        assert_eq!((seen.values().len(), seen.omissions().len()), (1, 1));
        assert_eq!((unseen.values().len(), unseen.omissions().len()), (0, 0));
        unseen.read("Roster.rosterID", 7_i64);
        assert_eq!(unseen.values().len(), 1, "it is recording again");
    }

    #[test]
    fn ignored_sources_keep_omissions_only() {
        let mut sources = Sources::ignored();
        assert_eq!(sources.read("Roster.rosterID", 7_i64), 7);
        sources.decide("Term.termType", "Winter");
        sources.omit("_ext.wi.programs", "no such program");
        assert_eq!((sources.mark().length, sources.omissions().len()), (0, 1));
        assert_eq!(sources.mark(), Sources::new().mark());
    }

    #[test]
    fn recording_keeps_each_value_once() {
        let mut sources = Sources::recording();
        sources.read("Course.number", "ALG-1");
        sources.read("Course.number", "ALG-1");
        sources.read("Roster.endDate", NaiveDate::from_ymd_opt(2025, 12, 19));
        let values: Vec<_> = sources.values().iter().map(|v| (v.column, v.value.as_str())).collect();
        assert_eq!(values, [("Course.number", "ALG-1"), ("Roster.endDate", "2025-12-19")]);
    }
}
