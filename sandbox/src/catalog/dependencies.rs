//! The dependency order: in which order a client must send resources.

use std::collections::{BTreeMap, BTreeSet};

use super::role::{PEOPLE, PersonRule, TYPES};
use super::{Catalog, Resource};

/// One entry of the dependency order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dependency {
    /// The resource's index in the catalog.
    pub(crate) resource: usize,
    /// `/ed-fi/students`.
    pub(crate) path: String,
    /// Layer, from 1.
    pub(crate) order: u32,
    /// What to do with the resource in this layer.
    pub(crate) operations: &'static [&'static str],
}

/// The edges from a resource to those that need it; `true` where some record can do without it.
type Edges = BTreeMap<usize, BTreeMap<usize, bool>>;

/// The graph of the dependency order: what stands before what.
#[derive(Debug)]
pub(crate) struct Graph {
    /// Paths, sorted.
    pub(crate) nodes: Vec<String>,
    /// From a resource to one that needs it, sorted.
    pub(crate) edges: Vec<(String, String)>,
}

impl Graph {
    /// The graph of a catalog. With `retries`, as servers of version 7 give it: a person's dependents wait for a second
    /// node of the person (`/ed-fi/students#Retry`), which waits for the associations that make the person visible.
    pub(crate) fn new(catalog: &Catalog, retries: bool) -> Self {
        let mut edges = edges(catalog, retries);
        break_cycles(&mut edges);
        let count = catalog.resources.len();
        let name = |at: usize| match at.checked_sub(count) {
            Some(person) => format!("{}#Retry", catalog.resources[person].path()),
            None => catalog.resources[at].path(),
        };
        let resources = catalog.resources.iter().filter(|resource| in_graph(resource));
        let mut nodes: Vec<String> = resources.clone().map(|resource| name(resource.index)).collect();
        if retries {
            nodes.extend(resources.filter(|r| person_rule(r).is_some()).map(|person| name(count + person.index)));
        }
        nodes.sort();
        let named = |(from, targets): (&usize, &BTreeMap<usize, bool>)| {
            let from = name(*from);
            targets.keys().map(|to| (from.clone(), name(*to))).collect::<Vec<_>>()
        };
        let mut edges: Vec<(String, String)> = edges.iter().flat_map(named).collect();
        edges.sort();
        Self { nodes, edges }
    }
}

/// Layers of the graph of references and descriptor uses, sorted by layer and path.
///
/// A person's dependents wait for the associations that make the person visible; a person stands in the list twice: to
/// create, and, behind those associations, to update. An abstract resource counts as each concrete one. Cycles are cut
/// at a reference that a record can do without.
pub(crate) fn dependencies(catalog: &Catalog) -> Vec<Dependency> {
    let mut edges = edges(catalog, false);
    break_cycles(&mut edges);
    let levels = levels(catalog, &edges);
    let mut list = Vec::new();
    for (&at, &order) in &levels {
        let resource = &catalog.resources[at];
        let entry = |order, operations| Dependency { resource: at, path: resource.path(), order, operations };
        match person_rule(resource) {
            None => list.push(entry(order, &["Create", "Update"])),
            Some(rule) => {
                list.push(entry(order, &["Create"]));
                let associations = associations(catalog, rule);
                let behind = associations.iter().filter_map(|association| levels.get(association)).max();
                list.push(entry(behind.copied().unwrap_or(order) + 1, &["Update"]));
            }
        }
    }
    list.sort_by(|a, b| (a.order, &a.path).cmp(&(b.order, &b.path)));
    list
}

fn person_rule(resource: &Resource) -> Option<&'static PersonRule> {
    PEOPLE.iter().find(|rule| rule.resource == resource.name())
}

fn associations(catalog: &Catalog, rule: &PersonRule) -> Vec<usize> {
    rule.associations.iter().filter_map(|name| catalog.by_name(name)).map(|resource| resource.index).collect()
}

fn in_graph(resource: &Resource) -> bool {
    !TYPES.contains(&resource.name())
}

