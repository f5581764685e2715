//! Extensions: what a state adds to a resource under `_ext`, and resources that a state adds whole.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::{Mutex, PoisonError};

use crate::model::{Class, DataStandard, Kind, Property, ResourceModel};
use crate::state::State;

/// What a state adds to one resource, in some school years.
pub trait Extension: Sync {
    /// The key under `_ext`, in lower case: `ks`.
    fn key(&self) -> &'static str;

    /// The resource it extends.
    fn resource(&self) -> &'static str;

    /// The school years (end years) in which the server has it in this shape.
    fn years(&self) -> RangeInclusive<i32>;

    /// Its members.
    fn class(&self) -> Class;
}

/// A resource that a state adds to the standard, at `/{segment}/{name}` of its server.
#[derive(Debug)]
pub struct ExtensionResource {
    /// The URL segment before its name, which is the key under `_ext` of the state's other extensions: `ks`.
    pub segment: &'static str,
    /// The school years in which the server has it in this shape.
    pub years: RangeInclusive<i32>,
    /// Its name, natural key and members, in the form of the standard's own resources. Its references may name the
    /// standard's resources and other ones of the state. No resource of the standard has its name, and its natural key is
    /// the same in all school years.
    pub model: fn() -> ResourceModel,
}

/// A state's data standard with the resources that the state adds whole, each in its latest shape. Models are named
/// everywhere for as long as the program runs, so it is made once for each state and kept.
pub(crate) fn extended(state: &'static State, added: &[&'static ExtensionResource]) -> &'static DataStandard {
    static KEPT: Mutex<BTreeMap<&'static str, &'static DataStandard>> = Mutex::new(BTreeMap::new());
    if added.is_empty() {
        return (state.standard)();
    }
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    kept.entry(state.code).or_insert_with(|| {
        let mut by_year = added.to_vec();
        by_year.sort_by_key(|resource| *resource.years.start());
        let models = by_year.into_iter().map(|resource| (resource.segment, (resource.model)()));
        let latest: BTreeMap<_, _> = models.map(|(segment, model)| (model.name.clone(), (segment, model))).collect();
        Box::leak(Box::new((state.standard)().with(latest.into_values())))
    })
}

/// An extension written down as data.
#[derive(Debug)]
pub struct ExtensionTable {
    /// The key under `_ext`.
    pub key: &'static str,
    /// The resource it extends.
    pub resource: &'static str,
    /// The school years in which it has this shape.
    pub years: RangeInclusive<i32>,
    /// Its plain members.
    pub members: &'static [ExtensionMember],
    /// Its collections and references, where it has any.
    pub nested: Option<fn() -> Class>,
}

/// A plain member of an extension.
#[derive(Debug)]
pub struct ExtensionMember {
    /// JSON member name.
    pub name: &'static str,
    /// Its type.
    pub kind: MemberKind,
    /// Whether the server refuses a record without it.
    pub required: bool,
}

/// The type of a plain extension member.
#[derive(Debug, Clone, Copy)]
pub enum MemberKind {
    /// A descriptor value of this descriptor.
    Descriptor(&'static str),
    /// Text of at most so many characters.
    Text(usize),
    /// A date.
    Date,
    /// A whole number.
    Integer,
    /// A boolean.
    Boolean,
    /// A decimal with digits in all and after the point.
    Decimal(u32, u32),
}

impl Extension for ExtensionTable {
    fn key(&self) -> &'static str {
        self.key
    }

    fn resource(&self) -> &'static str {
        self.resource
    }

    fn years(&self) -> RangeInclusive<i32> {
        self.years.clone()
    }

    fn class(&self) -> Class {
        let mut class = self.nested.map(|nested| nested()).unwrap_or_default();
        class.properties.extend(self.members.iter().map(ExtensionMember::property));
        class
    }
}

impl ExtensionMember {
    /// An optional member.
    pub const fn optional(name: &'static str, kind: MemberKind) -> Self {
        Self { name, kind, required: false }
    }

    /// A required member.
    pub const fn required(name: &'static str, kind: MemberKind) -> Self {
        Self { name, kind, required: true }
    }

    fn property(&self) -> Property {
        let kind = match self.kind {
            MemberKind::Descriptor(_) => Kind::Descriptor,
            MemberKind::Text(_) => Kind::String,
            MemberKind::Date => Kind::Date,
            MemberKind::Integer => Kind::Integer,
            MemberKind::Boolean => Kind::Boolean,
            MemberKind::Decimal(..) => Kind::Decimal,
        };
        let mut property = Property::new(self.name, kind);
        property.required = self.required;
        match self.kind {
            MemberKind::Descriptor(descriptor) => property.descriptor = Some(descriptor.to_owned()),
            MemberKind::Text(max) => property.max_length = Some(max),
            MemberKind::Decimal(precision, scale) => {
                property.precision = Some(precision);
                property.scale = Some(scale);
            }
            _ => {}
        }
        property
    }
}
