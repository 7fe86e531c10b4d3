//! Tokens: payments that are never made twice, whatever becomes of requests, answers and programs.

mod bank;
mod files;
mod payments;
mod received;
mod restarts;
mod secrets;
mod simulation;
