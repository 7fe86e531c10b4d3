//! Minimal handles on what was pushed, until the object model has them.

use std::fmt;
use std::sync::Arc;

use super::MessageData;
use crate::id::UserId;
use crate::proto::{api, realtime};

/// A message that was pushed.
#[derive(Clone)]
pub struct Message<B> {
    data: Arc<MessageData>,
    backend: B,
}

impl<B> Message<B> {
    /// A message from what was pushed.
    pub fn from_push(data: Arc<MessageData>, backend: B) -> Self {
        Self { data, backend }
    }

    /// What was pushed.
    pub fn data(&self) -> &MessageData {
        &self.data
    }

    /// What runs its calls.
    pub fn backend(&self) -> &B {
        &self.backend
    }
}

impl<B> fmt::Debug for Message<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Message").field(&self.data).finish()
    }
}

/// A button that was pressed.
#[derive(Clone)]
pub struct ButtonClick<B> {
    data: Box<realtime::MessageButtonClicked>,
    backend: B,
}

impl<B> ButtonClick<B> {
    /// A click from what was pushed.
    pub fn new(data: Box<realtime::MessageButtonClicked>, backend: B) -> Self {
        Self { data, backend }
    }

    /// What was pushed.
    pub fn to_proto(&self) -> &realtime::MessageButtonClicked {
        &self.data
    }

    /// What runs its calls.
    pub fn backend(&self) -> &B {
        &self.backend
    }
}

impl<B> fmt::Debug for ButtonClick<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ButtonClick").field("message_id", &self.data.message_id).finish_non_exhaustive()
    }
}

/// A reaction that was added or taken back.
#[derive(Clone)]
pub struct ReactionEvent<B> {
    data: Box<api::MessageReaction>,
    own_id: UserId,
    backend: B,
}

impl<B> ReactionEvent<B> {
    /// A reaction from what was pushed.
    pub fn new(data: Box<api::MessageReaction>, own_id: UserId, backend: B) -> Self {
        Self { data, own_id, backend }
    }

    /// What was pushed.
    pub fn to_proto(&self) -> &api::MessageReaction {
        &self.data
    }

    /// Who we are.
    pub fn own_id(&self) -> UserId {
        self.own_id
    }

    /// What runs its calls.
    pub fn backend(&self) -> &B {
        &self.backend
    }
}

impl<B> fmt::Debug for ReactionEvent<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReactionEvent").field("message_id", &self.data.message_id).finish_non_exhaustive()
    }
}
