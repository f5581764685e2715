//! Descriptor namespaces: the code values that a state's server knows.

use std::ops::RangeInclusive;

use serde::Serialize;

/// The code values of one descriptor in one namespace.
pub trait DescriptorNamespace: Sync {
    /// Which descriptor: `CourseStatusDescriptor`.
    fn descriptor(&self) -> &'static str;

    /// `uri://ksde.org/CourseStatusDescriptor`
    fn namespace(&self) -> &'static str;

    /// The code values, in the document's order.
    fn codes(&self) -> &'static [CodeValue];
}

/// One code value.
#[derive(Debug, Clone, Serialize)]
pub struct CodeValue {
    /// At most 50 characters.
    pub code: &'static str,
    /// At most 75 characters.
    pub short_description: &'static str,
    /// At most 1024 characters.
    pub description: &'static str,
    /// The school years (end years) in which it is valid.
    #[serde(skip)]
    pub years: RangeInclusive<i32>,
}

/// Every school year.
pub const ALL_YEARS: RangeInclusive<i32> = 1900..=2999;

impl CodeValue {
    /// A code that is valid in every year, with one text for both descriptions.
    pub const fn new(code: &'static str, description: &'static str) -> Self {
        Self { code, short_description: description, description, years: ALL_YEARS }
    }

    /// A code whose description is the code itself.
    pub const fn plain(code: &'static str) -> Self {
        Self::new(code, code)
    }
}

/// A descriptor namespace written down as a table.
#[derive(Debug)]
pub struct CodeTable {
    /// Which descriptor.
    pub descriptor: &'static str,
    /// Its namespace.
    pub namespace: &'static str,
    /// The code values.
    pub codes: &'static [CodeValue],
}

impl DescriptorNamespace for CodeTable {
    fn descriptor(&self) -> &'static str {
        self.descriptor
    }

    fn namespace(&self) -> &'static str {
        self.namespace
    }

    fn codes(&self) -> &'static [CodeValue] {
        self.codes
    }
}

/// A descriptor value as it goes over the wire.
pub fn uri(namespace: &str, code: &str) -> String {
    [namespace, "#", code].concat()
}
