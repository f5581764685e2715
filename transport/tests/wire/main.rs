//! The client against a real HTTP server on a real socket.

mod answers;
mod connecting;
mod lost;
mod stub;
mod tokens;
