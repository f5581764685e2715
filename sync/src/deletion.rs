//! Deleting records that somebody names, with everything that refers to them.
//!
//! What is at the ODS is asked of the ODS itself: a record of another connection, or one that the ledger has lost, is found
//! as well. Dependents come with it, downstream first, since the ODS refuses to delete what is still named.

use std::collections::{BTreeMap, HashMap, HashSet};

use rollcall_core::model::{DataStandard, KeyHash, NaturalKey, Reference, ResourceModel};
use rollcall_core::value::Object;
use rollcall_core::verdict::ObjectKey;
use rollcall_ledger::{Change, Ledger, LedgerError};
use rollcall_transport::{Client, ReadError, RefusalClass, Stored, dependency_order};
use thiserror::Error;

use crate::check::{Checker, path};
use crate::plan::{Action, Plan, Reason, ResourcePlan, Step};

/// Which records to delete.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// Those of a resource with one of these natural keys, each as parts; parts left out may be anything.
    Keys(String, Vec<Vec<(String, String)>>),
    /// The one of a resource with this ODS id.
    Id(String, String),
    /// Everything that names a student, by the ODS's student id; the student itself is shared and stays.
    Person(String),
}

/// Records to delete, in the order in which they go: downstream first.
#[derive(Default)]
pub struct Deletion {
    /// The records.
    pub records: Vec<Found>,
    /// Resources in which dependents may stand that the key may not read.
    pub unread: Vec<&'static str>,
}

/// One record at the ODS.
pub struct Found {
    /// The resource.
    pub resource: &'static str,
    /// Its natural key.
    pub natural_key: NaturalKey,
    /// The ODS's id.
    pub ods_id: String,
    /// Whether the ledger has it: this connection has sent it.
    pub ours: bool,
    /// Whether it was asked for, or only names one that was.
    pub asked: bool,
}

/// Why the records to delete could not be found.
#[derive(Debug, Error)]
pub enum DeletionError {
    /// The data standard has no such resource.
    #[error("the data standard has no resource \"{0}\"")]
    NoResource(String),
    /// The ODS could not be read.
    #[error("cannot read {resource} from the ODS")]
    Read {
        /// The resource.
        resource: String,
        /// Why.
        source: Box<ReadError>,
    },
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Deletion {
    /// Finds what is wanted at the ODS, and everything there that refers to it.
    pub async fn find(
        wanted: &Wanted,
        checker: &Checker,
        ledger: Option<&dyn Ledger>,
        client: &Client,
    ) -> Result<Self, DeletionError> {
        let mut search = Search {
            standard: checker.standard(),
            client,
            seen: HashSet::new(),
            found: Vec::new(),
            unread: Vec::new(),
        };
        search.wanted(wanted).await?;
        let mut next = 0;
        while next < search.found.len() {
            let (model, key) = (search.found[next].model, search.found[next].natural_key.clone());
            search.dependents(model, &key).await?;
            next += 1;
        }
        let Search { found, unread, .. } = search;
        let mut records = Vec::with_capacity(found.len());
        for one in found {
            let known = ledger.map_or(Ok(None), |ledger| ledger.identity(&one.model.name, one.natural_key.hash()))?;
            let Hit { model, natural_key, ods_id, asked } = one;
            records.push(Found { resource: &model.name, natural_key, ods_id, ours: known.is_some(), asked });
        }
        downstream_first(&mut records, checker);
        Ok(Self { records, unread })
    }

    /// How many of the records this connection has not sent, as far as the ledger knows.
    pub fn unknown(&self) -> usize {
        self.records.iter().filter(|record| !record.ours).count()
    }

    /// The plan that deletes them. Those that the ledger did not know are noted in it first, so that a run which is killed
    /// is accounted for.
    pub fn plan(&self) -> Plan {
        let mut parts: BTreeMap<usize, ResourcePlan> = BTreeMap::new();
        let mut place: HashMap<&'static str, usize> = HashMap::new();
        for record in self.records.iter().rev() {
            let next = place.len();
            let at = *place.entry(record.resource).or_insert(next);
            let part = parts
                .entry(at)
                .or_insert_with(|| ResourcePlan { partial: true, ..ResourcePlan::named(record.resource) });
            let (resource, natural_key, ods_id) = (record.resource, record.natural_key.clone(), record.ods_id.clone());
            let key = natural_key.hash();
            part.changes.push(Change::Found { resource, natural_key, ods_id, says: None, objects: Vec::new() });
            let (action, reason, object) = (Action::Delete, Reason::Asked, ObjectKey::NONE);
            part.steps.push(&Step::new(action, reason, object, Some(key)));
        }
        Plan { resources: parts.into_values().collect(), delivered: 0 }
    }
}

/// A record that the search has come upon.
struct Hit {
    model: &'static ResourceModel,
    natural_key: NaturalKey,
    ods_id: String,
    asked: bool,
}

struct Search<'a> {
    standard: &'static DataStandard,
    client: &'a Client,
    seen: HashSet<KeyHash>,
    found: Vec<Hit>,
    unread: Vec<&'static str>,
}

