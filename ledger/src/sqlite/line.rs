//! Changes as they are written: texts and bytes in the place of types.

use std::borrow::Cow;

use rollcall_core::model::{KeyHash, NaturalKey};
use rollcall_core::sources::Mark;
use rollcall_core::verdict::ObjectKey;
use serde::{Deserialize, Serialize};

use super::names::Names;
use crate::change::{Change, Failure};
use crate::entry::{Operation, Outcome};

type Text<'a> = Cow<'a, str>;
type Print = [u8; 16];

/// One change of one resource. See [`Change`] for what each means.
#[derive(Serialize, Deserialize)]
pub(super) enum Line<'a> {
    Intend {
        key: Print,
        #[serde(borrow)]
        natural_key: Text<'a>,
        operation: Operation,
        objects: Text<'a>,
    },
    Delivered {
        key: Print,
        #[serde(borrow)]
        ods_id: Option<Text<'a>>,
        source: Print,
        payload: Print,
    },
    Unsent {
        key: Print,
    },
    Pending {
        key: Print,
        #[serde(borrow)]
        natural_key: Text<'a>,
    },
    Gone {
        key: Print,
    },
    Forget {
        key: Print,
    },
    Rekeyed {
        from: Print,
        key: Print,
        #[serde(borrow)]
        natural_key: Text<'a>,
        ods_id: Option<Text<'a>>,
        source: Print,
        payload: Print,
        objects: Text<'a>,
    },
    Found {
        key: Print,
        #[serde(borrow)]
        natural_key: Text<'a>,
        ods_id: Text<'a>,
        says: Option<(Print, Print)>,
        objects: Text<'a>,
    },
    Source {
        key: Print,
        source: Print,
    },
    Objects {
        key: Print,
        #[serde(borrow)]
        objects: Text<'a>,
    },
    #[serde(borrow)]
    Failed(Box<FailedLine<'a>>),
    /// Each object with the length and the fingerprint of what was read, if a preference is still behind it.
    Unreported(Vec<(Text<'a>, Option<(u32, Print)>)>),
    ForgetDefect {
        #[serde(borrow)]
        object: Text<'a>,
    },
    ForgetDefects,
}

/// A [`Failure`].
#[derive(Serialize, Deserialize)]
pub(super) struct FailedLine<'a> {
    pub(super) run: i64,
    #[serde(borrow)]
    pub(super) at: Text<'a>,
    pub(super) object: Text<'a>,
    /// With its hash; none for a defect that has none.
    pub(super) natural_key: Option<(Print, Text<'a>)>,
    pub(super) operation: Option<Operation>,
    pub(super) outcome: Outcome,
    pub(super) status: Option<u16>,
    pub(super) class: Text<'a>,
    pub(super) message: Text<'a>,
    pub(super) fix: Text<'a>,
    pub(super) waits_for: Option<Text<'a>>,
    pub(super) payload: Option<Cow<'a, [u8]>>,
    pub(super) element: Option<Text<'a>>,
    /// A JSON list.
    pub(super) causes: Option<Text<'a>>,
    pub(super) urn: Option<Text<'a>>,
    pub(super) correlation_id: Option<Text<'a>>,
    pub(super) root_resource: Option<Text<'a>>,
    pub(super) root_object: Option<Text<'a>>,
    pub(super) root_key: Option<Text<'a>>,
}

impl<'a> Line<'a> {
    /// The line of a change, and its resource.
    pub(super) fn of(change: &'a Change, names: &Names) -> (&'a str, Self) {
        let text = |key: &NaturalKey| Cow::Owned(names.text(key));
        let linked = |objects: &[ObjectKey]| Cow::Owned(objects_text(objects));
        match change {
            Change::Intend { resource, natural_key, operation, objects } => {
                let (key, natural_key) = (natural_key.hash().0, text(natural_key));
                (resource, Self::Intend { key, natural_key, operation: *operation, objects: linked(objects) })
            }
            Change::Delivered { resource, key, ods_id, source, payload } => {
                let ods_id = ods_id.as_deref().map(Cow::Borrowed);
                (resource, Self::Delivered { key: key.0, ods_id, source: source.0, payload: payload.0 })
            }
            Change::Unsent { resource, key } => (resource, Self::Unsent { key: key.0 }),
            Change::Pending { resource, natural_key } => {
                (resource, Self::Pending { key: natural_key.hash().0, natural_key: text(natural_key) })
            }
            Change::Gone { resource, key } => (resource, Self::Gone { key: key.0 }),
            Change::Forget { resource, key } => (resource, Self::Forget { key: key.0 }),
            Change::Rekeyed { resource, from, natural_key, ods_id, source, payload, objects } => {
                let (key, natural_key) = (natural_key.hash().0, text(natural_key));
                let (source, payload, objects) = (source.0, payload.0, linked(objects));
                let ods_id = ods_id.as_deref().map(Cow::Borrowed);
                (resource, Self::Rekeyed { from: from.0, key, natural_key, ods_id, source, payload, objects })
            }
            Change::Found { resource, natural_key, ods_id, says, objects } => {
                let (key, natural_key) = (natural_key.hash().0, text(natural_key));
                let says = says.map(|(source, payload)| (source.0, payload.0));
                (resource, Self::Found { key, natural_key, ods_id: ods_id.into(), says, objects: linked(objects) })
            }
            Change::Source { resource, key, source } => (resource, Self::Source { key: key.0, source: source.0 }),
            Change::Objects { resource, key, objects } => {
                (resource, Self::Objects { key: key.0, objects: linked(objects) })
            }
            Change::Failed(failure) => (failure.resource, Self::Failed(Box::new(FailedLine::of(failure, names)))),
            Change::Unreported { resource, objects } => {
                let mark = |(object, mark): &(ObjectKey, Option<Mark>)| {
                    (Cow::Owned(objects_text(&[*object])), mark.map(|mark| (mark.length, mark.print.0)))
                };
                (resource, Self::Unreported(objects.iter().map(mark).collect()))
            }
            Change::ForgetDefect { resource, object } => {
                (resource, Self::ForgetDefect { object: Cow::Owned(objects_text(&[*object])) })
            }
            Change::ForgetDefects { resource } => (resource, Self::ForgetDefects),
        }
    }

    /// The record that the line is about; none when it is about more than one, or about none.
    pub(super) fn key(&self) -> Option<KeyHash> {
        match self {
            Self::Intend { key, .. }
            | Self::Delivered { key, .. }
            | Self::Unsent { key }
            | Self::Pending { key, .. }
            | Self::Gone { key }
            | Self::Forget { key }
            | Self::Found { key, .. }
            | Self::Source { key, .. }
            | Self::Objects { key, .. } => Some(KeyHash(*key)),
            Self::Failed(failed) => failed.natural_key.as_ref().map(|(key, _)| KeyHash(*key)),
            Self::Rekeyed { .. } | Self::Unreported(_) | Self::ForgetDefect { .. } | Self::ForgetDefects => None,
        }
    }
}

impl<'a> FailedLine<'a> {
    fn of(failure: &'a Failure, names: &Names) -> Self {
        let some = |text: &'a Option<String>| text.as_deref().map(Cow::Borrowed);
        let (details, root) = (&failure.details, failure.details.root.as_deref());
        let causes = (!details.causes.is_empty()).then(|| serde_json::to_string(&details.causes).unwrap_or_default());
        Self {
            run: failure.run,
            at: failure.at.as_str().into(),
            object: Cow::Owned(objects_text(&[failure.object])),
            natural_key: failure.natural_key.as_ref().map(|key| (key.hash().0, names.text(key).into())),
            operation: failure.operation,
            outcome: failure.outcome,
            status: failure.status,
            class: failure.class.as_str().into(),
            message: failure.message.as_str().into(),
            fix: failure.fix.as_str().into(),
            waits_for: some(&failure.waits_for),
            payload: failure.payload.as_deref().map(Cow::Borrowed),
            element: some(&details.element),
            causes: causes.map(Cow::Owned),
            urn: some(&details.urn),
            correlation_id: some(&details.correlation_id),
            root_resource: root.map(|root| root.resource.as_str().into()),
            root_object: root
                .and_then(|root| root.object)
                .filter(|object| *object != ObjectKey::NONE)
                .map(|object| Cow::Owned(objects_text(&[object]))),
            root_key: root.and_then(|root| root.natural_key.as_ref()).map(|key| Cow::Owned(names.text(key))),
        }
    }
}

/// Objects as the ledger keeps them: `Table:id`, `Table:id-part`, with blanks between.
fn objects_text(objects: &[ObjectKey]) -> String {
    let mut text = String::with_capacity(24 * objects.len());
    let mut digits = itoa::Buffer::new();
    for object in objects.iter().filter(|object| **object != ObjectKey::NONE) {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(object.table_name());
        text.push(':');
        text.push_str(digits.format(object.id()));
        if let Some(part) = object.part() {
            text.push('-');
            text.push_str(digits.format(part));
        }
    }
    text
}

/// The objects of such a text. One of a table that this program does not know stands behind nothing that it could report.
pub(super) fn objects(text: &str) -> impl Iterator<Item = ObjectKey> {
    text.split(' ').filter_map(ObjectKey::parse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_written_as_they_are_shown() {
        let all = ["Roster:100001-511", "Section:7"].map(|text| ObjectKey::parse(text).unwrap());
        let text = objects_text(&all);
        assert_eq!(text, format!("{} {}", all[0], all[1]));
        assert_eq!(objects(&text).collect::<Vec<_>>(), all);
        assert_eq!(objects(&format!("{text} Nowhere:1")).count(), 2);
        assert_eq!((objects_text(&[ObjectKey::NONE]), objects("").count()), (String::new(), 0));
    }
}
