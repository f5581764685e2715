//! Deletes.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use futures::{StreamExt as _, stream};
use rollcall_core::model::{NaturalKey, ResourceModel};
use rollcall_core::sources::Fingerprint;
use rollcall_core::value::Object;
use rollcall_ledger::{Change, LedgerError, Operation};
use rollcall_transport::{Client, Done, Outcome as Answer, ReadError, RefusalClass, ResourcePath};

use super::failure::Blocker;
use super::{Job, Prepared};
use crate::naming::{VISIBLE_BY, asks_for_association, names, student};
use crate::plan::{Action, Step};

const CHUNK: usize = 512;

impl Job<'_, '_> {
    /// Deletes records of one resource.
    pub(super) async fn delete(&mut self, at: usize, name: &'static str, steps: &[&Step]) -> Result<(), LedgerError> {
        let Some(model) = self.run.checker.model(name) else { return Ok(()) };
        if steps.is_empty() || self.is_stopping() {
            return Ok(());
        }
        let run = self.run;
        let path = ResourcePath::ed_fi(name);
        run.progress.begin(name, Action::Delete, steps.len());
        for chunk in steps.chunks(CHUNK) {
            if self.is_stopping() {
                break;
            }
            let prepared = self.intend_deletes(at, name, chunk).await?;
            let stopping = Arc::clone(&self.stopping);
            let mut answers = stream::iter(prepared)
                .map(|prepared| {
                    let (stopping, path) = (&stopping, &path);
                    async move {
                        if stopping.load(Ordering::Relaxed) {
                            return (prepared, None);
                        }
                        let answer = request(run.client, path, model, &prepared).await;
                        if matches!(answer, Answer::Stop(_)) {
                            stopping.store(true, Ordering::Relaxed);
                        }
                        (prepared, Some(answer))
                    }
                })
                .buffer_unordered(run.config.connection.concurrency);
            while let Some((prepared, answer)) = answers.next().await {
                run.progress.advance();
                self.note_delete(at, name, &prepared, answer);
            }
        }
        run.progress.end();
        Ok(())
    }

    /// Writes the intents of some deletes. One that another record still names, since that could not be deleted, is held:
    /// the ODS would refuse it.
    async fn intend_deletes(
        &mut self,
        at: usize,
        resource: &'static str,
        steps: &[&Step],
    ) -> Result<Vec<Prepared>, LedgerError> {
        let mut changes = Vec::with_capacity(steps.len());
        let identities = self.writer.identities(resource, steps.iter().map(|step| step.key).collect()).await?;
        let mut prepared = Vec::with_capacity(steps.len());
        for (step, identity) in steps.iter().zip(identities) {
            let Some((natural_key, ods_id)) = identity else { continue };
            let one = Prepared {
                object: step.object,
                key: step.key,
                natural_key,
                rekeyed: None,
                ods_id,
                operation: Operation::Delete,
                body: Bytes::new(),
                source: Fingerprint([0; 16]),
                payload: Fingerprint([0; 16]),
            };
            if let Some(blocker) = self.stands_on(&one).cloned() {
                changes.push(self.kept(resource, &one, &blocker));
                self.hold_what_it_names(&one, &blocker);
                let summary = self.resource_summary(at);
                summary.school(&one.natural_key).held += 1;
                summary.held += 1;
                summary.not_sent -= 1;
                continue;
            }
            let (natural_key, operation) = (one.natural_key.clone(), Operation::Delete);
            changes.push(Change::Intend { resource, natural_key, operation, objects: Vec::new() });
            prepared.push(one);
        }
        self.writer.write(changes).await?;
        Ok(prepared)
    }

    /// What stands on a record and could not be deleted.
    fn stands_on(&self, prepared: &Prepared) -> Option<&Blocker> {
        let seen = || student(self.run.checker, &prepared.natural_key).and_then(|student| self.seen.get(&student));
        let named = self.named.get(&prepared.key);
        named.or_else(|| if prepared.natural_key.resource() == VISIBLE_BY { seen() } else { None })
    }

    /// Records that are upstream of one which stays cannot be deleted, nor what makes its student visible.
    fn hold_what_it_names(&mut self, prepared: &Prepared, blocker: &Blocker) {
        let (checker, key) = (self.run.checker, &prepared.natural_key);
        for (_, named) in names(checker, key) {
            self.named.entry(named).or_insert_with(|| blocker.clone());
        }
        if let Some(student) = student(checker, key).filter(|_| asks_for_association(checker, key.resource())) {
            self.seen.entry(student).or_insert_with(|| blocker.clone());
        }
    }

    fn note_delete(&mut self, at: usize, resource: &'static str, prepared: &Prepared, answer: Option<Answer>) {
        let Some(answer) = answer else { return };
        // "404: … This error can be ignored. The ID was cleared from the Ed-Fi Identity Mapping Report."
        let gone = match &answer {
            Answer::Done(_) => true,
            Answer::Refused(refused) => refused.class == RefusalClass::NotFound,
            Answer::Unknown(_) | Answer::Stop(_) => false,
        };
        let change = match &answer {
            _ if gone => Change::Gone { resource, key: prepared.key },
            Answer::Refused(refused) => self.refused(resource, prepared, refused),
            Answer::Unknown(unknown) => self.unknown(resource, prepared, Some(unknown)),
            Answer::Done(_) | Answer::Stop(_) => self.unknown(resource, prepared, None),
        };
        self.writer.write_later(change);
        if let Some(blocker) = Blocker::of(resource, prepared, &answer).filter(|_| !gone) {
            self.hold_what_it_names(prepared, &blocker);
        }
        let summary = self.resource_summary(at);
        summary.not_sent -= 1;
        let school = summary.school(&prepared.natural_key);
        match &answer {
            _ if gone => school.deleted += 1,
            Answer::Refused(_) => school.refused += 1,
            Answer::Done(_) | Answer::Unknown(_) | Answer::Stop(_) => school.unknown += 1,
        }
        match answer {
            _ if gone => summary.deleted += 1,
            Answer::Refused(_) => summary.refused += 1,
            Answer::Stop(error) => {
                summary.unknown += 1;
                self.stopped.get_or_insert(error);
            }
            Answer::Done(_) | Answer::Unknown(_) => summary.unknown += 1,
        }
    }
}

async fn request(client: &Client, path: &ResourcePath, model: &ResourceModel, prepared: &Prepared) -> Answer {
    match &prepared.ods_id {
        Some(id) => client.delete(path, id).await,
        // The program was killed between a POST and its answer: the record may be there, under an id never learnt.
        None => match find(client, path, model, &prepared.natural_key).await {
            Ok(Some(id)) => client.delete(path, &id).await,
            Ok(None) => Answer::Done(Done { status: 404, id: None, etag: None, attempts: 1 }),
            Err(error) => error.into(),
        },
    }
}

/// The ODS's id of a natural key. Servers ignore query parameters that they do not know, so the rows are compared.
async fn find(
    client: &Client,
    path: &ResourcePath,
    model: &ResourceModel,
    key: &NaturalKey,
) -> Result<Option<String>, ReadError> {
    let rows = client.find(path, key.parts()).await?;
    let same = rows.into_iter().find(|row| {
        let body: Result<Object<'static>, _> = serde_json::from_value(row.body.clone());
        body.is_ok_and(|body| NaturalKey::of(model, &body).as_ref() == Some(key))
    });
    Ok(same.map(|row| row.id))
}
