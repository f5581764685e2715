//! Wisconsin and the core standard, held record by record against [`rollcall_tests::document`]: its second, slow reading
//! of their documents, which shares no code with the rules. Kansas stands in `end_to_end`.
#![cfg(any(feature = "wisconsin", feature = "core-edfi"))]

use std::collections::BTreeSet;
use std::io::Write as _;

use rollcall_core::registry::StateView;
use rollcall_source::read_snapshot;
use rollcall_source::sample::{SampleDistrict, SampleOptions};
use rollcall_tests::compare::{compare, count};
use rollcall_tests::document::{CORE_RESOURCES, Expected, Preferences, WISCONSIN_RESOURCES};
use rollcall_tests::ods::Ods;
use rollcall_tests::place::Place;
use rollcall_tests::program::{KEY, SECRET};
use rollcall_tests::sample;
use rollcall_tests::served::Served;
use rollcall_tests::tables::Tables;
use serde_json::Value;

/// Always the same district.
const SEED: u64 = 1_848;
/// Enough for every resource to have records.
const STUDENTS: usize = 150;

/// What the documents say of a district.
type Reading = fn(&Tables, &Preferences) -> Expected;

/// A state's sandbox, a district for it, and a configuration.
struct Connected {
    year: i32,
    place: Place,
    served: Served,
    config: toml::Table,
}

fn district(school_year: i32, students: usize) -> SampleDistrict {
    SampleDistrict::generate(&SampleOptions { seed: SEED, school_year, students })
}

fn view(code: &str) -> StateView {
    let registry = rollcall::registry().expect("the registry is whole");
    registry.state(code).expect("the state is compiled in")
}

impl Connected {
    fn new(view: &StateView, year: i32, district: &SampleDistrict) -> Self {
        let place = sample::place(district);
        let reading = read_snapshot(&place.tables()).expect("there are tables");
        let text = rollcall::sample_configuration(view, year, "", &reading.snapshot);
        Self::with(view, year, place, &text)
    }

    fn with(view: &StateView, year: i32, place: Place, config: &str) -> Self {
        let served = Served::start(&place, view, year);
        let mut config: toml::Table = config.parse().expect("the configuration is TOML");
        for section in ["connection", "source", "ledger"] {
            config.remove(section);
        }
        let mut connected = Self { year, place, served, config };
        connected.set("connection", "url", connected.served.url());
        connected
    }

    /// Changes the configuration.
    fn set(&mut self, section: &str, key: &str, value: impl Into<toml::Value>) {
        let mut table = &mut self.config;
        for name in section.split('.') {
            let entry = table.entry(name).or_insert_with(|| toml::Table::new().into());
            table = entry.as_table_mut().expect("a section is a table");
        }
        table.insert(key.to_owned(), value.into());
        self.place.configure(&self.config.to_string());
    }

    fn ods(&self) -> Ods {
        Ods::connect(&self.served.url(), KEY, SECRET)
    }

    /// Runs a sync, of which nothing may be refused, held or lost; records with a defect make its exit code 4.
    fn sync(&self) -> Value {
        let ended = self.place.run(&["sync", "--allow-deletes", "--format", "json", "--no-progress"]);
        assert!(matches!(ended.code, Some(0 | 4)), "{}\n{}", ended.stdout, ended.stderr);
        let summary = ended.json();
        for part in summary["resources"].as_array().expect("a summary has resources") {
            for name in ["refused", "unknown", "held", "not_sent"] {
                assert_eq!(part[name], 0, "{} {name}\n{}", part["resource"], ended.stderr);
            }
        }
        summary
    }

    /// Syncs, and holds everything at the ODS against everything that the documents say.
    fn agrees(&self, resources: &[&str], read: Reading) -> Expected {
        let expected = read(&Tables::read(&self.place.tables()), &Preferences::read(&self.config.to_string()));
        let summary = self.sync();
        let ods = self.ods();
        for resource in resources {
            let records = expected.of_resource(resource);
            compare(resource, &ods.records(resource), records);
            assert_eq!(count(&summary, resource, "reported"), records.len() as u64, "{resource}");
        }
        let errors = self.place.run(&["errors", "--format", "json"]).json();
        let errors = errors.as_array().expect("a list").iter();
        let objects: BTreeSet<&str> = errors.map(|error| error["object"].as_str().expect("an object")).collect();
        let defects: BTreeSet<&str> = expected.defects.values().flatten().map(String::as_str).collect();
        assert_eq!(objects, defects, "what has to be mended, in {}", self.year);
        expected
    }
}

