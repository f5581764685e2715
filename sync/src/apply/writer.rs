//! The ledger on a thread of its own: SQLite blocks, and one transaction for many changes costs little more than for
//! one.

use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::JoinHandle;

use rollcall_core::model::{KeyHash, NaturalKey};
use rollcall_ledger::{Change, Ledger, LedgerError};
use tokio::sync::oneshot;

/// Most changes in one transaction.
const BATCH: usize = 2_000;

pub(super) type Identity = Option<(NaturalKey, Option<String>)>;

enum Command {
    /// Write, and say when it is done if somebody waits.
    Write(Vec<Change>, Option<oneshot::Sender<()>>),
    /// Read the natural keys and ODS ids of entries.
    Identities(&'static str, Vec<KeyHash>, oneshot::Sender<Vec<Identity>>),
}

/// Hands changes to the ledger's thread.
pub(super) struct Writer {
    commands: Sender<Command>,
    thread: JoinHandle<(Box<dyn Ledger>, Result<(), LedgerError>)>,
}

impl Writer {
    pub(super) fn start(ledger: Box<dyn Ledger>) -> Self {
        let (commands, receiver) = channel();
        Self { commands, thread: std::thread::spawn(move || serve(ledger, &receiver)) }
    }

    /// Writes changes; the answer comes when they stand. When the ledger has failed, it never comes, and the error is what
    /// [`Writer::finish`] gives: here it is only noticed.
    pub(super) fn write(&self, changes: Vec<Change>) -> oneshot::Receiver<()> {
        let (done, answer) = oneshot::channel();
        self.send(Command::Write(changes, Some(done)));
        answer
    }

    /// Writes changes some time soon, in order.
    pub(super) fn write_later(&self, changes: Vec<Change>) {
        self.send(Command::Write(changes, None));
    }

    /// The natural keys and ODS ids of entries.
    pub(super) fn identities(&self, resource: &'static str, keys: Vec<KeyHash>) -> oneshot::Receiver<Vec<Identity>> {
        let (done, answer) = oneshot::channel();
        self.send(Command::Identities(resource, keys, done));
        answer
    }

    /// Writes what is left and gives the ledger back.
    pub(super) fn finish(self) -> (Box<dyn Ledger>, Result<(), LedgerError>) {
        drop(self.commands);
        match self.thread.join() {
            Ok(finished) => finished,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    fn send(&self, command: Command) {
        // A closed channel means that the ledger failed; whoever waits for an answer learns it.
        self.commands.send(command).ok();
    }
}

/// Stands in for the ledger's own error, which [`Writer::finish`] gives.
pub(super) fn gone() -> LedgerError {
    LedgerError::Open { path: std::path::PathBuf::new(), reason: "the ledger failed before".to_owned() }
}

fn serve(mut ledger: Box<dyn Ledger>, commands: &Receiver<Command>) -> (Box<dyn Ledger>, Result<(), LedgerError>) {
    loop {
        let command = match next(ledger.as_mut(), commands) {
            Ok(Some(command)) => command,
            Ok(None) => return (ledger, Ok(())),
            Err(error) => return (ledger, Err(error)),
        };
        let mut changes = Vec::new();
        let mut waiting = Vec::new();
        let mut waits = Some(command);
        let mut reads = Vec::new();
        while let Some(command) = waits.take() {
            match command {
                Command::Write(more, done) => {
                    changes.extend(more);
                    waiting.extend(done);
                }
                // A read sees what was written before it, so it ends the batch.
                Command::Identities(resource, keys, done) => reads.push((resource, keys, done)),
            }
            if changes.len() < BATCH && reads.is_empty() {
                waits = commands.try_recv().ok();
            }
        }
        if let Err(error) = ledger.write(&changes) {
            return (ledger, Err(error));
        }
        for done in waiting {
            // Nobody waits any more when the run was cancelled.
            done.send(()).ok();
        }
        for (resource, keys, done) in reads {
            let found: Result<Vec<_>, _> = keys.iter().map(|key| ledger.identity(resource, *key)).collect();
            match found {
                Ok(identities) => {
                    done.send(identities).ok();
                }
                Err(error) => return (ledger, Err(error)),
            }
        }
    }
}

/// The next command; none when there will be no more. While there is none, the ledger tidies up.
fn next(ledger: &mut dyn Ledger, commands: &Receiver<Command>) -> Result<Option<Command>, LedgerError> {
    loop {
        match commands.try_recv() {
            Ok(command) => return Ok(Some(command)),
            Err(TryRecvError::Disconnected) => return Ok(None),
            Err(TryRecvError::Empty) => {
                if !ledger.tidy()? {
                    return Ok(commands.recv().ok());
                }
            }
        }
    }
}
