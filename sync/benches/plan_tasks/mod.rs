//! What is measured.

use std::fs;
use std::path::Path;
use std::time::Instant;

use rollcall_core::config::Config;
use rollcall_core::context::Context;
use rollcall_core::model::{KeyHash, NaturalKey};
use rollcall_core::registry::Registry;
use rollcall_core::sources::{Fingerprint, Sources};
use rollcall_kansas as _;
use rollcall_ledger::{Change, Ledger, Operation, SqliteLedger};
use rollcall_source::sample::{SampleDistrict, SampleOptions};
use rollcall_source::{fingerprint, read_snapshot};
use rollcall_sync::check::Checker;
use rollcall_sync::plan::{Extract, Plan, Sides, Step};

/// The tasks, in the order in which they are measured.
pub(crate) const TASKS: &[&str] = &["csv", "read", "settled", "rules", "checks", "plan", "unchanged"];

/// What one run of a task took.
pub(crate) struct Figures {
    pub(crate) seconds: f64,
    /// Of all threads, in user space and in the kernel.
    pub(crate) cpu_seconds: f64,
    /// Rosters that were read, or records that were planned.
    pub(crate) rows: f64,
    /// The most memory that the process ever had.
    pub(crate) peak_kib: f64,
}

const ASSOCIATIONS: &str = "studentSectionAssociations";

const CONFIG: &str = r#"
state = "ks"
school-years = [2026]

[connection]
url = "http://127.0.0.1"

[mappings.term-type]
"Fall Semester" = "S1"
"Spring Semester" = "S2"
"First Quarter" = "Q1"
"Second Quarter" = "Q2"
"Third Quarter" = "Q3"
"Fourth Quarter" = "Q4"
"Year Round" = "YR"
"Summer Semester" = "Summer Semester"

[mappings.term-descriptor-override]
"Year Round" = "YR"

[mappings.grade-level]
KG = "Kindergarten"
01 = "First grade"
02 = "Second grade"
03 = "Third grade"
04 = "Fourth grade"
05 = "Fifth grade"
06 = "Sixth grade"
07 = "Seventh grade"
08 = "Eighth grade"
09 = "Ninth grade"
10 = "Tenth grade"
11 = "Eleventh grade"
12 = "Twelfth grade"
"#;

/// Runs a task on the district in a folder.
pub(crate) fn run(task: &str, folder: &Path, students: usize) -> Figures {
    let tables = folder.join("sis");
    let ledger = folder.join("ledger.db");
    if task == "prepare" {
        if !ledger.exists() {
            prepare(&tables, &ledger, students);
        }
        return Figures { seconds: 0.0, cpu_seconds: 0.0, rows: 0.0, peak_kib: 0.0 };
    }
    let started = Instant::now();
    let rows = match task {
        "csv" => csv(&tables),
        "read" => read_snapshot(&tables).unwrap().snapshot.rosters.len() as u64,
        "settled" => settled(&tables, &ledger),
        "rules" => rules(&tables, false),
        "checks" => rules(&tables, true),
        "plan" => plan(&tables, None),
        "unchanged" => plan(&tables, Some(&ledger)),
        other => panic!("no task {other}"),
    };
    Figures {
        seconds: started.elapsed().as_secs_f64(),
        cpu_seconds: cpu_seconds(),
        rows: rows as f64,
        peak_kib: peak_kib(),
    }
}

/// Deserializes every table with the csv crate alone.
fn csv(tables: &Path) -> u64 {
    let mut rosters = 0;
    for entry in fs::read_dir(tables).unwrap() {
        let path = entry.unwrap().path();
        let mut reader = csv::Reader::from_path(&path).unwrap();
        let rows = reader.deserialize::<Vec<String>>().inspect(|row| assert!(row.is_ok())).count();
        if path.ends_with("Roster.csv") {
            rosters = rows as u64;
        }
    }
    rosters
}

/// What a sync does when nothing has changed since one that found nothing to do: is it so, and what is wrong with the
/// tables?
fn settled(tables: &Path, ledger: &Path) -> u64 {
    fingerprint(tables).unwrap();
    let ledger = SqliteLedger::open_to_read(ledger, "bench").unwrap().unwrap();
    ledger.settled().unwrap();
    read_snapshot(tables).unwrap().snapshot.rosters.len() as u64
}

