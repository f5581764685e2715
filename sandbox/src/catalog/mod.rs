//! The resources that a sandbox serves: the data standard's, its descriptors and a state's extensions, indexed by what
//! requests need.

mod dependencies;
mod descriptors;
mod domain;
mod query;
mod role;
mod sites;

use std::collections::HashMap;
use std::ops::Deref;

use rollcall_core::model::{Class, DataStandard, KeyHash, ResourceModel};
use rollcall_core::value::{Object, Value};

pub(crate) use self::dependencies::{Graph, dependencies};
pub(crate) use self::domain::Domain;
pub(crate) use self::query::Filter;
pub(crate) use self::role::{EDUCATION_ORGANIZATION, Role, Subject, SubjectKind};
pub(crate) use self::sites::{DescriptorSite, ReferenceSite, UnifiedSite, visit, visit_mut};
use crate::config::Schema;
use crate::error::SandboxError;

/// The URL segment of the core standard.
pub(crate) const CORE_SEGMENT: &str = "ed-fi";

/// All resources of one sandbox.
#[derive(Debug)]
pub(crate) struct Catalog {
    pub(crate) standard: &'static DataStandard,
    pub(crate) extension_keys: Vec<String>,
    pub(crate) resources: Vec<Resource>,
    /// Descriptor → its resource.
    descriptors: HashMap<String, usize>,
    by_name: HashMap<String, usize>,
    by_lower_name: HashMap<String, usize>,
    /// Site number → (resource, index among its reference sites).
    reference_sites: Vec<(usize, usize)>,
}

/// One resource, a descriptor included.
#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) index: usize,
    /// The URL segment before its name: the standard's, or, for a state's own resource or descriptor, the extension's.
    pub(crate) segment: String,
    pub(crate) model: Model,
    /// For a descriptor: its name (`GradeLevelDescriptor`).
    pub(crate) descriptor: Option<String>,
    pub(crate) extensions: Vec<(String, Class)>,
    /// Every place of the body that refers to another record.
    pub(crate) references: Vec<ReferenceSite>,
    /// Every place of the body that holds a descriptor value.
    pub(crate) descriptors: Vec<DescriptorSite>,
    /// Members of nested references that must equal a value of the body's root.
    pub(crate) unified: Vec<UnifiedSite>,
    /// Query parameter in lower case → what it compares with.
    pub(crate) filters: HashMap<String, Filter>,
    pub(crate) subjects: Vec<Subject>,
    pub(crate) role: Role,
    pub(crate) domain: Domain,
    /// People whom a record of this resource makes visible: their resource, and the paths of their unique ids.
    pub(crate) makes_visible: Vec<(usize, Vec<String>)>,
    /// Whether a PUT may change its natural key.
    pub(crate) key_changes: bool,
    /// Whether its key can change at all, by a PUT or because a record that it names changes its own.
    pub(crate) tracked: bool,
}

/// A resource's model: part of the standard, or made for a descriptor.
#[derive(Debug)]
pub(crate) enum Model {
    Standard(&'static ResourceModel),
    Made(Box<ResourceModel>),
}

impl Deref for Model {
    type Target = ResourceModel;

    fn deref(&self) -> &ResourceModel {
        match self {
            Self::Standard(model) => model,
            Self::Made(model) => model,
        }
    }
}

impl Catalog {
    /// Builds the catalog of a schema.
    pub(crate) fn new(schema: Schema) -> Result<Self, SandboxError> {
        let standard = schema.standard;
        let core = |model, descriptor| (CORE_SEGMENT.to_owned(), model, descriptor);
        let models = standard.resources.iter().map(|model| core(Model::Standard(model), None));
        let made = standard.descriptors.iter().map(|(descriptor, resource)| {
            core(Model::Made(Box::new(descriptors::model(descriptor, resource))), Some(descriptor.clone()))
        });
        let own = descriptors::of_extensions(&schema).into_iter().map(|(descriptor, segment)| {
            let resource = format!("{}s", crate::api::names::camel(&descriptor));
            (segment, Model::Made(Box::new(descriptors::model(&descriptor, &resource))), Some(descriptor))
        });
        let mut extension_keys: Vec<String> = Vec::new();
        let keys = schema.extensions.iter().map(|extension| &extension.key);
        for key in keys.chain(schema.resources.iter().map(|resource| &resource.segment)) {
            if !extension_keys.contains(key) {
                extension_keys.push(key.clone());
            }
        }
        let whole = schema.resources.into_iter();
        let whole = whole.map(|resource| (resource.segment, Model::Made(Box::new(resource.model)), None));
        let all = models.chain(made).chain(own).chain(whole).enumerate();
        let mut resources: Vec<Resource> = all.map(|(index, parts)| bare(index, parts)).collect();
        let described = |resource: &Resource| Some((resource.descriptor.clone()?, resource.index));
        let descriptors = resources.iter().filter_map(described).collect();
        let by_name: HashMap<String, usize> =
            resources.iter().map(|resource| (resource.model.name.clone(), resource.index)).collect();
        if let Some(resource) = resources.iter().find(|resource| by_name[resource.name()] != resource.index) {
            return Err(SandboxError::NameTwice { name: resource.name().to_owned() });
        }
        for extension in schema.extensions {
            let Some(&at) = by_name.get(&extension.resource) else {
                return Err(SandboxError::UnknownName { kind: "resource", name: extension.resource });
            };
            resources[at].extensions.push((extension.key, extension.class));
        }
        let by_lower_name = by_name.iter().map(|(name, &at)| (name.to_ascii_lowercase(), at)).collect();
        let reference_sites = Vec::new();
        let mut catalog =
            Self { standard, extension_keys, resources, descriptors, by_name, by_lower_name, reference_sites };
        catalog.index()?;
        Ok(catalog)
    }

