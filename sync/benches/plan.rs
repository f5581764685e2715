//! How long a plan takes, and how much memory: docs/performance.md, "The plan".
//!
//! `cargo bench -p rollcall-sync --bench plan` makes a sample district of a million student section associations once (`ROLLCALL_BENCH_STUDENTS`
//! says another size), then runs each task three times, each time in a process of its own, so that its peak of memory
//! is its own, and prints the median, and its ratio to reading the same files with the csv crate alone.

mod plan_tasks;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::Command;

use plan_tasks::{Figures, TASKS};

const RUNS: usize = 3;
/// Each has about 15 student section associations.
const STUDENTS: usize = 66_000;

fn main() -> io::Result<()> {
    let students = std::env::var("ROLLCALL_BENCH_STUDENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(STUDENTS);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("plan-bench-{students}"));
    if let Ok(task) = std::env::var("ROLLCALL_BENCH_TASK") {
        let figures = plan_tasks::run(&task, &folder, students);
        let Figures { seconds, cpu_seconds, rows, peak_kib } = figures;
        return writeln!(io::stdout(), "{seconds} {cpu_seconds} {rows} {peak_kib}");
    }
    measure("prepare", students)?;
    let mut out = io::stdout();
    let titles =
        ["seconds", "CPU s", "rows", "rows/s", "x csv", "CPU x csv", "MiB"].map(|title| format!("{title:>10}"));
    writeln!(out, "{:<12}{}", "task", titles.concat())?;
    let mut plain: Option<(f64, f64)> = None;
    for task in TASKS {
        let mut runs: Vec<Figures> = (0..RUNS).map(|_| measure(task, students)).collect::<io::Result<_>>()?;
        runs.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
        let median = &runs[RUNS / 2];
        let Figures { seconds, cpu_seconds, rows, peak_kib } = *median;
        let (csv, cpu_csv) = *plain.get_or_insert((seconds, cpu_seconds));
        let rate = rows / seconds;
        let (times, cpu_times) = (seconds / csv, cpu_seconds / cpu_csv);
        let mib = peak_kib / 1024.0;
        writeln!(
            out,
            "{task:<12}{seconds:>10.3}{cpu_seconds:>10.2}{rows:>10.0}{rate:>10.0}{times:>10.2}{cpu_times:>10.2}{mib:>10.0}"
        )?;
    }
    Ok(())
}

/// Runs a task in a process of its own.
fn measure(task: &str, students: usize) -> io::Result<Figures> {
    let output = Command::new(std::env::current_exe()?)
        .env("ROLLCALL_BENCH_TASK", task)
        .env("ROLLCALL_BENCH_STUDENTS", students.to_string())
        .stderr(std::process::Stdio::inherit())
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut figures = text.split_whitespace().map(|figure| figure.parse::<f64>().unwrap_or_default());
    let mut next = || figures.next().unwrap_or_default();
    if !output.status.success() {
        return Err(io::Error::other(format!("{task} failed")));
    }
    Ok(Figures { seconds: next(), cpu_seconds: next(), rows: next(), peak_kib: next() })
}
