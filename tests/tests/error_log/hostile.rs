//! A server that tries to write into the terminal, into a spreadsheet and into the log.

use rollcall_tests::program::Ended;
use rollcall_tests::says::message;

use super::office::{Office, refusing};

/// Clears a screen, colours it, rings, overwrites the line, and turns the direction of writing.
const WORDS: &str = "=HYPERLINK(\"x\")\u{1b}[2J\u{9b}31mall is well\u{7}\rno errors\u{202e}\u{2066}\u{7f}";

fn assert_nothing_to_obey(what: &str, text: &str) {
    let obeyed = |c: &char| {
        (c.is_control() && *c != '\n')
            || matches!(c, '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let found: Vec<char> = text.chars().filter(obeyed).collect();
    assert!(found.is_empty(), "{what}: {found:?}");
}

#[test]
fn a_servers_words_do_not_reach_the_terminal_raw() {
    let office = Office::kansas();
    office.server.say(refusing("studentSectionAssociations", 400, message(WORDS)));
    let run = |args: &[&str]| -> Ended {
        let ended = office.place.run(args);
        for (what, text) in [("stdout", &ended.stdout), ("stderr", &ended.stderr)] {
            assert_nothing_to_obey(&format!("{what} of {args:?}"), text);
        }
        ended
    };
    run(&["sync", "--no-progress", "-vv"]).expect(4);
    run(&["errors"]).expect(4);
    run(&["errors", "--list", "--payloads"]).expect(4);
    run(&["status"]).expect(4);
    let json = run(&["errors", "--format", "json"]);
    assert_eq!(json.json()[0]["message"], WORDS, "JSON says what the server said");
    let csv = run(&["errors", "--format", "csv"]).stdout;
    // A spreadsheet takes no cell for a formula.
    assert!(csv.contains("\"'=HYPERLINK"), "{csv}");
}

#[test]
fn a_cell_of_the_sis_does_not_reach_the_terminal_raw() {
    let office = Office::kansas();
    office.place.edit_table("Course", |text| text.replace("ALG1", "ALG\u{1b}[31m1\u{9b}"));
    for format in ["text", "json"] {
        let ended = office.place.run(&["plan", "--steps", "-vv", "--log-format", format]);
        assert_nothing_to_obey(format, &ended.stdout);
        assert_nothing_to_obey(format, &ended.stderr);
    }
}

#[test]
fn the_log_is_json_when_asked_for() {
    let office = Office::kansas();
    let ended = office.place.run(&["sync", "--no-progress", "-v", "--log-format", "json"]);
    let events: Vec<serde_json::Value> =
        ended.expect(0).stderr.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    let posts = events.iter().filter(|event| event["method"] == "POST" && event["status"] == 201).count();
    assert_eq!(posts, office.server.asked().len(), "one for each record");
    assert!(posts > 20);
    let mut filtered = office.place.command(&["plan"]);
    let filtered: Ended = filtered.env("ROLLCALL_LOG", "off").output().expect("the program starts").into();
    assert_eq!(filtered.stderr, "");
}
