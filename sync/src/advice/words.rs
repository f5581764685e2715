//! Names and values in what servers say.

use rollcall_transport::Refused;

/// The texts of a refusal: the message, and what it says about single members.
pub(super) fn texts(refused: &Refused) -> impl Iterator<Item = &str> {
    std::iter::once(refused.message()).chain(refused.fields.iter().flat_map(|f| f.messages.iter().map(String::as_str)))
}

/// The members that a refusal names: by the paths of problem details, or in sentences such as "`BeginDate` is required".
pub(super) fn members(refused: &Refused) -> Vec<String> {
    let mut found: Vec<String> = refused.fields.iter().map(|field| plain_path(&field.path)).collect();
    if found.is_empty() {
        found = before(refused.message(), " is required").map(member_name).collect();
    }
    found.retain(|name| !name.is_empty());
    found.dedup();
    found
}

/// What a refusal says is not there: "Student reference could not be resolved", "the related 'section' resource does not
/// exist", "The referenced 'School' item does not exist", "the 'Student' was not found", `$.schoolReference`.
pub(super) fn unresolved(refused: &Refused) -> Vec<String> {
    let mut found = Vec::new();
    for text in texts(refused) {
        found.extend(before(text, " reference could not be resolved").map(str::to_owned));
        for (start, end) in [
            ("related '", "' resource does not exist"),
            ("referenced '", "' item does not exist"),
            ("because the '", "' was not found"),
        ] {
            found.extend(between(text, start, end).map(str::to_owned));
        }
        let plain = text.strip_prefix("The referenced ").and_then(|rest| rest.strip_suffix(" item does not exist."));
        found.extend(plain.map(|name| name.trim_matches('\'').to_owned()));
    }
    let references = refused.fields.iter().map(|field| plain_path(&field.path));
    found.extend(references.filter(|path| path.ends_with("Reference")).map(|path| last(&path).to_owned()));
    found.sort();
    found.dedup();
    found
}

/// The entity that keeps a record from being deleted.
pub(super) fn dependent(refused: &Refused) -> Option<String> {
    texts(refused).find_map(|text| {
        let old = between(text, "of the '", "' entity").last();
        old.or_else(|| between(text, "existing '", "' item").next()).map(str::to_owned)
    })
}

/// The part of the natural key for which references give different values: "unified key property 'schoolId'", "All
/// values supplied for 'schoolId' must match".
pub(super) fn unified(refused: &Refused) -> Option<&str> {
    let key = |text| {
        let old = between(text, "unified key property '", "' on '").next();
        old.or_else(|| between(text, "All values supplied for '", "' must match").next())
    };
    texts(refused).find_map(key).filter(|key| key.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// The descriptor values that a refusal quotes.
pub(super) fn descriptors(refused: &Refused) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for text in texts(refused) {
        for (at, _) in text.match_indices("uri://") {
            let value = &text[at..];
            let end = value.find(['\'', '"', '\n']).unwrap_or(value.len());
            found.push(value[..end].to_owned());
        }
    }
    found.dedup();
    found
}

/// Whether a member or target bears a name, as servers call it: `School` is `schoolReference` and `schools`.
pub(super) fn is_called(member: &str, target: &str, name: &str) -> bool {
    let name = last(name).to_lowercase();
    let member = member.to_lowercase();
    let short = member.strip_suffix("reference").unwrap_or(&member);
    let target = target.to_lowercase();
    name == member || name == short || name == target || target.strip_suffix('s') == Some(&name)
}

/// `$.addresses[0].city` as `addresses.city`.
pub(super) fn plain_path(path: &str) -> String {
    let mut inside = false;
    let path = path.strip_prefix("$.").unwrap_or(path);
    let kept = path.chars().filter(|c| {
        let was_inside = inside;
        inside = (inside || *c == '[') && *c != ']';
        !was_inside && *c != '['
    });
    kept.collect()
}

/// The last part of a path.
pub(super) fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

fn member_name(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// The words that stand before a phrase.
fn before<'t>(text: &'t str, phrase: &'t str) -> impl Iterator<Item = &'t str> {
    text.match_indices(phrase).filter_map(|(at, _)| {
        let word = text[..at].rsplit(|c: char| !c.is_alphanumeric()).next()?;
        (!word.is_empty()).then_some(word)
    })
}

/// What stands between two phrases, without a quote in it.
fn between<'t>(text: &'t str, start: &'t str, end: &'t str) -> impl Iterator<Item = &'t str> {
    text.match_indices(start).filter_map(move |(at, _)| {
        let rest = &text[at + start.len()..];
        let (found, _) = rest.split_once(end)?;
        (!found.is_empty() && !found.contains('\'')).then_some(found)
    })
}

#[cfg(test)]
mod tests {
    use rollcall_transport::{FieldError, RefusalClass};

    use super::*;

    fn refused(message: &str, path: Option<&str>) -> Refused {
        let fields = path.map(|path| FieldError { path: path.to_owned(), messages: Vec::new() });
        Refused {
            status: 400,
            class: RefusalClass::Required,
            message: message.to_owned(),
            fields: fields.into_iter().collect(),
            urn: None,
            correlation_id: None,
            attempts: 1,
        }
    }

    #[test]
    fn members_by_path_and_in_sentences() {
        assert_eq!(members(&refused("", Some("$.addresses[10].city"))), ["addresses.city"]);
        let told = "Validation of 'Session' failed. BeginDate is required. BeginDate : '1/1/0001 12:00:00 AM' must be within \
                    SQL datetime range. EndDate is required.";
        assert_eq!(members(&refused(told, None)), ["beginDate", "endDate"]);
        assert!(members(&refused("nothing of the kind", None)).is_empty());
    }

    #[test]
    fn what_is_not_there_in_every_servers_words() {
        for told in [
            "Validation of 'X' failed.\n\tSchool reference could not be resolved.",
            "The value supplied for the related 'School' resource does not exist.",
            "The referenced 'School' item does not exist.",
            "The referenced School item does not exist.",
            "Access to the resource item could not be authorized because the 'School' was not found.",
        ] {
            assert_eq!(unresolved(&refused(told, None)), ["School"], "{told}");
        }
        assert_eq!(unresolved(&refused("see validationErrors", Some("$.schoolReference"))), ["schoolReference"]);
    }

    #[test]
    fn names_of_one_thing() {
        for name in ["School", "schoolReference", "schools", "$.x.schoolReference"] {
            assert!(is_called("schoolReference", "schools", name), "{name}");
        }
        assert!(!is_called("schoolReference", "schools", "Section"));
    }

    #[test]
    fn what_stands_in_the_way_of_a_delete() {
        let old = "The resource (or a subordinate entity of the resource) cannot be deleted because it is a dependency of \
                   the 'sectionIdentifier' value of the 'studentSectionAssociation' entity.";
        assert_eq!(dependent(&refused(old, None)).as_deref(), Some("studentSectionAssociation"));
        let new =
            "The requested action cannot be performed because this item is referenced by an existing 'Grade' item.";
        assert_eq!(dependent(&refused(new, None)).as_deref(), Some("Grade"));
    }

    #[test]
    fn descriptor_values() {
        let told = "Unable to resolve value 'uri://ksde.org/GradeLevelDescriptor#Ninth grade' to an existing \
                    'GradeLevelDescriptor' resource.";
        assert_eq!(descriptors(&refused(told, None)), ["uri://ksde.org/GradeLevelDescriptor#Ninth grade"]);
    }
}
