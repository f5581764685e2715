//! The records that a body refers to, and whether they will be at the ODS.

use std::hash::{BuildHasher as _, Hasher as _};

use foldhash::fast::RandomState;
use rollcall_core::model::{KeyHash, Reference, ResourceModel};
use rollcall_core::value::{Object, Value};
use rollcall_core::verdict::ObjectKey;

use super::Upstream;
use super::asking::{Missing, Question};
use crate::check::Checker;
use crate::naming::VISIBLE_BY;

/// So many answers are remembered.
const SLOTS: usize = 1 << 10;

/// What was found out about references before: all rosters of a student refer to one student, all of a section to one
/// section. The references are held whole, so that none is taken for another.
pub(super) struct Remembered<'a> {
    slots: Vec<Option<Slot<'a>>>,
    hasher: RandomState,
}

struct Slot<'a> {
    /// Its place among the references of the resource.
    at: usize,
    value: Object<'a>,
    found: Found,
}

/// What a reference names.
#[derive(Clone, Copy)]
struct Found {
    /// The first record that it names, if that will not be at the ODS.
    missing: Option<(&'static str, KeyHash)>,
    /// The student that it names.
    student: Option<KeyHash>,
}

impl<'a> Remembered<'a> {
    /// Nothing yet; always of one resource.
    pub(super) fn new() -> Self {
        Self { slots: std::iter::repeat_with(|| None).take(SLOTS).collect(), hasher: RandomState::default() }
    }

    /// The first reference of a body that nothing at the ODS will answer.
    pub(super) fn missing(
        &mut self,
        question: &Question<'a>,
        model: &'static ResourceModel,
        object: ObjectKey,
        body: &Object<'a>,
    ) -> Option<Missing> {
        let Question { cx, checker, upstream, hidden, .. } = question;
        for (at, reference) in model.class.references.iter().enumerate() {
            let Some(Value::Object(value)) = body.get(&reference.name) else { continue };
            let slot = self.slot(at, value);
            let found = match &mut self.slots[slot] {
                Some(slot) if slot.at == at && slot.value == *value => slot.found,
                slot => {
                    let found = look_up(checker, upstream, reference, value);
                    // A copy: the body has to stay whole, since its school year is read from a reference.
                    *slot = Some(Slot { at, value: value.clone(), found });
                    found
                }
            };
            let member = || reference.name.clone();
            if let Some((resource, key)) = found.missing {
                return Some(Missing { member: member(), resource, key });
            }
            if let Some((hidden, student)) = hidden.zip(found.student)
                && hidden.hides(cx, object, student)
            {
                return Some(Missing { member: member(), resource: VISIBLE_BY, key: student });
            }
        }
        let mut missing = None;
        checker.nested_references(model, body, &mut |member, resource, key| {
            if missing.is_none() && upstream.lacks(resource, &key) {
                missing = Some(Missing { member: member.to_owned(), resource, key });
            }
        });
        missing
    }

