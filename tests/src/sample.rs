//! The sample district, and a configuration for it, written by hand as a district would.

use std::fs;
use std::path::{Path, PathBuf};

use rollcall_source::sample::{SampleDistrict, SampleOptions};

use crate::place::Place;

/// The school year of the sample.
pub const SCHOOL_YEAR: i32 = 2026;

/// A sample district of so many students; always the same.
pub fn district(students: usize) -> SampleDistrict {
    SampleDistrict::generate(&SampleOptions { seed: 20_260, school_year: SCHOOL_YEAR, students })
}

/// A sample district in a folder of its own.
pub fn place(district: &SampleDistrict) -> Place {
    let place = Place::new();
    district.write(&place.tables()).expect("the folder is ours");
    place
}

/// Another district, by hand: a folder with the tables that `ROLLCALL_TEST_TABLES` names, and the text of the
/// configuration that `ROLLCALL_TEST_CONFIG` names.
pub fn another() -> Option<(Place, String)> {
    let tables = std::env::var_os("ROLLCALL_TEST_TABLES").map(PathBuf::from)?;
    let config = std::env::var_os("ROLLCALL_TEST_CONFIG").expect("ROLLCALL_TEST_CONFIG names the mappings");
    let config = fs::read_to_string(Path::new(&config)).expect("the configuration can be read");
    let place = Place::new();
    for entry in fs::read_dir(&tables).expect("the tables can be read") {
        let entry = entry.expect("the folder can be listed");
        fs::copy(entry.path(), place.tables().join(entry.file_name())).expect("there is room");
    }
    Some((place, config))
}

/// A Kansas configuration for the sample. `Intersession` and the override `Block 9` stay unmapped.
pub fn kansas(url: &str) -> String {
    format!(
        r#"
state = "ks"
school-years = [2026]

[connection]
url = "{url}"

[mappings.term-type]
"Fall Semester" = "S1"
"Spring Semester" = "S2"
"First Quarter" = "Q1"
"Second Quarter" = "Q2"
"Third Quarter" = {{ code = "Q3", session-name = "Third Quarter of 2026" }}
"Fourth Quarter" = "Q4"
"Year Round" = "YR"
"Summer Semester" = "Summer Semester"

[mappings.term-descriptor-override]
"Year Round" = "YR"

[mappings.course-level]
B = "B"
E = "E"
G = "G"
H = "H"
X = "X"

[mappings.delivery-type]
D = "D"
G = "G"
M = "M"
S = "S"
V = "V"

[mappings.targeted-program]
A = "A"
E = "E"
G = "G"
M = "M"
S = "S"

[mappings.college-career-type]
C = "C"
D = "D"
F = "F"
L = "L"
N = "N"
R = "R"
T = "T"
X = "X"
{GRADES}"#
    )
}

const GRADES: &str = r#"
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
