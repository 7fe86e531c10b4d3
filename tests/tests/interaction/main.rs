//! What bots do with people: edits of which only the latest counts (C12), the outbox (C11), clicks, forms, commands.

mod clicks;
mod commands;
mod editable;
mod hostile;
mod once;
mod outbox;
mod patience;
mod scene;
