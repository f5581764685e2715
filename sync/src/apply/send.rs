//! Creates and updates.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use futures::{StreamExt as _, stream};
use rollcall_core::model::{KeyHash, NaturalKey};
use rollcall_core::resource::Resource;
use rollcall_core::sources::{Fingerprint, Sources};
use rollcall_core::verdict::{ObjectKey, Verdict};
use rollcall_ledger::{Change, LedgerError, Operation};
use rollcall_transport::{Client, Outcome as Answer, RefusalClass, ResourcePath};

use super::failure::Blocker;
use super::{Job, Prepared, is_not_yet_visible};
use crate::plan::{Action, Step};

/// How many steps are prepared, and their intents written, at a time.
const CHUNK: usize = 512;

impl Job<'_, '_> {
    /// Sends steps of one resource. With `park`, a record whose person is not yet visible is put aside for the end of
    /// the run instead of being refused.
    pub(super) async fn send(
        &mut self,
        at: usize,
        resource: &'static dyn Resource,
        steps: &[&Step],
        park: bool,
    ) -> Result<(), LedgerError> {
        if steps.is_empty() || self.is_stopping() {
            return Ok(());
        }
        let run = self.run;
        let path = ResourcePath::ed_fi(resource.spec().name);
        run.progress.begin(resource.spec().name, Action::Create, steps.len());
        for chunk in steps.chunks(CHUNK) {
            if self.is_stopping() {
                break;
            }
            let prepared = self.intend(at, resource, chunk).await?;
            let stopping = Arc::clone(&self.stopping);
            let mut answers = stream::iter(prepared)
                .map(|(step, prepared)| {
                    let (stopping, path) = (&stopping, &path);
                    async move {
                        if stopping.load(Ordering::Relaxed) {
                            return (step, prepared, None);
                        }
                        let answer = request(run.client, path, &prepared).await;
                        if matches!(answer, Answer::Stop(_)) {
                            stopping.store(true, Ordering::Relaxed);
                        }
                        (step, prepared, Some(answer))
                    }
                })
                .buffer_unordered(run.config.connection.concurrency);
            while let Some((step, prepared, answer)) = answers.next().await {
                run.progress.advance();
                self.note(at, resource.spec().name, step, &prepared, answer, park);
            }
        }
        run.progress.end();
        Ok(())
    }

    /// Builds the bodies of some steps and writes their intents. A step whose upstream record failed is held instead.
    async fn intend<'s>(
        &mut self,
        at: usize,
        resource: &'static dyn Resource,
        steps: &[&'s Step],
    ) -> Result<Vec<(&'s Step, Prepared)>, LedgerError> {
        let name = resource.spec().name;
        let ids = self.ods_ids(name, steps).await?;
        let mut prepared = Vec::with_capacity(steps.len());
        let mut changes = Vec::with_capacity(steps.len());
        for step in steps {
            let (as_it_is, id) = ids.get(&step.key).cloned().unzip();
            let Some(mut one) = self.prepare(resource, step.object, id) else { continue };
            if let Some(as_it_is) = as_it_is.filter(|_| step.from.is_some()) {
                one.key = as_it_is.hash();
                one.rekeyed = Some(std::mem::replace(&mut one.natural_key, as_it_is));
            }
            if let Some((reference, upstream, blocker)) = self.failed_upstream(resource, step.object) {
                changes.push(self.held(name, &one, (&reference, upstream), &blocker));
                self.failed.insert(step.key, blocker);
                let summary = self.resource_summary(at);
                summary.school(&one.natural_key).held += 1;
                summary.held += 1;
                summary.not_sent -= 1;
                continue;
            }
            let objects = if one.rekeyed.is_some() { Vec::new() } else { step.objects() };
            let (natural_key, operation) = (one.natural_key.clone(), one.operation);
            changes.push(Change::Intend { resource: name, natural_key, operation, objects });
            prepared.push((*step, one));
        }
        self.writer.write(changes).await?;
        Ok(prepared)
    }

    /// Of the records to update: the natural key under which the ledger has them, and the ODS's id.
    async fn ods_ids(
        &self,
        resource: &'static str,
        steps: &[&Step],
    ) -> Result<HashMap<KeyHash, (NaturalKey, String)>, LedgerError> {
        let updates: Vec<&&Step> = steps.iter().filter(|step| step.action == Action::Update).collect();
        if updates.is_empty() {
            return Ok(HashMap::new());
        }
        let keys = updates.iter().map(|step| step.from.unwrap_or(step.key)).collect();
        let identities = self.writer.identities(resource, keys).await?;
        let found = updates.iter().zip(identities).filter_map(|(step, found)| {
            let (natural_key, id) = found?;
            Some((step.key, (natural_key, id?)))
        });
        Ok(found.collect())
    }

    /// The body of an object and what the ledger notes of it. With an ODS id it is an update.
    pub(super) fn prepare(
        &self,
        resource: &'static dyn Resource,
        object: ObjectKey,
        ods_id: Option<String>,
    ) -> Option<Prepared> {
        let mut sources = Sources::new();
        let Verdict::Report(body) = resource.verdict(&self.run.cx, object, &mut sources) else { return None };
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

    /// The first reference of an object's record to a record that failed in this run.
    fn failed_upstream(
        &self,
        resource: &'static dyn Resource,
        object: ObjectKey,
    ) -> Option<(String, &'static str, Blocker)> {
        if self.failed.is_empty() {
            return None;
        }
        let verdict = resource.verdict(&self.run.cx, object, &mut Sources::new());
        let (body, model) = (verdict.report()?, self.run.checker.model(resource.spec().name)?);
        let mut found = None;
        self.run.checker.references(model, &body, &mut |member, target, key| {
            if found.is_none()
                && let Some(blocker) = self.failed.get(&key)
            {
                found = Some((member.to_owned(), target, blocker.clone()));
            }
        });
        found
    }

    fn note(
        &mut self,
        at: usize,
        resource: &'static str,
        step: &Step,
        prepared: &Prepared,
        answer: Option<Answer>,
        park: bool,
    ) {
        let Some(answer) = answer else { return };
        if park && is_not_yet_visible(&answer) && self.may_become_visible(resource) {
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
            self.failed.insert(step.key, blocker);
        }
        self.writer.write_later(change);
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

async fn request(client: &Client, path: &ResourcePath, prepared: &Prepared) -> Answer {
    let Some(id) = &prepared.ods_id else { return client.post(path, prepared.body.clone()).await };
    match client.put(path, id, prepared.body.clone()).await {
        // The ODS lost the record, or somebody deleted it: send it anew.
        Answer::Refused(refused) if refused.class == RefusalClass::NotFound => {
            client.post(path, prepared.body.clone()).await
        }
        answer => answer,
    }
}