#[test]
fn every_resource_of_every_state_arrives_from_the_sample() {
    let registry = rollcall::registry().expect("the registry is whole");
    for state in registry.states() {
        let view = view(state.code);
        let year = *state.years.end().min(&2026);
        let connected = Connected::new(&view, year, &district(year, STUDENTS));
        let (summary, ods) = (connected.sync(), connected.ods());
        for resource in &view.resources {
            let name = resource.spec().name;
            let reported = count(&summary, name, "reported");
            assert!(reported > 0, "{}: the sample has no {name}", state.code);
            assert_eq!(ods.pages(name).len() as u64, reported, "{} {name}", state.code);
        }
    }
}

/// Another district, by hand: `ROLLCALL_TEST_TABLES` and `ROLLCALL_TEST_CONFIG`. Without them, or with a configuration of
/// another state, there is nothing to do.
#[test]
fn another_district_is_at_the_ods_as_the_documents_say() {
    let Some((place, config)) = sample::another() else { return };
    let table: toml::Table = config.parse().expect("the configuration is TOML");
    let state = table["state"].as_str().expect("a state is named");
    let (resources, read): (&[&str], Reading) = match state {
        "wi" => (&WISCONSIN_RESOURCES, Expected::wisconsin),
        "ed-fi" => (&CORE_RESOURCES, Expected::core),
        _ => return,
    };
    let year = table["school-years"][0].as_integer().and_then(|year| i32::try_from(year).ok()).expect("a school year");
    let connected = Connected::with(&view(state), year, place, &config);
    let expected = connected.agrees(resources, read);
    let equal: Vec<String> =
        resources.iter().map(|resource| format!("{resource}: {}", expected.of_resource(resource).len())).collect();
    let defects: usize = expected.defects.values().map(Vec::len).sum();
    let again = connected.sync();
    assert_eq!(again["requests"], 0);
    writeln!(std::io::stderr(), "records equal: {}; defects: {defects}", equal.join(", ")).expect("stderr is open");
}

#[cfg(feature = "wisconsin")]
mod wisconsin {
    use rollcall_core::tables::RosterProgram;

    use super::*;

    /// The sample, with programs of every type on the students' sections, one of them with two, and an attempt status
    /// that is none.
    fn varied(year: i32) -> SampleDistrict {
        let mut district = district(year, STUDENTS);
        let types = [("Certified", "Youth Leadership"), ("WL", "World Language"), ("Non Certified", "Local co-op")];
        for (n, roster) in district.rosters.iter().enumerate().filter(|(n, _)| n % 7 == 0) {
            let (kind, name) = types[n % 3];
            let programs = [(kind, name), ("Dual", "College Course with WI Tribal College")];
            for (kind, name) in programs.into_iter().take(1 + n % 2) {
                district.roster_programs.push(RosterProgram {
                    roster_program_id: i64::try_from(9_001 + district.roster_programs.len()).expect("a small number"),
                    roster_id: roster.roster_id,
                    program_name: name.into(),
                    program_type: kind.into(),
                });
            }
        }
        for roster in district.rosters.iter_mut().step_by(211) {
            roster.attempt_status = Some("Z".into());
        }
        district
    }

    fn connected(year: i32, district: &SampleDistrict) -> Connected {
        let mut connected = Connected::new(&view("wi"), year, district);
        connected.set("mappings.career-pathway", "F", "4");
        connected
    }

    fn with(expected: &Expected, test: impl Fn(&Value) -> bool) -> usize {
        expected.of_resource("studentSectionAssociations").values().filter(|body| test(body)).count()
    }

