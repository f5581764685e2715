//! Being told to stop: Ctrl-C, and on Unix SIGTERM and SIGHUP too.

use std::future::poll_fn;
use std::io;
use std::sync::OnceLock;
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::exit::Exit;

/// What comes so soon after the first is the first once more: `timeout` and a terminal that is closed send to the program
/// and to its group.
const SAME: Duration = Duration::from_millis(500);

#[cfg(unix)]
type Signal = tokio::signal::unix::Signal;
#[cfg(windows)]
type Signal = tokio::signal::windows::CtrlC;

/// Signals with what a person calls them.
struct Signals(Vec<(&'static str, Signal)>);

/// Whether somebody wants the program to stop.
#[derive(Clone)]
pub(crate) struct Stop {
    asked: watch::Receiver<Option<&'static str>>,
}

impl Stop {
    /// From here on the first signal is only noted. A second one ends the program at once, whatever it is at: the signals have
    /// a thread of their own, since a plan keeps the others busy.
    pub(crate) fn listen() -> io::Result<Self> {
        static LISTENING: OnceLock<Stop> = OnceLock::new();
        if let Some(stop) = LISTENING.get() {
            return Ok(stop.clone());
        }
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let mut signals = {
            let _inside = runtime.enter();
            Signals::take()?
        };
        let (told, asked) = watch::channel(None);
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            runtime.block_on(async {
                told.send_replace(Some(signals.next().await));
                let soon = Instant::now() + SAME;
                while timeout_at(soon, signals.next()).await.is_ok() {}
                signals.next().await;
            });
            // Who asks twice waits for nothing; what is in flight the next run sends again.
            std::process::exit(Exit::Stopped as i32)
        })?;
        Ok(LISTENING.get_or_init(|| Self { asked }).clone())
    }

    /// By what it was told to.
    pub(crate) fn signal(&self) -> Option<&'static str> {
        *self.asked.borrow()
    }

    /// Waits until it is told to; by what.
    pub(crate) async fn asked(&self) -> &'static str {
        let mut asked = self.asked.clone();
        match asked.wait_for(Option::is_some).await.map(|signal| *signal) {
            Ok(Some(signal)) => signal,
            // Nobody can tell any more.
            _ => std::future::pending().await,
        }
    }
}

impl Signals {
    #[cfg(unix)]
    fn take() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [
            ("Ctrl-C", SignalKind::interrupt()),
            ("SIGTERM", SignalKind::terminate()),
            ("SIGHUP", SignalKind::hangup()),
        ];
        let heeded = kinds.into_iter().filter(|(_, kind)| !is_ignored(kind.as_raw_value()));
        heeded.map(|(name, kind)| Ok((name, signal(kind)?))).collect::<io::Result<_>>().map(Self)
    }

    #[cfg(windows)]
    fn take() -> io::Result<Self> {
        Ok(Self(vec![("Ctrl-C", tokio::signal::windows::ctrl_c()?)]))
    }

    /// The next one that comes.
    async fn next(&mut self) -> &'static str {
        poll_fn(|context| {
            let come = |(name, signal): &mut (&'static str, Signal)| {
                matches!(signal.poll_recv(context), Poll::Ready(Some(()))).then_some(*name)
            };
            self.0.iter_mut().find_map(come).map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}

/// Whether who started the program has it pass over a signal: `nohup` does so with SIGHUP. Where the system does not say so
/// in a file, no signal is passed over.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    ignored >> (signal - 1) & 1 == 1
}
