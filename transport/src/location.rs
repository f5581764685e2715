//! The id of a written item, out of the answer's `Location`.

use reqwest::header::{HeaderMap, LOCATION};

/// No server's ids come near this (a GUID has 36 characters).
const LONGEST_ID: usize = 200;

/// The id in a `Location` that ends in `/{resource}/{id}`. Whatever stands before differs with gateways and contexts; an
/// address of anything else (a page to sign in, the collection itself) names no item.
pub(crate) fn item_id<'a>(headers: &'a HeaderMap, resource: &str) -> Option<&'a str> {
    let location = headers.get(LOCATION)?.to_str().ok()?;
    let path = location.split(['?', '#']).next().unwrap_or_default();
    let mut segments = path.trim_end_matches('/').rsplit('/');
    let (id, collection) = (segments.next()?, segments.next()?);
    (collection.eq_ignore_ascii_case(resource) && is_id(id)).then_some(id)
}

/// The id becomes a segment of a request's path: dots alone would lead elsewhere, and an escape would be escaped again.
pub(crate) fn is_id(id: &str) -> bool {
    let plain = id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'%');
    plain && (1..=LONGEST_ID).contains(&id.len()) && !matches!(id, "." | "..")
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn an_id_stands_behind_its_resource() {
        let long = |length: usize| format!("http://x/ed-fi/students/{}", "a".repeat(length));
        let id = |location: &[u8]| {
            let location = HeaderValue::from_bytes(location).unwrap();
            item_id(&HeaderMap::from_iter([(LOCATION, location)]), "students").map(str::to_owned)
        };
        for location in [
            "http://x/data/v3/ed-fi/students/a1",
            "https://gateway.example.org/ks/2026/Ed-Fi/Students/a1/",
            "/data/v3/ed-fi/students/a1?x=/y#z",
            "students/a1",
        ] {
            assert_eq!(id(location.as_bytes()).as_deref(), Some("a1"), "{location}");
        }
        assert!(id(long(200).as_bytes()).is_some());
        for location in [
            "",
            "/",
            "a1",
            "http://x/data/v3/ed-fi/students",
            "http://x/data/v3/ed-fi/students/",
            "http://x/data/v3/ed-fi/schools/a1",
            "http://x/data/v3/ed-fi/students/.",
            "http://x/data/v3/ed-fi/students/..",
            "http://x/data/v3/ed-fi/students/..%2f..%2fschools",
            "http://x/data/v3/ed-fi/students/a 1",
            "http://x/data/v3/ed-fi/students/a\t1",
            "http://x/data/v3/ed-fi/students/\u{e9}",
            "http://x/login?for=/ed-fi/students/a1",
            &long(201),
        ] {
            assert_eq!(id(location.as_bytes()), None, "{location:?}");
        }
    }
}
