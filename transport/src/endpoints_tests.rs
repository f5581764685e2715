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
    let endpoints = resolve(&config, &discovery(Some("https://x/data/v3"), None)).unwrap();
    assert_eq!(endpoints.data.as_str(), "https://y/other");
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
    let elsewhere = discovery(Some("http://elsewhere.org/data/v3"), None);
    assert!(resolve(&config("https://x/", None), &elsewhere).is_err());
    let tenants = discovery(Some("https://x/{tenantIdentifier}/data/v3"), None);
    assert!(resolve(&config("https://x/", Some("2026")), &tenants).unwrap_err().hint().is_some());
}