/// Asks the rules of one resource, on one thread, with the payload check or without.
fn rules(tables: &Path, check: bool) -> u64 {
    with_sides(tables, None, |sides| {
        let resource = sides.config.state.resource(ASSOCIATIONS).unwrap();
        let model = sides.checker.model(ASSOCIATIONS).unwrap();
        let (mut sources, mut reported) = (Sources::new(), 0);
        resource.objects(sides.cx, &mut |object| {
            sources.clear();
            let Some(body) = resource.verdict(sides.cx, object, &mut sources).report() else { return };
            reported += 1;
            if check {
                assert!(sides.checker.violations(model, &body).is_empty());
            }
        });
        reported
    })
}

fn with_sides<T>(tables: &Path, ledger: Option<&dyn Ledger>, then: impl FnOnce(Sides<'_>) -> T) -> T {
    let registry = Registry::build(&["ks"]).unwrap();
    let (config, findings) = Config::read(CONFIG, "rollcall.toml", &registry);
    let config = config.unwrap_or_else(|| panic!("{findings:?}"));
    let reading = read_snapshot(tables).unwrap();
    let cx = Context { snapshot: &reading.snapshot, preferences: &config.preferences, years: &config.years };
    let checker = Checker::new(&config.state, &config.years);
    then(Sides { config: &config, cx: &cx, checker: &checker, ledger, extract: &Extract::Whole })
}

fn plan(tables: &Path, ledger: Option<&Path>) -> u64 {
    let ledger = ledger.map(|path| SqliteLedger::open_to_read(path, "bench").unwrap().unwrap());
    let ledger = ledger.as_ref().map(|ledger| ledger as &dyn Ledger);
    with_sides(tables, ledger, |sides| {
        let plan = Plan::make(sides, None).unwrap();
        assert_eq!(ledger.is_some(), plan.is_empty());
        plan.resources.iter().find(|part| part.name == ASSOCIATIONS).map_or(0, |part| part.reported)
    })
}

/// Writes the tables, and a ledger as a complete first sync leaves it.
fn prepare(tables: &Path, ledger: &Path, students: usize) {
    let options = SampleOptions { seed: 20_260, school_year: 2026, students };
    SampleDistrict::generate(&options).write(tables).unwrap();
    let unfinished = ledger.with_extension("new");
    let mut filled = SqliteLedger::open(&unfinished, "bench").unwrap();
    with_sides(tables, None, |sides| {
        let plan = Plan::make(sides, None).unwrap();
        for part in &plan.resources {
            let (resource, model) = (part.resource.unwrap(), sides.checker.model(part.name).unwrap());
            let key = |step: &Step| {
                let body = resource.verdict(sides.cx, step.object, &mut Sources::ignored()).report().unwrap();
                NaturalKey::of(model, &body).unwrap().hash()
            };
            let mut steps: Vec<_> = part.steps.iter().map(|step| (key(&step), step)).collect();
            // SQLite writes much faster in the order of the table.
            steps.sort_unstable_by_key(|(key, _)| *key);
            for steps in steps.chunks(10_000) {
                let changes = steps.iter().flat_map(|(key, step)| {
                    let mut sources = Sources::new();
                    let body = resource.verdict(sides.cx, step.object, &mut sources).report().unwrap();
                    let natural_key = NaturalKey::of(model, &body).unwrap();
                    let intend = Change::Intend {
                        resource: part.name,
                        natural_key,
                        operation: Operation::Post,
                        objects: step.objects(),
                    };
                    let delivered = Change::Delivered {
                        resource: part.name,
                        key: *key,
                        ods_id: Some(id(*key)),
                        source: sources.fingerprint(),
                        payload: Fingerprint::of(&body.to_json()),
                    };
                    [intend, delivered]
                });
                filled.write(&changes.collect::<Vec<_>>()).unwrap();
            }
        }
    });
    drop(filled);
    fs::rename(&unfinished, ledger).unwrap();
}

/// As an ODS gives ids: 32 hexadecimal digits.
fn id(key: KeyHash) -> String {
    format!("{:032x}", u128::from_be_bytes(key.0))
}

/// Fields 14 and 15 of `/proc/self/stat`, in hundredths of a second; counted behind the name, which may have spaces.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn peak_kib() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").parse().unwrap()
}
