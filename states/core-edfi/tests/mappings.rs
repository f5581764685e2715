//! The mappings of CTE programs as the configuration file has them: a name beside the code, and true or false.
#![cfg(feature = "state")]

use rollcall_core::config::Config;
use rollcall_core::registry::Registry;
use rollcall_core_edfi::preferences::{PROGRAM, STUDENT_STATUS};
use rollcall_core_edfi::state::PLUGIN;

/// Reads a configuration with some mappings: the configuration, and what is wrong with it.
fn read(mappings: &str) -> (Option<Config>, Vec<String>) {
    let state = PLUGIN.state.expect("the feature is on").code;
    let registry = Registry::build(&[state]).unwrap();
    let text = format!(
        "state = \"{state}\"\nschool-years = [2026]\n[connection]\nurl = \"http://127.0.0.1:8001/\"\n{mappings}\n"
    );
    let (config, findings) = Config::read(&text, "rollcall.toml", &registry);
    (config, findings.iter().map(|finding| format!("{}; {}", finding.message, finding.fix)).collect())
}

#[test]
fn a_program_may_be_named() {
    let (config, findings) = read(
        "[mappings.program]\n\
         Nursing = \"Career and Technical Education\"\n\
         Welding = { code = \"Career and Technical Education\", program-name = \"CTE Welding\" }",
    );
    let preferences = config.unwrap_or_else(|| panic!("{findings:?}")).preferences;
    let name = |local: &str| preferences.mapped(&PROGRAM, local).unwrap().name.clone();
    assert_eq!((name("Nursing"), name("Welding")), (None, Some("CTE Welding".to_owned())));
    let (config, findings) =
        read("[mappings.program]\nWelding = { code = \"Career and Technical Education\", session-name = \"x\" }");
    assert!(config.is_none() && findings[0].starts_with("unknown key"), "{findings:?}");
}

#[test]
fn a_status_is_true_or_false() {
    let (config, findings) = read("[mappings.student-status]\nCompleter = true\nParticipant = \"false\"");
    let preferences = config.unwrap_or_else(|| panic!("{findings:?}")).preferences;
    let completed = |local: &str| preferences.mapped(&STUDENT_STATUS, local).unwrap().is_true();
    assert_eq!((completed("Completer"), completed("Participant")), (true, false));
    for wrong in ["\"yes\"", "1", "{ code = \"true\" }"] {
        let (config, findings) = read(&format!("[mappings.student-status]\nCompleter = {wrong}"));
        assert!(config.is_none(), "{wrong}");
        assert!(["true or false", "boolean"].iter().any(|text| findings[0].contains(text)), "{findings:?}");
    }
}
