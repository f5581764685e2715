//! Entries of the error log: what was refused, what nobody knows the outcome of, what was not sent and why.

use std::sync::{Arc, PoisonError};

use rollcall_core::verdict::ObjectKey;
use rollcall_ledger::{Change, Details, Failure, Operation, Outcome, Root};
use rollcall_transport::{Outcome as Answer, Refused, Unknown};

use super::{Job, Prepared, Run};
use crate::advice::{self, Advice, Case, Known};
use crate::naming::asks_for_association;
use crate::plan::{Defect, Held};

/// What keeps records from the ODS: the record at the beginning of the chain, and why it is not there. Shared by all that
/// wait for it.
#[derive(Clone)]
pub(super) struct Blocker {
    root: Arc<Root>,
    why: Arc<str>,
    fix: Arc<str>,
}

impl Blocker {
    /// A record that an answer leaves otherwise than it should be; none when it was done.
    pub(super) fn of(resource: &'static str, prepared: &Prepared, answer: &Answer) -> Option<Self> {
        let object = prepared.object;
        let (why, fix) = match answer {
            Answer::Done(_) => return None,
            Answer::Refused(refused) => {
                let what = if prepared.operation == Operation::Delete { "the delete of " } else { "" };
                (
                    format!("{what}{resource} {object} was refused ({}, status {})", refused.class, refused.status),
                    format!("mend the error of {resource} {object}; what waits for it then goes out by itself"),
                )
            }
            Answer::Unknown(_) | Answer::Stop(_) => (
                format!("nobody knows yet whether the ODS has {resource} {object}"),
                "nothing to mend here: the next sync tries it again, and what waits for it".to_owned(),
            ),
        };
        let natural_key = Some(prepared.rekeyed.as_ref().unwrap_or(&prepared.natural_key).clone());
        let root = Root { resource: resource.to_owned(), natural_key, object: Some(object) };
        Some(Self { root: Arc::new(root), why: why.into(), fix: fix.into() })
    }
}

impl Job<'_, '_> {
    /// An entry of the error log with nothing in it yet.
    fn failure(&self, resource: &'static str, object: ObjectKey) -> Failure {
        Failure {
            run: self.run.number,
            at: (self.run.now)(),
            resource,
            object,
            natural_key: None,
            operation: None,
            outcome: Outcome::Unknown,
            status: None,
            class: String::new(),
            message: String::new(),
            fix: String::new(),
            waits_for: None,
            payload: None,
            details: Details::default(),
        }
    }

    /// The defects of one object.
    pub(super) fn defect(&self, resource: &'static str, defects: &[Defect]) -> Change {
        let lines = |text: fn(&Defect) -> String| {
            let mut lines: Vec<String> = defects.iter().map(text).collect();
            lines.dedup();
            lines.join("\n")
        };
        // The class names the first element; each message of several names its own.
        let first = &defects[0];
        let message =
            if defects.len() == 1 { first.message.clone() } else { lines(|d| format!("{}: {}", d.element, d.message)) };
        Change::Failed(Box::new(Failure {
            outcome: Outcome::Defect,
            class: first.element.clone(),
            message,
            fix: lines(|defect| defect.fix.clone()),
            details: Details { element: Some(first.element.clone()), ..Details::default() },
            ..self.failure(resource, first.object)
        }))
    }

