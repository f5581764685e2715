//! The check of one plain member's value: its type, length and range.

use chrono::NaiveDate;

use super::{Walk, is_descriptor_value};
use crate::model::class::{Kind, Property};
use crate::model::violation::ViolationKind;
use crate::value::Value;

impl Walk<'_> {
    pub(super) fn property(&mut self, property: &Property, value: &Value<'_>) {
        match (property.kind, value) {
            (_, Value::Null) | (Kind::Boolean, Value::Bool(_)) | (Kind::Date, Value::Date(_)) => {}
            (Kind::String, Value::Text(text)) => self.text(property, text),
            (Kind::Descriptor, Value::Text(text)) => self.descriptor(property, text),
            (Kind::Date, Value::Text(text)) if NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok() => {}
            (Kind::Datetime | Kind::Time, Value::Text(text)) if !text.is_empty() => {}
            (Kind::Integer, Value::Integer(number)) => self.integer(property, *number),
            (Kind::Decimal, Value::Integer(number)) => self.range(property, *number as f64),
            (Kind::Decimal, Value::Decimal(number)) => {
                let scale = property.scale.unwrap_or(u32::MAX);
                if number.normalize().scale() > scale {
                    self.wrong("decimal with fewer places");
                } else {
                    self.range(property, f64::try_from(*number).unwrap_or_default());
                }
            }
            (kind, _) => self.wrong(kind.name()),
        }
    }

    fn text(&mut self, property: &Property, text: &str) {
        // Byte length first: counting characters is needed only for the few texts that could be too long.
        if let Some(max) = property.max_length.filter(|max| text.len() > *max && text.chars().count() > *max) {
            self.add(ViolationKind::TooLong { max });
        }
        if property.required && text.is_empty() {
            self.add(ViolationKind::Required);
        } else if let Some(min) = property.min_length.filter(|min| text.chars().count() < *min) {
            self.add(ViolationKind::TooShort { min });
        }
        if property.identity && text.trim() != text {
            self.add(ViolationKind::SurroundingSpace);
        }
    }

    fn descriptor(&mut self, property: &Property, text: &str) {
        let name = property.descriptor.as_deref().unwrap_or(&property.name);
        if !is_descriptor_value(text) {
            self.add(ViolationKind::NotADescriptor);
        } else if !(self.surroundings.descriptor_exists)(name, text) {
            self.add(ViolationKind::UnknownDescriptor { descriptor: name.to_owned() });
        }
    }

    fn integer(&mut self, property: &Property, number: i64) {
        let (low, high) = match property.format.as_deref() {
            Some("int16") => (i64::from(i16::MIN), i64::from(i16::MAX)),
            _ => (i64::from(i32::MIN), i64::from(i32::MAX)),
        };
        if number < low || number > high {
            self.add(ViolationKind::OutOfRange { min: Some(low.to_string()), max: Some(high.to_string()) });
        } else {
            self.range(property, number as f64);
        }
    }

    fn range(&mut self, property: &Property, number: f64) {
        if property.minimum.is_some_and(|min| number < min) || property.maximum.is_some_and(|max| number > max) {
            let text = |bound: Option<f64>| bound.map(|b| b.to_string());
            self.add(ViolationKind::OutOfRange { min: text(property.minimum), max: text(property.maximum) });
        }
    }
}
