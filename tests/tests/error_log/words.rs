//! What people read, word for word. `INSTA_UPDATE=always cargo test -p rollcall-tests --test error_log words` writes the
//! snapshots anew, to be read before they are committed.

use std::fmt::Write as _;

use rollcall_tests::says::{Asked, message};

use super::office::Office;

/// One refusal with what waits for it, a code that the ODS does not know, a student with no birth date.
fn refuse(asked: &Asked) -> Option<(u16, String)> {
    let section = "The value supplied for the related 'courseOffering' resource does not exist.";
    let code = "Unable to resolve value 'uri://ed-fi.org/GradeLevelDescriptor#Ninth grade' to an existing \
                'GradeLevelDescriptor' resource.";
    match asked.resource.as_str() {
        "sections" if asked.body.contains("S1") => Some((409, message(section))),
        "studentSchoolAssociations" if asked.body.contains("4000000906") => Some((400, message(code))),
        _ => None,
    }
}

fn snapshot(name: &str, office: &Office, command: &str) {
    let args: Vec<&str> = command.split(' ').collect();
    let ended = office.place.run(&args);
    let mut text = format!("$ rollcall {command}\nexit code {}\n", ended.code.expect("no signal ended it"));
    for (stream, output) in [("stdout", &ended.stdout), ("stderr", &ended.stderr)] {
        let lines: Vec<&str> = output.lines().map(str::trim_end).collect();
        if !lines.is_empty() {
            writeln!(text, "--- {stream}\n{}", lines.join("\n")).expect("a text takes any text");
        }
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("../snapshots");
    settings.add_filter(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "[TIME]");
    settings.add_filter(r"[0-9a-f]{32}", "[FINGERPRINT]");
    settings.add_filter(r"took: +\d+ s", "took: [SECONDS]");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn the_error_log() {
    let office = Office::kansas();
    office.place.edit_table("Person", |text| text.replace(",2010-04-05,", ",,"));
    office.server.say(refuse);
    office.sync(4);
    snapshot("errors_by_cause", &office, "errors");
    snapshot("errors_list", &office, "errors --list --school 990001 --outcome held --person 4000000901");
    snapshot("errors_of_a_student", &office, "errors --person Person:906 --list");
    snapshot("retry_in_vain", &office, "retry --no-progress --resource sections");
}
