//! The journal: what a run writes about single records, in the order of time, before it goes to its place.
//!
//! The records' places go by hashes: written one by one, each change would touch a page of its own, twice for every record
//! that is sent (the intent, then the outcome). In the journal changes stand one behind the other, and a transaction is one
//! row of it or two. Folding brings them to their places in the order of the places, with an intent and its outcome as one
//! change: before anything is read, and step by step when the journal has grown. What a killed run left in the journal is
//! folded when the ledger is next opened, by whoever opens it.

use rollcall_core::model::{KeyHash, KeySet};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::exceptions::Exceptions;
use super::line::Line;
use super::write::{Places, begin};

type Result<T> = rusqlite::Result<T>;

/// Bytes before each line: the record's key and the length of what follows.
const HEAD: usize = 16 + 4;

/// When so many bytes have come together, they are folded: 30,000 records and more.
const LONGEST: usize = 8 * 1024 * 1024;

/// Records that one step of folding brings to their places.
const STEP: usize = 1_000;

/// What is known of the journal in the file. Its rows are read when they are folded.
#[derive(Default)]
pub(super) struct Journal {
    /// Whether the file may have rows besides those that are being folded.
    has_grown: bool,
    /// So many bytes of lines have come since.
    bytes: usize,
    /// The records that they are about.
    records: KeySet,
    folding: Option<Folding>,
}

/// One row: lines about records of one resource.
struct Row {
    id: i64,
    resource: String,
    lines: Vec<u8>,
}

/// Rows on their way to their places.
struct Folding {
    rows: Vec<Row>,
    records: KeySet,
    positions: Vec<Position>,
    /// How many of the positions are done.
    done: usize,
    exceptions: Exceptions,
}

/// Where a line stands, sorted by the record's place and then by time.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Position {
    /// Place of the resource's name among all of them.
    resource: u16,
    key: [u8; 16],
    row: u32,
    start: u32,
}

impl Journal {
    /// As a run left it in the file.
    pub(super) fn load(connection: &Connection) -> Result<Self> {
        let has_grown = connection.query_row("SELECT EXISTS (SELECT 1 FROM journal)", [], |row| row.get(0))?;
        Ok(Self { has_grown, ..Self::default() })
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.has_grown && self.folding.is_none()
    }

    /// Whether something about the record is not folded yet.
    pub(super) fn names(&self, key: KeyHash) -> bool {
        let folding = self.folding.as_ref();
        self.records.contains(&key) || folding.is_some_and(|folding| folding.records.contains(&key))
    }

