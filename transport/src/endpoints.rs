//! From the discovery document's addresses to the ones that are used.

use url::{Host, Url};

use crate::config::ClientConfig;
use crate::discovery::Discovery;
use crate::error::{TransportError, TransportErrorKind};

const OPERATION: &str = "read the connection settings";

/// The addresses of one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoints {
    pub(crate) oauth: Url,
    /// Without a trailing slash.
    pub(crate) data: Url,
    pub(crate) dependencies: Url,
}

/// Checks the settings before anything is sent.
pub(crate) fn check(config: &ClientConfig) -> Result<(), TransportError> {
    for (setting, url) in [
        ("connection.url", Some(&config.base_url)),
        ("connection.oauth-url", config.oauth_url.as_ref()),
        ("connection.data-url", config.data_url.as_ref()),
    ] {
        let Some(url) = url else { continue };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(configuration(format!("{setting} holds a user name or password"))
                .with_hint("name the variables that hold them in connection.key-env and connection.secret-env"));
        }
        // It would be told with the address, and stand in the ledger and in reports.
        if url.query().is_some() || url.fragment().is_some() {
            return Err(configuration(format!("{setting} holds something behind a ? or #")).with_hint(
                "give the address alone; the key and the secret are asked for by connection.key-env and secret-env",
            ));
        }
        require_secure(url, config.allow_http, setting)?;
    }
    Ok(())
}

/// Takes the addresses from the document, except where the settings say otherwise.
pub(crate) fn resolve(config: &ClientConfig, discovery: &Discovery) -> Result<Endpoints, TransportError> {
    let urls = &discovery.urls;
    let oauth = match &config.oauth_url {
        Some(url) => url.clone(),
        None => advertised(config, &urls.oauth, "oauth")?,
    };
    let mut data = match (&config.data_url, &urls.data_management_api) {
        (Some(url), _) => url.clone(),
        (None, Some(text)) => advertised(config, text, "dataManagementApi")?,
        (None, None) => below(&config.base_url, &["data", "v3"]),
    };
    refuse_other_hosts(config, &oauth, &data)?;
    let dependencies = urls.dependencies.as_deref().map(|text| advertised(config, text, "dependencies")).transpose()?;
    // The list is no secret and is asked for without one, so there is no setting for it: one that stands elsewhere is looked
    // for where servers have it.
    let mut dependencies = dependencies
        .filter(|url| is_same_host(&config.base_url, url))
        .unwrap_or_else(|| below(&config.base_url, &["metadata", "data", "v3", "dependencies"]));
    for (url, member) in [(&oauth, "oauth"), (&data, "dataManagementApi"), (&dependencies, "dependencies")] {
        require_secure(url, config.allow_http, member)?;
    }
    data.set_query(None);
    if let Some(route) = config.route.as_deref().filter(|route| !route.is_empty()) {
        data = with_route(&data, route);
        dependencies = with_year_replaced(&dependencies, route);
    }
    if let Ok(mut segments) = data.path_segments_mut() {
        segments.pop_if_empty();
    }
    Ok(Endpoints { oauth, data, dependencies })
}

