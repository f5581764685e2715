//! The records, and how requests reach them.

mod authorize;
mod browse;
mod cascade;
mod file;
mod history;
mod index;
mod log;
mod marks;
mod read;
mod relations;
mod tables;
mod write;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use rollcall_core::value::Object;

use self::file::Journal;
pub(crate) use self::history::{PastKind, PastQuery};
pub use self::log::LoggedRequest;
pub(crate) use self::log::{Content, Exchange, Log};
pub(crate) use self::marks::Marks;
pub(crate) use self::read::{ALL_CHANGES, Paging, Query};
pub(crate) use self::relations::Relations;
pub(crate) use self::tables::{Record, Tables, id_text};
pub(crate) use self::write::{Incoming, Receipt};
use crate::api::problem::Problem;
use crate::catalog::Catalog;
use crate::config::{Schema, Seed, Storage};
use crate::error::SandboxError;
use crate::seed::write_seed;

/// A view of a sandbox's records and of the requests it has answered, past authorization. Clones see the same.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    tables: RwLock<Tables>,
    journal: Option<Journal>,
    log: Mutex<Log>,
    marks: Marks,
    broken: AtomicBool,
}

impl Store {
    /// All records of a resource in the order in which they were created: id and body, without what the server adds
    /// (`id`, `_etag`, `_lastModifiedDate`, `link`). Empty for an unknown resource.
    pub fn records(&self, resource: &str) -> Vec<(String, Object<'static>)> {
        self.read(|tables| tables.bodies(resource))
    }

    /// How many records a resource has.
    pub fn count(&self, resource: &str) -> usize {
        self.read(|tables| tables.count(resource))
    }

    /// How many records each resource has, descriptors included; resources without any are left out.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        self.read(Tables::counts)
    }

    /// The latest requests in the order of their answers, at most 100,000.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.log().requests()
    }

    /// How many requests were answered, by method, since the start or the last [`Store::clear_requests`].
    pub fn requests_by_method(&self) -> BTreeMap<String, u64> {
        self.log().by_method()
    }

    /// Forgets the requests answered so far.
    pub fn clear_requests(&self) {
        self.log().clear();
    }

    /// Opens the storage and writes the seed: what a [`Sandbox`](crate::Sandbox) serves, without serving it.
    pub async fn open(storage: &Storage, schema: Schema, seed: Seed) -> Result<Self, SandboxError> {
        let catalog = Arc::new(Catalog::new(schema)?);
        let mut tables = Tables::new(catalog.clone());
        let journal = match storage {
            Storage::File(path) => Some(Journal::open(path, &mut tables)?),
            Storage::Memory => None,
        };
        let inner = Inner {
            tables: RwLock::new(tables),
            journal,
            log: Mutex::new(Log::default()),
            marks: Marks::default(),
            broken: AtomicBool::new(false),
        };
        let store = Self { inner: Arc::new(inner) };
        write_seed(&catalog, &store, seed).await?;
        Ok(store)
    }

    pub(crate) fn catalog(&self) -> Arc<Catalog> {
        self.read(|tables| tables.catalog.clone())
    }

    /// Reads records. Must not be called while waiting for anything else.
    pub(crate) fn read<T>(&self, f: impl FnOnce(&Tables) -> T) -> T {
        f(&self.inner.tables.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes records; returns when the change is in the file, if there is one. Once a change could not be written, the
    /// tables hold what the file does not: nothing is changed any more.
    pub(crate) async fn write<T>(&self, f: impl FnOnce(&mut Tables) -> Result<T, Problem>) -> Result<T, Problem> {
        if self.inner.broken.load(Ordering::Acquire) {
            return Err(Problem::Internal);
        }
        let (result, written) = {
            let mut tables = self.inner.tables.write().unwrap_or_else(PoisonError::into_inner);
            let result = f(&mut tables);
            let changes = tables.take_changes();
            // Sent under the lock, so that the file sees changes in their order.
            let written = match &self.inner.journal {
                Some(journal) if !changes.is_empty() => Some(journal.append(changes)),
                _ => None,
            };
            (result, written)
        };
        if let Some(written) = written
            && !written.await.unwrap_or(false)
        {
            self.inner.broken.store(true, Ordering::Release);
            return Err(Problem::Internal);
        }
        result
    }

    pub(crate) fn marks(&self) -> &Marks {
        &self.inner.marks
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, Log> {
        self.inner.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}
