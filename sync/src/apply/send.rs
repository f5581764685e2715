//! Creates and updates.

use std::collections::HashMap;

use bytes::Bytes;
use rollcall_core::model::{KeyHash, NaturalKey};
use rollcall_core::resource::Resource;
use rollcall_core::sources::{Fingerprint, Sources};
use rollcall_core::value::Object;
use rollcall_core::verdict::{ObjectKey, Verdict};
use rollcall_ledger::{Change, Operation};
use rollcall_transport::{Client, Outcome as Answer, RefusalClass, ResourcePath};

use super::failure::Blocker;
use super::{Job, Prepared, is_not_yet_visible};
use crate::naming::{VISIBLE_BY, asks_for_association, student};
use crate::plan::{Action, Step};

impl Job<'_, '_> {
    /// Builds the bodies of some steps and the changes that note their intents. A step whose upstream record failed is held
    /// instead. `known` has, of the records to update, the natural key under which the ledger has them and the ODS's id.
    pub(super) fn intend_sends(
        &mut self,
        at: usize,
        resource: &'static dyn Resource,
        steps: Vec<Step>,
        mut known: HashMap<KeyHash, (NaturalKey, String)>,
        changes: &mut Vec<Change>,
    ) -> Vec<(Step, Prepared)> {
        let name = resource.spec().name;
        let mut prepared = Vec::with_capacity(steps.len());
        for step in steps {
            let (as_it_is, id) = step.key.and_then(|key| known.remove(&key)).unzip();
            let mut blocked = None;
            let built =
                self.build(resource, step.object, id, &mut |body| blocked = self.failed_upstream(resource, body));
            let Some(mut one) = built else { continue };
            if let Some(as_it_is) = as_it_is.filter(|_| step.from.is_some()) {
                one.key = as_it_is.hash();
                one.rekeyed = Some(std::mem::replace(&mut one.natural_key, as_it_is));
            }
            let blocked = blocked.or_else(|| self.is_hidden(&one.natural_key));
            if let Some((reference, upstream, blocker)) = blocked {
                changes.push(self.held(name, &one, (&reference, upstream), &blocker));
                self.count_held(at, &one, blocker);
                continue;
            }
            let objects = if one.rekeyed.is_some() { Vec::new() } else { step.objects() };
            let (natural_key, operation) = (one.natural_key.clone(), one.operation);
            changes.push(Change::Intend { resource: name, natural_key, operation, objects });
            prepared.push((step, one));
        }
        prepared
    }

    /// The body of an object and what the ledger notes of it. With an ODS id it is an update.
    pub(super) fn prepare(
        &self,
        resource: &'static dyn Resource,
        object: ObjectKey,
        ods_id: Option<String>,
    ) -> Option<Prepared> {
        self.build(resource, object, ods_id, &mut |_| {})
    }

