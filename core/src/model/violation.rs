//! What the payload check finds.

use std::fmt;

/// One thing that is wrong with a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Dotted path of the member, with the index of collection items: `addresses[0].city`.
    pub path: String,
    /// What is wrong.
    pub kind: ViolationKind,
}

/// What can be wrong with a member. Holds no value of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ViolationKind {
    /// The model has no such member (a server would drop it silently).
    Unknown,
    /// A required member is missing or empty.
    Required,
    /// The value is of another type.
    WrongType {
        /// The type of the model.
        expected: &'static str,
    },
    /// A text is too long.
    TooLong {
        /// Longest allowed, in characters.
        max: usize,
    },
    /// A text is too short.
    TooShort {
        /// Shortest allowed, in characters.
        min: usize,
    },
    /// A number is outside its range.
    OutOfRange {
        /// Smallest allowed, if any.
        min: Option<String>,
        /// Largest allowed, if any.
        max: Option<String>,
    },
    /// A required collection has no items.
    EmptyCollection,
    /// Two items of a collection have the same key.
    DuplicateItem,
    /// A reference lacks some of its key.
    IncompleteReference {
        /// The members that are missing.
        missing: Vec<String>,
    },
    /// Members that must agree do not.
    KeysDiffer {
        /// The paths that carry the property.
        paths: Vec<String>,
    },
    /// A key text starts or ends with a space.
    SurroundingSpace,
    /// A descriptor value is not of the form `uri://namespace#codeValue`.
    NotADescriptor,
    /// The descriptor value is in no known code list.
    UnknownDescriptor {
        /// Which descriptor (`GradeLevelDescriptor`).
        descriptor: String,
    },
}

impl fmt::Display for ViolationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("is not a member of this resource; a server would drop it silently"),
            Self::Required => f.write_str("is required and is missing"),
            Self::WrongType { expected } => write!(f, "must be of type {expected}"),
            Self::TooLong { max } => write!(f, "is longer than {max} characters"),
            Self::TooShort { min } => write!(f, "is shorter than {min} characters"),
            Self::OutOfRange { min, max } => match (min, max) {
                (Some(min), Some(max)) => write!(f, "must be between {min} and {max}"),
                (Some(min), None) => write!(f, "must be at least {min}"),
                (_, max) => write!(f, "must be at most {}", max.as_deref().unwrap_or_default()),
            },
            Self::EmptyCollection => f.write_str("needs at least one item"),
            Self::DuplicateItem => f.write_str("has the same key as an earlier item"),
            Self::IncompleteReference { missing } => write!(f, "lacks {}", missing.join(", ")),
            Self::KeysDiffer { paths } => write!(f, "must agree everywhere: {}", paths.join(", ")),
            Self::SurroundingSpace => f.write_str("is part of the key and must not start or end with a space"),
            Self::NotADescriptor => f.write_str("is not a descriptor value (uri://namespace#codeValue)"),
            Self::UnknownDescriptor { descriptor } => write!(f, "is in no known code list of {descriptor}"),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.path, self.kind)
    }
}
