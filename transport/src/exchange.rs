//! One request with all its tries.

use std::fmt;
use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use backon::ExponentialBackoff;
use bytes::Bytes;
use reqwest::Client;
use url::Url;

use crate::auth::{Token, TokenSource};
use crate::config::RetryPolicy;
use crate::decision::{Decision, Operation, Seen, Server, Tally, decide};
use crate::halt::Halt;
use crate::meant::{Asked, Meant, Patience};
use crate::outage::{Gate, Pass};
use crate::outcome::{Cause, ReadError, Unknown};
use crate::pacing::{Course, Pacer};
use crate::resource::ResourcePath;
use crate::statistics::{ByResource, Counters};
use crate::tried::{Answered, Tried};
use crate::trouble::{Trouble, asks_to_wait, halted, refused_token};

/// What every request of a connection shares.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) http: Client,
    pub(crate) session: Box<dyn TokenSource>,
    pub(crate) retry: RetryPolicy,
    pub(crate) pacer: Pacer,
    pub(crate) gate: Gate,
    pub(crate) halt: Halt,
    /// What is asked, without a token, whether the server is back: the discovery document.
    pub(crate) probe: Url,
    /// What the last try met that found the server away.
    pub(crate) trouble: Mutex<Option<Trouble>>,
    pub(crate) counters: Counters,
    /// The last token that the server took.
    pub(crate) good_token: AtomicU64,
    /// How many requests were begun, repeats not counted.
    pub(crate) begun: AtomicU64,
    pub(crate) by_resource: ByResource,
}

/// What a request asks for, with each of its tries. Shown as in errors: `POST ed-fi/students`.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) operation: Operation,
    pub(crate) resource: &'a ResourcePath,
    pub(crate) url: &'a Url,
    pub(crate) body: Option<&'a Bytes>,
}

impl fmt::Display for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.operation.as_str(), self.resource)
    }
}

/// What is known of a request after its tries so far.
struct Story {
    begun: Instant,
    tally: Tally,
    patience: Patience,
    /// The waits between tries, once there was one.
    delays: Option<ExponentialBackoff>,
    /// What a try may have left at the server, as far as nobody knows.
    left: Option<Unknown>,
}

impl Exchange {
    /// Sends a request until it has a final answer or [`decide`] gives up.
    pub(crate) async fn send(&self, call: Call<'_>) -> Result<Answered, ReadError> {
        let mut story = Story::new(self.begun.fetch_add(1, Ordering::Relaxed));
        match self.tries(call, &mut story).await {
            Err(ReadError::Stop(error)) if story.left.is_none() => Err(ReadError::Stop(error.that_left_nothing())),
            answered => answered,
        }
    }

    async fn tries(&self, call: Call<'_>, story: &mut Story) -> Result<Answered, ReadError> {
        let mut held = None;
        loop {
            let Some(turn) = self.halt.unless_asked(pin!(self.turn(held.take(), call))).await else {
                let left = story.left.take();
                return Err(left.map_or_else(|| ReadError::Stop(halted(call)), ReadError::Unknown));
            };
            let (pass, place, token) = turn?;
            self.counters.sent(call.operation, call.body.map_or(0, Bytes::len), story.tally.attempts + 1);
            let (started, served) = (Instant::now(), self.pacer.served());
            let tried = self.attempt(call, &token).await;
            let took = started.elapsed();
            // Waits between tries do not count as in flight.
            drop(place);

            let meanwhile = self.pacer.served() - served;
            let decision = self.judge(call, story, &tried, (&pass, &token), Course { took, meanwhile });
            // If this was the only one that went, it is another's turn; but who was shown a page goes again before that, as it is
            // about the record if it comes again.
            held = (story.tally.blocked && matches!(decision, Decision::RetryAfter(_))).then_some(pass);
            let attempts = story.tally.attempts;
            match decision {
                Decision::Done => return Ok(tried.into_answered(attempts)),
                Decision::RetryAfter(told) => self.sleep(story.wait(told, &tried, &self.retry)).await,
                Decision::Pause => self.note_trouble(&tried, call),
                Decision::RenewToken => match self.halt.unless_asked(self.session.renew(&token)).await {
                    Some(Ok(_)) => story.tally.renewed += 1,
                    Some(Err(error)) => self.no_token(error)?,
                    None => {}
                },
                Decision::Refused(class) => {
                    let refused = tried.into_answer().into_refused(call.operation, class, attempts);
                    return Err(ReadError::Refused(refused));
                }
                Decision::Unknown => return Err(ReadError::Unknown(tried.unknown(attempts))),
                Decision::PutOff => {
                    return Err(ReadError::Unknown(Unknown { cause: Cause::ToldToWait, ..tried.unknown(attempts) }));
                }
                Decision::Stop if story.tally.server == Server::Gone => {
                    self.note_trouble(&tried, call);
                    return Err(ReadError::Stop(self.gone(call)));
                }
                Decision::Stop => return Err(ReadError::Stop(refused_token(call))),
                Decision::StopFor(wait) => return Err(ReadError::Stop(asks_to_wait(call, wait))),
            }
        }
    }

