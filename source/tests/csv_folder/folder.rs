//! A small folder of valid tables, to spoil one at a time.

use std::fs;
use std::path::Path;

use rollcall_core::finding::Finding;
use rollcall_source::{Reading, read_snapshot};

/// A folder that lives as long as the test.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    /// One school, one course with one section, one student with two rosters.
    pub(crate) fn plain() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in PLAIN {
            folder.write(name, text);
        }
        folder
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        self.write_bytes(name, text.as_bytes());
    }

    pub(crate) fn write_bytes(&self, name: &str, bytes: &[u8]) {
        fs::write(self.0.path().join(name), bytes).unwrap();
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.0.path().join(name)).unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn read(&self) -> Reading {
        read_snapshot(self.0.path()).unwrap()
    }
}

/// The findings as lines.
pub(crate) fn texts(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(ToString::to_string).collect()
}

/// Rows with ids from 1 on and the same rest.
pub(crate) fn rows(count: usize, rest: &str) -> String {
    (1..=count).flat_map(|id| [id.to_string(), format!(",{rest}\n")]).collect()
}

const PLAIN: &[(&str, &str)] = &[
    ("District.csv", "districtID,name,number\n1,Plains,999\n"),
    ("School.csv", "schoolID,districtID,name,number,exclude\n5,1,High,101,0\n"),
    (
        "Calendar.csv",
        "calendarID,schoolID,endYear,name,startDate,endDate,exclude\n10,5,2026,25-26,2025-08-14,2026-05-21,0\n",
    ),
    ("ScheduleStructure.csv", "structureID,calendarID,name\n20,10,Main\n"),
    ("TermSchedule.csv", "termScheduleID,structureID,name\n25,20,Semesters\n"),
    (
        "Term.csv",
        "termID,termScheduleID,name,seq,startDate,endDate,termType\n30,25,S1,1,2025-08-14,2025-12-19,Fall Semester\n",
    ),
    ("Day.csv", "dayID,calendarID,structureID,date,schoolDay,instruction\n1,10,20,2025-08-14,1,1\n"),
    ("Trial.csv", "trialID,calendarID,structureID,active\n40,10,20,1\n"),
    (
        "Course.csv",
        "courseID,calendarID,number,name,stateCode,active,stateExclude,homeroom\n50,10,A1,English,01001,1,0,0\n",
    ),
    ("Section.csv", "sectionID,courseID,trialID,number,homeroomSection\n60,50,40,1,0\n"),
    ("SectionPlacement.csv", "sectionPlacementID,sectionID,trialID,termID,periodID\n1,60,40,30,\n"),
    ("Person.csv", "personID,stateID,edFiID,firstName,lastName,birthDate\n100,S1,E1,Ada,Bee,2010-01-01\n"),
    (
        "Enrollment.csv",
        "enrollmentID,personID,calendarID,structureID,grade,startDate,endDate,serviceType,noShow,stateExclude\n\
         1,100,10,20,09,2025-08-14,,P,0,0\n",
    ),
    (
        "Roster.csv",
        "rosterID,personID,sectionID,trialID,startDate,endDate\n1,100,60,40,2025-08-14,\n2,100,60,40,,2025-10-01\n",
    ),
];