    fn build(
        &self,
        resource: &'static dyn Resource,
        object: ObjectKey,
        ods_id: Option<String>,
        look: &mut dyn FnMut(&Object<'_>),
    ) -> Option<Prepared> {
        let mut sources = Sources::new();
        let Verdict::Report(body) = resource.verdict(&self.run.cx, object, &mut sources) else { return None };
        look(&body);
        let natural_key = NaturalKey::of(self.run.checker.model(resource.spec().name)?, &body)?;
        let json = body.to_json();
        Some(Prepared {
            object,
            key: natural_key.hash(),
            natural_key,
            rekeyed: None,
            operation: if ods_id.is_some() { Operation::Put } else { Operation::Post },
            ods_id,
            source: sources.fingerprint(),
            payload: Fingerprint::of(&json),
            body: Bytes::from(json),
        })
    }

    /// The first reference of a body to a record that failed in this run.
    fn failed_upstream(
        &self,
        resource: &'static dyn Resource,
        body: &Object<'_>,
    ) -> Option<(String, &'static str, Blocker)> {
        if self.failed.is_empty() {
            return None;
        }
        let model = self.run.checker.model(resource.spec().name)?;
        let mut found = None;
        self.run.checker.references(model, body, &mut |member, target, key| {
            if found.is_none()
                && let Some(blocker) = self.failed.get(&key)
            {
                found = Some((member.to_owned(), target, blocker.clone()));
            }
        });
        found
    }

    /// Remembers why a record is not at the ODS.
    pub(super) fn fail(&mut self, key: KeyHash, natural_key: &NaturalKey, blocker: Blocker) {
        if natural_key.resource() == VISIBLE_BY
            && let Some(student) = student(self.run.checker, natural_key)
        {
            self.unseen.insert(student, blocker.clone());
        }
        self.failed.insert(key, blocker);
    }

    /// What keeps a student from being seen, of whom the ODS has just refused a record for it: all others wait for the same.
    fn hides(&mut self, natural_key: &NaturalKey) -> Option<(String, &'static str, Blocker)> {
        let student = self.student_of(natural_key)?;
        let blocker = self.unseen.get(&student)?.clone();
        self.hidden.insert(student);
        Some(("studentReference".to_owned(), VISIBLE_BY, blocker))
    }

    fn is_hidden(&self, natural_key: &NaturalKey) -> Option<(String, &'static str, Blocker)> {
        if self.hidden.is_empty() {
            return None;
        }
        let student = self.student_of(natural_key).filter(|student| self.hidden.contains(student))?;
        Some(("studentReference".to_owned(), VISIBLE_BY, self.unseen.get(&student)?.clone()))
    }

    /// The student for whose record the ODS asks for an association.
    fn student_of(&self, natural_key: &NaturalKey) -> Option<KeyHash> {
        match natural_key.resource() {
            "students" => Some(natural_key.hash()),
            name if asks_for_association(self.run.checker, name) => student(self.run.checker, natural_key),
            _ => None,
        }
    }

    fn count_held(&mut self, at: usize, prepared: &Prepared, blocker: Blocker) {
        self.fail(prepared.next_key(), &prepared.natural_key, blocker);
        let summary = self.resource_summary(at);
        summary.school(&prepared.natural_key).held += 1;
        summary.held += 1;
        summary.not_sent -= 1;
    }

    pub(super) fn note_sent(
        &mut self,
        at: usize,
        resource: &'static str,
        step: &Step,
        prepared: &Prepared,
        answer: Answer,
        park: bool,
    ) {
        if is_not_yet_visible(&answer)
            && let Some((reference, upstream, blocker)) = self.hides(&prepared.natural_key)
        {
            self.outcomes.push(self.held(resource, prepared, (&reference, upstream), &blocker));
            self.count_held(at, prepared, blocker);
            return;
        }
        if park && is_not_yet_visible(&answer) && self.may_become_visible(resource) {
            // Surely not done: should the run not come to its end, nobody has to wonder.
            self.take_back(resource, prepared);
            self.parked.push((at, step.clone()));
            return;
        }
        let change = match &answer {
            Answer::Done(done) => {
                let (ods_id, source, payload) = (done.id.clone(), prepared.source, prepared.payload);
                match prepared.rekeyed.clone() {
                    None => Change::Delivered { resource, key: prepared.key, ods_id, source, payload },
                    Some(natural_key) => {
                        let (from, objects) = (prepared.key, step.objects());
                        Change::Rekeyed { resource, from, natural_key, ods_id, source, payload, objects }
                    }
                }
            }
            Answer::Refused(refused) => self.refused(resource, prepared, refused),
            Answer::Unknown(unknown) => self.unknown(resource, prepared, Some(unknown)),
            Answer::Stop(_) => self.unknown(resource, prepared, None),
        };
        if let Some(blocker) = Blocker::of(resource, prepared, &answer) {
            self.fail(prepared.next_key(), &prepared.natural_key, blocker);
        }
        self.outcomes.push(change);
        let summary = self.resource_summary(at);
        summary.not_sent -= 1;
        let school = summary.school(&prepared.natural_key);
        match &answer {
            Answer::Done(_) if step.action == Action::Update => school.put += 1,
            Answer::Done(_) => school.posted += 1,
            Answer::Refused(_) => school.refused += 1,
            Answer::Unknown(_) | Answer::Stop(_) => school.unknown += 1,
        }
        match answer {
            Answer::Done(_) if step.action == Action::Update => summary.put += 1,
            Answer::Done(_) => summary.posted += 1,
            Answer::Refused(_) => summary.refused += 1,
            Answer::Unknown(_) => summary.unknown += 1,
            Answer::Stop(error) => {
                summary.unknown += 1;
                self.stopped.get_or_insert(error);
            }
        }
    }
}

pub(super) async fn request(client: &Client, path: &ResourcePath, prepared: &Prepared) -> Answer {
    let Some(id) = &prepared.ods_id else { return client.post(path, prepared.body.clone()).await };
    match client.put(path, id, prepared.body.clone()).await {
        // The ODS lost the record, or somebody deleted it: send it anew.
        Answer::Refused(refused) if refused.class == RefusalClass::NotFound => {
            client.post(path, prepared.body.clone()).await
        }
        answer => answer,
    }
}
