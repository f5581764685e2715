//! The registry: what registered, sorted, counted and held against the list compiled in.
//!
//! `inventory` gives no order, and loses a crate that nothing names without a word. So nothing else in the program
//! looks at registrations: they are collected here once, sorted by owner and name, and any difference between what
//! was compiled in, what each crate declares and what arrived is an error at start.

mod view;

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::descriptor::DescriptorNamespace;
use crate::extension::{Extension, ExtensionResource};
use crate::finding::nearest;
use crate::model::{Reference, ResourceModel};
use crate::resource::Resource;
use crate::state::{Item, Plugin, Registration, STANDARD, State};

pub use view::{DescriptorIndex, StateView};

/// Everything that registered, in a fixed order.
pub struct Registry {
    plugins: BTreeMap<&'static str, &'static Plugin>,
    resources: BTreeMap<(&'static str, &'static str), &'static dyn Resource>,
    namespaces: BTreeMap<(&'static str, &'static str), &'static dyn DescriptorNamespace>,
    extensions: Vec<(&'static str, &'static dyn Extension)>,
    extension_resources: BTreeMap<(&'static str, String, i32), &'static ExtensionResource>,
}

/// A registry that is not what was compiled in.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum RegistryError {
    /// A state of the list did not register.
    #[error("state {0} is compiled in but did not register; see docs/adding-a-state.md, \"Wiring\"")]
    Lost(String),
    /// A state registered that is not in the list.
    #[error("state {0} registered but is not in the list of cli/src/states.rs; see docs/adding-a-state.md, \"Wiring\"")]
    Unlisted(String),
    /// A crate declares other counts than arrived.
    #[error("{owner} declares {declared} {kind} and registered {registered}; correct its plugin or its register! call")]
    Count {
        /// Whose.
        owner: String,
        /// Of what.
        kind: &'static str,
        /// As its plugin says.
        declared: usize,
        /// As they arrived.
        registered: usize,
    },
    /// Two registrations have one name.
    #[error("{owner} registered {name} twice")]
    Duplicate {
        /// Whose.
        owner: String,
        /// What.
        name: String,
    },
    /// A state reports a resource that nobody registered, or in a version that nobody has.
    #[error("state {state} reports {resource} in the version of {owner}, which has none")]
    NoSuchResource {
        /// The state.
        state: String,
        /// The resource.
        resource: String,
        /// The version.
        owner: String,
    },
    /// A resource that a state adds whole has the name of one of the standard, another natural key in another year, or a
    /// reference that names nothing.
    #[error("state {state} adds {resource}, which {what}; see docs/adding-a-state.md, \"Extensions\"")]
    Unfit {
        /// The state.
        state: String,
        /// The resource.
        resource: String,
        /// Why it cannot be added, as a clause.
        what: &'static str,
    },
    /// A crate registered something without a plugin.
    #[error("{0} registered without a plugin; every crate's register! call names one")]
    NoPlugin(String),
}

/// A state's code that is not compiled in.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("state \"{code}\" is not compiled into this program; it has: {available}")]
pub struct UnknownState {
    /// The code asked for.
    pub code: String,
    /// The codes there are.
    pub available: String,
    /// The nearest of them.
    pub nearest: Option<&'static str>,
}

impl Registry {
    /// Collects what registered and holds it against the list compiled in (state codes).
    pub fn build(compiled_in: &[&str]) -> Result<Self, RegistryError> {
        let mut registry = Self {
            plugins: BTreeMap::new(),
            resources: BTreeMap::new(),
            namespaces: BTreeMap::new(),
            extensions: Vec::new(),
            extension_resources: BTreeMap::new(),
        };
        for registration in inventory::iter::<Registration> {
            registry.add(registration)?;
        }
        registry.extensions.sort_by_key(|(owner, e)| (*owner, e.resource(), e.key(), *e.years().start()));
        registry.verify(compiled_in)?;
        Ok(registry)
    }

    fn add(&mut self, registration: &'static Registration) -> Result<(), RegistryError> {
        let owner = registration.owner;
        let twice = |name: &str| RegistryError::Duplicate { owner: owner.to_owned(), name: name.to_owned() };
        match registration.item {
            Item::Plugin(plugin) => match self.plugins.insert(owner, plugin) {
                Some(_) => Err(twice("its plugin")),
                None => Ok(()),
            },
            Item::Resource(resource) => match self.resources.insert((owner, resource.spec().name), resource) {
                Some(_) => Err(twice(resource.spec().name)),
                None => Ok(()),
            },
            Item::Namespace(namespace) => match self.namespaces.insert((owner, namespace.namespace()), namespace) {
                Some(_) => Err(twice(namespace.namespace())),
                None => Ok(()),
            },
            Item::Extension(extension) => {
                self.extensions.push((owner, extension));
                Ok(())
            }
            Item::ExtensionResource(resource) => {
                let name = (resource.model)().name;
                match self.extension_resources.insert((owner, name.clone(), *resource.years.start()), resource) {
                    Some(_) => Err(twice(&name)),
                    None => Ok(()),
                }
            }
        }
    }

