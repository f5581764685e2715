//! Why a record that others refer to is not there: the rules' own verdict on the SIS objects that would report it.

use std::collections::HashMap;
use std::sync::Arc;

use rollcall_core::model::{KeyHash, NaturalKey, ResourceModel};
use rollcall_core::resource::Resource;
use rollcall_core::snapshot::{Astray, Snapshot};
use rollcall_core::sources::{SourceValue, Sources};
use rollcall_core::tables::TableName;
use rollcall_core::value::Object;
use rollcall_core::verdict::{ObjectKey, Verdict};

use super::Known;
use crate::check::Checker;
use crate::naming::{VISIBLE_BY, enrollments, person, student};

/// A record that is not at the ODS, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    /// The SIS object that would report it; none when the tables have none.
    pub object: Option<ObjectKey>,
    /// Whether the rules report it now.
    pub reports: bool,
    /// Why it is not there: "Section:2042-511 does not report (no-state-code): Course.stateCode of Course:61 is empty".
    pub why: String,
    /// What to do.
    pub fix: String,
}

/// Looks for absent records. Remembers what it found: thousands of records may wait for one.
#[derive(Default)]
pub struct Absentees {
    /// By resource, the objects of each row.
    objects: HashMap<&'static str, HashMap<ObjectKey, Vec<ObjectKey>>>,
    found: HashMap<(&'static str, KeyHash), Arc<Absent>>,
}

impl Absentees {
    /// Why the record of `key`, which the record of `downstream` refers to, is not at the ODS. For the association through
    /// which the ODS sees a student, `key` is the student's.
    pub fn find(
        &mut self,
        known: &Known<'_>,
        downstream: ObjectKey,
        upstream: &'static dyn Resource,
        key: KeyHash,
    ) -> Arc<Absent> {
        let name = upstream.spec().name;
        if let Some(found) = self.found.get(&(name, key)) {
            return Arc::clone(found);
        }
        let objects = self.behind(known, downstream, upstream);
        // What a term reports is not what a section needs that is placed in it by mistake.
        let terms =
            self.objects.get(name).is_some_and(|rows| rows.keys().any(|row| row.table() == Some(TableName::Term)));
        let astray = if terms { astray(known.cx.snapshot, downstream) } else { None };
        let absent = Arc::new(explain(known, upstream, key, &objects, astray));
        self.found.insert((name, key), Arc::clone(&absent));
        absent
    }

