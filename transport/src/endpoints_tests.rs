use secrecy::SecretString;

use super::*;
use crate::discovery::Urls;

fn config(base: &str, route: Option<&str>) -> ClientConfig {
    let mut config = ClientConfig::new(base.parse().unwrap(), SecretString::from("k"), SecretString::from("s"));
    config.route = route.map(str::to_owned);
    config
}

fn discovery(data: Option<&str>, dependencies: Option<&str>) -> Discovery {
    Discovery {
        version: String::new(),
        informational_version: None,
        suite: None,
        build: None,
        api_mode: None,
        data_models: Vec::new(),
        urls: Urls {
            oauth: "oauth/token".to_owned(),
            data_management_api: data.map(str::to_owned),
            dependencies: dependencies.map(str::to_owned),
            open_api_metadata: None,
            change_queries: None,
        },
    }
}

#[test]
fn the_data_url_of_each_layout() {
    let rows = [
        ("https://x/api/", None, Some("https://x/api/data/v3/"), "https://x/api/data/v3"),
        ("https://x/api", None, None, "https://x/api/data/v3"),
        ("https://x/api/", Some("2026"), Some("https://x/api/data/v3"), "https://x/api/data/v3/2026"),
        ("https://x/api/", Some("2026"), Some("https://x/api/data/v3/2025"), "https://x/api/data/v3/2026"),
        ("https://x/api/", Some("2026"), Some("https://x/api/data/v3/2026"), "https://x/api/data/v3/2026"),
        ("https://x/api/", Some("2026"), Some("https://x/api/2026/data/v3/"), "https://x/api/2026/data/v3"),
        (
            "https://x/api/",
            Some("2026"),
            Some("https://x/api/{schoolYearFromRoute}/data/v3/"),
            "https://x/api/2026/data/v3",
        ),
        ("https://x/api/", None, Some("http://x:80/api/data/v3"), "https://x/api/data/v3"),
    ];
    for (base, route, data, expected) in rows {
        let endpoints = resolve(&config(base, route), &discovery(data, None)).unwrap();
        assert_eq!(endpoints.data.as_str(), expected);
    }
}

#[test]
fn the_year_of_the_dependency_list() {
    let listed = discovery(None, Some("https://x/metadata/data/v3/2025/dependencies"));
    let endpoints = resolve(&config("https://x/", Some("2026")), &listed).unwrap();
    assert_eq!(endpoints.dependencies.as_str(), "https://x/metadata/data/v3/2026/dependencies");
    assert_eq!(endpoints.oauth.as_str(), "https://x/oauth/token");
}

#[test]
fn an_override_wins() {
    let mut config = config("https://x/", None);
    config.data_url = Some("https://y/other/".parse().unwrap());
    config.oauth_url = Some("https://z/token".parse().unwrap());
    let endpoints = resolve(&config, &discovery(Some("https://x/data/v3"), None)).unwrap();
    assert_eq!(endpoints.data.as_str(), "https://y/other");
    assert_eq!(endpoints.oauth.as_str(), "https://z/token");
}

/// A document with these addresses for tokens and data.
fn naming(oauth: &str, data: &str) -> Discovery {
    let mut discovery = discovery(Some(data), None);
    oauth.clone_into(&mut discovery.urls.oauth);
    discovery
}

#[test]
fn another_host_is_used_only_when_the_settings_name_it() {
    let (oauth, data) = ("https://id.y/oauth/token?for=604822", "https://data.y/v3/604822");
    let mut config = config("https://x/", None);
    let error = resolve(&config, &naming(oauth, data)).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Configuration);
    let (told, hint) = (error.to_string(), error.hint().unwrap());
    for part in ["is on x:", "urls.oauth is on id.y", "urls.dataManagementApi is on data.y"] {
        assert!(told.contains(part), "{told}");
    }
    assert!(!format!("{told} {hint}").contains("604822"), "the host alone is told: {told}");
    assert!(hint.contains("connection.oauth-url and connection.data-url"), "{hint}");

    config.data_url = Some("https://data.y/v3".parse().unwrap());
    let error = resolve(&config, &naming(oauth, data)).unwrap_err();
    assert!(error.to_string().contains("id.y") && !error.to_string().contains("data.y"), "{error}");
    assert!(!error.hint().unwrap().contains("data-url"));
    config.oauth_url = Some("https://id.y/oauth/token".parse().unwrap());
    assert_eq!(resolve(&config, &naming(oauth, data)).unwrap().oauth.as_str(), "https://id.y/oauth/token");
}

#[test]
fn which_addresses_are_on_the_settings_own_host() {
    let resolved = |base: &str, named: &str| {
        let mut config = config(base, None);
        // Even on a network that is trusted with plain http.
        config.allow_http = true;
        resolve(&config, &naming(named, "data/v3")).map(|endpoints| endpoints.oauth.to_string())
    };
    for (base, named, used) in [
        ("https://x/api/", "https://x:8443/token", "https://x:8443/token"),
        ("https://x/", "https://X/token", "https://x/token"),
        ("https://x/", "/token", "https://x/token"),
        ("http://x/", "https://x/token", "https://x/token"),
        // The scheme never falls.
        ("https://x:8443/", "http://x:80/token", "https://x:8443/token"),
        ("https://localhost:8443/", "http://127.0.0.1:80/token", "https://127.0.0.1:8443/token"),
        ("http://127.0.0.1:8080/", "http://localhost:8080/token", "http://localhost:8080/token"),
        ("http://localhost:8080/", "http://[::1]:8081/token", "http://[::1]:8081/token"),
    ] {
        assert_eq!(resolved(base, named).as_deref(), Ok(used), "{base} {named}");
    }
    for (base, named) in [
        ("https://x/", "http://y/token"),
        ("https://x/", "//y/token"),
        ("https://x/", "https://x@y/token"),
        ("https://x/", "https://x.y/token"),
        ("https://y/", "https://x.y/token"),
        // The server's name for itself, which is this machine here.
        ("https://x/", "http://localhost/token"),
        ("http://127.0.0.1/", "http://10.0.0.1/token"),
        ("https://x/", "ftp://x/token"),
        ("https://x/", "data:token"),
    ] {
        assert_eq!(
            resolved(base, named).map_err(|error| error.kind()),
            Err(TransportErrorKind::Configuration),
            "{named}"
        );
    }
}

/// It is asked for without a token, and there is no setting for it.
#[test]
fn a_dependency_list_on_another_host_is_looked_for_on_the_settings_own() {
    let listed = discovery(None, Some("https://y/metadata/data/v3/2025/dependencies"));
    let endpoints = resolve(&config("https://x/api", None), &listed).unwrap();
    assert_eq!(endpoints.dependencies.as_str(), "https://x/api/metadata/data/v3/dependencies");
}

#[test]
fn what_is_not_safe_is_an_error() {
    for base in ["http://example.org/", "ftp://example.org/", "https://user:hunter2@example.org/"] {
        let error = check(&config(base, None)).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Configuration);
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
    for base in ["http://localhost:80/", "http://127.0.0.1/", "http://[::1]:8080/", "https://example.org/"] {
        assert_eq!(check(&config(base, None)), Ok(()));
    }
    let mut trusted = config("http://example.org/", None);
    trusted.allow_http = true;
    assert_eq!(check(&trusted), Ok(()));
    let readable = discovery(Some("http://x/data/v3"), None);
    assert!(resolve(&config("http://x/", None), &readable).is_err());
    let tenants = discovery(Some("https://x/{tenantIdentifier}/data/v3"), None);
    assert!(resolve(&config("https://x/", Some("2026")), &tenants).unwrap_err().hint().is_some());
}