    /// A record that was not sent, since one that it refers to is not at the ODS.
    pub(super) fn held(
        &self,
        resource: &'static str,
        prepared: &Prepared,
        (reference, upstream): (&str, &'static str),
        blocker: &Blocker,
    ) -> Change {
        let message = format!("{} → {reference}: the {upstream} record is not at the ODS", prepared.object);
        self.blocked(resource, prepared, message, upstream.to_owned(), blocker)
    }

    /// A record that was not deleted, since one that refers to it could not be.
    pub(super) fn kept(&self, resource: &'static str, prepared: &Prepared, blocker: &Blocker) -> Change {
        let downstream = blocker.root.resource.clone();
        let message = format!("a {downstream} record that names this one could not be deleted");
        self.blocked(resource, prepared, message, downstream, blocker)
    }

    fn blocked(
        &self,
        resource: &'static str,
        prepared: &Prepared,
        message: String,
        waits_for: String,
        blocker: &Blocker,
    ) -> Change {
        Change::Failed(Box::new(Failure {
            natural_key: Some(prepared.natural_key.clone()),
            operation: Some(prepared.operation),
            outcome: Outcome::Held,
            class: "held".to_owned(),
            message,
            fix: blocker.fix.to_string(),
            waits_for: Some(waits_for),
            payload: Some(prepared.body.to_vec()),
            details: Details {
                causes: vec![blocker.why.to_string()],
                root: Some(Arc::clone(&blocker.root)),
                ..Details::default()
            },
            ..self.failure(resource, prepared.object)
        }))
    }

    /// Why a record that another one refers to is not among those that the plan sends or leaves: the rules say it.
    pub(super) fn absent(&self, held: &Held) -> Blocker {
        let (config, upstream) = (self.run.config, held.upstream);
        let absent = config.state.resource(upstream).map(|resource| {
            let mut absentees = self.absentees.lock().unwrap_or_else(PoisonError::into_inner);
            absentees.find(&self.known(), held.object, resource, held.upstream_key)
        });
        let object = absent.as_ref().and_then(|absent| absent.object);
        let root = Root { resource: upstream.to_owned(), natural_key: None, object };
        let (why, fix) = absent.map_or_else(
            || (format!("the {upstream} record is not at the ODS"), String::new()),
            |absent| (absent.why.clone(), absent.fix.clone()),
        );
        Blocker { root: Arc::new(root), why: why.into(), fix: fix.into() }
    }

    /// Whether what this run sends later can make a record of the resource visible: a student's association does, for the
    /// student's records. Nothing does for a school that is not the key's.
    pub(super) fn may_become_visible(&self, resource: &str) -> bool {
        resource == "students" || asks_for_association(self.run.checker, resource)
    }

    /// A record that the ODS refused.
    pub(super) fn refused(&self, resource: &'static str, prepared: &Prepared, refused: &Refused) -> Change {
        let advice = self.advise(resource, prepared.object, refused);
        Change::Failed(Box::new(Failure {
            natural_key: Some(prepared.natural_key.clone()),
            operation: Some(prepared.operation),
            outcome: Outcome::Refused,
            status: Some(refused.status),
            class: refused.class.as_str().to_owned(),
            message: refused.message().to_owned(),
            fix: advice.fixes.join("\n"),
            payload: Some(prepared.body.to_vec()),
            details: Details {
                element: advice.element,
                causes: advice.causes,
                urn: refused.urn.clone(),
                correlation_id: refused.correlation_id.clone(),
                root: None,
            },
            ..self.failure(resource, prepared.object)
        }))
    }

    fn advise(&self, resource: &'static str, object: ObjectKey, refused: &Refused) -> Advice {
        let Some(resource) = self.run.config.state.resource(resource) else { return Advice::default() };
        let mut absentees = self.absentees.lock().unwrap_or_else(PoisonError::into_inner);
        advice::advise(&self.known(), &mut absentees, &Case { resource, object, refused })
    }

    fn known(&self) -> Known<'_> {
        let Run { config, cx, checker, .. } = self.run;
        Known { cx: *cx, state: &config.state, checker }
    }

    /// A record of which nobody knows whether the ODS has it.
    pub(super) fn unknown(&self, resource: &'static str, prepared: &Prepared, unknown: Option<&Unknown>) -> Change {
        Change::Failed(Box::new(Failure {
            natural_key: Some(prepared.natural_key.clone()),
            operation: Some(prepared.operation),
            outcome: Outcome::Unknown,
            status: unknown.and_then(|unknown| unknown.status),
            class: unknown.map_or("stopped", |unknown| unknown.cause.as_str()).to_owned(),
            message: unknown.map_or_else(|| "the run stopped before an answer came".to_owned(), ToString::to_string),
            fix: match unknown.and_then(|unknown| unknown.cause.hint()) {
                None => "nothing to mend here: the next sync sends it again, which is safe".to_owned(),
                Some(hint) => format!("the next sync sends it again; {hint}"),
            },
            payload: Some(prepared.body.to_vec()),
            ..self.failure(resource, prepared.object)
        }))
    }
}
