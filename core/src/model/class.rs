//! The shape of one JSON object: its properties, references, embedded objects and collections.

use serde::Deserialize;

/// What may stand in one JSON object (a resource, an item of a collection, an embedded object, an extension).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Class {
    /// Plain members.
    pub properties: Vec<Property>,
    /// References to other resources by natural key.
    pub references: Vec<Reference>,
    /// Objects that belong to this one.
    pub objects: Vec<EmbeddedObject>,
    /// Lists of objects that belong to this one.
    pub collections: Vec<Collection>,
}

/// The type of a plain member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Text.
    String,
    /// `uri://namespace#codeValue`.
    Descriptor,
    /// `yyyy-MM-dd`.
    Date,
    /// Date and time, ISO 8601.
    Datetime,
    /// `HH:mm:ss`.
    Time,
    /// true or false.
    Boolean,
    /// A whole number.
    Integer,
    /// A number with decimals.
    Decimal,
}

impl Kind {
    /// The name as users read it in `describe` and in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Descriptor => "descriptor",
            Self::Date => "date",
            Self::Datetime => "datetime",
            Self::Time => "time",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
        }
    }
}

/// A plain member.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Property {
    /// JSON member name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// For a descriptor: which (`GradeLevelDescriptor`).
    #[serde(default)]
    pub descriptor: Option<String>,
    /// `int16` or `currency`, where the standard says so.
    #[serde(default)]
    pub format: Option<String>,
    /// Longest text, in characters.
    #[serde(default)]
    pub max_length: Option<usize>,
    /// Shortest text, in characters; enforced by servers of version 7 only.
    #[serde(default)]
    pub min_length: Option<usize>,
    /// Smallest number.
    #[serde(default)]
    pub minimum: Option<f64>,
    /// Largest number.
    #[serde(default)]
    pub maximum: Option<f64>,
    /// Digits in all of a decimal.
    #[serde(default)]
    pub precision: Option<u32>,
    /// Digits after the point of a decimal.
    #[serde(default)]
    pub scale: Option<u32>,
    /// Must be there.
    #[serde(default)]
    pub required: bool,
    /// Part of the natural key of its resource or item.
    #[serde(default)]
    pub identity: bool,
    /// For a member of a reference: its name among the properties of the resource that holds the reference.
    #[serde(default)]
    pub flattened_as: Option<String>,
    /// For a member of a reference in a collection: must equal the parent's value.
    #[serde(default)]
    pub unified_with_parent: bool,
}

impl Property {
    /// An optional member without bounds.
    pub fn new(name: impl Into<String>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            kind,
            descriptor: None,
            format: None,
            max_length: None,
            min_length: None,
            minimum: None,
            maximum: None,
            precision: None,
            scale: None,
            required: false,
            identity: false,
            flattened_as: None,
            unified_with_parent: false,
        }
    }

    /// The query-string name under which a server filters by this member.
    pub fn query_name(&self) -> &str {
        self.flattened_as.as_deref().unwrap_or(&self.name)
    }
}

/// A reference to another resource.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// JSON member name (`sectionReference`).
    pub name: String,
    /// The resource it names (`sections`), or an abstract one (`EducationOrganization`).
    pub target: String,
    /// Must be there.
    #[serde(default)]
    pub required: bool,
    /// Part of the natural key.
    #[serde(default)]
    pub identity: bool,
    /// The natural key's members, all of them needed.
    pub properties: Vec<Property>,
}

/// An object that belongs to its parent.
#[derive(Debug, Clone, Deserialize)]
pub struct EmbeddedObject {
    /// JSON member name.
    pub name: String,
    /// Name of its class in the standard, as the servers' messages say it.
    pub entity: String,
    /// Must be there.
    #[serde(default)]
    pub required: bool,
    /// Its shape.
    #[serde(flatten)]
    pub class: Class,
}

/// A list of objects that belong to their parent.
#[derive(Debug, Clone, Deserialize)]
pub struct Collection {
    /// JSON member name.
    pub name: String,
    /// Name of the items' class in the standard, as the servers' messages say it.
    pub entity: String,
    /// Must hold at least one item.
    #[serde(default)]
    pub required: bool,
    /// Dotted paths of the members that tell two items apart.
    #[serde(default)]
    pub key: Vec<String>,
    /// The shape of an item.
    #[serde(flatten)]
    pub class: Class,
}

impl Class {
    /// A plain member by name.
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|p| p.name == name)
    }

    /// A reference by name.
    pub fn reference(&self, name: &str) -> Option<&Reference> {
        self.references.iter().find(|r| r.name == name)
    }

    /// An embedded object by name.
    pub fn object(&self, name: &str) -> Option<&EmbeddedObject> {
        self.objects.iter().find(|o| o.name == name)
    }

    /// A collection by name.
    pub fn collection(&self, name: &str) -> Option<&Collection> {
        self.collections.iter().find(|c| c.name == name)
    }

    /// The names of all members, in the order of the model.
    pub fn member_names(&self) -> impl Iterator<Item = &str> {
        let properties = self.properties.iter().map(|p| p.name.as_str());
        let references = self.references.iter().map(|r| r.name.as_str());
        let objects = self.objects.iter().map(|o| o.name.as_str());
        properties.chain(references).chain(objects).chain(self.collections.iter().map(|c| c.name.as_str()))
    }

    /// The property at a dotted path of members through references and embedded objects.
    pub fn property_at(&self, path: &str) -> Option<&Property> {
        match path.split_once('.') {
            None => self.property(path),
            Some((head, rest)) => match self.reference(head) {
                Some(reference) => reference.properties.iter().find(|p| p.name == rest),
                None => self.object(head)?.class.property_at(rest),
            },
        }
    }
}
