//! A district small enough to read: one school, one course in two terms, six students. For input that is wrong in one
//! place.

use crate::place::Place;

/// The tables.
pub const TABLES: &[(&str, &str)] = &[
    ("District", "districtID,name,number\n1,Little House Schools,990\n"),
    ("School", "schoolID,districtID,name,number,exclude\n1,1,Little House School,990001,0\n"),
    (
        "Calendar",
        "calendarID,schoolID,endYear,name,startDate,endDate,exclude\n11,1,2026,25-26,2025-08-14,2026-05-21,0\n",
    ),
    ("ScheduleStructure", "structureID,calendarID,name\n21,11,Main\n"),
    ("TermSchedule", "termScheduleID,structureID,name\n31,21,Semesters\n"),
    (
        "Term",
        "termID,termScheduleID,name,seq,startDate,endDate,termType\n\
         41,31,S1,1,2025-08-14,2025-12-19,Fall\n\
         42,31,S2,2,2026-01-05,2026-05-21,Spring\n",
    ),
    (
        "Day",
        "dayID,calendarID,structureID,date,schoolDay,instruction\n\
         1,11,21,2025-08-14,1,1\n\
         2,11,21,2026-01-05,1,1\n",
    ),
    ("Trial", "trialID,calendarID,structureID,active\n51,11,21,1\n"),
    (
        "Course",
        "courseID,calendarID,number,name,stateCode,active,stateExclude,homeroom\n61,11,ALG1,Algebra I,02052,1,0,0\n",
    ),
    ("Section", "sectionID,courseID,trialID,number,homeroomSection\n71,61,51,01,0\n"),
    ("SectionPlacement", "sectionPlacementID,sectionID,trialID,termID,periodID\n81,71,51,41,1\n82,71,51,42,1\n"),
    (
        "Person",
        "personID,stateID,edFiID,studentNumber,firstName,middleName,lastName,birthDate,exclude\n\
         901,4000000901,4000000901,80901,Tamsin,,Quennell,2010-02-03,0\n\
         902,4000000902,4000000902,80902,Silas,,Garrow,2010-03-04,0\n\
         903,4000000903,4000000903,80903,Odessa,,Yarrow,2010-04-05,0\n\
         904,4000000904,4000000904,80904,Rafe,,Fenwick,2010-05-06,0\n\
         905,4000000905,4000000905,80905,Leona,,Birdsong,2010-06-07,0\n\
         906,4000000906,4000000906,80906,Cyrus,,Zielke,2010-07-08,0\n",
    ),
    (
        "Enrollment",
        "enrollmentID,personID,calendarID,structureID,grade,startDate,endDate,serviceType,noShow,stateExclude\n\
         2001,901,11,21,09,2025-08-14,,P,0,0\n\
         2002,902,11,21,09,2025-08-14,,P,0,0\n\
         2003,903,11,21,09,2025-08-14,,P,0,0\n\
         2004,904,11,21,09,2025-08-14,,P,0,0\n\
         2005,905,11,21,09,2025-08-14,,P,0,0\n\
         2006,906,11,21,09,2025-08-14,,P,0,0\n",
    ),
    (
        "Roster",
        "rosterID,personID,sectionID,trialID,startDate,endDate\n\
         3001,901,71,51,,\n\
         3002,902,71,51,,\n\
         3003,903,71,51,,\n\
         3004,904,71,51,2025-09-02,\n\
         3005,905,71,51,,2025-11-07\n\
         3006,906,71,51,,\n",
    ),
];

/// Its Kansas configuration.
pub fn kansas(url: &str) -> String {
    format!(
        r#"state = "ks"
school-years = [2026]

[connection]
url = "{url}"

[mappings.term-type]
Fall = "S1"
Spring = "S2"

[mappings.grade-level]
09 = "Ninth grade"
"#
    )
}

/// The district in a folder, with its Kansas configuration.
pub fn place(url: &str) -> Place {
    let place = Place::new();
    for (table, text) in TABLES {
        place.write_table(table, text);
    }
    place.configure(&kansas(url));
    place
}
