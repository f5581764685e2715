//! Being told to stop: no further try is begun, and who only waits for one waits no longer.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Whether a connection's requests are to come to an end.
#[derive(Debug, Default)]
pub(crate) struct Halt {
    asked: AtomicBool,
    woken: Notify,
}

impl Halt {
    pub(crate) fn ask(&self) {
        self.asked.store(true, Ordering::Release);
        self.woken.notify_waiters();
    }

    pub(crate) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Acquire)
    }

    /// What waiting comes to; none when the requests are to end before.
    pub(crate) async fn unless_asked<T>(&self, waiting: impl Future<Output = T>) -> Option<T> {
        if self.is_asked() {
            return None;
        }
        tokio::select! {
            // Most have nothing to wait for.
            biased;
            done = waiting => Some(done),
            () = self.asked() => None,
        }
    }

    async fn asked(&self) {
        // Hears of it from here on, so that nothing is missed between the look and the wait.
        let woken = self.woken.notified();
        if !self.is_asked() {
            woken.await;
        }
    }
}
