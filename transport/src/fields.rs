//! What an answer says about single members of the body.

use serde_json::Value;

use crate::outcome::FieldError;

// What is kept of an answer, so that no server can fill the ledger. Real ones stay far below.
/// Characters of a path, a problem type or a correlation id.
pub(crate) const NAME_CHARS: usize = 300;
/// Characters of one text about a member.
const TEXT_CHARS: usize = 500;
/// Texts about one member.
const MOST_TEXTS: usize = 4;
/// Members.
const MOST_FIELDS: usize = 20;

/// What a newer API says of each member, or the older one of those that its model binding names.
pub(crate) fn fields(value: Option<&Value>) -> Vec<FieldError> {
    let members = value.and_then(Value::as_object).into_iter().flatten();
    members
        .take(MOST_FIELDS)
        .map(|(path, messages)| FieldError {
            path: json_path(cut(path, NAME_CHARS)),
            messages: texts(Some(messages)).take(MOST_TEXTS).map(|text| cut(text, TEXT_CHARS).to_owned()).collect(),
        })
        .collect()
}

/// The older API puts validation problems as indented lines into its message. Only lines directly below the first name a
/// member of the body itself; what is nested deeper stays in the message, as its path cannot be told.
pub(crate) fn fields_of_lines(message: &str) -> Vec<FieldError> {
    if !message.starts_with("Validation of '") {
        return Vec::new();
    }
    let mut found = Vec::new();
    for line in message.lines().skip(1) {
        let Some(text) = line.strip_prefix('\t').filter(|text| !text.starts_with('\t')) else { continue };
        let named = text.strip_prefix("The field ").unwrap_or(text);
        let Some((name, _)) = named.split_once(' ') else { continue };
        if text.starts_with("Validation of") || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            continue;
        }
        if found.len() == MOST_FIELDS {
            break;
        }
        let messages = vec![cut(text.trim_end(), TEXT_CHARS).to_owned()];
        found.push(FieldError { path: format!("$.{}", camel_case(cut(name, NAME_CHARS))), messages });
    }
    found
}

pub(crate) fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let list = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().chain(value.filter(|value| value.is_string())).filter_map(Value::as_str)
}

/// The beginning of a text.
pub(crate) fn cut(text: &str, chars: usize) -> &str {
    text.char_indices().nth(chars).map_or(text, |(end, _)| &text[..end])
}

/// `request.birthDate`, as the older API's model binding names a member, in the newer API's form `$.birthDate`.
fn json_path(path: &str) -> String {
    path.strip_prefix("request.").map_or_else(|| path.to_owned(), |member| format!("$.{member}"))
}

/// `LastSurname` as `lastSurname`, and a leading acronym lowered as a block: `CTEProgramService` as `cteProgramService`.
fn camel_case(name: &str) -> String {
    let upper = name.bytes().take_while(u8::is_ascii_uppercase).count();
    let lowered = if upper > 1 && upper < name.len() { upper - 1 } else { upper };
    let (head, tail) = name.split_at(lowered);
    head.to_ascii_lowercase() + tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leading_acronym_is_lowered_as_a_block() {
        assert_eq!(camel_case("CTEProgramService"), "cteProgramService");
        assert_eq!(camel_case("URI"), "uri");
    }
}
