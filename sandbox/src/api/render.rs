//! A record as an answer shows it.

use rollcall_core::model::{Class, KeyHash};
use rollcall_core::value::{Object, Value};

use crate::catalog::{Resource, visit_mut};
use crate::store::{Record, Tables, id_text};

/// The body with what the server adds: `id`, links in references, empty collections, `_etag` and `_lastModifiedDate`.
pub(crate) fn render(tables: &Tables, resource: &Resource, sequence: u64, record: &Record) -> Object<'static> {
    let mut body = record.object();
    add_links(tables, resource, &mut body);
    let extension = body.remove("_ext");
    add_empty(&resource.model.class, &mut body);
    let mut rendered = Object::new().with("id", id_text(record.id));
    if resource.descriptor.is_some() {
        rendered.push(resource.descriptor_id_name(), sequence.cast_signed());
    }
    body.into_iter().for_each(|(name, value)| rendered.push(name, value));
    if let Some(Value::Object(mut extensions)) = extension {
        for (key, class) in &resource.extensions {
            if let Some(Value::Object(extension)) = extensions.get_mut(key) {
                add_empty(class, extension);
            }
        }
        rendered.push("_ext", extensions);
    }
    rendered.push("_etag", record.etag());
    rendered.push("_lastModifiedDate", record.last_modified());
    rendered
}

fn add_links(tables: &Tables, resource: &Resource, body: &mut Object<'static>) {
    for site in &resource.references {
        visit_mut(body, &site.path, &mut |reference| {
            let found = site.targets.iter().find_map(|&target| {
                let target = &tables.catalog().resources[target];
                let key = KeyHash::of_reference(&site.reference, &target.model, reference)?;
                Some((target, tables.by_key(target.index, key)?))
            });
            if let Some((target, record)) = found {
                let href = format!("{}/{}", target.path(), id_text(record.id));
                let link = Object::new().with("rel", target.model.entity.clone()).with("href", href);
                reference.push("link", link);
            }
        });
    }
}

fn add_empty(class: &Class, body: &mut Object<'static>) {
    for embedded in &class.objects {
        if let Some(Value::Object(object)) = body.get_mut(&embedded.name) {
            add_empty(&embedded.class, object);
        }
    }
    for collection in &class.collections {
        match body.get_mut(&collection.name) {
            Some(Value::Array(items)) => {
                for item in items {
                    if let Value::Object(item) = item {
                        add_empty(&collection.class, item);
                    }
                }
            }
            _ => body.push(collection.name.clone(), Vec::new()),
        }
    }
}