/// The edges; with `retries`, a person's second node stands behind all resources, by the person's index.
fn edges(catalog: &Catalog, retries: bool) -> Edges {
    let mut edges = Edges::new();
    if retries {
        for person in catalog.resources.iter().filter(|resource| person_rule(resource).is_some()) {
            let associations = person_rule(person).map(|rule| associations(catalog, rule)).unwrap_or_default();
            for association in associations {
                edges.entry(association).or_default().insert(catalog.resources.len() + person.index, false);
            }
        }
    }
    for resource in catalog.resources.iter().filter(|resource| in_graph(resource)) {
        let references = resource.references.iter().map(|site| (site.targets.as_slice(), site.optional));
        let descriptors = resource.descriptors.iter().map(|site| (std::slice::from_ref(&site.target), site.optional));
        for (targets, optional) in references.chain(descriptors) {
            for &target in targets {
                add_edge(catalog, (target, resource.index), optional, retries, &mut edges);
            }
        }
    }
    edges
}

fn add_edge(catalog: &Catalog, (from, to): (usize, usize), optional: bool, retries: bool, edges: &mut Edges) {
    if !in_graph(&catalog.resources[from]) {
        return;
    }
    let associations =
        person_rule(&catalog.resources[from]).map(|rule| associations(catalog, rule)).unwrap_or_default();
    let sources = if associations.is_empty() || associations.contains(&to) {
        vec![from]
    } else if retries {
        vec![catalog.resources.len() + from]
    } else {
        associations
    };
    for source in sources.into_iter().filter(|source| *source != to) {
        // Two references between the same resources: one that a record cannot do without decides.
        let soft = edges.entry(source).or_default().entry(to).or_insert(optional);
        *soft = *soft && optional;
    }
}

/// Removes soft edges of cycles until none is left; a cycle without one stays out of the layers.
fn break_cycles(edges: &mut Edges) {
    while let Some(cycle) = find_cycle(edges) {
        let pairs: Vec<(usize, usize)> = cycle.iter().copied().zip(cycle.iter().copied().cycle().skip(1)).collect();
        let soft = pairs.iter().find(|(from, to)| edges.get(from).and_then(|e| e.get(to)) == Some(&true));
        let Some((from, to)) = soft.or(pairs.last()) else { return };
        if let Some(targets) = edges.get_mut(from) {
            targets.remove(to);
        }
    }
}

fn find_cycle(edges: &Edges) -> Option<Vec<usize>> {
    let mut done = BTreeSet::new();
    for &start in edges.keys() {
        let mut path = Vec::new();
        if let Some(cycle) = walk(start, edges, &mut done, &mut path) {
            return Some(cycle);
        }
    }
    None
}

fn walk(at: usize, edges: &Edges, done: &mut BTreeSet<usize>, path: &mut Vec<usize>) -> Option<Vec<usize>> {
    if let Some(seen) = path.iter().position(|&earlier| earlier == at) {
        return Some(path[seen..].to_vec());
    }
    if done.contains(&at) {
        return None;
    }
    path.push(at);
    for &next in edges.get(&at).into_iter().flat_map(BTreeMap::keys) {
        if let Some(cycle) = walk(next, edges, done, path) {
            return Some(cycle);
        }
    }
    path.pop();
    done.insert(at);
    None
}

/// The longest way from a resource that needs nothing, counted from 1.
fn levels(catalog: &Catalog, edges: &Edges) -> BTreeMap<usize, u32> {
    let mut needs: BTreeMap<usize, usize> =
        catalog.resources.iter().filter(|resource| in_graph(resource)).map(|resource| (resource.index, 0)).collect();
    for to in edges.values().flat_map(BTreeMap::keys) {
        *needs.entry(*to).or_default() += 1;
    }
    let mut levels = BTreeMap::new();
    let mut layer: Vec<usize> = needs.iter().filter(|(_, needs)| **needs == 0).map(|(&at, _)| at).collect();
    let mut order = 0;
    while !layer.is_empty() {
        order += 1;
        let mut next = Vec::new();
        for at in layer {
            levels.insert(at, order);
            for to in edges.get(&at).into_iter().flat_map(BTreeMap::keys) {
                let left = needs.entry(*to).or_default();
                *left -= 1;
                if *left == 0 {
                    next.push(*to);
                }
            }
        }
        layer = next;
    }
    levels
}
