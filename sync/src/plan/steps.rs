//! The requests of a resource, packed: a first sync has as many as there are records.

use std::fmt;

use rollcall_core::model::KeyHash;
use rollcall_core::tables::TableName;
use rollcall_core::verdict::ObjectKey;
use serde::{Deserialize, Serialize};

use super::{Action, Phase, Reason, Step};

/// Requests in the order in which they go. One takes some ten bytes when it creates a record of one object.
#[derive(Default, Clone)]
pub struct Steps {
    bytes: Vec<u8>,
    /// How many there are of each action.
    counts: [usize; 3],
    /// How many go before the deletes.
    ahead: usize,
    last: Place,
}

/// The steps of [`Steps`], unpacked one by one.
pub struct Iter<'a> {
    left: &'a [u8],
    len: usize,
    last: Place,
}

/// The ids of an object. Steps go by the SIS's ids, so each is near to the one before it.
#[derive(Clone, Copy, Default)]
struct Place {
    id: i64,
    part: i64,
}

/// A step as it is written: its object as the distance from the one before.
#[derive(Serialize, Deserialize)]
struct Packed {
    action: Action,
    reason: Reason,
    table: Option<u8>,
    id: i64,
    part: Option<i64>,
    rest: Option<Rest>,
}

/// What a new record of one object does not have.
#[derive(Serialize, Deserialize)]
struct Rest {
    key: Option<[u8; 16]>,
    others: Vec<(Option<u8>, i64, Option<i64>)>,
    from: Option<[u8; 16]>,
    ahead: bool,
}

impl Steps {
    /// Adds a step behind the others.
    pub(crate) fn push(&mut self, step: &Step) {
        let (object, last) = (step.object, self.last);
        let part = object.part();
        self.last = Place { id: object.id(), part: part.unwrap_or(last.part) };
        let packed = Packed {
            action: step.action,
            reason: step.reason,
            table: object.table().map(number),
            id: object.id().wrapping_sub(last.id),
            part: part.map(|part| part.wrapping_sub(last.part)),
            rest: Rest::of(step),
        };
        let bytes = std::mem::take(&mut self.bytes);
        self.bytes = postcard::to_extend(&packed, bytes).expect("a list takes whatever is added");
        self.counts[step.action as usize] += 1;
        self.ahead += usize::from(step.phase() == Phase::Ahead);
    }

    /// All of them, in order.
    pub fn iter(&self) -> Iter<'_> {
        Iter { left: &self.bytes, len: self.len(), last: Place::default() }
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.counts.iter().sum()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// How many do this.
    pub const fn count(&self, action: Action) -> usize {
        self.counts[action as usize]
    }

    /// Those of a phase.
    pub fn of(&self, phase: Phase) -> impl Iterator<Item = Step> + use<'_> {
        self.iter().filter(move |step| step.phase() == phase).take(self.len_of(phase))
    }

    /// How many a phase has.
    pub fn len_of(&self, phase: Phase) -> usize {
        match phase {
            Phase::Ahead => self.ahead,
            Phase::Deletes => self.count(Action::Delete),
            Phase::Writes => self.len() - self.ahead - self.count(Action::Delete),
        }
    }

    /// Leaves out the steps that a test refuses.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&Step) -> bool) {
        *self = self.iter().filter(|step| keep(step)).collect();
    }
}

impl Rest {
    fn of(step: &Step) -> Option<Self> {
        let Step { key, others, from, .. } = step;
        let packed = |object: &ObjectKey| (object.table().map(number), object.id(), object.part());
        (key.is_some() || !others.is_empty() || from.is_some() || step.ahead).then(|| Self {
            key: key.map(|key| key.0),
            others: others.iter().map(packed).collect(),
            from: from.map(|from| from.0),
            ahead: step.ahead,
        })
    }
}

/// A table's place among all of them.
const fn number(table: TableName) -> u8 {
    table as u8
}

fn object(table: Option<u8>, id: i64, part: Option<i64>) -> ObjectKey {
    let table = table.and_then(|number| TableName::ALL.get(usize::from(number)).copied());
    match (table, part) {
        (Some(table), Some(part)) => ObjectKey::pair(table, id, part),
        (Some(table), None) => ObjectKey::new(table, id),
        (None, _) => ObjectKey::NONE,
    }
}

