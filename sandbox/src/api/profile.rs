//! Profiles: the sandbox has none, and says so as the servers do.

use axum::http::{HeaderMap, HeaderName, header};

use super::problem::Problem;

/// Refuses a media type of a profile: `application/vnd.ed-fi.{resource}.{profile}.{usage}+json`.
pub(super) fn refuse_profile(headers: &HeaderMap, name: &HeaderName) -> Result<(), Problem> {
    let text = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    let mut kinds = text.split(',').map(|kind| kind.split(';').next().unwrap_or_default().trim());
    let Some(rest) = kinds.find_map(|kind| kind.strip_prefix("application/vnd.ed-fi.")) else { return Ok(()) };
    let reads = *name == header::ACCEPT;
    let parts: Vec<&str> = rest.split('.').collect();
    match parts[..] {
        [resource, profile, usage] if !resource.is_empty() && !profile.is_empty() => match usage {
            "readable+json" if reads => Err(Problem::UnknownProfile { reads }),
            "writable+json" if !reads => Err(Problem::UnknownProfile { reads }),
            "readable+json" | "writable+json" => Err(Problem::WrongProfileUsage { reads }),
            _ => Err(Problem::MalformedProfile { reads }),
        },
        _ => Err(Problem::MalformedProfile { reads }),
    }
}
