//! JSON as lines, so that the template escapes every text itself.

use rollcall_core::value::Value;

use super::size;
use crate::store::Content;

/// One line of a JSON text.
pub(super) struct Line {
    pub(super) indent: String,
    /// The member's name, in quotes.
    pub(super) name: Option<String>,
    pub(super) value: String,
    /// What kind of value it is, for the style.
    pub(super) class: &'static str,
    /// A comma, or nothing.
    pub(super) end: &'static str,
}

/// A body as a page shows it.
pub(super) struct ShownContent {
    pub(super) state: Shown,
    pub(super) length: String,
    /// Whether more of it was there than is kept.
    pub(super) cut: bool,
}

/// What there is of a body.
pub(super) enum Shown {
    Nothing,
    Withheld,
    Gone,
    Text(String),
    Json(Vec<Line>),
}

impl ShownContent {
    /// A body of a request to this path.
    pub(super) fn new(content: &Content, path: &str) -> Self {
        let state = match &content.bytes {
            _ if content.length == 0 => Shown::Nothing,
            None if path.starts_with("/oauth/") => Shown::Withheld,
            None => Shown::Gone,
            Some(bytes) => match serde_json::from_slice::<Value<'static>>(bytes) {
                Ok(value) => Shown::Json(lines(&value)),
                Err(_) => Shown::Text(String::from_utf8_lossy(bytes).into_owned()),
            },
        };
        let cut = content.bytes.as_ref().is_some_and(|bytes| bytes.len() < content.length);
        Self { state, length: size(content.length), cut }
    }
}

/// The lines of a value.
pub(super) fn lines(value: &Value<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    write(value, None, 0, "", &mut lines);
    lines
}

fn write(value: &Value<'_>, name: Option<&str>, depth: usize, end: &'static str, lines: &mut Vec<Line>) {
    let indent = "  ".repeat(depth);
    let line = |name: Option<&str>, value: String, class, end| Line {
        indent: indent.clone(),
        name: name.map(quoted),
        value,
        class,
        end,
    };
    let comma = |last: bool| if last { "" } else { "," };
    match value {
        Value::Object(object) if !object.is_empty() => {
            lines.push(line(name, "{".to_owned(), "mark", ""));
            for (at, (name, value)) in object.iter().enumerate() {
                write(value, Some(name), depth + 1, comma(at + 1 == object.len()), lines);
            }
            lines.push(line(None, "}".to_owned(), "mark", end));
        }
        Value::Array(items) if !items.is_empty() => {
            lines.push(line(name, "[".to_owned(), "mark", ""));
            for (at, item) in items.iter().enumerate() {
                write(item, None, depth + 1, comma(at + 1 == items.len()), lines);
            }
            lines.push(line(None, "]".to_owned(), "mark", end));
        }
        value => {
            let class = match value {
                Value::Text(_) | Value::Date(_) => "text",
                Value::Integer(_) | Value::Decimal(_) => "digits",
                Value::Object(_) | Value::Array(_) => "mark",
                Value::Bool(_) | Value::Null => "word",
            };
            lines.push(line(name, serde_json::to_string(value).unwrap_or_default(), class, end));
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_the_text_of_the_value() {
        let text = "{\"a\":[1,{\"b\":\"x<y\"}],\"c\":{},\"d\":null,\"e\":[]}";
        let value: Value<'static> = serde_json::from_str(text).unwrap();
        let mut joined = String::new();
        for line in lines(&value) {
            if let Some(name) = line.name {
                joined.extend([name.as_str(), ":"]);
            }
            joined.extend([line.value.as_str(), line.end]);
        }
        assert_eq!(joined, text);
        assert_eq!(lines(&value)[2].indent, "    ");
    }
}