impl Iterator for Iter<'_> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        if self.left.is_empty() {
            return None;
        }
        let (packed, left) = postcard::take_from_bytes::<Packed>(self.left).expect("it was packed above");
        let id = self.last.id.wrapping_add(packed.id);
        let part = packed.part.map(|part| self.last.part.wrapping_add(part));
        self.last = Place { id, part: part.unwrap_or(self.last.part) };
        (self.left, self.len) = (left, self.len - 1);
        let rest = packed.rest.unwrap_or(Rest { key: None, others: Vec::new(), from: None, ahead: false });
        Some(Step {
            action: packed.action,
            reason: packed.reason,
            object: object(packed.table, id, part),
            key: rest.key.map(KeyHash),
            others: rest.others.into_iter().map(|(table, id, part)| object(table, id, part)).collect(),
            from: rest.from.map(KeyHash),
            ahead: rest.ahead,
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len, Some(self.len))
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl<'a> IntoIterator for &'a Steps {
    type Item = Step;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl FromIterator<Step> for Steps {
    fn from_iter<I: IntoIterator<Item = Step>>(steps: I) -> Self {
        let mut all = Self::default();
        steps.into_iter().for_each(|step| all.push(&step));
        all
    }
}

impl fmt::Debug for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps() -> Vec<Step> {
        let key = |n: u8| KeyHash([n; 16]);
        let objects = [
            ObjectKey::pair(TableName::Roster, 100_001, 511),
            ObjectKey::pair(TableName::Roster, 100_001, 512),
            ObjectKey::new(TableName::Person, -7),
            ObjectKey::pair(TableName::Roster, i64::MAX, i64::MIN + 1),
            ObjectKey::pair(TableName::Roster, i64::MIN, i64::MAX),
            ObjectKey::NONE,
            ObjectKey::new(TableName::Section, 1),
        ];
        let mut steps: Vec<Step> =
            objects.iter().map(|object| Step::new(Action::Create, Reason::New, *object, None)).collect();
        steps[1] = Step { others: objects[2..].to_vec(), ..steps[1].clone() };
        steps[2] = Step::new(Action::Update, Reason::KeyChanged, objects[2], Some(key(1)));
        steps[2].from = Some(key(2));
        steps[6].ahead = true;
        steps[5] = Step::new(Action::Delete, Reason::Unknown, objects[5], Some(key(3)));
        steps
    }

    #[test]
    fn steps_come_out_as_they_went_in() {
        let all: Steps = steps().into_iter().collect();
        assert_eq!((all.iter().collect::<Vec<_>>(), all.iter().len(), all.is_empty()), (steps(), 7, false));
        assert_eq!((all.count(Action::Create), all.count(Action::Update), all.count(Action::Delete)), (5, 1, 1));
        let of = |phase| (all.len_of(phase), all.of(phase).count());
        assert_eq!((of(Phase::Ahead), of(Phase::Deletes), of(Phase::Writes)), ((1, 1), (1, 1), (5, 5)));
    }

    #[test]
    fn what_is_left_stands_in_its_order() {
        let mut all: Steps = steps().into_iter().collect();
        all.retain(|step| step.object.id() > 0);
        let left: Vec<Step> = steps().into_iter().filter(|step| step.object.id() > 0).collect();
        assert_eq!((all.len(), all.iter().collect::<Vec<_>>()), (left.len(), left));
        // One that is added later is packed by what is left.
        all.push(&steps()[2]);
        assert_eq!(all.iter().last(), Some(steps()[2].clone()));
    }

    #[test]
    fn a_million_new_records_take_some_ten_megabytes() {
        let rosters = (0..500_000).flat_map(|n| [511, 512].map(|term| (100_000 + n, term)));
        let object = rosters.map(|(roster, term)| ObjectKey::pair(TableName::Roster, roster, term));
        let all: Steps = object.map(|object| Step::new(Action::Create, Reason::New, object, None)).collect();
        assert!(all.bytes.len() <= 11_000_000, "{} bytes", all.bytes.len());
    }
}
