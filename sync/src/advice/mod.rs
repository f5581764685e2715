//! What a refusal means, where it comes from and what to do about it: the error tables of the source documents and the
//! answers of newer servers, in our words, told for the one record.
//!
//! Nothing here holds a value of a personal column: the ODS's own words stand elsewhere.

mod absent;
mod reference;
mod refusal;
mod required;
mod table;
mod visibility;
mod words;

pub use absent::{Absent, Absentees};
pub(crate) use refusal::{Case, advise};
pub use table::{causes, fixes, says};

use rollcall_core::context::Context;
use rollcall_core::registry::StateView;

use crate::check::Checker;

/// What advice is given with.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// What rules see.
    pub cx: Context<'a>,
    /// The state and its resources.
    pub state: &'a StateView,
    /// The models.
    pub checker: &'a Checker,
}

/// Where a failure comes from and what to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Advice {
    /// The element that it is about, when that is known.
    pub element: Option<String>,
    /// The likely causes, the likeliest first.
    pub causes: Vec<String>,
    /// What to do, in this order.
    pub fixes: Vec<String>,
}

impl Advice {
    fn cause(&mut self, text: impl Into<String>) {
        push(&mut self.causes, text.into());
    }

    fn fix(&mut self, text: impl Into<String>) {
        push(&mut self.fixes, text.into());
    }
}

fn push(texts: &mut Vec<String>, text: String) {
    if !texts.contains(&text) {
        texts.push(text);
    }
}
