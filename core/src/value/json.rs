//! A body as compact JSON, as `serde_json` writes it.
//!
//! A plan writes every body to take its fingerprint. Names and most texts need no escapes and go over as they are; what
//! needs more is left to `serde_json`.

use super::{Object, Value};
use crate::sources::plain_date;

impl Object<'_> {
    /// The body as it goes over the wire: compact JSON.
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = Vec::with_capacity(512);
        object(self, &mut json);
        json
    }

    /// The body as it goes over the wire, in the place of what stands in a buffer.
    pub fn write_json(&self, buffer: &mut Vec<u8>) {
        buffer.clear();
        object(self, buffer);
    }
}

fn object(body: &Object<'_>, json: &mut Vec<u8>) {
    json.push(b'{');
    for (at, (name, member)) in body.iter().enumerate() {
        if at > 0 {
            json.push(b',');
        }
        text(name, json);
        json.push(b':');
        value(member, json);
    }
    json.push(b'}');
}

fn value(value: &Value<'_>, json: &mut Vec<u8>) {
    match value {
        Value::Bool(flag) => json.extend_from_slice(if *flag { b"true" } else { b"false" }),
        Value::Integer(number) => json.extend_from_slice(itoa::Buffer::new().format(*number).as_bytes()),
        Value::Text(written) => text(written, json),
        Value::Object(members) => object(members, json),
        Value::Array(items) => {
            json.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    json.push(b',');
                }
                self::value(item, json);
            }
            json.push(b']');
        }
        Value::Date(date) => match plain_date(*date) {
            Some(plain) => quoted(&plain, json),
            None => with_serde(value, json),
        },
        Value::Null | Value::Decimal(_) => with_serde(value, json),
    }
}

fn text(text: &str, json: &mut Vec<u8>) {
    // Without a way out of the loop, so that it looks at many bytes at once.
    let escapes =
        text.bytes().map(|byte| u8::from(matches!(byte, ..b' ' | b'"' | b'\\'))).fold(0, |any, one| any | one);
    if escapes > 0 { with_serde(text, json) } else { quoted(text.as_bytes(), json) }
}

fn quoted(text: &[u8], json: &mut Vec<u8>) {
    json.reserve(text.len() + 2);
    json.push(b'"');
    json.extend_from_slice(text);
    json.push(b'"');
}

fn with_serde<T: serde::Serialize + ?Sized>(value: &T, json: &mut Vec<u8>) {
    serde_json::to_writer(json, value).expect("a value always serializes");
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use rust_decimal::Decimal;

    use super::*;

    #[test]
    fn every_value_is_written_as_serde_json_writes_it() {
        let every_character: String = (0..0x250).filter_map(char::from_u32).collect();
        let body = Object::new()
            .with("plain", "Algebra I – é")
            .with("every", every_character.as_str())
            .with("name \"quoted\\\"\n", "")
            .with("integers", vec![Value::from(i64::MIN), Value::from(0), Value::from(i64::MAX)])
            .with("decimals", vec![Value::from(Decimal::new(125, 1)), Value::from(Decimal::new(20, 1))])
            .with("dates", vec![Value::from(NaiveDate::MAX), Value::from(NaiveDate::MIN)])
            .with("date", NaiveDate::from_ymd_opt(2025, 8, 14).unwrap())
            .with("flags", vec![Value::from(true), Value::from(false), Value::Null])
            .with("none", Vec::<Value<'_>>::new())
            .with("empty", Object::new())
            .with("nested", Object::new().with("list", vec![Value::from(Object::new().with("a", 1))]));
        let expected = serde_json::to_string(&body).unwrap();
        assert_eq!(String::from_utf8(body.to_json()).unwrap(), expected);
        let mut buffer = b"what stood there".to_vec();
        body.write_json(&mut buffer);
        assert_eq!(buffer, expected.as_bytes());
    }
}
