//! Reading tables ahead, on every processor: parsing is most of what a snapshot takes, and each table is a file of its
//! own.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, available_parallelism};

use rollcall_core::finding::Finding;
use rollcall_core::snapshot::{Loaded, TableReader};
use rollcall_core::tables::{Row, TABLES, TableName, WithRow};

use crate::csv_folder::{CsvFolder, ReadTable, TableSummary};

/// The tables of a folder as they are read.
pub(crate) struct Ahead {
    /// Where each table comes from: a [`ReadTable`] of its row type.
    tables: BTreeMap<TableName, Receiver<Box<dyn Any + Send>>>,
    summaries: Vec<TableSummary>,
}

/// Has a folder's tables read while they are taken, and gives what came of it with what was read of each table.
pub(crate) fn read_ahead<T>(folder: &CsvFolder, take: impl FnOnce(&mut Ahead) -> T) -> (T, Vec<TableSummary>) {
    let (mut senders, mut ahead) = (Vec::new(), Ahead { tables: BTreeMap::new(), summaries: Vec::new() });
    for table in TABLES.iter().copied() {
        let (sender, receiver) = channel();
        senders.push((table, sender));
        ahead.tables.insert(table, receiver);
    }
    let next = AtomicUsize::new(0);
    let read = |senders: &[(TableName, Sender<_>)]| {
        while let Some((table, sender)) = senders.get(next.fetch_add(1, Ordering::Relaxed)) {
            // Nobody takes it when the taker has panicked.
            sender.send(table.with_row(Read(folder))).ok();
        }
    };
    let taken = thread::scope(|scope| {
        for _ in 0..available_parallelism().map_or(1, usize::from) {
            let (senders, read) = (senders.clone(), &read);
            scope.spawn(move || read(&senders));
        }
        // A reader that panics takes its senders with it, so that nobody waits for its tables.
        drop(senders);
        take(&mut ahead)
    });
    (taken, ahead.summaries)
}

struct Read<'f>(&'f CsvFolder);

impl WithRow for Read<'_> {
    type Output = Box<dyn Any + Send>;

    fn with<R: Row>(self) -> Self::Output {
        Box::new(self.0.read::<R>())
    }
}

impl TableReader for Ahead {
    fn read<R: Row>(&mut self, findings: &mut Vec<Finding>) -> Loaded<R> {
        let table = self.tables.remove(&R::TABLE).and_then(|table| table.recv().ok());
        let Some(table) = table.and_then(|table| table.downcast::<ReadTable<R>>().ok()) else {
            panic!("{}.csv was not read", R::TABLE);
        };
        let ReadTable { loaded, summary, findings: mut found } = *table;
        findings.append(&mut found);
        self.summaries.push(summary);
        loaded
    }
}
