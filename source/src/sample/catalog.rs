//! The lists that the invented district is made from.

use Length::{Fall, Semester, WholeYear, Year};
use Level::{Elementary, High, Middle};

/// A kind of school.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Level {
    /// KG–05, in quarters.
    Elementary,
    /// 06–08, in semesters.
    Middle,
    /// 09–12, in semesters, with a term for the whole year beside them.
    High,
}

/// In which terms a course's sections are placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Length {
    /// In every semester or quarter.
    Year,
    /// In the one term of the schedule for the whole year.
    WholeYear,
    /// In one semester, whichever the student needs.
    Semester,
    /// In the fall.
    Fall,
    /// In the spring.
    Spring,
    /// Between the semesters.
    Intersession,
    /// In no term at all.
    Nowhere,
}

/// A course of the catalog.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) level: Level,
    pub(super) number: &'static str,
    pub(super) name: &'static str,
    /// Empty: none.
    pub(super) state_code: &'static str,
    /// Empty: none.
    pub(super) grade: &'static str,
    /// courseLevel, deliveryType, targetedProgram, collegeCareerType; `-` is none.
    pub(super) codes: &'static str,
    pub(super) length: Length,
}

const fn course(
    level: Level,
    number: &'static str,
    name: &'static str,
    state_code: &'static str,
    grade: &'static str,
    codes: &'static str,
    length: Length,
) -> Entry {
    Entry { level, number, name, state_code, grade, codes, length }
}

/// The courses of a high, a middle and an elementary school.
#[rustfmt::skip]
pub(super) const COURSES: &[Entry] = &[
    course(High, "ENG9", "English I", "01001", "09", "GGGN", Year),
    course(High, "ENG10", "English II", "01002", "10", "GGGN", Year),
    course(High, "ENG11", "English III", "01003", "11", "GGGN", Year),
    course(High, "ENG11H", "English III, Honors", "01003", "11", "HGGN", Year),
    course(High, "ENG12", "English IV", "01004", "12", "GGGN", Year),
    course(High, "COLENG", "College English", "01103", "12", "EDGD", Year),
    course(High, "ALG1", "Algebra I", "02052", "09", "GGGN", Year),
    course(High, "GEOM", "Geometry", "02072", "10", "GGGN", Year),
    course(High, "ALG2", "Algebra II", "02056", "11", "GGGN", Year),
    course(High, "PRECALC", "Pre-Calculus", "02110", "12", "HGGN", Year),
    course(High, "MATHLAB", "Mathematics Support", "02994", "09", "BSSN", Year),
    course(High, "BIO", "Biology", "03051", "09", "GGGN", Year),
    course(High, "CHEM", "Chemistry", "03101", "10", "GGGN", Year),
    course(High, "PHYS", "Physics", "03151", "11", "EGGN", Year),
    course(High, "ENVSCI", "Environmental Science", "03003", "12", "GGGN", Year),
    course(High, "WHIST", "World History", "04051", "09", "GGGN", Year),
    course(High, "GEOG", "World Geography", "04001", "10", "GGEN", Year),
    course(High, "USHIST", "United States History", "04101", "11", "GGGN", Year),
    course(High, "GOV", "United States Government", "04151", "12", "GGGN", Semester),
    course(High, "ECON", "Economics", "04201", "12", "GVGN", Semester),
    course(High, "SPAN1", "Spanish I", "06101", "", "GGGN", Year),
    course(High, "SPAN2", "Spanish II", "06102", "", "EVGN", Year),
    course(High, "ART1", "Studio Art", "05154", "", "XGGN", Semester),
    course(High, "BAND", "Concert Band", "05101", "", "XGGN", WholeYear),
    course(High, "CHOIR", "Concert Choir", "05110", "", "XGGN", WholeYear),
    course(High, "PE", "Physical Education", "08001", "", "XGGN", Semester),
    course(High, "HLTH", "Health", "08051", "", "XGGN", Semester),
    course(High, "AGSCI", "Introduction to Agriculture", "18003", "10", "GGGX", Semester),
    course(High, "WEBD", "Web Design", "10201", "10", "GGGT", Semester),
    course(High, "WELD", "Welding", "13207", "11", "GGGF", Year),
    course(High, "NURSE", "Nursing Assistant", "14051", "11", "GDGC", Year),
    course(High, "AUTO", "Automotive Service", "20103", "12", "GGAL", Year),
    course(High, "DRAFT", "Drafting", "21102", "12", "GGMR", Year),
    course(High, "SEMINAR", "Seminar", "22106", "", "XMG-", Year),
    course(Middle, "LA6", "Language Arts 6", "51036", "06", "GGGN", Year),
    course(Middle, "LA7", "Language Arts 7", "51037", "07", "GGGN", Year),
    course(Middle, "LA8", "Language Arts 8", "51038", "08", "GGGN", Year),
    course(Middle, "MATH6", "Mathematics 6", "52036", "06", "GGGN", Year),
    course(Middle, "MATH7", "Mathematics 7", "52037", "07", "GGGN", Year),
    course(Middle, "MATH8", "Mathematics 8", "52038", "08", "GGGN", Year),
    course(Middle, "SCI6", "Science 6", "53236", "06", "GGGN", Year),
    course(Middle, "SCI7", "Science 7", "53237", "07", "GGGN", Year),
    course(Middle, "SCI8", "Science 8", "53238", "08", "GGGN", Year),
    course(Middle, "SOC6", "Social Studies 6", "54436", "06", "GGGN", Year),
    course(Middle, "SOC7", "Social Studies 7", "54437", "07", "GGGN", Year),
    course(Middle, "SOC8", "Social Studies 8", "54438", "08", "GGGN", Year),
    course(Middle, "PE", "Physical Education", "58036", "", "XGG-", Semester),
    course(Middle, "ARTM", "Art", "55158", "", "XGG-", Semester),
    course(Middle, "HR", "Advisory", "72206", "", "----", Year),
    course(Elementary, "READ0", "Reading, Kindergarten", "51030", "KG", "GSGN", Year),
    course(Elementary, "READ1", "Reading 1", "51031", "01", "GSGN", Year),
    course(Elementary, "READ2", "Reading 2", "51032", "02", "GSGN", Year),
    course(Elementary, "READ3", "Reading 3", "51033", "03", "GSGN", Year),
    course(Elementary, "READ4", "Reading 4", "51034", "04", "GSGN", Year),
    course(Elementary, "READ5", "Reading 5", "51035", "05", "GSGN", Year),
    course(Elementary, "MATH0", "Mathematics, Kindergarten", "52030", "KG", "GSGN", Year),
    course(Elementary, "MATH1", "Mathematics 1", "52031", "01", "GSGN", Year),
    course(Elementary, "MATH2", "Mathematics 2", "52032", "02", "GSGN", Year),
    course(Elementary, "MATH3", "Mathematics 3", "52033", "03", "GSGN", Year),
    course(Elementary, "MATH4", "Mathematics 4", "52034", "04", "GSGN", Year),
    course(Elementary, "MATH5", "Mathematics 5", "52035", "05", "GSGN", Year),
    course(Elementary, "SCIE", "Science and Social Studies", "53230", "", "GM--", Year),
    course(Elementary, "MUSIC", "Music", "55108", "", "----", Year),
    course(Elementary, "PE", "Physical Education", "58030", "", "----", Year),
    course(Elementary, "HR", "Homeroom", "73028", "", "----", Year),
];

