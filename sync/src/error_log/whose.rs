//! Whose record an error is about: its schools and its student, by the SIS where the row is still there, else by the
//! natural key.

use std::collections::BTreeSet;

use rollcall_core::snapshot::Snapshot;
use rollcall_core::tables::{Person, School, TableName};
use rollcall_core::verdict::ObjectKey;
use rollcall_ledger::ErrorEntry;

/// The schools and the student of a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Whose {
    /// Ids of `School` rows. A student's own record is of every school that enrolls them.
    pub schools: BTreeSet<i64>,
    /// The id of the `Person` row.
    pub person: Option<i64>,
}

/// Schools and students that are asked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Ids of `School` rows; empty: any.
    pub schools: BTreeSet<i64>,
    /// Ids of `Person` rows; empty: any.
    pub persons: BTreeSet<i64>,
}

impl Whose {
    /// Of an error's record.
    pub fn of(snapshot: &Snapshot, entry: &ErrorEntry) -> Self {
        let mut whose =
            ObjectKey::parse(&entry.object).map(|object| Self::of_object(snapshot, object)).unwrap_or_default();
        let part = |wanted: &str| {
            let mut parts = entry.natural_key.split('&').filter_map(|part| part.split_once('='));
            parts.find(|(name, _)| *name == wanted).map(|(_, value)| value)
        };
        if whose.schools.is_empty()
            && let Some(school) = part("schoolId").and_then(|id| schools(snapshot, id).next())
        {
            whose.schools.insert(school);
        }
        if whose.person.is_none() {
            whose.person = part("studentUniqueId").and_then(|id| persons(snapshot, id).next());
        }
        whose
    }

    /// Of an object's record.
    pub fn of_object(snapshot: &Snapshot, object: ObjectKey) -> Self {
        let above = snapshot.above(object);
        let ids = |table| above.iter().filter_map(move |row| row.only(table));
        let mut whose = Self { schools: ids(TableName::School).collect(), person: ids(TableName::Person).next() };
        if let Some(person) = whose.person.filter(|_| whose.schools.is_empty()) {
            let calendars = snapshot.enrollments_of(person).filter_map(|e| snapshot.calendars.get(e.calendar_id));
            whose.schools = calendars.map(|calendar| calendar.school_id).collect();
        }
        whose
    }

    /// Whether it is one of those asked for.
    pub fn is_asked(&self, asked: &Asked) -> bool {
        (asked.schools.is_empty() || !self.schools.is_disjoint(&asked.schools))
            && (asked.persons.is_empty() || self.person.is_some_and(|person| asked.persons.contains(&person)))
    }
}

impl Asked {
    /// The schools and students of some texts; a text that means none is the error.
    pub fn parse<'t>(
        snapshot: &Snapshot,
        school_texts: &'t [String],
        person_texts: &'t [String],
    ) -> Result<Self, &'t str> {
        let mut asked = Self::default();
        for text in school_texts {
            let before = asked.schools.len();
            asked.schools.extend(schools(snapshot, text));
            if asked.schools.len() == before {
                return Err(text);
            }
        }
        for text in person_texts {
            let before = asked.persons.len();
            asked.persons.extend(persons(snapshot, text));
            if asked.persons.len() == before {
                return Err(text);
            }
        }
        Ok(asked)
    }
}

/// The schools that a number or a name means.
fn schools<'a>(snapshot: &'a Snapshot, text: &'a str) -> impl Iterator<Item = i64> + 'a {
    let means = move |school: &&School| {
        &*school.number == text
            || school.ed_fi_school_number.as_deref() == Some(text)
            || school.name.eq_ignore_ascii_case(text)
    };
    snapshot.schools.iter().filter(means).map(|school| school.school_id)
}

/// The students that an id means: the state's, Ed-Fi's, the district's own number or the row (`Person:901`).
fn persons<'a>(snapshot: &'a Snapshot, text: &'a str) -> impl Iterator<Item = i64> + 'a {
    let row = ObjectKey::parse(text).and_then(|object| object.only(TableName::Person));
    let means = move |person: &&Person| {
        let ids = [&person.state_id, &person.ed_fi_id, &person.student_number];
        row == Some(person.person_id) || ids.iter().any(|id| id.as_deref() == Some(text))
    };
    snapshot.people.iter().filter(means).map(|person| person.person_id)
}
