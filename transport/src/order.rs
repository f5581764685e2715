//! The order resources go out in: upstream before downstream.

use std::collections::{BTreeMap, BTreeSet};

use crate::discovery::Dependency;

/// Resources cannot be put in order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// Resources wait for each other. Holds one cycle, each upstream of the one before, closed by repeating the first.
    #[error("resources wait for each other: {}", .0.join(" → "))]
    Cycle(Vec<String>),
    /// A name was given twice.
    #[error("resource {0} is listed twice")]
    Duplicate(String),
}

/// Sorts resources, each given with the names of its upstream resources, into levels: what is in one level can go out at
/// the same time once the levels before it are through.
///
/// Within a level by name, so the order depends on nothing but the names. Upstream names that are not among the resources
/// are passed over (the state owns those), and so is a resource that refers to itself.
pub fn dependency_order<'a>(
    resources: impl Iterator<Item = (&'a str, &'a [&'a str])>,
) -> Result<Vec<Vec<&'a str>>, OrderError> {
    let mut given: BTreeMap<&str, &[&str]> = BTreeMap::new();
    for (name, upstream) in resources {
        if given.insert(name, upstream).is_some() {
            return Err(OrderError::Duplicate(name.to_owned()));
        }
    }
    let mut waiting: BTreeMap<&str, BTreeSet<&str>> = given
        .iter()
        .map(|(name, upstream)| {
            let known = upstream.iter().copied().filter(|up| up != name && given.contains_key(up));
            (*name, known.collect())
        })
        .collect();
    let mut levels = Vec::new();
    while !waiting.is_empty() {
        let level: Vec<&str> = waiting.iter().filter(|(_, up)| up.is_empty()).map(|(name, _)| *name).collect();
        if level.is_empty() {
            return Err(OrderError::Cycle(cycle(&waiting)));
        }
        for name in &level {
            waiting.remove(name);
        }
        for upstream in waiting.values_mut() {
            upstream.retain(|up| !level.contains(up));
        }
        levels.push(level);
    }
    Ok(levels)
}

/// Where the ODS's own order contradicts ours: an upstream resource that it takes later than a downstream one. A sentence
/// each, in the order of the names.
///
/// Takes the same pairs as [`dependency_order`] and not its levels, as two resources in different levels need not depend
/// on each other. Names are compared without their schema unless ours carry one; a resource that the ODS lists more than
/// once (people are created early and updated late) counts with the entry that creates it.
pub fn disagreements<'a>(
    resources: impl Iterator<Item = (&'a str, &'a [&'a str])>,
    server: &[Dependency],
) -> Vec<String> {
    let mut orders: BTreeMap<&str, u32> = BTreeMap::new();
    for dependency in server.iter().filter(|dependency| dependency.creates()) {
        let path = dependency.resource.trim_start_matches('/');
        let name = path.rsplit('/').next().unwrap_or(path);
        for key in [path, name] {
            orders.entry(key).and_modify(|order| *order = dependency.order.min(*order)).or_insert(dependency.order);
        }
    }
    let mut found = BTreeSet::new();
    for (downstream, upstreams) in resources {
        for upstream in upstreams {
            let (Some(up), Some(down)) = (orders.get(upstream), orders.get(downstream)) else { continue };
            if up > down {
                found.insert(format!(
                    "{upstream} goes out before {downstream} here, but the ODS takes {upstream} at {up} and \
                     {downstream} at {down}"
                ));
            }
        }
    }
    found.into_iter().collect()
}

/// One cycle among resources that all wait for another: following first upstreams must come back.
fn cycle(waiting: &BTreeMap<&str, BTreeSet<&str>>) -> Vec<String> {
    let mut walk: Vec<&str> = Vec::new();
    let mut next = waiting.keys().next().copied();
    while let Some(name) = next {
        if let Some(start) = walk.iter().position(|seen| *seen == name) {
            walk.drain(..start);
            walk.push(name);
            break;
        }
        walk.push(name);
        next = waiting.get(name).and_then(|upstream| upstream.first().copied());
    }
    walk.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECTIONS: &[(&str, &[&str])] = &[
        ("studentSectionAssociations", &["students", "sections"]),
        ("sections", &["courseOfferings", "sections", "locations"]),
        ("courseOfferings", &["courses", "sessions"]),
        ("students", &[]),
        ("courses", &["schools"]),
        ("sessions", &[]),
    ];

    fn pairs<'a>(list: &'a [(&'a str, &'a [&'a str])]) -> impl Iterator<Item = (&'a str, &'a [&'a str])> {
        list.iter().copied()
    }

    #[test]
    fn levels_with_ties_by_name_and_unknown_upstream_passed_over() {
        let expected = vec![
            vec!["courses", "sessions", "students"],
            vec!["courseOfferings"],
            vec!["sections"],
            vec!["studentSectionAssociations"],
        ];
        assert_eq!(dependency_order(pairs(SECTIONS)).unwrap(), expected);
        assert_eq!(dependency_order(pairs(SECTIONS).collect::<Vec<_>>().into_iter().rev()).unwrap(), expected);
    }

    #[test]
    fn a_cycle_is_named() {
        let list: &[(&str, &[&str])] = &[("a", &["b"]), ("b", &["d"]), ("c", &[]), ("d", &["c", "b"])];
        let error = dependency_order(pairs(list)).unwrap_err();
        assert_eq!(error.to_string(), "resources wait for each other: b → d → b");
    }

    #[test]
    fn a_name_given_twice() {
        let list: &[(&str, &[&str])] = &[("a", &[]), ("a", &["b"])];
        assert_eq!(dependency_order(pairs(list)), Err(OrderError::Duplicate("a".to_owned())));
    }

    #[test]
    fn the_servers_order_is_compared_along_the_edges() {
        let dependency = |resource: &str, order, operations: &[&str]| Dependency {
            resource: resource.to_owned(),
            order,
            operations: operations.iter().map(|operation| (*operation).to_owned()).collect(),
        };
        let mut server = vec![
            dependency("/ed-fi/students", 3, &["Create"]),
            dependency("/ed-fi/students", 9, &["Update"]),
            dependency("/ed-fi/courses", 8, &["Create", "Update"]),
            dependency("/ed-fi/sections", 6, &["Create", "Update"]),
            dependency("/ed-fi/courseOfferings", 5, &["Create", "Update"]),
            dependency("/ed-fi/studentSectionAssociations", 7, &["Create", "Update"]),
        ];
        assert_eq!(
            disagreements(pairs(SECTIONS), &server),
            ["courses goes out before courseOfferings here, but the ODS takes courses at 8 and courseOfferings at 5"]
        );
        server[2].order = 4;
        assert_eq!(disagreements(pairs(SECTIONS), &server), Vec::<String>::new());
    }
}
