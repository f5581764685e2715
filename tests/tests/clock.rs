//! A system clock that tells a time which cannot be: an ordinary error, before anything is read or written.
#![cfg(all(target_os = "linux", feature = "kansas"))]

use std::fs;
use std::process::Command;

use rollcall_tests::program::Ended;
use rollcall_tests::tiny;

/// Stands before the system's own function in the program.
const CLOCK: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *at) {
    int (*system)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
    int told = system(clock, at);
    if (clock == CLOCK_REALTIME) {
        at->tv_sec = SECONDS;
    }
    return told;
}
"#;

#[test]
fn a_time_that_cannot_be_ends_a_command_before_it_begins() {
    let place = tiny::place("http://127.0.0.1:1");
    let (source, library) = (place.path().join("clock.c"), place.path().join("clock.so"));
    fs::write(&source, CLOCK).expect("the folder is ours");
    for seconds in ["-86400", "9000000000000000000"] {
        // The compiler that a build of the program needs.
        let mut compiler = Command::new("cc");
        compiler
            .args(["-shared", "-fPIC", &format!("-DSECONDS={seconds}"), "-o"])
            .args([&library, &source])
            .arg("-ldl");
        assert!(compiler.status().expect("there is a C compiler").success());
        for command in ["sync", "status", "sandbox"] {
            let ended: Ended =
                place.command(&[command]).env("LD_PRELOAD", &library).output().expect("it starts").into();
            let error = ended.expect(1).error();
            assert!(error.starts_with("the system's clock tells a time "), "{command}: {}", ended.stderr);
            assert!(ended.stderr.contains("hint: set the system's date and time"), "{command}: {}", ended.stderr);
        }
        assert!(!place.ledger().exists());
    }
}