    #[test]
    fn what_wisconsins_document_says_is_at_the_ods_and_nothing_else() {
        let mut district = varied(2026);
        let connected = connected(2026, &district);
        let first = connected.agrees(&WISCONSIN_RESOURCES, Expected::wisconsin);
        for resource in ["courseOfferings", "sections", "studentSectionAssociations"] {
            assert!(first.of_resource(resource).len() >= 100, "{resource}");
        }
        for status in ["S", "I"] {
            let uri = format!("uri://dpi.wi.gov/AttemptStatusDescriptor#{status}");
            assert!(with(&first, |body| body["attemptStatusDescriptor"] == uri) >= 20, "{status}");
        }
        assert!(with(&first, |body| body["_ext"]["wi"]["programs"].is_array()) >= 50);
        assert!(with(&first, |body| body["_ext"]["wi"]["programs"].as_array().is_some_and(|p| p.len() > 1)) >= 10);
        assert!(!first.defects["studentSectionAssociations"].is_empty());
        // 6.6, 6.7 and 7.0: who left and came back within the term.
        let stays = first.of_resource("studentSectionAssociations").values();
        let sections: Vec<String> =
            stays.map(|b| format!("{}{}", b["studentReference"], b["sectionReference"])).collect();
        let different: BTreeSet<&String> = sections.iter().collect();
        assert!(sections.len() - different.len() >= 10, "{}", sections.len() - different.len());

        district.advance();
        district.write(&connected.place.tables()).expect("the folder is ours");
        let second = connected.agrees(&WISCONSIN_RESOURCES, Expected::wisconsin);
        assert_ne!(first.records, second.records);
    }

    #[test]
    fn programs_are_valid_in_their_school_years() {
        for year in view("wi").state.years.clone().filter(|year| *year < 2026) {
            connected(year, &varied(year)).agrees(&WISCONSIN_RESOURCES, Expected::wisconsin);
        }
    }

    #[test]
    fn a_district_that_decides_otherwise_gets_what_it_decided() {
        let mut connected = connected(2026, &varied(2026));
        connected.set("options", "attempt-status-default", "none");
        connected.set("options", "eligibility", "document");
        let expected = connected.agrees(&WISCONSIN_RESOURCES, Expected::wisconsin);
        // 6.1 to 6.3 without a default: the element is required.
        assert!(expected.defects["studentSectionAssociations"].len() >= 100);
        assert!(expected.of_resource("studentSectionAssociations").len() >= 100);
    }

    /// docs/readings.md, WI mediumOfInstructionDescriptor: an element that is required and has no mapping is a defect, not a guess.
    #[test]
    fn an_unmapped_delivery_type_is_not_face_to_face() {
        let mut connected = connected(2026, &varied(2026));
        let types = connected.config["mappings"]["delivery-type"].as_table_mut().expect("a mapping is a table");
        types.remove("V").expect("the sample's configuration maps it");
        connected.place.configure(&connected.config.to_string());
        connected.place.run(&["sync", "--no-progress"]).expect(4);
        let online = connected.ods().pages("sections").into_iter().filter(|section| {
            section["courseOfferingReference"]["localCourseCode"] == "ECON"
                && section["mediumOfInstructionDescriptor"] == "uri://dpi.wi.gov/MediumOfInstructionDescriptor#F2F"
        });
        assert_eq!(online.count(), 0, "a virtual course is sent as face-to-face");
    }

    /// 7.0: "the SIS ends the initial student section and creates a new student section with a new start date".
    #[test]
    fn who_leaves_and_returns_on_one_day_is_6_7_too() {
        let mut district = varied(2026);
        let pairs: Vec<(usize, usize)> = (1..district.rosters.len())
            .filter(|at| {
                let (first, second) = (&district.rosters[*at - 1], &district.rosters[*at]);
                (first.person_id, first.section_id) == (second.person_id, second.section_id)
                    && first.end_date < second.start_date
            })
            .map(|at| (at - 1, at))
            .collect();
        assert!(pairs.len() > 5);
        for (first, second) in pairs {
            district.rosters[first].end_date = district.rosters[second].start_date;
        }
        connected(2026, &district).agrees(&WISCONSIN_RESOURCES, Expected::wisconsin);
    }
}

#[cfg(feature = "core-edfi")]
mod core {
    use super::*;

    /// Enough for a hundred associations.
    const MANY: usize = 1_300;

