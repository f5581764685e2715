//! The error log through the program: each row of the documents' error tables, the answers of newer servers, what is told
//! of the SIS behind them, and who may see what.
#![cfg(all(feature = "kansas", feature = "core-edfi"))]

mod absent;
mod documents;
mod held;
mod hostile;
mod newer_servers;
mod office;
mod retry;
mod selection;
mod words;