/// Scheme, host and port, for messages: an address can carry a password or a natural key.
pub(crate) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Origin and path, for messages.
pub(crate) fn display_url(url: &Url) -> String {
    origin(url) + url.path()
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The key, the secret, the token and student data go to the host that the settings name: a server that was broken into, or
/// a proxy in its place, could otherwise have them sent anywhere. Another port is another service of the same host.
fn refuse_other_hosts(config: &ClientConfig, oauth: &Url, data: &Url) -> Result<(), TransportError> {
    let named = [
        ("oauth", "connection.oauth-url", oauth, config.oauth_url.is_none()),
        ("dataManagementApi", "connection.data-url", data, config.data_url.is_none()),
    ];
    let elsewhere: Vec<_> = named
        .into_iter()
        .filter(|(_, _, url, by_the_document)| *by_the_document && !is_same_host(&config.base_url, url))
        .collect();
    if elsewhere.is_empty() {
        return Ok(());
    }
    let host = |url: &Url| url.host_str().unwrap_or("no host").to_owned();
    let members: Vec<String> =
        elsewhere.iter().map(|(member, _, url, _)| format!("urls.{member} is on {}", host(url))).collect();
    let settings: Vec<&str> = elsewhere.iter().map(|(_, setting, ..)| *setting).collect();
    let message = format!(
        "it names another host than connection.url, which is on {}: {}",
        host(&config.base_url),
        members.join(", ")
    );
    let error = TransportError::new(TransportErrorKind::Configuration, "use the discovery document", message);
    Err(error.with_hint(format!(
        "secrets and student data go to no host that the configuration does not name: if that one is the API's, put the whole \
         address into {}; a server behind a proxy may name itself as only the proxy knows it: put the address there as it is \
         from this machine",
        settings.join(" and ")
    )))
}

/// Whether two addresses are on one host. This machine has several names.
fn is_same_host(one: &Url, other: &Url) -> bool {
    one.host() == other.host() || (is_loopback(one) && is_loopback(other))
}

/// An address of the document: a route placeholder filled in, and never less secure than the settings' own.
fn advertised(config: &ClientConfig, text: &str, member: &str) -> Result<Url, TransportError> {
    let mut text = text.to_owned();
    if let (Some(start), Some(end), Some(route)) = (text.find('{'), text.find('}'), &config.route)
        && start < end
        && text[start..end].to_ascii_lowercase().contains("year")
    {
        text.replace_range(start..=end, route);
    }
    if text.contains('{') {
        return Err(configuration(format!("the discovery document's urls.{member} holds a placeholder")).with_hint(
            "this API serves several tenants or school years: put the tenant into connection.url and the school year \
             into connection.route",
        ));
    }
    let mut url = config.base_url.join(&text).map_err(|_| {
        TransportError::new(
            TransportErrorKind::NotAnApi,
            "read the discovery document",
            format!("urls.{member} is not an address"),
        )
    })?;
    // Behind a proxy that ends TLS, a server advertises the scheme it sees itself.
    if config.base_url.scheme() == "https" && url.scheme() == "http" && is_same_host(&config.base_url, &url) {
        let port = config.base_url.port();
        if url.set_scheme("https").is_err() || url.set_port(port).is_err() {
            return Err(configuration(format!("the discovery document's urls.{member} cannot be used")));
        }
    }
    Ok(url)
}

fn require_secure(url: &Url, allow_http: bool, name: &str) -> Result<(), TransportError> {
    match url.scheme() {
        "https" => Ok(()),
        "http" if allow_http || is_loopback(url) => Ok(()),
        "http" => Err(configuration(format!("{name} is {}, not encrypted", origin(url)))
            .with_hint("use https; on a trusted network, set connection.allow-http = true")),
        _ => Err(configuration(format!("{name} is neither https nor http"))),
    }
}

fn configuration(message: String) -> TransportError {
    TransportError::new(TransportErrorKind::Configuration, OPERATION, message)
}

fn below(base: &Url, names: &[&str]) -> Url {
    let mut url = base.clone();
    url.set_query(None);
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(names);
    }
    url
}

fn is_year(segment: &str) -> bool {
    segment.len() == 4 && segment.bytes().all(|byte| byte.is_ascii_digit())
}

/// The data URL of school year `route`: a year-specific server's document shows whichever year the calendar has.
fn with_route(data: &Url, route: &str) -> Url {
    let segments: Vec<&str> = data.path_segments().into_iter().flatten().filter(|part| !part.is_empty()).collect();
    if segments.contains(&route) {
        return data.clone();
    }
    let mut url = data.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty();
        if segments.last().is_some_and(|last| is_year(last)) {
            path.pop();
        }
        path.push(route);
    }
    url
}

fn with_year_replaced(url: &Url, route: &str) -> Url {
    let segments: Vec<String> = url
        .path_segments()
        .into_iter()
        .flatten()
        .map(|segment| if is_year(segment) { route.to_owned() } else { segment.to_owned() })
        .collect();
    let mut url = url.clone();
    url.set_path(&segments.join("/"));
    url
}

#[cfg(test)]
#[path = "endpoints_tests.rs"]
mod tests;