impl Search<'_> {
    async fn wanted(&mut self, wanted: &Wanted) -> Result<(), DeletionError> {
        match wanted {
            Wanted::Keys(name, keys) => {
                let model = self.model(name)?;
                for parts in keys {
                    for row in self.rows(model, parts).await.map_err(|source| read(model, source))? {
                        self.add(model, row, true, &|_, key| {
                            parts.iter().all(|(name, value)| key.part(name) == Some(value))
                        });
                    }
                }
            }
            Wanted::Id(name, id) => {
                let model = self.model(name)?;
                let path = path(self.standard, &model.name);
                let row = self.client.read(&path, id).await.map_err(|source| read(model, source))?;
                if let Some(row) = row {
                    self.add(model, row, true, &|_, _| true);
                }
            }
            Wanted::Person(id) => {
                let model = self.model("students")?;
                let student = Object::new().with("studentUniqueId", id.as_str());
                if let Some(key) = NaturalKey::of(model, &student) {
                    self.dependents(model, &key).await?;
                    self.found.iter_mut().for_each(|hit| hit.asked = true);
                }
            }
        }
        Ok(())
    }

    fn model(&self, name: &str) -> Result<&'static ResourceModel, DeletionError> {
        self.standard.resource(name).ok_or_else(|| DeletionError::NoResource(name.to_owned()))
    }

    /// Looks for the records that name one, resource by resource. A reference inside a collection cannot be asked for: a
    /// record that names it so is found when the ODS refuses the delete.
    async fn dependents(&mut self, target: &'static ResourceModel, key: &NaturalKey) -> Result<(), DeletionError> {
        let (hash, standard) = (key.hash(), self.standard);
        for model in &standard.resources {
            for reference in &model.class.references {
                if !self.standard.concrete(&reference.target).iter().any(|named| named.name == target.name) {
                    continue;
                }
                let Some(query) = query(reference, target, key) else { continue };
                let rows = match self.rows(model, &query).await {
                    Ok(rows) => rows,
                    Err(ReadError::Refused(refused))
                        if matches!(refused.class, RefusalClass::Forbidden | RefusalClass::NotFound) =>
                    {
                        if !self.unread.contains(&model.name.as_str()) {
                            self.unread.push(&model.name);
                        }
                        continue;
                    }
                    Err(source) => return Err(read(model, source)),
                };
                for row in rows {
                    self.add(model, row, false, &|body, _| names(standard, model, body, hash));
                }
            }
        }
        Ok(())
    }

    async fn rows(&self, model: &'static ResourceModel, query: &[(String, String)]) -> Result<Vec<Stored>, ReadError> {
        let path = path(self.standard, &model.name);
        let mut pages = self.client.pages(&path, query);
        let mut rows = Vec::new();
        while let Some(page) = pages.next().await? {
            rows.extend(page);
        }
        Ok(rows)
    }

    /// Notes a record, when it is one that is meant: servers pass over parameters that they do not know.
    fn add(
        &mut self,
        model: &'static ResourceModel,
        row: Stored,
        asked: bool,
        meant: &dyn Fn(&Object<'_>, &NaturalKey) -> bool,
    ) {
        let Ok(body) = serde_json::from_value::<Object<'static>>(row.body) else { return };
        let Some(natural_key) = NaturalKey::of(model, &body) else { return };
        if meant(&body, &natural_key) && self.seen.insert(natural_key.hash()) {
            self.found.push(Hit { model, natural_key, ods_id: row.id, asked });
        }
    }
}

/// The parameters by which the records are found that name a record by one reference.
fn query(reference: &Reference, target: &ResourceModel, key: &NaturalKey) -> Option<Vec<(String, String)>> {
    let parameter = |member: &rollcall_core::model::Property| {
        let value = key.part(&member.name).or_else(|| {
            // A reference to an abstract resource calls the one part of the key by its own name.
            key.values().next().filter(|_| target.identity.len() == 1)
        })?;
        Some((member.query_name().to_owned(), value.to_owned()))
    };
    reference.properties.iter().map(parameter).collect()
}

fn names(standard: &'static DataStandard, model: &'static ResourceModel, body: &Object<'_>, wanted: KeyHash) -> bool {
    let mut found = false;
    KeyHash::references(standard, &model.class, body, &mut |_, _, key| found |= key == wanted);
    found
}

fn read(model: &ResourceModel, source: ReadError) -> DeletionError {
    DeletionError::Read { resource: model.name.clone(), source: Box::new(source) }
}

/// Sorts records so that what refers to another goes before it; within a resource by key.
fn downstream_first(records: &mut [Found], checker: &Checker) {
    let among: HashSet<&'static str> = records.iter().map(|record| record.resource).collect();
    let upstream: Vec<(&str, Vec<&str>)> = among
        .iter()
        .map(|name| {
            let named = checker.upstream(name).into_iter();
            (*name, named.filter(|other| other != name && among.contains(other)).collect())
        })
        .collect();
    // Resources that refer to each other in a circle keep the order in which they were found.
    let Ok(levels) = dependency_order(upstream.iter().map(|(name, named)| (*name, named.as_slice()))) else { return };
    let order: HashMap<String, usize> =
        levels.into_iter().flatten().enumerate().map(|(at, name)| (name.to_owned(), at)).collect();
    records.sort_by_cached_key(|record| {
        (std::cmp::Reverse(order.get(record.resource).copied()), record.natural_key.to_string())
    });
}
