//! The client against a real HTTP server on a real socket.

mod alone;
mod answers;
mod blocked;
mod connecting;
mod halted;
mod hostile;
mod lost;
mod outage;
mod paging;
mod stub;
mod tokens;
