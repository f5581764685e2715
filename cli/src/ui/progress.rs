//! Progress on a terminal and in a log.

use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use rollcall_sync::plan::Action;
use rollcall_sync::progress::Progress;

const TEMPLATE: &str = "{msg:36} {bar:30} {pos:>7}/{len} {rate:>9} {eta:>5}";

/// Bars, for a terminal.
pub(super) struct Bars {
    bar: Mutex<Option<ProgressBar>>,
}

impl Bars {
    pub(super) fn new() -> Self {
        Self { bar: Mutex::new(None) }
    }

    fn with(&self, act: impl FnOnce(&mut Option<ProgressBar>)) {
        // A panic elsewhere is no reason to lose the run to its progress bar.
        act(&mut self.bar.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    }
}

impl Progress for Bars {
    fn begin(&self, resource: &str, action: Action, total: usize) {
        let bar = ProgressBar::new(total as u64);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style.with_key("rate", |state: &ProgressState, to: &mut dyn std::fmt::Write| {
                write!(to, "{:.0}/s", state.per_sec()).unwrap_or_default();
            }));
        }
        bar.set_message(title(resource, action));
        self.with(|slot| *slot = Some(bar));
    }

    fn advance(&self) {
        self.with(|slot| {
            if let Some(bar) = slot {
                bar.inc(1);
            }
        });
    }

    fn end(&self) {
        self.with(|slot| {
            if let Some(bar) = slot.take() {
                bar.finish();
            }
        });
    }
}

/// A line for each resource, for logs.
pub(super) struct Lines {
    current: Mutex<Option<(String, Instant)>>,
    done: AtomicUsize,
}

impl Lines {
    pub(super) fn new() -> Self {
        Self { current: Mutex::new(None), done: AtomicUsize::new(0) }
    }
}

impl Progress for Lines {
    fn begin(&self, resource: &str, action: Action, _: usize) {
        self.done.store(0, Ordering::Relaxed);
        let mut current = self.current.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *current = Some((title(resource, action), Instant::now()));
    }

    fn advance(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    fn end(&self) {
        let mut current = self.current.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((title, started)) = current.take() {
            let seconds = started.elapsed().as_secs_f64();
            let done = self.done.load(Ordering::Relaxed);
            writeln!(anstream::stderr().lock(), "{title}: {done} requests in {seconds:.1} s").ok();
        }
    }
}

fn title(resource: &str, action: Action) -> String {
    match action {
        Action::Delete => format!("delete {resource}"),
        Action::Create | Action::Update => format!("send {resource}"),
    }
}
