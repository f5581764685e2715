//! Records in and out as JSON lines: one body a line, a stream for each resource.

use std::io::{self, BufRead, Write};

use rollcall_core::value::Object;

use crate::api::problem::Problem;
use crate::catalog::Resource;
use crate::error::SandboxError;
use crate::seed::{layers, post_freely};
use crate::store::{Store, Tables};

/// What became of the lines of one resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Records that were not there.
    pub created: u64,
    /// Records that were there under their natural keys, changed or not.
    pub updated: u64,
    /// Lines that the API would refuse.
    pub refused: Vec<Refusal>,
}

/// A line that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Its number, from 1.
    pub line: u64,
    /// What the API says about it, without any value of the record.
    pub reason: String,
}

/// Lines that share one transaction of the file.
const BATCH: usize = 1000;

impl Store {
    /// The names of all resources, descriptors included, in an order in which their records can be loaded: upstream
    /// before downstream.
    pub fn resources(&self) -> Vec<String> {
        let catalog = self.catalog();
        let layers = layers(&catalog);
        let mut ordered: Vec<&Resource> = catalog.resources.iter().collect();
        ordered.sort_by_key(|resource| (layers.get(&resource.index).copied().unwrap_or_default(), resource.index));
        ordered.into_iter().map(|resource| resource.name().to_owned()).collect()
    }

    /// Posts each line as a body of a resource, with the checks of the API and without authorization. Empty lines do not
    /// count. A line that names a later line of the same resource is tried again at the end.
    pub async fn load(&self, resource: &str, lines: impl BufRead) -> Result<Loaded, SandboxError> {
        let catalog = self.catalog();
        let Some(resource) = catalog.by_name(resource) else {
            return Err(SandboxError::UnknownName { kind: "resource", name: resource.to_owned() });
        };
        let mut loaded = Loaded::default();
        let (mut batch, mut again) = (Vec::with_capacity(BATCH), Vec::new());
        let mut number = 0;
        for line in lines.lines() {
            let line = line.map_err(|source| SandboxError::Lines { resource: resource.name().to_owned(), source })?;
            number += 1;
            if line.trim().is_empty() {
                continue;
            }
            batch.push((number, line));
            if batch.len() == BATCH {
                let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
                again.extend(self.post_lines(resource, full, &mut loaded).await?);
            }
        }
        again.extend(self.post_lines(resource, batch, &mut loaded).await?);
        while !again.is_empty() {
            let before = again.len();
            let left =
                self.post_lines(resource, again.into_iter().map(|(line, _)| line).collect(), &mut loaded).await?;
            if left.len() == before {
                loaded.refused.extend(left.into_iter().map(|((line, _), reason)| Refusal { line, reason }));
                break;
            }
            again = left;
        }
        loaded.refused.sort_by_key(|refusal| refusal.line);
        Ok(loaded)
    }

    /// Writes the bodies of a resource, one a line, as they were sent; gives their number.
    pub fn dump(&self, resource: &str, into: &mut impl Write) -> io::Result<u64> {
        self.read(|tables| tables.dump(resource, into))
    }

    /// Posts lines in one transaction; gives those that name what is not there yet, with the refusal.
    async fn post_lines(
        &self,
        resource: &Resource,
        lines: Vec<(u64, String)>,
        loaded: &mut Loaded,
    ) -> Result<Vec<((u64, String), String)>, SandboxError> {
        let posted = self.write(|tables| Ok(post_all(tables, resource, lines, loaded))).await;
        posted.map_err(|_| SandboxError::NotWritten)
    }
}

fn post_all(
    tables: &mut Tables,
    resource: &Resource,
    lines: Vec<(u64, String)>,
    loaded: &mut Loaded,
) -> Vec<((u64, String), String)> {
    let mut again = Vec::new();
    for (number, line) in lines {
        let parsed = serde_json::from_str::<Object<'static>>(&line);
        let posted = parsed.map_err(|_| None).and_then(|body| post_freely(tables, resource, body).map_err(Some));
        match posted {
            Ok(receipt) if receipt.created => loaded.created += 1,
            Ok(_) => loaded.updated += 1,
            Err(Some(problem @ Problem::Unresolved { .. })) => again.push(((number, line), problem.plain())),
            Err(Some(problem)) => loaded.refused.push(Refusal { line: number, reason: problem.plain() }),
            Err(None) => loaded.refused.push(Refusal { line: number, reason: "is not a JSON object".to_owned() }),
        }
    }
    again
}
