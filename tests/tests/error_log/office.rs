//! A small district and a server with the test's words.

use rollcall_tests::place::Place;
use rollcall_tests::says::{Asked, Says};
use rollcall_tests::tiny;
use serde_json::Value;

/// A district and its state's server.
pub(crate) struct Office {
    pub(crate) place: Place,
    pub(crate) server: Says,
}

/// Answers every write of a resource so.
pub(crate) fn refusing(resource: &'static str, status: u16, body: String) -> impl Fn(&Asked) -> Option<(u16, String)> {
    move |asked| (asked.resource == resource).then(|| (status, body.clone()))
}

impl Office {
    /// Kansas, with a server that takes everything.
    pub(crate) fn kansas() -> Self {
        let server = Says::start(|_| None);
        let place = tiny::place(&server.url());
        Self { place, server }
    }

    /// The standard's own resources, with a student in a program.
    pub(crate) fn core() -> Self {
        let office = Self::kansas();
        office.place.write_table("Program", "programID,name,code,programType\n701,Nursing,51.38,CTE\n");
        office.place.write_table(
            "ProgramParticipation",
            "participationID,personID,programID,calendarID,startDate,endDate,studentStatus,nonTraditional\n\
             801,901,701,11,2025-08-14,,Completer,0\n",
        );
        office.place.configure(&format!(
            "state = \"ed-fi\"\nschool-years = [2026]\n[connection]\nurl = \"{}\"\n\
             [mappings.term-type]\nFall = \"Fall Semester\"\nSpring = \"Spring Semester\"\n\
             [mappings.grade-level]\n09 = \"Ninth grade\"\n\
             [mappings.program]\nNursing = \"Career and Technical Education\"\n\
             [mappings.career-pathway]\nNursing = \"Health Science\"\n\
             [mappings.student-status]\nCompleter = \"true\"\n",
            office.server.url()
        ));
        office
    }

    /// Syncs with a server that refuses every record of a resource, and gives its errors.
    pub(crate) fn refused(&self, resource: &'static str, status: u16, body: String) -> Vec<Value> {
        self.server.say(refusing(resource, status, body));
        self.sync(4);
        self.errors(&["--resource", resource])
    }

    /// Syncs; the exit code has to be this.
    pub(crate) fn sync(&self, code: i32) {
        self.place.run(&["sync", "--no-progress", "--allow-deletes"]).expect(code);
    }

    /// The error log, or a part of it.
    pub(crate) fn errors(&self, options: &[&str]) -> Vec<Value> {
        let ended = self.place.run(&[&["errors", "--format", "json"], options].concat());
        ended.json().as_array().expect("the error log is a list").clone()
    }

    /// The error log by cause.
    pub(crate) fn causes(&self) -> Vec<Value> {
        self.errors(&["--causes"])
    }
}

/// One text of all that is told of an error.
pub(crate) fn told(error: &Value) -> String {
    let causes = error["causes"].as_array().expect("an error has causes");
    let causes = causes.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n");
    format!("{causes}\n{}", error["fix"].as_str().expect("an error says what to do"))
}

#[track_caller]
pub(crate) fn assert_told(error: &Value, parts: &[&str]) {
    let told = told(error);
    for part in parts {
        assert!(told.contains(part), "no \"{part}\" in:\n{told}");
    }
}
