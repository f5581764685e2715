//! Questions that cannot be answered as they are put: what the program says, and that it ends with the code of a wrong
//! command line.
#![cfg(feature = "kansas")]

use rollcall_tests::place::Place;
use rollcall_tests::tiny;

/// An address at which nothing has to answer.
const NOWHERE: &str = "http://127.0.0.1:1";

/// Runs a command; it has to end with code 2 and say all of this.
fn refused(place: &Place, command: &[&str], says: &[&str]) {
    let ended = place.run(command);
    ended.expect(2);
    for part in says {
        assert!(ended.stderr.contains(part), "{command:?} does not say \"{part}\":\n{}", ended.stderr);
    }
}

/// A sync is about everything: its plan cannot be limited.
#[test]
fn a_plan_is_limited_only_with_resync() {
    let place = tiny::place(NOWHERE);
    for limit in [
        &["--resource", "sections"][..],
        &["--school", "990001"],
        &["--person", "Person:901"],
        &["--resource", "sections", "--key", "Section:71"],
    ] {
        refused(&place, &[&["plan"], limit].concat(), &["--resync"]);
        place.run(&[&["plan", "--resync"], limit].concat()).expect(0);
    }
}
