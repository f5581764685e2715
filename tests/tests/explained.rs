//! `explain` agrees with `plan` for every object of the sample district, in every state.

use std::collections::BTreeMap;

use rollcall_core::config::Config;
use rollcall_core::context::Context;
use rollcall_core::verdict::ObjectKey;
use rollcall_source::{
    read_snapshot,
    sample::{SampleDistrict, SampleOptions},
};
use rollcall_sync::check::Checker;
use rollcall_sync::explain::{Asked, Decision, explain};
use rollcall_sync::plan::{Extract, Plan, Sides};

#[test]
fn explain_says_of_every_object_what_the_plan_does_with_it() {
    let registry = rollcall::registry().unwrap();
    for state in registry.states() {
        let view = registry.state(state.code).unwrap();
        let school_year = *state.years.end().min(&2026);
        let folder = tempfile::tempdir().unwrap();
        let options = SampleOptions { seed: 3, school_year, students: 60 };
        SampleDistrict::generate(&options).write(folder.path()).unwrap();
        let reading = read_snapshot(folder.path()).unwrap();
        let text = rollcall::sample_configuration(&view, school_year, "http://127.0.0.1", &reading.snapshot);
        let (config, findings) = Config::read(&text, "rollcall.toml", &registry);
        let config = config.unwrap_or_else(|| panic!("{}: {findings:?}", state.code));
        let cx = Context { snapshot: &reading.snapshot, preferences: &config.preferences, years: &config.years };
        let checker = Checker::new(&config.state, &config.years);
        let sides = Sides { config: &config, cx: &cx, checker: &checker, ledger: None, extract: &Extract::Whole };
        let plan = Plan::make(sides, None).unwrap();
        for part in &plan.resources {
            let resource = part.resource.unwrap();
            let mut objects: Vec<ObjectKey> = Vec::new();
            resource.objects(&cx, &mut |object| objects.push(object));
            let mut excluded: BTreeMap<String, u64> = BTreeMap::new();
            let (mut reported, mut defective) = (0, 0);
            for object in objects {
                let mut explained = explain(resource, &cx, &checker, &Asked::Object(object), 1);
                match explained.remove(0).decision {
                    Decision::Reported { .. } => reported += 1,
                    Decision::Excluded { rule, .. } => *excluded.entry(rule.to_owned()).or_default() += 1,
                    Decision::Defective { .. } => defective += 1,
                }
            }
            let planned: BTreeMap<String, u64> =
                part.excluded.iter().map(|(name, (_, count))| ((*name).to_owned(), *count)).collect();
            assert_eq!(excluded, planned, "{} {}", state.code, part.name);
            assert_eq!(defective, part.defective_objects(), "{} {}", state.code, part.name);
            let sent: usize = part.steps.iter().map(|step| 1 + step.others.len()).sum();
            assert_eq!(reported, sent + part.held.len(), "{} {}", state.code, part.name);
        }
    }
}
