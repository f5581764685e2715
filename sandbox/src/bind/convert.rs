//! The value of one member, in the form in which it is stored.

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime};
use rollcall_core::model::{Kind, Property};
use rollcall_core::value::Value;
use rust_decimal::{Decimal, RoundingStrategy};

/// A value in the form in which it is stored.
///
/// Errors: what the server says about a value of another type.
pub(crate) fn convert(property: &Property, value: Value<'static>) -> Result<Value<'static>, String> {
    let wrong = |kind: &str| Err(format!("The JSON value could not be converted to {kind}."));
    match (property.kind, value) {
        (_, Value::Object(_) | Value::Array(_)) => wrong(property.kind.name()),
        (Kind::Datetime, Value::Text(text)) if !is_datetime(&text) => {
            Err("String was not recognized as a valid DateTime.".to_owned())
        }
        (Kind::String | Kind::Descriptor | Kind::Datetime, value @ Value::Text(_))
        | (Kind::Boolean, value @ Value::Bool(_)) => Ok(value),
        (Kind::String, value) => Ok(Value::Text(Cow::Owned(value.key_text().into_owned()))),
        (Kind::Date, Value::Date(date)) => Ok(Value::from(date.to_string())),
        (Kind::Date, Value::Text(text)) => match NaiveDate::parse_from_str(&text, "%Y-%m-%d") {
            // Most dates come as they are stored.
            Ok(_) if text.len() == 10 => Ok(Value::Text(text)),
            Ok(date) => Ok(Value::from(date.to_string())),
            Err(_) => Err("String was not recognized as a valid date.".to_owned()),
        },
        (Kind::Time, Value::Text(text)) => match time(&text) {
            Some(time) => Ok(Value::from(time.format("%H:%M:%S").to_string())),
            None => Err("String was not recognized as a valid time.".to_owned()),
        },
        (Kind::Boolean, Value::Integer(number @ (0 | 1))) => Ok(Value::Bool(number == 1)),
        (Kind::Boolean, Value::Text(text)) => match text.to_ascii_lowercase().as_str() {
            "true" | "1" => Ok(Value::Bool(true)),
            "false" | "0" => Ok(Value::Bool(false)),
            _ => wrong("boolean"),
        },
        (Kind::Integer, Value::Integer(number)) => integer(property, number),
        (Kind::Integer, Value::Text(text)) => match text.trim().parse() {
            Ok(number) => integer(property, number),
            Err(_) => wrong("integer"),
        },
        (Kind::Decimal, Value::Integer(number)) => Ok(Value::Integer(number)),
        (Kind::Decimal, Value::Decimal(number)) => Ok(decimal(property, number)),
        (Kind::Decimal, Value::Text(text)) => match text.trim().parse() {
            Ok(number) => Ok(decimal(property, number)),
            Err(_) => wrong("decimal"),
        },
        (kind, _) => wrong(kind.name()),
    }
}

/// A time of day; one with an offset counts in UTC.
fn time(text: &str) -> Option<NaiveTime> {
    let plain =
        |text: &str| ["%H:%M:%S%.f", "%H:%M"].iter().find_map(|format| NaiveTime::parse_from_str(text, format).ok());
    if let Some(time) = plain(text) {
        return Some(time);
    }
    let zone = text.find(['Z', 'z', '+', '-'])?;
    let time = plain(&text[..zone])?;
    let day = NaiveDate::from_ymd_opt(2000, 1, 2)?.and_time(time);
    let offset = match &text[zone..] {
        "Z" | "z" => FixedOffset::east_opt(0)?,
        other => other.parse().ok()?,
    };
    Some(day.and_local_timezone(offset).single()?.to_utc().time())
}

/// A date and time as the servers read them: ISO 8601, with an offset or without.
fn is_datetime(text: &str) -> bool {
    let formats = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
    DateTime::parse_from_rfc3339(text).is_ok()
        || formats.iter().any(|format| NaiveDateTime::parse_from_str(text, format).is_ok())
        || NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

fn integer(property: &Property, number: i64) -> Result<Value<'static>, String> {
    let fits = match property.format.as_deref() {
        Some("int16") => i16::try_from(number).is_ok(),
        _ => i32::try_from(number).is_ok(),
    };
    if fits {
        Ok(Value::Integer(number))
    } else {
        Err("Value was either too large or too small for an integer.".to_owned())
    }
}

const HALF_AWAY: RoundingStrategy = RoundingStrategy::MidpointAwayFromZero;

/// Rounded to the digits that the server's column holds; a whole number as such, so that equal values have equal bytes.
fn decimal(property: &Property, number: Decimal) -> Value<'static> {
    let number = property.scale.map_or(number, |scale| number.round_dp_with_strategy(scale, HALF_AWAY)).normalize();
    if number.scale() == 0
        && let Ok(whole) = i64::try_from(number)
    {
        return Value::Integer(whole);
    }
    Value::Decimal(number)
}
