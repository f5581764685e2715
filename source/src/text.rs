//! A file as UTF-8 text, however it was written, and what separates its columns.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use encoding_rs::{Encoding as Charset, UTF_8, WINDOWS_1252};
use rollcall_core::config::Encoding;
use rollcall_core::tables::TableSpec;

/// The bytes of a file in UTF-8: those that stand there, or what they were decoded to.
pub(crate) enum Text {
    File(File),
    Decoded(Cursor<Vec<u8>>),
}

/// A header has so many bytes at most; what is longer is none.
const LONGEST_HEADER: u64 = 1 << 16;

/// What separates columns, the usual one first.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

impl Text {
    /// Opens a file. A byte order mark says more of it than the configuration: databases and spreadsheets write UTF-16
    /// with one. None when the file has bytes that its mark does not allow.
    pub(crate) fn open(path: &Path, encoding: Encoding) -> io::Result<Option<Self>> {
        let mut file = File::open(path)?;
        let mut begin = Vec::new();
        file.by_ref().take(3).read_to_end(&mut begin)?;
        file.rewind()?;
        let marked = Charset::for_bom(&begin).map(|(charset, _)| charset);
        let charset = marked.unwrap_or(match encoding {
            Encoding::Utf8 => UTF_8,
            Encoding::Windows1252 => WINDOWS_1252,
        });
        if charset == UTF_8 {
            return Ok(Some(Self::File(file)));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let text = bytes.get(if marked.is_some() { 2 } else { 0 }..).unwrap_or_default();
        let decoded = charset.decode_without_bom_handling_and_without_replacement(text);
        Ok(decoded.map(|text| Self::Decoded(Cursor::new(text.into_owned().into_bytes()))))
    }

    /// What separates the columns of a file: what gives the most of the table's columns in its first line.
    pub(crate) fn separator(&mut self, spec: &TableSpec) -> io::Result<u8> {
        let mut header = Vec::new();
        BufReader::new(self.by_ref().take(LONGEST_HEADER)).read_until(b'\n', &mut header)?;
        self.rewind()?;
        let header = String::from_utf8_lossy(&header);
        let header = header.trim_start_matches('\u{feff}');
        let is_column = |name: &&str| {
            let name = name.trim().trim_matches('"');
            spec.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name))
        };
        let columns = |separator: u8| header.split(char::from(separator)).filter(is_column).count();
        let best = SEPARATORS.iter().map(|separator| columns(*separator)).max().unwrap_or_default();
        Ok(SEPARATORS.into_iter().find(|separator| columns(*separator) == best).unwrap_or(b','))
    }
}

impl Read for Text {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Decoded(text) => text.read(buffer),
        }
    }
}

impl Seek for Text {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::File(file) => file.seek(to),
            Self::Decoded(text) => text.seek(to),
        }
    }
}
