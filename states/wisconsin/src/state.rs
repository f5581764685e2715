//! Wisconsin's plugin: what it reports, in whose version, and what the state loads itself.

use rollcall_core::model::DataStandard;
use rollcall_core::state::{Plugin, Profile, Reported, State};
use rollcall_core_edfi::state::education_organizations;

static STATE: State = State {
    code: "wi",
    name: "Wisconsin",
    standard: DataStandard::ed_fi_4_0,
    years: 2024..=2025,
    profiles: &[
        Profile { key: "public", name: "Public", silent: &[] },
    ],
    extension_key: Some("wi"),
    reports: &[
        Reported::standard("sessions"),
        Reported::standard("students"),
        Reported::standard("studentSchoolAssociations"),
    ],
    state_owned: &["schoolYearTypes", "localEducationAgencies", "schools", "courses", "staffs", "programs"],
    seed: |cx| education_organizations(cx, None),
};

/// What this crate registers.
pub static PLUGIN: Plugin = Plugin { owner: "wi", resources: 0, namespaces: 0, extensions: 0, state: Some(&STATE) };

rollcall_core::register! {
    plugin: PLUGIN,
    resources: [],
    namespaces: [],
    extensions: [],
}