    fn slot(&self, at: usize, value: &Object<'_>) -> usize {
        let mut hasher = self.hasher.build_hasher();
        hasher.write_usize(at);
        for (_, member) in value.iter() {
            match member {
                Value::Text(text) => hasher.write(text.as_bytes()),
                Value::Integer(number) => hasher.write_i64(*number),
                _ => {}
            }
        }
        usize::try_from(hasher.finish() % SLOTS as u64).unwrap_or_default()
    }
}

/// The records that a reference names.
fn look_up(checker: &Checker, upstream: &Upstream, reference: &Reference, value: &Object<'_>) -> Found {
    let mut found = Found { missing: None, student: None };
    for target in checker.standard().concrete(&reference.target) {
        let Some(key) = KeyHash::of_reference(reference, target, value) else { continue };
        let resource = target.name.as_str();
        if found.missing.is_none() && upstream.lacks(resource, &key) {
            found.missing = Some((resource, key));
        }
        if reference.name == "studentReference" {
            found.student = Some(key);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::ops::RangeInclusive;

    use rollcall_core::context::Context;
    use rollcall_core::extension::Extension;
    use rollcall_core::model::{Class, KeySet, Kind, Property};
    use rollcall_core::preferences::Preferences;
    use rollcall_core::registry::StateView;
    use rollcall_core::resource::{Resource, ResourceSpec};
    use rollcall_core::snapshot::Snapshot;
    use rollcall_core::sources::Sources;
    use rollcall_core::state::State;
    use rollcall_core::tables::TableName;
    use rollcall_core::testing::{spec, state};
    use rollcall_core::verdict::Verdict;

    use super::super::scope::Rows;
    use super::*;

    const NAME: &str = "studentSectionAssociations";

    static STATE: State = state("xx");

    static SPEC: ResourceSpec = spec(NAME);

    struct Associations;

    impl Resource for Associations {
        fn spec(&self) -> &'static ResourceSpec {
            &SPEC
        }

        fn objects(&self, _: &Context<'_>, _: &mut dyn FnMut(ObjectKey)) {}

        fn verdict<'a>(&self, _: &Context<'a>, _: ObjectKey, _: &mut Sources) -> Verdict<'a> {
            Verdict::Report(Object::new())
        }
    }

    /// A reference that the state takes in one of its two years.
    struct Students2026;

    impl Extension for Students2026 {
        fn key(&self) -> &'static str {
            "xx"
        }

        fn resource(&self) -> &'static str {
            NAME
        }

        fn years(&self) -> RangeInclusive<i32> {
            2026..=2026
        }

        fn class(&self) -> Class {
            let helper = Reference {
                name: "helperReference".to_owned(),
                target: "students".to_owned(),
                required: false,
                identity: false,
                properties: vec![Property::new("studentUniqueId", Kind::String)],
            };
            Class { references: vec![helper], ..Class::default() }
        }
    }

    fn body(year: i32, student: &'static str, helper: &'static str) -> Object<'static> {
        let extension = Object::new().with("helperReference", Object::new().with("studentUniqueId", helper));
        Object::new()
            .with("sectionReference", Object::new().with("schoolYear", i64::from(year)))
            .with("studentReference", Object::new().with("studentUniqueId", student))
            .with("_ext", Object::new().with("xx", extension))
    }

    #[test]
    fn what_is_missing_does_not_depend_on_what_was_remembered() {
        let state = StateView {
            state: &STATE,
            resources: vec![&Associations],
            namespaces: Vec::new(),
            extensions: vec![&Students2026],
            extension_resources: Vec::new(),
        };
        let checker = Checker::new(&state, &[2026, 2027]);
        let model = checker.model(NAME).unwrap();
        let there = KeyHash::of(checker.model("students").unwrap(), &Object::new().with("studentUniqueId", "1"));
        let upstream = Upstream { keys: KeySet::from_iter(there), sent: std::iter::once("students").collect() };
        let snapshot = Snapshot::empty();
        let (preferences, unreported) = (Preferences::default(), HashMap::new());
        let cx = Context { snapshot: &snapshot, preferences: &preferences, years: &[2026, 2027] };
        let question = Question {
            cx: &cx,
            checker: &checker,
            upstream: &upstream,
            hidden: None,
            resync: None,
            rows: Rows::All,
            unreported: &unreported,
            compares: false,
        };
        let mut remembered = Remembered::new();
        let mut member = |body| {
            let object = ObjectKey::new(TableName::Roster, 1);
            remembered.missing(&question, model, object, &body).map(|missing| missing.member)
        };
        // Each twice: when the references are looked up, and when they are remembered. The extension is read by the year
        // in the section's reference, which has to be there also while it is looked up.
        for _ in 0..2 {
            assert_eq!(member(body(2026, "1", "2")).as_deref(), Some("helperReference"));
            assert_eq!(member(body(2026, "1", "1")), None);
            assert_eq!(member(body(2026, "2", "1")).as_deref(), Some("studentReference"));
            assert_eq!(member(body(2027, "1", "2")), None);
        }
    }
}
