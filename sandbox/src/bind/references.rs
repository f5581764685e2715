//! What the references of a bound body have to say together.

use rollcall_core::value::{Object, Value};

use crate::api::problem::Problem;
use crate::catalog::{Resource, visit, visit_mut};

/// Fills members of nested references from the root's value, and refuses a body where they differ.
pub(super) fn unify_with_root(resource: &Resource, body: &mut Object<'static>) -> Result<(), Problem> {
    for site in &resource.unified {
        let mut there = false;
        visit(body, &site.path, &mut |_| there = true);
        if !there {
            continue;
        }
        let Some(root) = site.root_paths.iter().find_map(|path| body.at(path)).cloned() else { continue };
        let mut conflict = None;
        visit_mut(body, &site.path, &mut |reference| match reference.get(&site.member) {
            None => reference.push(site.member.clone(), root.clone()),
            Some(value) if *value != root => conflict = Some(value.key_text().into_owned()),
            Some(_) => {}
        });
        if let Some(value) = conflict {
            let reference = site.path.last().map_or("", String::as_str);
            let values = vec![
                (format!("{reference}.{}", site.member), value),
                (format!("{} (from parent context)", site.name), root.key_text().into_owned()),
            ];
            return Err(Problem::UnifiedKey { name: site.name.clone(), entity: site.entity.clone(), values });
        }
    }
    Ok(())
}

/// Version 6 takes a reference that lacks a part of its key for no reference.
pub(super) fn drop_partial(resource: &Resource, body: &mut Object<'static>) {
    for site in &resource.references {
        let Some((name, holder)) = site.path.split_last() else { continue };
        let partial = |object: &Object<'_>| match object.get(name) {
            Some(Value::Object(value)) => site.reference.properties.iter().any(|p| value.get(&p.name).is_none()),
            _ => false,
        };
        let mut found = false;
        visit(body, holder, &mut |object| found |= partial(object));
        if found {
            visit_mut(body, holder, &mut |object| {
                if partial(object) {
                    object.remove(name);
                }
            });
        }
    }
}

/// Refuses a body whose references carry different values for one property.
pub(super) fn compare_unified(resource: &Resource, body: &Object<'_>) -> Result<(), Problem> {
    let parts = resource.model.identity.iter().map(|part| (&part.name, &part.paths));
    let unified = resource.model.unified_keys.iter().map(|key| (&key.name, &key.paths));
    for (name, paths) in parts.chain(unified).filter(|(_, paths)| paths.len() > 1) {
        let found: Vec<_> = paths.iter().filter_map(|path| Some((path, body.at(path)?))).collect();
        if found.iter().any(|(_, value)| *value != found[0].1) {
            let values = found.iter().map(|(path, value)| ((*path).clone(), value.key_text().into_owned()));
            return Err(Problem::UnifiedKey {
                name: name.clone(),
                entity: resource.model.entity.clone(),
                values: values.collect(),
            });
        }
    }
    Ok(())
}
