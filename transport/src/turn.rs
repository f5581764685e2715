//! Whose turn it is: a try waits for the server, for a place and for a token.

use std::time::Duration;

use reqwest::header::{ACCEPT, HeaderValue};
use reqwest::{Method, Request};

use crate::answer::is_web_page;
use crate::auth::Token;
use crate::decision::{PROXY_LOGIN, Server};
use crate::error::TransportError;
use crate::exchange::{Call, Exchange};
use crate::http::{content_type, retry_after};
use crate::outage::{Closed, Pass, Probed};
use crate::outcome::ReadError;
use crate::pacing::Place;
use crate::trouble::asks_to_wait;

/// Longest wait between two questions whether the server is back.
const LONGEST_PROBE_DELAY: Duration = Duration::from_secs(10);

impl Exchange {
    /// Waits until a try may begin: for the server, for a place, and for a token.
    pub(crate) async fn turn<'a>(
        &'a self,
        mut held: Option<Pass<'a>>,
        call: Call<'_>,
    ) -> Result<(Pass<'a>, Place<'a>, Token), ReadError> {
        loop {
            let pass = match self.wait_for_the_server(held.take()).await {
                Ok(pass) => pass,
                Err(Closed::Gone) => return Err(ReadError::Stop(self.gone(call))),
                Err(Closed::For(wait)) => return Err(ReadError::Stop(asks_to_wait(call, wait))),
            };
            let place = self.pacer.place().await;
            if !self.gate.is_open() && !pass.is_trial() {
                // The server went away while this one waited for its place.
                continue;
            }
            // Only now, as waiting for a place can outlast a token.
            if let Some(token) = self.session.current() {
                return Ok((pass, place, token));
            }
            match self.session.token().await {
                Ok(token) => return Ok((pass, place, token)),
                Err(error) => self.no_token(error)?,
            }
        }
    }

    /// No token was to be had. While the server that gives them is away, that is waited for like the API itself.
    pub(crate) fn no_token(&self, error: TransportError) -> Result<(), ReadError> {
        if error.may_pass() && self.gate.note_no_token() != Server::Gone { Ok(()) } else { Err(ReadError::Stop(error)) }
    }

    async fn wait_for_the_server<'a>(&'a self, held: Option<Pass<'a>>) -> Result<Pass<'a>, Closed> {
        if self.gate.is_open() {
            return Ok(Pass::Open);
        }
        let delays = self.retry.delays().map(|delay| delay.min(LONGEST_PROBE_DELAY));
        // In a box of its own: each request has room for what it may wait for, and few wait for this.
        Box::pin(self.gate.pass(held, delays, || self.probe())).await
    }

    /// Whether the server answers again, asked without a token and without a record.
    async fn probe(&self) -> Probed {
        let mut request = Request::new(Method::GET, self.probe.clone());
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        match self.http.execute(request).await {
            Ok(response) if matches!(response.status().as_u16(), PROXY_LOGIN | 429 | 502..=504 | 520..=530) => {
                Probed::Away(retry_after(response.headers()).filter(|wait| !wait.is_zero()))
            }
            // The discovery document is JSON: a page is that of a maintenance, or of a proxy.
            Ok(response) if content_type(response.headers()).is_some_and(is_web_page) => Probed::Away(None),
            Ok(_) => Probed::Back,
            Err(_) => Probed::Away(None),
        }
    }
}