    fn verify(&self, compiled_in: &[&str]) -> Result<(), RegistryError> {
        let registered: Vec<&str> = self.states().map(|state| state.code).collect();
        if let Some(lost) = compiled_in.iter().find(|code| !registered.contains(code)) {
            return Err(RegistryError::Lost((*lost).to_owned()));
        }
        if let Some(unlisted) = registered.iter().find(|code| !compiled_in.contains(code)) {
            return Err(RegistryError::Unlisted((*unlisted).to_owned()));
        }
        let owners = self.resources.keys().chain(self.namespaces.keys()).map(|(owner, _)| *owner);
        let owners = owners.chain(self.extensions.iter().map(|e| e.0));
        let owners = owners.chain(self.extension_resources.keys().map(|(owner, ..)| *owner));
        if let Some(owner) = owners.into_iter().find(|o| !self.plugins.contains_key(o)) {
            return Err(RegistryError::NoPlugin(owner.to_owned()));
        }
        for (owner, plugin) in &self.plugins {
            let whole = self.extension_resources.keys().filter(|(o, ..)| o == owner).count();
            let counts = [
                ("resources", plugin.resources, self.resources.keys().filter(|(o, _)| o == owner).count()),
                ("namespaces", plugin.namespaces, self.namespaces.keys().filter(|(o, _)| o == owner).count()),
                ("extensions", plugin.extensions, whole + self.extensions.iter().filter(|(o, _)| o == owner).count()),
            ];
            if let Some((kind, declared, registered)) = counts.into_iter().find(|(_, d, r)| d != r) {
                return Err(RegistryError::Count { owner: (*owner).to_owned(), kind, declared, registered });
            }
        }
        self.verify_added()?;
        for state in self.states() {
            for reported in state.reports {
                if !self.resources.contains_key(&(reported.owner, reported.resource)) {
                    return Err(RegistryError::NoSuchResource {
                        state: state.code.to_owned(),
                        resource: reported.resource.to_owned(),
                        owner: reported.owner.to_owned(),
                    });
                }
            }
        }
        Ok(())
    }

    /// That what states add whole can be told from the standard's, and has one natural key.
    fn verify_added(&self) -> Result<(), RegistryError> {
        let mut keys = BTreeMap::new();
        for ((owner, name, _), resource) in &self.extension_resources {
            let unfit = |what| RegistryError::Unfit { state: (*owner).to_owned(), resource: name.clone(), what };
            let state = self.plugins.get(owner).and_then(|plugin| plugin.state);
            if state.is_some_and(|state| (state.standard)().resource(name).is_some()) {
                return Err(unfit("is a resource of the data standard"));
            }
            let model = (resource.model)();
            let added: Vec<ResourceModel> = self.added(owner).into_iter().map(|added| (added.model)()).collect();
            for reference in &model.class.references {
                let mut targets = state.map_or_else(Vec::new, |state| (state.standard)().concrete(&reference.target));
                targets.extend(added.iter().filter(|added| added.name == reference.target));
                if targets.is_empty() {
                    return Err(unfit("refers to a resource that neither the data standard nor the state has"));
                }
                if !targets.iter().all(|target| names_key(reference, target)) {
                    return Err(unfit("has a reference whose members are not the natural key of what it refers to"));
                }
            }
            let key: Vec<_> = model.identity.into_iter().map(|part| (part.name, part.kind, part.paths)).collect();
            if *keys.entry((owner, name)).or_insert_with(|| key.clone()) != key {
                return Err(unfit("has another natural key in another school year"));
            }
        }
        Ok(())
    }

