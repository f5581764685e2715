//! Deletes.

use bytes::Bytes;
use rollcall_core::model::{NaturalKey, ResourceModel};
use rollcall_core::sources::Fingerprint;
use rollcall_core::value::Object;
use rollcall_ledger::{Change, Operation};
use rollcall_transport::{Client, Done, Outcome as Answer, ReadError, RefusalClass, ResourcePath};

use super::failure::Blocker;
use super::writer::Identity;
use super::{Job, Prepared};
use crate::naming::{VISIBLE_BY, asks_for_association, names, student};
use crate::plan::Step;

impl Job<'_, '_> {
    /// What some deletes send, and the changes that note their intents. One that another record still names, since that
    /// could not be deleted, is held: the ODS would refuse it.
    pub(super) fn intend_deletes(
        &mut self,
        at: usize,
        resource: &'static str,
        steps: Vec<Step>,
        identities: Vec<Identity>,
        changes: &mut Vec<Change>,
    ) -> Vec<(Step, Prepared)> {
        let mut prepared = Vec::with_capacity(steps.len());
        for (step, identity) in steps.into_iter().zip(identities) {
            let Some((natural_key, ods_id)) = identity else { continue };
            let one = Prepared {
                object: step.object,
                key: natural_key.hash(),
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
            prepared.push((step, one));
        }
        prepared
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

    pub(super) fn note_deleted(&mut self, at: usize, resource: &'static str, prepared: &Prepared, answer: Answer) {
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
        self.outcomes.push(change);
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

pub(super) async fn request(
    client: &Client,
    path: &ResourcePath,
    model: Option<&ResourceModel>,
    prepared: &Prepared,
) -> Answer {
    match (&prepared.ods_id, model) {
        (Some(id), _) => client.delete(path, id).await,
        // A resource that the data standard does not have was never sent.
        (None, None) => Answer::Done(Done { status: 404, id: None, etag: None, attempts: 1 }),
        // The program was killed between a POST and its answer: the record may be there, under an id never learnt.
        (None, Some(model)) => match Box::pin(find(client, path, model, &prepared.natural_key)).await {
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
    let rows = client.find(path, &key.to_query()).await?;
    let same = rows.into_iter().find(|row| {
        let body: Result<Object<'static>, _> = serde_json::from_value(row.body.clone());
        body.is_ok_and(|body| NaturalKey::of(model, &body).as_ref() == Some(key))
    });
    Ok(same.map(|row| row.id))
}
