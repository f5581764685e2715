//! Physical line numbers, as an editor shows them, for the records of a CSV file.
//!
//! The csv crate's own record position points before any blank lines and one line early after CRLF. The end of a
//! record is certain, so its first line is counted back from there.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use csv::Position;

/// What is needed of a file's end to count lines.
pub(crate) struct Lines {
    length: u64,
    /// Whether the last line ends with a line break.
    terminated: bool,
}

impl Lines {
    /// Looks at the end of a file, and leaves the file at its start.
    pub(crate) fn of(file: &mut (impl Read + Seek)) -> io::Result<Self> {
        let length = file.seek(SeekFrom::End(0))?;
        let mut last = [b'\n'];
        if length > 0 {
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
        }
        file.rewind()?;
        Ok(Self { length, terminated: last == *b"\n" })
    }

    /// Whether the file holds nothing.
    pub(crate) const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Whether the reader has reached the end.
    pub(crate) fn at_end(&self, after: &Position) -> bool {
        after.byte() >= self.length
    }

    /// The first line of the record that was read between two positions; `text` is its fields, joined.
    ///
    /// The reader must take `\n` alone as the end of a record.
    pub(crate) fn first(&self, before: u64, after: &Position, text: &[u8]) -> u64 {
        let unterminated = !self.terminated && self.at_end(after);
        if after.line() == before + 1 && !unterminated {
            return before;
        }
        let last = if unterminated { after.line() } else { after.line() - 1 };
        last.saturating_sub(line_breaks(text)).max(1)
    }
}

/// Whether a quotation mark is left open between a byte and the end of the file.
pub(crate) fn quote_open(file: &mut (impl Read + Seek), from: u64) -> io::Result<bool> {
    file.seek(SeekFrom::Start(from))?;
    let mut reader = BufReader::new(file);
    let mut open = false;
    loop {
        let chunk = reader.fill_buf()?;
        let length = chunk.len();
        if length == 0 {
            return Ok(open);
        }
        open ^= chunk.iter().fold(false, |odd, byte| odd ^ (*byte == b'"'));
        reader.consume(length);
    }
}

/// Line breaks within a text.
pub(crate) fn line_breaks(text: &[u8]) -> u64 {
    text.iter().map(|b| u64::from(*b == b'\n')).sum()
}
