//! A state that adds a whole resource, through the registry.

use rollcall_core::extension::ExtensionResource;
use rollcall_core::model::ResourceModel;
use rollcall_core::registry::Registry;
use rollcall_core::state::{Plugin, State};
use rollcall_core::testing::{model, state};

static PLUGIN: Plugin = Plugin { owner: "zz", resources: 0, namespaces: 0, extensions: 2, state: Some(&STATE) };

static STATE: State = state("zz");

static ROUTES_2025: ExtensionResource = ExtensionResource { segment: "zz", years: 2025..=2025, model: || routes(5) };
static ROUTES_2026: ExtensionResource = ExtensionResource { segment: "zz", years: 2026..=2026, model: || routes(10) };

fn routes(max_length: usize) -> ResourceModel {
    let mut routes = model("busRoutes", "routeNumber");
    routes.class.properties[0].max_length = Some(max_length);
    routes
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
