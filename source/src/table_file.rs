//! Reading one file into the rows of one table.

use std::io;
use std::path::Path;

use csv::{ByteRecord, Reader, ReaderBuilder, StringRecord, Terminator};
use rollcall_core::config::Encoding;
use rollcall_core::finding::Finding;
use rollcall_core::snapshot::Loaded;
use rollcall_core::tables::{CellError, Cells, Row};

use crate::header::{Header, required};
use crate::lines::{Lines, line_breaks, quote_open};
use crate::text::Text;
use crate::trouble::{Kind, Troubles, showable};

/// A field may have so many bytes.
const LONGEST: usize = 1 << 20;

/// One file, read.
pub(crate) struct TableFile<R> {
    /// The rows that could be read.
    pub(crate) loaded: Loaded<R>,
    /// Whether the file's rows could be read at all.
    pub(crate) usable: bool,
    /// Rows that could not be read.
    pub(crate) left_out: usize,
    /// Columns that the table doesn't have.
    pub(crate) extra_columns: Vec<String>,
}

impl<R> TableFile<R> {
    fn unusable() -> Self {
        Self { loaded: Loaded::default(), usable: false, left_out: 0, extra_columns: Vec::new() }
    }

    /// Reads a file; `name` is what findings call it. A file that breaks off while it is read gives no rows: half a
    /// table looks like deleted rows.
    pub(crate) fn read(path: &Path, name: &str, encoding: Encoding, findings: &mut Vec<Finding>) -> Self
    where
        R: Row,
    {
        let broken = |error: &io::Error| {
            let fix = "check that the file may be read and that no other program is writing it";
            Finding::error(name, format!("can't be read ({error}); none of its rows are used"), fix)
        };
        match Self::try_read(path, name, encoding, findings) {
            Ok(file) => file,
            Err(error) => {
                findings.push(broken(&error));
                Self::unusable()
            }
        }
    }

    fn try_read(path: &Path, name: &str, encoding: Encoding, findings: &mut Vec<Finding>) -> io::Result<Self>
    where
        R: Row,
    {
        let Some(mut text) = Text::open(path, encoding)? else {
            let fix = "export it again, or save it as UTF-8";
            findings.push(Finding::error(name, "begins as UTF-16 and is not; none of its rows are used", fix));
            return Ok(Self::unusable());
        };
        let lines = Lines::of(&mut text)?;
        let separator = text.separator(&R::SPEC)?;
        // `\n` alone ends a record, so that line numbers are certain; the `\r` before it is trimmed with the cell.
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(1 << 16)
            .delimiter(separator)
            .terminator(Terminator::Any(b'\n'))
            .from_reader(text);
        let mut bytes = ByteRecord::new();
        if lines.is_empty() || !read_record(&mut reader, &mut bytes)? {
            let fix = format!("export it with a header line: {}", required(&R::SPEC));
            findings.push(Finding::error(name, "empty file", fix));
            return Ok(Self::unusable());
        }
        let names = bytes.iter().map(|field| String::from_utf8_lossy(field).trim().to_owned()).collect();
        let Some(header) = Header::of(name, &R::SPEC, names, findings) else {
            return Ok(Self::unusable());
        };
        let mut troubles = Troubles::new(name, findings);
        let loaded = read_rows(&mut reader, &lines, &header, bytes, &mut troubles)?;
        let left_out = troubles.finish();
        Ok(Self { loaded, usable: true, left_out, extra_columns: header.extra })
    }
}

fn read_rows<R: Row>(
    reader: &mut Reader<Text>,
    lines: &Lines,
    header: &Header,
    mut bytes: ByteRecord,
    troubles: &mut Troubles<'_>,
) -> io::Result<Loaded<R>> {
    let mut loaded = Loaded::default();
    loop {
        let (before, from) = (reader.position().line(), reader.position().byte());
        if !read_record(reader, &mut bytes)? {
            return Ok(loaded);
        }
        let line = lines.first(before, reader.position(), bytes.as_slice());
        let multiline = bytes.as_slice().len() >= 2 && reader.position().line() > before + 1;
        let is_last = multiline && lines.at_end(reader.position()) && line_breaks(bytes.as_slice()) > 0;
        if is_last && quote_open(reader.get_mut(), from)? {
            // The file's last line break is part of the field, so it ended no record.
            let line = reader.position().line().saturating_sub(line_breaks(bytes.as_slice())).max(1);
            troubles.row(line, Kind::Quote, None, None);
            return Ok(loaded);
        }
        let record = match StringRecord::from_byte_record(bytes) {
            Ok(record) => record,
            Err(error) => {
                let column = header.names.get(error.utf8_error().field()).map(String::as_str);
                troubles.row(line, Kind::Encoding, column, None);
                bytes = error.into_byte_record();
                continue;
            }
        };
        match read_row(&record, header) {
            Ok(row) => {
                loaded.rows.push(row);
                loaded.lines.push(line);
            }
            // Spreadsheets write rows of bare commas after the last one.
            Err(_) if record.iter().all(|field| field.trim().is_empty()) => {}
            Err(wrong) => tell::<R>(&wrong, line, &record, header, troubles),
        }
        bytes = record.into_byte_record();
    }
}

/// Why a row is left out.
enum Wrong {
    Fields,
    Size(usize),
    Cell(CellError),
}

fn read_row<R: Row>(record: &StringRecord, header: &Header) -> Result<R, Wrong> {
    if record.len() != header.names.len() {
        return Err(Wrong::Fields);
    }
    if record.as_slice().len() > LONGEST
        && let Some(field) = record.iter().position(|field| field.len() > LONGEST)
    {
        return Err(Wrong::Size(field));
    }
    R::read(&InOrder { record, positions: &header.positions }).map_err(Wrong::Cell)
}

fn tell<R: Row>(wrong: &Wrong, line: u64, record: &StringRecord, header: &Header, troubles: &mut Troubles<'_>) {
    match *wrong {
        Wrong::Fields => troubles.fields(line, record.len(), header.names.len()),
        Wrong::Size(field) => troubles.row(line, Kind::Size, header.names.get(field).map(String::as_str), None),
        Wrong::Cell(CellError { column, problem }) => {
            let cells = InOrder { record, positions: &header.positions };
            let spec = &R::SPEC.columns[column];
            troubles.row(line, Kind::Cell(problem), Some(spec.name), showable(spec, cells.cell(column)));
        }
    }
}

/// A record's cells in the order of the table's columns.
struct InOrder<'r> {
    record: &'r StringRecord,
    positions: &'r [Option<usize>],
}

impl Cells for InOrder<'_> {
    fn cell(&self, column: usize) -> &str {
        self.positions.get(column).copied().flatten().and_then(|at| self.record.get(at)).unwrap_or_default()
    }
}

/// Reads the next record; with `flexible` and byte records, the only errors left are those of the file.
fn read_record(reader: &mut Reader<Text>, record: &mut ByteRecord) -> io::Result<bool> {
    reader.read_byte_record(record).map_err(io::Error::from)
}