    /// What a state adds whole.
    fn added(&self, owner: &str) -> Vec<&'static ExtensionResource> {
        let of_owner = self.extension_resources.iter().filter(|((added_by, ..), _)| *added_by == owner);
        of_owner.map(|(_, resource)| *resource).collect()
    }

    /// The states, by code.
    pub fn states(&self) -> impl Iterator<Item = &'static State> {
        self.plugins.values().filter_map(|plugin| plugin.state)
    }

    /// A state with everything that it uses.
    pub fn state(&self, code: &str) -> Result<StateView, UnknownState> {
        let Some(state) = self.states().find(|state| state.code == code) else {
            let codes: Vec<&'static str> = self.states().map(|state| state.code).collect();
            return Err(UnknownState {
                code: code.to_owned(),
                available: codes.join(", "),
                nearest: nearest(code, codes.iter().copied()),
            });
        };
        let mine = |owner: &str| owner == state.code || owner == STANDARD;
        let mut resources: Vec<_> =
            state.reports.iter().filter_map(|r| self.resources.get(&(r.owner, r.resource)).copied()).collect();
        resources.sort_by_key(|resource| resource.spec().name);
        // The state's own namespaces first: a bare code in a mapping means the state's.
        let mut namespaces: Vec<_> = self.namespaces.iter().filter(|((owner, _), _)| mine(owner)).collect();
        namespaces.sort_by_key(|((owner, namespace), _)| (*owner != state.code, *namespace));
        let extensions = self.extensions.iter().filter(|(owner, _)| *owner == state.code).map(|(_, e)| *e).collect();
        Ok(StateView {
            state,
            resources,
            namespaces: namespaces.into_iter().map(|(_, n)| *n).collect(),
            extensions,
            extension_resources: self.added(state.code),
        })
    }
}

/// Whether a reference has a member for each part of the natural key that it names; else no record would be found by it.
fn names_key(reference: &Reference, target: &ResourceModel) -> bool {
    let members: BTreeSet<&str> = reference.properties.iter().map(|member| member.name.as_str()).collect();
    match target.identity.as_slice() {
        // The one part of an abstract resource goes by another name (`educationOrganizationId`).
        [_] => members.len() == 1,
        parts => parts.iter().map(|part| part.name.as_str()).collect::<BTreeSet<_>>() == members,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{model, state};

    static STATE: State = state("zz");
    static PLUGIN: Plugin = Plugin { owner: "zz", resources: 0, namespaces: 0, extensions: 2, state: Some(&STATE) };
    static ROUTES: ExtensionResource =
        ExtensionResource { segment: "zz", years: 2025..=2025, model: || model("busRoutes", "routeNumber") };
    static ROUTES_ALIKE: ExtensionResource =
        ExtensionResource { segment: "zz", years: 2026..=2026, model: || model("busRoutes", "routeNumber") };
    static ROUTES_RENAMED: ExtensionResource =
        ExtensionResource { segment: "zz", years: 2026..=2026, model: || model("busRoutes", "routeName") };
    static ROUTES_OF_STOPS: ExtensionResource =
        ExtensionResource { segment: "zz", years: 2026..=2026, model: || referring("busStops", &["stopId"]) };
    static ROUTES_OF_HALF_A_SECTION: ExtensionResource = ExtensionResource {
        segment: "zz",
        years: 2026..=2026,
        model: || referring("sections", &["localCourseCode", "schoolId", "schoolYear", "sectionIdentifier"]),
    };
    static STUDENTS: ExtensionResource =
        ExtensionResource { segment: "zz", years: 2026..=2026, model: || model("students", "id") };

    fn referring(target: &str, members: &[&str]) -> ResourceModel {
        let mut routes = model("busRoutes", "routeNumber");
        let members = members.iter().map(|name| serde_json::json!({"name": name, "type": "string"}));
        let reference =
            serde_json::json!({"name": "reference", "target": target, "properties": members.collect::<Vec<_>>()});
        routes.class.references.push(serde_json::from_value(reference).unwrap());
        routes
    }

    #[test]
    fn what_a_state_adds_whole_is_not_the_standards_and_has_one_key() {
        let verified = |other: &'static ExtensionResource| {
            let named = [&ROUTES, other].map(|r| (("zz", (r.model)().name, *r.years.start()), r));
            let registry = Registry {
                plugins: [("zz", &PLUGIN)].into(),
                resources: BTreeMap::new(),
                namespaces: BTreeMap::new(),
                extensions: Vec::new(),
                extension_resources: named.into(),
            };
            registry.verify(&["zz"]).map_err(|error| error.to_string())
        };
        assert_eq!(verified(&ROUTES_ALIKE), Ok(()));
        let renamed = verified(&ROUTES_RENAMED).unwrap_err();
        assert!(
            renamed.contains("zz adds busRoutes, which has another natural key in another school year"),
            "{renamed}"
        );
        let nowhere = verified(&ROUTES_OF_STOPS).unwrap_err();
        assert!(
            nowhere.contains("which refers to a resource that neither the data standard nor the state has"),
            "{nowhere}"
        );
        let half = verified(&ROUTES_OF_HALF_A_SECTION).unwrap_err();
        assert!(half.contains("which has a reference whose members are not the natural key"), "{half}");
        let taken = verified(&STUDENTS).unwrap_err();
        assert!(taken.contains("zz adds students, which is a resource of the data standard"), "{taken}");
    }
}
