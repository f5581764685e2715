//! What a record says, whatever the order and the spelling in which a server gives it back.

use crate::sources::Fingerprint;
use crate::value::{Object, Value};

/// Members that a server adds to the record itself.
const ADDED: &[&str] = &["id", "_etag", "_lastModifiedDate"];

/// The fingerprint of what a body says: the same for what was sent and for what a server gives back of it.
///
/// Servers add `id`, `_etag`, `_lastModifiedDate` and links, give empty collections, order members and items as they
/// like, and write descriptors in the case that they have stored; none of that counts. With `members`, only these
/// members of the body do.
pub fn content(body: &Object<'_>, members: Option<&[&str]>) -> Fingerprint {
    let counts = |name: &str| !ADDED.contains(&name) && members.is_none_or(|members| members.contains(&name));
    let mut bytes = Vec::new();
    object(body, &counts, &mut bytes);
    Fingerprint::of(&bytes)
}

/// Appends a value; nothing when it says nothing.
fn value(value: &Value<'_>, bytes: &mut Vec<u8>) {
    match value {
        Value::Null => {}
        Value::Object(members) => object(members, &|_| true, bytes),
        Value::Array(items) => {
            let written = items.iter().map(|item| {
                let mut bytes = Vec::new();
                self::value(item, &mut bytes);
                bytes
            });
            let mut written: Vec<Vec<u8>> = written.filter(|item| !item.is_empty()).collect();
            if written.is_empty() {
                return;
            }
            written.sort_unstable();
            bytes.push(b'[');
            for item in &written {
                text(item, bytes);
            }
        }
        Value::Decimal(number) => text(number.normalize().to_string().as_bytes(), bytes),
        Value::Text(written) if written.starts_with("uri://") => text(written.to_lowercase().as_bytes(), bytes),
        Value::Bool(_) | Value::Integer(_) | Value::Date(_) | Value::Text(_) => {
            text(value.key_text().as_bytes(), bytes);
        }
    }
}

fn object(body: &Object<'_>, counts: &dyn Fn(&str) -> bool, bytes: &mut Vec<u8>) {
    let mut members: Vec<(&str, &Value<'_>)> =
        body.iter().filter(|(name, _)| *name != "link" && counts(name)).collect();
    members.sort_unstable_by_key(|(name, _)| *name);
    let start = bytes.len();
    bytes.push(b'{');
    for (name, member) in members {
        let before = bytes.len();
        text(name.as_bytes(), bytes);
        let named = bytes.len();
        value(member, bytes);
        if bytes.len() == named {
            bytes.truncate(before);
        }
    }
    if bytes.len() == start + 1 {
        bytes.truncate(start);
    }
}

/// Appends a text with its length, so that no two lists of texts read alike.
fn text(text: &[u8], bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
    bytes.extend_from_slice(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Object<'static> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn what_a_server_adds_and_reorders_does_not_count() {
        let sent = read(
            r#"{"sessionName":"S1","schoolReference":{"schoolId":1},"days":[{"a":1},{"a":2}],"credits":1.50,
                "termDescriptor":"uri://ed-fi.org/TermDescriptor#S1","_ext":{"xx":{"flag":true}}}"#,
        );
        let stored = read(
            r#"{"id":"0a","schoolReference":{"schoolId":1,"link":{"rel":"School","href":"/x"}},"sessionName":"S1",
                "termDescriptor":"uri://ed-fi.org/termdescriptor#s1","credits":1.5,"days":[{"a":2},{"a":1}],"periods":[],
                "_ext":{"xx":{"flag":true,"list":[]},"other":{}},"_etag":"5","_lastModifiedDate":"2026-01-01T00:00:00Z"}"#,
        );
        assert_eq!(content(&sent, None), content(&stored, None));
    }

    #[test]
    fn any_other_value_counts() {
        let base = content(&read(r#"{"a":"1","b":[{"c":1}]}"#), None);
        for other in [r#"{"a":"2","b":[{"c":1}]}"#, r#"{"a":"1"}"#, r#"{"a":"1","b":[{"c":1}],"d":false}"#] {
            assert_ne!(content(&read(other), None), base, "{other}");
        }
        // Neither a name nor a value runs over into its neighbour.
        assert_ne!(content(&read(r#"{"ab":"c"}"#), None), content(&read(r#"{"a":"bc"}"#), None));
    }

    #[test]
    fn only_the_members_asked_for_count() {
        let members: Option<&[&str]> = Some(&["a"]);
        assert_eq!(content(&read(r#"{"a":1}"#), members), content(&read(r#"{"a":1,"b":2}"#), members));
    }
}
