//! Text from servers and tables may hold what a terminal would obey: control characters, and marks that turn the
//! direction of writing so that a line reads otherwise than it is. Nothing of it gets past here.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

/// A text for a terminal: what it would obey is written as `\u{1b}`. Line ends and tabs stay.
pub(crate) fn for_terminal(text: &str) -> Cow<'_, str> {
    let is_kept = |c: char| matches!(c, '\n' | '\t') || !is_obeyed(c);
    escape(text, is_kept, |c, to| write!(to, "\\u{{{:x}}}", u32::from(c)).unwrap_or_default())
}

/// JSON for a terminal: in its strings such characters may stand as they are, and as escapes they mean the same.
pub(crate) fn json_for_terminal(json: &str) -> Cow<'_, str> {
    // What stands outside of strings are line ends and blanks; every other control character is an escape already.
    let is_kept = |c: char| c == '\n' || !is_obeyed(c);
    // All of them are below U+FFFF: one escape says it.
    escape(json, is_kept, |c, to| write!(to, "\\u{:04x}", u32::from(c)).unwrap_or_default())
}

fn escape(text: &str, is_kept: impl Fn(char) -> bool, write: impl Fn(char, &mut String)) -> Cow<'_, str> {
    if text.chars().all(&is_kept) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_kept(c) {
            escaped.push(c);
        } else {
            write(c, &mut escaped);
        }
    }
    Cow::Owned(escaped)
}

/// C0, DEL and C1; line and paragraph separators; and the marks that set the direction of writing.
fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Standard error, for the log.
pub(super) struct Stderr {
    /// Whether its lines are JSON.
    pub(super) json: bool,
}

impl Write for Stderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A line comes whole; what is no text cannot be told.
        let text = String::from_utf8_lossy(bytes);
        let text = if self.json { json_for_terminal(&text) } else { for_terminal(&text) };
        io::stderr().lock().write_all(text.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "\u{1b}[2J\u{9b}31mall is well\u{7}\r\u{202e}\u{2066}\u{7f}";

    #[test]
    fn a_terminal_gets_nothing_to_obey() {
        let told = for_terminal(HOSTILE);
        assert_eq!(told, "\\u{1b}[2J\\u{9b}31mall is well\\u{7}\\u{d}\\u{202e}\\u{2066}\\u{7f}");
        assert!(matches!(for_terminal("Grüße,\n\tzwei Zeilen"), Cow::Borrowed(_)));
    }

    #[test]
    fn json_stays_what_it_says() {
        let json = serde_json::to_string_pretty(&[HOSTILE]).unwrap();
        let told = json_for_terminal(&json);
        assert!(!told.chars().any(|c| c != '\n' && is_obeyed(c)), "{told:?}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&told).unwrap(), [HOSTILE]);
    }
}
