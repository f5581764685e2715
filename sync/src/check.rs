//! The payload check before anything is sent, and the references of a body.

use foldhash::HashMap;
use rollcall_core::model::{Class, DataStandard, KeyHash, ResourceModel, Surroundings, Violation, check};
use rollcall_core::registry::{DescriptorIndex, StateView};
use rollcall_core::value::{Object, Value};
use rollcall_transport::ResourcePath;

/// Holds bodies against the data standard, the state's extension and the known code lists.
pub struct Checker {
    standard: &'static DataStandard,
    /// One for each school year, the latest first.
    years: Vec<YearShape>,
}

/// What the state's server takes in one school year.
struct YearShape {
    year: i32,
    descriptors: DescriptorIndex,
    /// By resource: key under `_ext` and shape.
    extensions: HashMap<&'static str, Vec<(&'static str, Class)>>,
    /// The resources that the state adds whole, by name.
    added: HashMap<String, ResourceModel>,
}

impl Checker {
    /// A checker for a state and some school years.
    pub fn new(state: &StateView, years: &[i32]) -> Self {
        let mut years = years.to_vec();
        years.sort_unstable_by(|a, b| b.cmp(a));
        let shapes = years.into_iter().map(|year| {
            let extensions = state.resources.iter().map(|resource| {
                let name = resource.spec().name;
                (name, state.extensions_of(name, year))
            });
            let added = state.extension_resources.iter().filter(|resource| resource.years.contains(&year));
            let added = added.map(|resource| (resource.model)()).map(|model| (model.name.clone(), model));
            YearShape {
                year,
                descriptors: state.descriptors(&[year]),
                extensions: extensions.collect(),
                added: added.collect(),
            }
        });
        Self { standard: state.standard(), years: shapes.collect() }
    }

    /// The data standard.
    pub fn standard(&self) -> &'static DataStandard {
        self.standard
    }

    /// The model of a resource. Every resource of a state is in its data standard (the registry's tests see to it).
    pub fn model(&self, resource: &str) -> Option<&'static ResourceModel> {
        self.standard.resource(resource)
    }

    /// Where a resource stands at the ODS.
    pub(crate) fn path(&self, resource: &'static str) -> ResourcePath {
        path(self.standard, resource)
    }

    /// What is wrong with a body, by what the state takes in the body's school year; empty means that it may be sent.
    pub fn violations(&self, model: &ResourceModel, body: &Object<'_>) -> Vec<Violation> {
        let Some(shape) = self.shape(body) else { return check(model, body, &NOTHING_MORE) };
        let extensions: Vec<(&str, &Class)> =
            shape.extensions_of(&model.name).iter().map(|(key, class)| (*key, class)).collect();
        let exists = |descriptor: &str, uri: &str| shape.descriptors.exists(descriptor, uri);
        // What the state adds whole has its own shape in each year, too.
        let model = shape.added.get(&model.name).unwrap_or(model);
        check(model, body, &Surroundings { extensions: &extensions, descriptor_exists: &exists })
    }

    /// The shapes of the body's school year; a body without a school year (a student) is held against the latest.
    fn shape(&self, body: &Object<'_>) -> Option<&YearShape> {
        const PATHS: &[&str] = &[
            "sectionReference.schoolYear",
            "courseOfferingReference.schoolYear",
            "sessionReference.schoolYear",
            "schoolYearTypeReference.schoolYear",
        ];
        let latest = self.years.first()?;
        if self.years.len() == 1 {
            return Some(latest);
        }
        let year = PATHS.iter().find_map(|path| body.at(path)?.as_integer());
        Some(self.years.iter().find(|shape| Some(i64::from(shape.year)) == year).unwrap_or(latest))
    }

    /// Visits the records that a body refers to, in its extension too: `(member, resource, key)`.
    pub fn references(
        &self,
        model: &'static ResourceModel,
        body: &Object<'_>,
        visit: &mut dyn FnMut(&str, &'static str, KeyHash),
    ) {
        KeyHash::references(self.standard, &model.class, body, &mut |reference, target, key| {
            visit(&reference.name, &target.name, key);
        });
        self.extended_references(model, body, visit);
    }

    /// Of these, the ones that are not members of the body itself: those of what is embedded in it, and of its extension.
    pub(crate) fn nested_references(
        &self,
        model: &'static ResourceModel,
        body: &Object<'_>,
        visit: &mut dyn FnMut(&str, &'static str, KeyHash),
    ) {
        KeyHash::nested_references(self.standard, &model.class, body, &mut |reference, target, key| {
            visit(&reference.name, &target.name, key);
        });
        self.extended_references(model, body, visit);
    }

    fn extended_references(
        &self,
        model: &ResourceModel,
        body: &Object<'_>,
        visit: &mut dyn FnMut(&str, &'static str, KeyHash),
    ) {
        let standard = self.standard;
        let (shape, extended) = (self.shape(body), body.get("_ext").and_then(Value::as_object));
        for (name, class) in shape.map(|shape| shape.extensions_of(&model.name)).unwrap_or_default() {
            if let Some(Value::Object(extension)) = extended.and_then(|extended| extended.get(name)) {
                KeyHash::references(standard, class, extension, &mut |reference, target, key| {
                    visit(&reference.name, &target.name, key);
                });
            }
        }
    }

    /// The resources that a resource refers to, in its extension too; sorted, each once.
    pub fn upstream(&self, resource: &str) -> Vec<&str> {
        let mut names = self.model(resource).map(ResourceModel::upstream).unwrap_or_default();
        for (_, class) in self.years.iter().flat_map(|shape| shape.extensions_of(resource)) {
            collect(class, &mut names);
        }
        let mut concrete: Vec<&str> = names
            .into_iter()
            .flat_map(|name| self.standard.concrete(name).into_iter().map(|model| model.name.as_str()))
            .collect();
        concrete.sort_unstable();
        concrete.dedup();
        concrete
    }
}

/// Where a resource stands at the ODS of a data standard.
pub(crate) fn path(standard: &DataStandard, resource: &'static str) -> ResourcePath {
    ResourcePath::new(standard.segment(resource), resource)
}

impl YearShape {
    fn extensions_of(&self, resource: &str) -> &[(&'static str, Class)] {
        self.extensions.get(resource).map(Vec::as_slice).unwrap_or_default()
    }
}

/// No school year, no extension and no code list.
const NOTHING_MORE: Surroundings<'static> = Surroundings { extensions: &[], descriptor_exists: &|_, _| false };

fn collect<'a>(class: &'a Class, names: &mut Vec<&'a str>) {
    names.extend(class.references.iter().map(|reference| reference.target.as_str()));
    class.objects.iter().for_each(|object| collect(&object.class, names));
    class.collections.iter().for_each(|collection| collect(&collection.class, names));
}
