//! A server's words without student data: for a page that is passed on.

use std::collections::HashSet;

use rollcall_core::snapshot::Snapshot;
use rollcall_core::tables::{Person, StaffMember};
use serde_json::Value;

/// What stands in the place of a value.
const HIDDEN: &str = "…";

/// A server's words, without any value of the record that they are about, without any word of `names`, and without what
/// else may be a value: e-mail addresses, what is quoted, unless it is a name of the data standard's kind, and every number.
pub(crate) fn without_student_data(message: &str, payload: Option<&str>, names: &Names) -> String {
    let mut text = message.to_owned();
    let payload = payload.and_then(|payload| serde_json::from_str::<Value>(payload).ok());
    let mut values = Vec::new();
    if let Some(payload) = &payload {
        leaves(payload, &mut values);
    }
    // The longest first: a name may hold another.
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    for value in values.iter().filter(|value| value.chars().count() > 1 && !value.starts_with("uri://")) {
        text = replace_word(&text, value);
    }
    numbers(&quotes(&names.hide(&addresses(&text))))
}

/// The words that name the people of a district, in small letters.
#[derive(Default)]
pub(crate) struct Names(HashSet<String>);

impl Names {
    /// Those of the SIS: students and staff.
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let mut names = HashSet::new();
        let mut add = |text: &Option<Box<str>>| {
            let words = text.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
            names.extend(words.filter(|word| word.chars().count() > 1).map(str::to_lowercase));
        };
        for person in &snapshot.people {
            let Person { first_name, middle_name, last_name, state_id, ed_fi_id, student_number, .. } = person;
            [first_name, middle_name, last_name, state_id, ed_fi_id, student_number].into_iter().for_each(&mut add);
        }
        for person in &snapshot.staff {
            // Their e-mail addresses are known by their form.
            let StaffMember { first_name, middle_name, last_name, state_id, .. } = person;
            [first_name, middle_name, last_name, state_id].into_iter().for_each(&mut add);
        }
        Self(names)
    }

    /// A text without these words.
    fn hide(&self, text: &str) -> String {
        let mut kept = String::with_capacity(text.len());
        for part in text.split_inclusive(|c: char| !c.is_alphanumeric()) {
            let word = part.trim_end_matches(|c: char| !c.is_alphanumeric());
            kept.push_str(if self.0.contains(&word.to_lowercase()) { HIDDEN } else { word });
            kept.push_str(&part[word.len()..]);
        }
        kept
    }
}

fn leaves(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.values().for_each(|value| leaves(value, found)),
        Value::Array(items) => items.iter().for_each(|value| leaves(value, found)),
        Value::String(text) => found.push(text.clone()),
        Value::Number(number) => found.push(number.to_string()),
        Value::Bool(_) | Value::Null => {}
    }
}

/// Replaces a value where it stands for itself, in any case of letters.
fn replace_word(text: &str, value: &str) -> String {
    let (folded, wanted) = (text.to_lowercase(), value.to_lowercase());
    // Where folding moves the letters, positions do not carry over: then only the value as it is.
    if folded.len() != text.len() {
        return text.replace(value, HIDDEN);
    }
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    for (at, found) in folded.match_indices(&wanted) {
        let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        let alone = edge(folded[..at].chars().next_back()) && edge(folded[at + found.len()..].chars().next());
        if at < from || !alone || !text.is_char_boundary(at) || !text.is_char_boundary(at + found.len()) {
            continue;
        }
        kept.push_str(&text[from..at]);
        kept.push_str(HIDDEN);
        from = at + found.len();
    }
    kept + &text[from..]
}

/// Hides what has the form of an e-mail address: an address names somebody, and its parts may be no names.
fn addresses(text: &str) -> String {
    let ends = |c: char| c.is_whitespace() || "'\"()[]<>,;".contains(c);
    let mut kept = String::with_capacity(text.len());
    for part in text.split_inclusive(ends) {
        let word = part.trim_end_matches(ends);
        // With what a sentence puts behind it: `…@school.org.` or `…@school.org:`
        let address = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        kept.push_str(if word.contains('@') { HIDDEN } else { address });
        kept.push_str(&part[address.len()..]);
    }
    kept
}

/// Hides what is quoted, unless it is a word such as the data standard's names are, or a descriptor.
fn quotes(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\'', '"']) {
        let quote = &rest[at..=at];
        let (before, after) = rest.split_at(at + 1);
        kept.push_str(before);
        // An apostrophe within a word quotes nothing.
        if before[..at].chars().next_back().is_some_and(char::is_alphanumeric) {
            rest = after;
            continue;
        }
        let Some((quoted, behind)) = after.split_once(quote) else {
            rest = after;
            break;
        };
        kept.push_str(if is_name(quoted) { quoted } else { HIDDEN });
        kept.push_str(quote);
        rest = behind;
    }
    kept + rest
}

fn is_name(quoted: &str) -> bool {
    const THINGS: &[&str] = &[
        "school",
        "section",
        "session",
        "course",
        "student",
        "staff",
        "program",
        "grade",
        "calendar",
        "location",
        "courseoffering",
        "read",
        "create",
        "update",
        "delete",
    ];
    const ENDS: &[&str] = &["Association", "Descriptor", "Reference", "Offering", "Date", "Id", "Code", "Identifier"];
    let word = !quoted.is_empty() && quoted.bytes().all(|byte| byte.is_ascii_alphabetic());
    let known = THINGS.contains(&quoted.to_lowercase().as_str()) || ENDS.iter().any(|end| quoted.ends_with(end));
    (word && known) || quoted.starts_with("uri://")
}

/// Hides each number that is longer than a digit.
fn numbers(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut digits = String::new();
    for c in text.chars().chain(std::iter::once('\0')) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        kept.push_str(if digits.len() > 1 { HIDDEN } else { &digits });
        digits.clear();
        if c != '\0' {
            kept.push(c);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAYLOAD: &str = r#"{"studentUniqueId":"4000000901","firstName":"Tamsin","lastSurname":"O'Quennell",
        "birthDate":"2010-02-03","sexDescriptor":"uri://ed-fi.org/SexDescriptor#F","schoolReference":{"schoolId":990001}}"#;

    #[test]
    fn values_of_the_record_go_and_names_stay() {
        let told = "Validation of 'Student' failed.\n\tTAMSIN O'Quennell (2010-02-03, 4000000901) at 990001 is no \
                    'studentSchoolAssociation'; LastSurname is required.";
        let left = without_student_data(told, Some(PAYLOAD), &Names::default());
        assert_eq!(
            left,
            "Validation of 'Student' failed.\n\t… … (…, …) at … is no 'studentSchoolAssociation'; LastSurname is required."
        );
    }

    #[test]
    fn what_is_quoted_or_a_number_goes_whatever_the_record_holds() {
        let told =
            "The values [Ada Lark, 12345] of 'Ada Lark' and \"ada\" are not unique; 'uri://x/SexDescriptor#F' is.";
        let names = Names(["lark".to_owned(), "quennell".to_owned()].into());
        let left = without_student_data(told, None, &names);
        assert_eq!(left, "The values [Ada …, …] of '…' and \"…\" are not unique; 'uri://x/SexDescriptor#F' is.");
    }

    #[test]
    fn an_e_mail_address_goes_whatever_it_is_made_of() {
        let told =
            "The key (t.quennell@school.example, MATH) stands twice; ask head+office@d500.example: it's Mr@Home.";
        let left = without_student_data(told, None, &Names::default());
        assert_eq!(left, "The key (…, MATH) stands twice; ask …: it's ….");
    }
}