    /// The objects of `upstream` that the object of a downstream record hangs on, the nearest first; of those of one
    /// row, the one of the same term first.
    fn behind(&mut self, known: &Known<'_>, downstream: ObjectKey, upstream: &'static dyn Resource) -> Vec<ObjectKey> {
        let by_row = self.objects.entry(upstream.spec().name).or_insert_with(|| {
            let mut by_row: HashMap<ObjectKey, Vec<ObjectKey>> = HashMap::new();
            upstream.objects(&known.cx, &mut |object| {
                by_row.entry(object.row()).or_default().push(object);
            });
            by_row
        });
        let mut behind = Vec::new();
        let mut rows = known.cx.snapshot.above(downstream);
        if upstream.spec().name == VISIBLE_BY
            && let Some(person) = person(known.cx.snapshot, downstream)
        {
            rows.extend(enrollments(known.cx.snapshot, person));
        }
        for row in rows {
            let mut objects = by_row.get(&row).cloned().unwrap_or_default();
            objects.sort_by_key(|object| object.part() != downstream.part());
            behind.extend(objects);
        }
        behind
    }
}

fn explain(
    known: &Known<'_>,
    upstream: &'static dyn Resource,
    key: KeyHash,
    objects: &[ObjectKey],
    astray: Option<Astray>,
) -> Absent {
    let name = upstream.spec().name;
    let mut first = None;
    for object in objects {
        let mut sources = Sources::recording();
        let absent = match upstream.verdict(&known.cx, *object, &mut sources) {
            Verdict::Report(body) => {
                let model = known.checker.model(name);
                let same = model.is_some_and(|model| is_meant(known.checker, model, &body, key));
                let violations = model.map(|model| known.checker.violations(model, &body));
                let violation = violations.unwrap_or_default().into_iter().next();
                let Some(violation) = violation.filter(|_| same) else {
                    if same {
                        return Absent {
                            object: Some(*object),
                            reports: true,
                            why: format!("{name} {object} reports, and is not at the ODS all the same"),
                            fix: format!(
                                "see the error of {name} {object} itself; if it has none, `rollcall resync` sends it"
                            ),
                        };
                    }
                    continue;
                };
                Absent {
                    object: Some(*object),
                    reports: false,
                    why: format!("{name} {object} cannot be sent: {}: {}", violation.path, violation.kind),
                    fix: crate::plan::PAYLOAD_FIX.to_owned(),
                }
            }
            Verdict::Exclude(exclusion) => {
                let decided = sources.values().last();
                let row = exclusion.because.filter(|row| decided.is_some_and(|value| stands_in(value, *row)));
                let value = decided.map_or_else(|| exclusion.rule.text.to_owned(), |value| shown(value, row));
                let fix = decided.map_or_else(
                    || format!("see `rollcall explain {name} {object}`"),
                    |value| {
                        let column = value.column;
                        format!(
                            "if it should report, correct {column} in the SIS; what waits then goes out by itself \
                             (`rollcall explain {name} {object}` shows the whole)"
                        )
                    },
                );
                Absent {
                    object: Some(*object),
                    reports: false,
                    why: format!("{name} {object} does not report ({}): {value}", exclusion.rule.name),
                    fix,
                }
            }
            Verdict::Defect(problem) => Absent {
                object: Some(*object),
                reports: false,
                why: format!("{name} {object} has a defect: {problem}"),
                fix: problem.fix,
            },
        };
        if astray.is_none_or(|astray| *object != ObjectKey::new(TableName::Term, astray.term)) {
            first.get_or_insert(absent);
        }
    }
    let none = format!("the SIS tables have no row that would report the {name} record");
    first.unwrap_or_else(|| Absent {
        object: None,
        reports: false,
        why: astray.map_or_else(|| none.clone(), |astray| format!("{none}: {}", astray.message())),
        fix: astray.map_or_else(
            || format!("add the row to the SIS, or correct what this record names as its {name} record"),
            |astray| format!("{}; `rollcall check --offline` says in which row of the file it stands", astray.fix()),
        ),
    })
}

/// The placement of an object's section in a term of another school or school year.
fn astray(snapshot: &Snapshot, object: ObjectKey) -> Option<Astray> {
    let rows = snapshot.above(object);
    let row = |table| rows.iter().find(|row| row.table() == Some(table)).map(|row| row.id());
    let section = snapshot.sections.get(row(TableName::Section)?)?;
    snapshot.astray(section, snapshot.terms.get(row(TableName::Term)?)?)
}

/// Whether a record is the one that is looked for: by its own key, or, of an association, by its student's.
fn is_meant(checker: &Checker, model: &ResourceModel, body: &Object<'_>, key: KeyHash) -> bool {
    if model.name == VISIBLE_BY {
        return NaturalKey::of(model, body).and_then(|own| student(checker, &own)) == Some(key);
    }
    KeyHash::of(model, body) == Some(key)
}

/// A value as it may be told: "Course.stateCode of Course:61 is empty"; a personal one is not repeated.
pub(super) fn shown(value: &SourceValue, row: Option<ObjectKey>) -> String {
    let of = row.map(|row| format!(" of {row}")).unwrap_or_default();
    let column = value.column;
    if value.value.is_empty() {
        format!("{column}{of} is empty")
    } else if is_personal(column) {
        format!("{column}{of} decides")
    } else {
        format!("{column}{of} is {}", value.value)
    }
}

/// Whether a column (`Person.birthDate`) holds or identifies a person.
pub(super) fn is_personal(cited: &str) -> bool {
    let column = cited.split_once('.').and_then(|(table, name)| {
        let spec = TableName::parse(table)?.spec();
        spec.columns.iter().find(|column| column.name == name)
    });
    column.is_none_or(|column| column.personal)
}

fn stands_in(value: &SourceValue, row: ObjectKey) -> bool {
    value.column.split_once('.').and_then(|(table, _)| TableName::parse(table)) == row.table()
}