/// Courses of the high school that are there for their own sake: each hits a rule.
#[rustfmt::skip]
pub(super) const SPECIAL: &[Entry] = &[
    course(High, "LATIN", "Latin I", "06301", "", "GGGN", Year),
    course(High, "DRIVER", "Driver Education", "08151", "", "GGGN", Fall),
    course(High, "STUDY", "Study Hall", "", "", "----", Fall),
    course(High, "YRBOOK", "Yearbook", "11104", "", "XGGN", Fall),
    course(High, "BLOCK", "Outdoor Leadership", "22151", "", "XGGN", Length::Spring),
    course(High, "JTERM", "January Seminar", "22998", "", "XGGN", Length::Intersession),
    course(High, "RECOV", "Credit Recovery Mathematics", "02993", "", "BVAN", Fall),
];

pub(super) const PLACES: &[&str] = &[
    "Cottonwood",
    "Prairie Ridge",
    "Sandhill",
    "Meadowlark",
    "Flint Creek",
    "Sunflower",
    "Wheatland",
    "Buffalo Run",
    "Osage Trail",
    "Plum Hollow",
    "Limestone",
    "Redbud",
    "Windmill",
    "Chisholm Park",
    "Blue Sage",
    "Harvest Hills",
];

pub(super) const FIRST_NAMES: &[&str] = &[
    "Ada", "Amos", "Anya", "Beatriz", "Calla", "Cyrus", "Dahlia", "Dov", "Edith", "Elio", "Esmé", "Farid", "Greta",
    "Hank", "Imani", "Iris", "Jonah", "Juniper", "Kai", "Kofi", "Leona", "Lázaro", "Mabel", "Minh", "Nadia", "Nils",
    "Odessa", "Otis", "Paloma", "Quill", "Rafe", "Rosalind", "Saskia", "Silas", "Tamsin", "Thaddeus", "Una", "Vera",
    "Wendell", "Xiomara", "Yusuf", "Zora",
];

pub(super) const LAST_NAMES: &[&str] = &[
    "Abernathy",
    "Alderfer",
    "Bárcena",
    "Birdsong",
    "Brackenridge",
    "Castellane",
    "Dunmore",
    "Eastlake",
    "Fairbairn",
    "Fenwick",
    "Garrow",
    "Goodnight",
    "Hallowell",
    "Hargreave",
    "Ibarra-Voss",
    "Jessup",
    "Kettleman",
    "Kowalke",
    "Lindqvist",
    "Lovelace",
    "Mbeki-Hale",
    "Merriweather",
    "Nakamori",
    "Núñez",
    "O'Farrow",
    "Oakhurst",
    "Pemberley",
    "Quennell",
    "Rademacher",
    "Redfeather",
    "Sorrel",
    "St. Clair, Jr.",
    "Thistlewood",
    "Tran-Ellis",
    "Underhay",
    "van der Loo",
    "Vasquez-Orr",
    "Whitlock",
    "Yarrow",
    "Zielke",
];

/// Name, state code (CIP), programType.
pub(super) const PROGRAMS: &[(&str, &str, &str)] = &[
    ("Health Science", "51.0000", CTE),
    ("Manufacturing", "48.0508", CTE),
    ("Agriculture", "01.0000", CTE),
    ("Information Technology", "11.0801", CTE),
    ("Transportation", "47.0604", CTE),
    ("Title I", "", "Title I Part A"),
    ("English Learners", "", "English as a Second Language (ESL)"),
];

/// The type of programs of career and technical education.
pub(super) const CTE: &str = "Career and Technical Education";

pub(super) const CERTIFICATIONS: &[&str] =
    &["Certified Nurse Aide", "Welding Level 1", "Small Engines", "Web Fundamentals", "Forklift Operation"];