    /// A resource by its place in URLs, whose case does not matter.
    pub(crate) fn at(&self, segment: &str, name: &str) -> Option<&Resource> {
        let at = self.by_name.get(name).or_else(|| self.by_lower_name.get(&name.to_ascii_lowercase()))?;
        Some(&self.resources[*at]).filter(|resource| resource.segment.eq_ignore_ascii_case(segment))
    }

    /// The resource of a descriptor.
    pub(crate) fn descriptor(&self, name: &str) -> Option<&Resource> {
        self.descriptors.get(name).map(|&at| &self.resources[at])
    }

    /// A resource by its exact name.
    pub(crate) fn by_name(&self, name: &str) -> Option<&Resource> {
        self.by_name.get(name).map(|&at| &self.resources[at])
    }

    /// The resource that holds a reference site, and the site.
    pub(crate) fn reference_site(&self, number: u32) -> (&Resource, &ReferenceSite) {
        let (resource, at) = self.reference_sites[number as usize];
        let resource = &self.resources[resource];
        (resource, &resource.references[at])
    }

    fn index(&mut self) -> Result<(), SandboxError> {
        for at in 0..self.resources.len() {
            let mut sites = sites::Sites::default();
            let resource = &self.resources[at];
            sites.collect(resource, self)?;
            let filters = query::filters(resource, self.standard);
            let resource = &mut self.resources[at];
            resource.unified = sites.unified(&resource.model.name, &filters);
            resource.filters = filters;
            for mut site in sites.references {
                site.number = u32::try_from(self.reference_sites.len()).unwrap_or(u32::MAX);
                self.reference_sites.push((at, resource.references.len()));
                resource.references.push(site);
            }
            resource.descriptors = sites.descriptors;
        }
        for at in 0..self.resources.len() {
            let security = role::security_of(&self.resources[at], self);
            let resource = &mut self.resources[at];
            resource.domain = Domain::of(resource, security.role);
            resource.role = security.role;
            resource.subjects = security.subjects;
            resource.makes_visible = security.makes_visible;
        }
        self.track();
        Ok(())
    }

    /// Marks the resources whose keys can change: those that a PUT may re-key, and all whose key names one of them.
    fn track(&mut self) {
        for resource in &mut self.resources {
            resource.key_changes = resource.model.key_update_allowed || matches!(resource.role, Role::Person(_));
            resource.tracked = resource.key_changes;
        }
        loop {
            let grown: Vec<usize> =
                self.resources.iter().filter(|r| !r.tracked && self.key_follows(r)).map(|r| r.index).collect();
            if grown.is_empty() {
                return;
            }
            for at in grown {
                self.resources[at].tracked = true;
            }
        }
    }

    fn key_follows(&self, resource: &Resource) -> bool {
        let mut key_references =
            resource.references.iter().filter(|site| site.reference.identity && site.path.len() == 1);
        key_references.any(|site| site.targets.iter().any(|&target| self.resources[target].tracked))
    }
}

impl Resource {
    /// The name in URLs.
    pub(crate) fn name(&self) -> &str {
        &self.model.name
    }

    /// The hash of a body's natural key; none when a part of it is missing. Descriptors' keys have no case.
    pub(crate) fn key_of(&self, body: &Object<'_>) -> Option<KeyHash> {
        if self.descriptor.is_none() {
            return KeyHash::of(&self.model, body);
        }
        let text = |name: &str| body.get(name).and_then(Value::as_text).map(str::to_lowercase);
        KeyHash::of(&self.model, &descriptors::key_body(text("codeValue")?, text("namespace")?))
    }

    /// For a descriptor: the member of an answer that holds the server's number of it, `gradeLevelDescriptorId`.
    pub(crate) fn descriptor_id_name(&self) -> String {
        format!("{}Id", self.name().strip_suffix('s').unwrap_or(self.name()))
    }

    /// The same of a natural key by its flattened names.
    pub(crate) fn key_of_values(&self, values: &Object<'_>) -> Option<KeyHash> {
        let mut body = Object::new();
        for part in &self.model.identity {
            let value = values.get(&part.name)?.clone().into_owned();
            set_at(&mut body, part.paths.first()?, &value);
        }
        self.key_of(&body)
    }

    /// Its path below the data path, `/ed-fi/schools`.
    pub(crate) fn path(&self) -> String {
        format!("/{}/{}", self.segment, self.name())
    }
}

/// Sets the value at a dotted path, making the objects on the way.
pub(crate) fn set_at(body: &mut Object<'static>, path: &str, value: &Value<'static>) {
    let Some((head, rest)) = path.split_once('.') else {
        match body.get_mut(path) {
            Some(member) => *member = value.clone(),
            None => body.push(path.to_owned(), value.clone()),
        }
        return;
    };
    if body.get(head).is_none() {
        body.push(head.to_owned(), Object::new());
    }
    if let Some(Value::Object(object)) = body.get_mut(head) {
        set_at(object, rest, value);
    }
}

fn bare(index: usize, (segment, model, descriptor): (String, Model, Option<String>)) -> Resource {
    Resource {
        index,
        segment,
        model,
        descriptor,
        extensions: Vec::new(),
        references: Vec::new(),
        descriptors: Vec::new(),
        unified: Vec::new(),
        filters: HashMap::new(),
        subjects: Vec::new(),
        role: Role::Open,
        domain: Domain::RelationshipBasedData,
        makes_visible: Vec::new(),
        key_changes: false,
        tracked: false,
    }
}