    /// The sample, with participations and certifications that the document speaks of and the sample has not.
    fn varied() -> SampleDistrict {
        let mut district = district(2026, MANY);
        let day = |text: &str| Some(text.parse().expect("a date"));
        let model =
            district.participations.iter().find(|p| p.start_date.is_some()).expect("the sample has some").clone();
        let spans = [
            // Over before the year, begun after it, in it by a day on each side, over years.
            (day("2024-09-03"), day("2025-05-30")),
            (day("2026-08-20"), None),
            (day("2024-09-03"), day("2025-07-01")),
            (day("2026-06-30"), None),
            (day("2023-09-05"), None),
            // Over before it began.
            (day("2025-10-01"), day("2025-09-01")),
        ];
        // Every kind of student: no-shows, excluded ones, and those without an id among them.
        for (n, person) in district.people.iter().enumerate().filter(|(n, _)| n % 100 < 50) {
            if n >= 400 {
                break;
            }
            let (start_date, end_date) = spans[n % spans.len()];
            let participation_id = i64::try_from(5_001 + n).expect("a small number");
            district.participations.push(rollcall_core::tables::ProgramParticipation {
                participation_id,
                person_id: person.person_id,
                program_id: i64::try_from(1 + n % 7).expect("a small number"),
                start_date,
                end_date,
                student_status: [None, Some("Withdrew".into()), Some("Completer".into())][n % 3].clone(),
                non_traditional: n % 2 == 0,
                ..model.clone()
            });
            // Of one date, of none, and the highest id not last in the table.
            let dates = [day("2026-01-12"), None, day("2026-01-12"), day("2025-11-03")];
            for (c, certification_date) in dates.into_iter().enumerate().skip(n % 4) {
                let (n, c) = (i64::try_from(n).expect("small"), i64::try_from(c).expect("small"));
                district.certifications.push(rollcall_core::tables::ProgramParticipationCertification {
                    certification_id: 60_000 + 10 * n - c * (n % 2 * 2 - 1),
                    participation_id,
                    name: None,
                    attempted: (n + c) % 3 != 0,
                    passed: (n + c) % 3 == 1,
                    certification_date,
                });
            }
        }
        // Two of one natural key.
        let twin = district.participations.iter().filter(|p| p.start_date.is_some()).nth(3).expect("some").clone();
        district.participations.push(rollcall_core::tables::ProgramParticipation {
            participation_id: 9_001,
            non_traditional: !twin.non_traditional,
            ..twin
        });
        district.programs[1].code = None;
        district
    }

    #[test]
    fn what_the_core_documents_say_is_at_the_ods_and_nothing_else() {
        let mut district = varied();
        let mut connected = Connected::new(&view("ed-fi"), 2026, &district);
        for resource in ["courses", "courseOfferings", "sections", "studentSectionAssociations"] {
            connected.set("resources", resource, false);
        }
        let renamed = toml::toml! {
            code = "Career and Technical Education"
            program-name = "Farm and Field"
        };
        connected.set("mappings.program", "Agriculture", renamed);
        // Programs, but no programs of career and technical education.
        connected.set("mappings.program", "English Learners", "English as a Second Language (ESL)");
        connected.set("mappings.career-pathway", "Manufacturing", "Manufacturing");
        let pathways = connected.config["mappings"]["career-pathway"].as_table_mut().expect("a mapping is a table");
        pathways.remove("Transportation").expect("the sample's configuration maps it");
        connected.place.configure(&connected.config.to_string());

        let first = connected.agrees(&CORE_RESOURCES, Expected::core);
        let associations = first.of_resource("studentCTEProgramAssociations");
        assert!(associations.len() >= 100, "{}", associations.len());
        assert!(!first.defects["studentCTEProgramAssociations"].is_empty());
        let primary = |yes: bool| {
            associations.values().filter(|body| body["ctePrograms"][0]["primaryCTEProgramIndicator"] == yes).count()
        };
        assert!(primary(true) >= 20 && primary(false) >= 10, "{} {}", primary(true), primary(false));
        let skills = associations.values().filter_map(|body| body["technicalSkillsAssessmentDescriptor"].as_str());
        assert_eq!(skills.collect::<BTreeSet<_>>().len(), 3);

        district.advance();
        for participation in district.participations.iter_mut().step_by(9) {
            participation.start_date = participation.start_date.and_then(|date| date.succ_opt());
        }
        for certification in district.certifications.iter_mut().step_by(5) {
            certification.passed = !certification.passed;
        }
        district.participations.truncate(district.participations.len() - 5);
        district
            .certifications
            .retain(|c| district.participations.iter().any(|p| p.participation_id == c.participation_id));
        district.write(&connected.place.tables()).expect("the folder is ours");
        let second = connected.agrees(&CORE_RESOURCES, Expected::core);
        assert_ne!(first.records, second.records);
    }
}