    /// Takes in what came of a try, decides what happens next, and has the other requests feel it.
    fn judge(
        &self,
        call: Call<'_>,
        story: &mut Story,
        tried: &Tried,
        (pass, token): (&Pass<'_>, &Token),
        course: Course,
    ) -> Decision {
        let seen = tried.seen(call.operation);
        let was_open = self.gate.is_open() || self.gate.is_doubtful();
        let page = matches!(seen, Seen::Foreign(_)) && call.operation != Operation::Read;
        story.tally.blocked = page && self.gate.is_about_the_record(pass);
        story.tally.meant = self.meant(Asked::of(&seen, self.pacer.served(), was_open), &mut story.patience);
        self.count(story, &seen);
        self.note_token(story, tried, token);
        if tried.may_have_written(call.operation) {
            story.left = Some(tried.unknown(story.tally.attempts));
        }
        let decision = decide(&seen, call.operation, &story.tally, &self.retry);
        if page && matches!(decision, Decision::Refused(_)) {
            self.gate.note_blocked(pass);
        }
        self.note_traffic(call, story, tried, course.took);
        if !was_open {
            self.pacer.restart();
        } else if !matches!(seen, Seen::Foreign(_)) && story.tally.meant.is_none_or(|meant| meant == Meant::All) {
            // How soon a page comes tells nothing of the API's pace, and nobody else waits for what is not about all.
            let told = if let Decision::RetryAfter(told) = decision { told } else { None };
            self.pacer.feel(story.patience.request, tried, told, course);
        }
        decision
    }

    /// Who is meant, where a try was asked for patience.
    fn meant(&self, asked: Option<Asked>, patience: &mut Patience) -> Option<Meant> {
        let Some(asked) = asked else {
            patience.over();
            return None;
        };
        Some(self.pacer.asked(patience, asked))
    }

    fn count(&self, story: &mut Story, seen: &Seen<'_>) {
        let tally = &mut story.tally;
        let doubted = tally.meant.is_some_and(|meant| !meant.is_for_others());
        tally.count(seen, self.gate.note(seen, doubted));
        tally.waited = story.begun.elapsed();
        tally.troubled = self.gate.troubled().unwrap_or_default();
    }

    /// Notes whether the server took the token.
    fn note_token(&self, story: &mut Story, tried: &Tried, token: &Token) {
        if tried.status() == Some(401) {
            story.tally.token_was_good = self.good_token.load(Ordering::Relaxed) >= token.serial();
        } else if matches!(tried, Tried::Answer { .. }) {
            self.good_token.fetch_max(token.serial(), Ordering::Relaxed);
        }
    }

    fn note_traffic(&self, call: Call<'_>, story: &Story, tried: &Tried, took: Duration) {
        let attempt = story.tally.attempts;
        self.by_resource.note(call.resource, call.body.map_or(0, Bytes::len), attempt, took);
        tracing::debug!(
            method = call.operation.as_str(), resource = %call.resource, status = tried.status(), attempt,
            millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX), "request"
        );
    }

    /// Waits before a repeat, or until there is to be none.
    async fn sleep(&self, wait: Duration) {
        self.halt.unless_asked(tokio::time::sleep(wait)).await;
    }
}

impl Story {
    fn new(request: u64) -> Self {
        Self {
            begun: Instant::now(),
            tally: Tally::default(),
            patience: Patience::of(request),
            delays: None,
            left: None,
        }
    }

    /// How long the request waits before it repeats the try, for which it was told a time or not.
    fn wait(&mut self, told: Option<Duration>, tried: &Tried, policy: &RetryPolicy) -> Duration {
        let is_alone = self.tally.meant.is_some_and(Meant::is_about_itself);
        if let Some(wait) = told.filter(|_| !is_alone) {
            return wait;
        }
        // Who is throttled waits with everyone (see `Pacer::throttled`), and only a little longer.
        let wait = if tried.status() == Some(429) && !is_alone {
            policy.delays().next()
        } else {
            self.delays.get_or_insert_with(|| policy.delays()).next()
        };
        told.unwrap_or_default() + wait.unwrap_or_default()
    }
}
