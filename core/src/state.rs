//! A state, and the plugin by which a crate brings one in.

use std::ops::RangeInclusive;

use thiserror::Error;

use crate::context::Context;
use crate::descriptor::DescriptorNamespace;
use crate::extension::{Extension, ExtensionResource};
use crate::model::DataStandard;
use crate::resource::Resource;
use crate::value::Object;

/// The owner of the resources as the standard itself defines them (crate `rollcall-core-edfi`).
pub const STANDARD: &str = "ed-fi";

/// What one crate registers, counted: the unit by which a loss is noticed.
#[derive(Debug)]
pub struct Plugin {
    /// The crate's owner name: a state's code, or [`STANDARD`].
    pub owner: &'static str,
    /// How many resources it registers.
    pub resources: usize,
    /// How many descriptor namespaces it registers.
    pub namespaces: usize,
    /// How many extensions it registers, whole resources included.
    pub extensions: usize,
    /// The state it brings in, if its feature is on.
    pub state: Option<&'static State>,
}

/// A state: which server it has, what it takes, and in whose version.
#[derive(Debug)]
pub struct State {
    /// Short code: `ks`.
    pub code: &'static str,
    /// `Kansas`
    pub name: &'static str,
    /// The data standard of its server.
    pub standard: fn() -> &'static DataStandard,
    /// The school years (end years) for which this crate holds.
    pub years: RangeInclusive<i32>,
    /// Connection profiles; empty where there is only one.
    pub profiles: &'static [Profile],
    /// The key of its extension under `_ext`, if it has one.
    pub extension_key: Option<&'static str>,
    /// The resources that a district sends, and whose version of each.
    pub reports: &'static [Reported],
    /// The resources that the state loads itself: referred to, never written.
    pub state_owned: &'static [&'static str],
    /// The records of those resources that a district's tables imply, in an order in which they can be loaded: what a
    /// sandbox is seeded with.
    pub seed: fn(&Context<'_>) -> Vec<StateOwned>,
}

/// A school year for which a state's crate does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{year} is not a school year that this program knows for {state}")]
pub struct UnknownYear {
    /// The year.
    pub year: i32,
    /// The state's name.
    pub state: &'static str,
    /// The years for which the crate holds.
    pub known: RangeInclusive<i32>,
}

impl UnknownYear {
    /// What to give in its place.
    pub fn hint(&self) -> String {
        let (first, last) = (self.known.start(), self.known.end());
        format!("give the year in which the school year ends, from {first} to {last}")
    }
}

impl State {
    /// Refuses a school year (end year) for which this crate does not hold.
    pub fn check_year(&self, year: i32) -> Result<(), UnknownYear> {
        if self.years.contains(&year) {
            return Ok(());
        }
        Err(UnknownYear { year, state: self.name, known: self.years.clone() })
    }
}

/// A connection profile: some kinds of schools do not send everything.
#[derive(Debug)]
pub struct Profile {
    /// Name in the config: `choice-only`.
    pub key: &'static str,
    /// Name in the field: `Choice Only`.
    pub name: &'static str,
    /// The resources that are not sent.
    pub silent: &'static [&'static str],
}

/// A resource that a state's districts send.
#[derive(Debug)]
pub struct Reported {
    /// Name in URLs.
    pub resource: &'static str,
    /// Whose version: the state's own code or [`STANDARD`].
    pub owner: &'static str,
}

impl Reported {
    /// The standard's version.
    pub const fn standard(resource: &'static str) -> Self {
        Self { resource, owner: STANDARD }
    }

    /// A state's own version.
    pub const fn own(resource: &'static str, owner: &'static str) -> Self {
        Self { resource, owner }
    }
}

/// A record that the state loads.
#[derive(Debug)]
pub struct StateOwned {
    /// Its resource.
    pub resource: &'static str,
    /// Its body.
    pub body: Object<'static>,
}

/// One thing that a crate registers. Made by [`register!`](crate::register).
pub struct Registration {
    /// Who registers it.
    pub owner: &'static str,
    /// What it is.
    pub item: Item,
}

/// What can be registered.
pub enum Item {
    /// The crate's own description.
    Plugin(&'static Plugin),
    /// A resource.
    Resource(&'static dyn Resource),
    /// A descriptor namespace.
    Namespace(&'static dyn DescriptorNamespace),
    /// An extension.
    Extension(&'static dyn Extension),
    /// A resource that a state adds whole.
    ExtensionResource(&'static ExtensionResource),
}

inventory::collect!(Registration);

/// Registers a crate's plugin, resources, descriptor namespaces and extensions at compile time; behind the extensions
/// may stand the resources that the state adds whole (`extension_resources: […]`).
///
/// ```ignore
/// rollcall_core::register! {
///     plugin: PLUGIN,
///     resources: [StudentSectionAssociations],
///     namespaces: [COURSE_STATUS],
///     extensions: [STUDENT_SECTION_ASSOCIATION],
/// }
/// ```
#[macro_export]
macro_rules! register {
    (
        plugin: $plugin:path,
        resources: [$($resource:path),* $(,)?],
        namespaces: [$($namespace:path),* $(,)?],
        extensions: [$($extension:path),* $(,)?],
        extension_resources: [$($whole:path),* $(,)?] $(,)?
    ) => {
        $crate::register! {
            plugin: $plugin,
            resources: [$($resource),*],
            namespaces: [$($namespace),*],
            extensions: [$($extension),*],
        }
        $($crate::__private::submit! {
            $crate::state::Registration {
                owner: $plugin.owner,
                item: $crate::state::Item::ExtensionResource(&$whole),
            }
        })*
    };
    (
        plugin: $plugin:path,
        resources: [$($resource:path),* $(,)?],
        namespaces: [$($namespace:path),* $(,)?],
        extensions: [$($extension:path),* $(,)?] $(,)?
    ) => {
        $crate::__private::submit! {
            $crate::state::Registration { owner: $plugin.owner, item: $crate::state::Item::Plugin(&$plugin) }
        }
        $($crate::__private::submit! {
            $crate::state::Registration { owner: $plugin.owner, item: $crate::state::Item::Resource(&$resource) }
        })*
        $($crate::__private::submit! {
            $crate::state::Registration { owner: $plugin.owner, item: $crate::state::Item::Namespace(&$namespace) }
        })*
        $($crate::__private::submit! {
            $crate::state::Registration { owner: $plugin.owner, item: $crate::state::Item::Extension(&$extension) }
        })*
    };
}