    /// Appends lines about single records, each with its resource.
    pub(super) fn append(&mut self, connection: &Connection, lines: &[(&str, KeyHash, Line<'_>)]) -> Result<()> {
        let tx = begin(connection)?;
        let mut bytes = 0;
        for of_resource in lines.chunk_by(|(a, ..), (b, ..)| a == b) {
            let resource = of_resource[0].0;
            let lines = written(of_resource)?;
            tx.prepare_cached("INSERT INTO journal (resource, lines) VALUES (?1, ?2)")?
                .execute(params![resource, lines])?;
            bytes += lines.len();
        }
        tx.commit()?;
        self.has_grown = true;
        self.records.extend(lines.iter().map(|(_, key, _)| *key));
        self.bytes += bytes;
        if self.bytes >= LONGEST {
            // Whoever writes faster than can be folded waits here.
            while self.step(connection)? {}
            self.begin_to_fold(connection)?;
        }
        Ok(())
    }

    /// Brings some of what is being folded to its place; whether there is more of it.
    pub(super) fn step(&mut self, connection: &Connection) -> Result<bool> {
        let Some(folding) = &mut self.folding else { return Ok(false) };
        match folding.step(connection)? {
            Step::More => return Ok(true),
            Step::Last => self.folding = None,
            Step::Overtaken => self.take_back(connection)?,
        }
        Ok(self.folding.is_some())
    }

    /// Brings everything to its place.
    pub(super) fn fold(&mut self, connection: &Connection) -> Result<()> {
        while self.step(connection)? {}
        self.begin_to_fold(connection)?;
        while self.step(connection)? {}
        Ok(())
    }

    fn begin_to_fold(&mut self, connection: &Connection) -> Result<()> {
        let rows = rows(connection)?;
        let positions = positions(&rows)?;
        (self.has_grown, self.bytes) = (false, 0);
        let records = std::mem::take(&mut self.records);
        self.folding = (!rows.is_empty()).then_some(Folding {
            rows,
            records,
            positions,
            done: 0,
            exceptions: Exceptions::default(),
        });
        Ok(())
    }

    /// Somebody who looked at the ledger meanwhile has folded what was there then: what came after is still to be folded.
    fn take_back(&mut self, connection: &Connection) -> Result<()> {
        self.records.extend(self.folding.take().into_iter().flat_map(|folding| folding.records));
        self.begin_to_fold(connection)
    }
}

/// How a step of folding ended.
enum Step {
    More,
    Last,
    /// Nothing was done: the rows are not in the file any more.
    Overtaken,
}

impl Folding {
    /// One transaction. Doing it twice is doing it once, so what a killed run has folded in part is folded anew.
    fn step(&mut self, connection: &Connection) -> Result<Step> {
        let (Some(first), Some(last)) = (self.rows.first(), self.rows.last()) else { return Ok(Step::Last) };
        let tx = begin(connection)?;
        let ours =
            tx.prepare_cached("SELECT 1 FROM journal WHERE id = ?1")?.query_row([first.id], |_| Ok(())).optional()?;
        if ours.is_none() {
            return Ok(Step::Overtaken);
        }
        // What a transaction that fails has taken out of them is in the tables still: then they are asked for anew.
        let mut exceptions = std::mem::take(&mut self.exceptions);
        let mut places = Places::open(&tx, &mut exceptions)?;
        let mut done = self.done;
        let left = self.positions.get(done..).unwrap_or_default();
        let mut lines = Vec::new();
        for of_record in left.chunk_by(|a, b| (a.resource, a.key) == (b.resource, b.key)).take(STEP) {
            let row = |position: &Position| &self.rows[position.row as usize];
            lines.clear();
            for position in of_record {
                lines.push(read(&row(position).lines, position.start as usize)?);
            }
            places.write_all(&row(&of_record[0]).resource, &lines)?;
            done += of_record.len();
        }
        let more = done < self.positions.len();
        if !more {
            tx.prepare_cached("DELETE FROM journal WHERE id <= ?1")?.execute([last.id])?;
        }
        tx.commit()?;
        (self.done, self.exceptions) = (done, exceptions);
        Ok(if more { Step::More } else { Step::Last })
    }
}

fn rows(connection: &Connection) -> Result<Vec<Row>> {
    let mut statement = connection.prepare_cached("SELECT id, resource, lines FROM journal ORDER BY id")?;
    let row = |row: &rusqlite::Row<'_>| Ok(Row { id: row.get(0)?, resource: row.get(1)?, lines: row.get(2)? });
    statement.query_map([], row)?.collect()
}

fn written(lines: &[(&str, KeyHash, Line<'_>)]) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(300 * lines.len());
    for (_, key, line) in lines {
        bytes.extend_from_slice(&key.0);
        let length = bytes.len();
        bytes.extend_from_slice(&[0; 4]);
        bytes = postcard::to_extend(line, bytes).map_err(unreadable)?;
        let size = u32::try_from(bytes.len() - length - 4).map_err(unreadable)?;
        bytes[length..length + 4].copy_from_slice(&size.to_le_bytes());
    }
    Ok(bytes)
}

fn positions(rows: &[Row]) -> Result<Vec<Position>> {
    let mut names: Vec<&str> = rows.iter().map(|row| row.resource.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let mut positions = Vec::new();
    for (row, Row { resource, lines, .. }) in (0..).zip(rows) {
        let resource = names.binary_search(&resource.as_str()).unwrap_or_default();
        let resource = u16::try_from(resource).unwrap_or(u16::MAX);
        let mut at = 0;
        while at < lines.len() {
            let (key, length) = head(lines, at)?;
            positions.push(Position { resource, key, row, start: u32::try_from(at).unwrap_or(u32::MAX) });
            at += HEAD + length;
        }
    }
    positions.sort_unstable();
    Ok(positions)
}

fn head(lines: &[u8], at: usize) -> Result<([u8; 16], usize)> {
    let head = lines.get(at..at + HEAD).and_then(|head| Some((*head.first_chunk()?, *head.last_chunk()?)));
    let (key, length) = head.ok_or_else(|| unreadable(postcard::Error::DeserializeUnexpectedEnd))?;
    Ok((key, u32::from_le_bytes(length) as usize))
}

fn read(lines: &[u8], at: usize) -> Result<Line<'_>> {
    let (_, length) = head(lines, at)?;
    let line = lines.get(at + HEAD..at + HEAD + length).unwrap_or_default();
    postcard::from_bytes(line).map_err(unreadable)
}

/// A line that this program did not write so: the file is damaged, or another version wrote it.
fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Blob, Box::new(error))
}
