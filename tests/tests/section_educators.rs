//! Kansas' `sectionEducators` at the state's server as a vendor's key meets it: under `/ks/`, by its natural key, below its
//! section, within the key's education organizations, and in the server's own documents.
#![cfg(feature = "kansas")]

use rollcall_core::testing::District;
use rollcall_tests::ods::Ods;
use rollcall_tests::place::Place;
use rollcall_tests::program::{KEY, SECRET};
use rollcall_tests::served::Served;
use rollcall_tests::small;
use serde_json::{Value, json};

const EDUCATORS: &str = "sectionEducators";

/// The small district, all of it sent, with Cleo as the educator of ALG1-01.
fn served() -> (Place, Served, Ods) {
    let place = Place::new();
    let district = District::small().with_educator().with_staff_history("1", "5", "1", "-", "-");
    district.csv().iter().for_each(|(name, text)| place.write_table(name, text));
    let registry = rollcall::registry().expect("the registry is whole");
    let served = Served::start(&place, &registry.state("ks").expect("Kansas is compiled in"), 2026);
    place.configure(&small::kansas().replace("http://127.0.0.1", &served.url()));
    place.run(&["sync"]).expect(0);
    let ods = Ods::connect(&served.url(), KEY, SECRET);
    (place, served, ods)
}

fn educator(address: &str, section: &str, school: i64) -> Value {
    json!({
        "educatorElectronicMailAddress": address, "educatorFirstName": "Eve",
        "sectionReference": {
            "localCourseCode": "ALG1", "schoolId": school, "schoolYear": 2026, "sectionIdentifier": section,
            "sessionName": "S1",
        },
    })
}

#[test]
fn a_vendor_writes_it_by_its_natural_key() {
    let (_place, served, ods) = served();
    let post = |body: &Value| ods.post(EDUCATORS, body.to_string().as_bytes());
    assert_eq!(served.store().count(EDUCATORS), 1);
    let mut eve = educator("eve@north.example", "01", 500_001);
    assert_eq!(post(&eve).0, 201);
    eve["educatorMiddleName"] = json!("Ray");
    assert_eq!(post(&eve).0, 200, "the same key is the same record");
    assert_eq!(ods.records(EDUCATORS).len(), 2);
    assert!(ods.records(EDUCATORS).values().any(|body| *body == eve), "and is read back whole");
    // Below its section, within the key's district, and with an address of 128 letters at the most.
    let (status, answer) = post(&educator("eve@north.example", "99", 500_001));
    assert_eq!(status, 409, "{answer}");
    let (status, answer) = post(&educator("eve@north.example", "01", 700_001));
    assert_eq!(status, 403, "{answer}");
    let (status, answer) = post(&educator(&"e".repeat(129), "01", 500_001));
    assert!(status == 400 && answer.contains("128"), "{status} {answer}");
    let mut nameless = eve.clone();
    nameless.as_object_mut().expect("it is one").remove("educatorElectronicMailAddress");
    let (status, answer) = post(&nameless);
    assert!(status == 400 && answer.contains("EducatorElectronicMailAddress"), "{status} {answer}");
    // A section with an educator stays.
    let section = ods.pages("sections").into_iter().find(|section| section["sectionIdentifier"] == "01");
    let id = section.expect("it was sent")["id"].as_str().expect("a record has an id").to_owned();
    assert_eq!(ods.delete("sections", &id), 409);
}

#[test]
fn the_servers_documents_know_it() {
    let (_place, _served, ods) = served();
    let document = ods.document("/metadata/data/v3/ks/swagger.json");
    let paths = &document["paths"];
    assert!(paths["/ks/sectionEducators"]["post"].is_object(), "{paths}");
    assert!(document["paths"]["/ks/sectionEducators/{id}"]["delete"].is_object());
    let definition = &document["definitions"]["ks_sectionEducator"];
    assert_eq!(definition["required"], json!(["sectionReference", "educatorElectronicMailAddress"]));
    assert_eq!(definition["properties"]["educatorElectronicMailAddress"]["maxLength"], 128);
    assert_eq!(definition["properties"]["educatorLastSurname"]["maxLength"], 75);
    let order = ods.document("/metadata/data/v3/dependencies");
    let at = |resource: &str| {
        let entry = order.as_array()?.iter().find(|entry| entry["resource"] == resource)?;
        entry["order"].as_u64()
    };
    let (educators, sections) = (at("/ks/sectionEducators"), at("/ed-fi/sections"));
    assert!(sections.is_some() && educators > sections, "{educators:?} after {sections:?}");
}
