//! The states' pages in `docs/states/` are what `rollcall describe <state> --format markdown` prints.
//!
//! After a change of a state's data, write them anew: `ROLLCALL_WRITE_PAGES=1 cargo test -p rollcall-tests --test
//! state_pages`.

use std::fs;

use rollcall_tests::workspace;

#[test]
fn every_state_has_its_page_and_the_page_is_true() {
    let registry = rollcall::registry().unwrap();
    let folder = workspace::root().join("docs/states");
    for state in registry.states() {
        let page = rollcall::state_page(&registry.state(state.code).unwrap());
        let path = folder.join(format!("{}.md", state.code));
        if std::env::var_os("ROLLCALL_WRITE_PAGES").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &page).unwrap();
        }
        let written = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            written == page,
            "docs/states/{}.md is not what `describe` says; see the head of this test",
            state.code
        );
    }
}
