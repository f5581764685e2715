//! A state that adds a whole resource, through the registry.

use rollcall_core::extension::ExtensionResource;
use rollcall_core::model::{DataStandard, ResourceModel};
use rollcall_core::registry::Registry;
use rollcall_core::state::{Plugin, State};

static PLUGIN: Plugin = Plugin { owner: "zz", resources: 0, namespaces: 0, extensions: 2, state: Some(&STATE) };

static STATE: State = State {
    code: "zz",
    name: "Nowhere",
    standard: DataStandard::ed_fi_4_0,
    years: 2025..=2026,
    profiles: &[],
    extension_key: Some("zz"),
    reports: &[],
    state_owned: &[],
    seed: |_| Vec::new(),
};

static ROUTES_2025: ExtensionResource =
    ExtensionResource { segment: "zz", years: 2025..=2025, model: || routes(r#""maxLength":5"#) };
static ROUTES_2026: ExtensionResource =
    ExtensionResource { segment: "zz", years: 2026..=2026, model: || routes(r#""maxLength":10"#) };

fn routes(bounds: &str) -> ResourceModel {
    let text = format!(
        r#"{{"name":"busRoutes","entity":"BusRoute","authorizationSubjects":[],
        "identity":[{{"name":"routeNumber","type":"string","paths":["routeNumber"]}}],
        "properties":[{{"name":"routeNumber","type":"string",{bounds},"required":true,"identity":true}}]}}"#
    );
    serde_json::from_str(&text).unwrap()
}

rollcall_core::register! {
    plugin: PLUGIN,
    resources: [],
    namespaces: [],
    extensions: [],
    extension_resources: [ROUTES_2025, ROUTES_2026],
}

#[test]
fn a_state_has_the_resources_that_it_adds_whole() {
    let registry = Registry::build(&["zz"]).unwrap();
    let state = registry.state("zz").unwrap();
    let of_2026: Vec<ResourceModel> = state
        .extension_resources
        .iter()
        .filter(|resource| resource.years.contains(&2026))
        .map(|resource| (resource.model)())
        .collect();
    assert_eq!((of_2026.len(), of_2026[0].name.as_str()), (1, "busRoutes"));
    assert_eq!(of_2026[0].class.properties[0].max_length, Some(10));
}
