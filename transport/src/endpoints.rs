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
    for (setting, url) in
        [("connection.url", Some(&config.base_url)), ("connection.data-url", config.data_url.as_ref())]
    {
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
    let oauth = advertised(config, &urls.oauth, "oauth")?;
    let mut data = match (&config.data_url, &urls.data_management_api) {
        (Some(url), _) => url.clone(),
        (None, Some(text)) => advertised(config, text, "dataManagementApi")?,
        (None, None) => below(&config.base_url, &["data", "v3"]),
    };
    let mut dependencies = match &urls.dependencies {
        Some(text) => advertised(config, text, "dependencies")?,
        None => below(&config.base_url, &["metadata", "data", "v3", "dependencies"]),
    };
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

/// An address of the document: a route placeholder filled in, and checked like the settings' own.
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
    if config.base_url.scheme() == "https" && url.scheme() == "http" && url.host() == config.base_url.host() {
        let port = config.base_url.port();
        if url.set_scheme("https").is_err() || url.set_port(port).is_err() {
            return Err(configuration(format!("the discovery document's urls.{member} cannot be used")));
        }
    }
    require_secure(&url, config.allow_http, member)?;
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
