//! Messages that are edited again and again: menus, polls, answers that are still being written.

use std::time::Duration;

use super::Backend;
use crate::call::{EditTarget, FlushEdits, SetEdit};
use crate::content::Content;
use crate::id::MessageId;

/// A message whose latest content is what counts.
///
/// [`set`](Self::set) may be called as often as there is something new: the edits are made at most every 400 ms, one at a
/// time, each with what was set last, and the last that was set is always sent. All handles on the same message work
/// together.
///
/// A failed edit is logged, and reported by [`flush`](Self::flush); it is not made again by itself.
#[derive(Clone, Debug)]
pub struct Editable<B> {
    target: EditTarget,
    gap: Duration,
    backend: B,
}

/// The least time between the starts of two edits of one message.
const GAP: Duration = Duration::from_millis(400);

impl<B: Backend> Editable<B> {
    pub(crate) const fn new(target: EditTarget, backend: B) -> Self {
        Self { target, gap: GAP, backend }
    }

    /// With another least time between the starts of two edits. Default 400 ms.
    #[must_use]
    pub const fn min_gap(mut self, gap: Duration) -> Self {
        self.gap = gap;
        self
    }

    /// The message.
    pub const fn id(&self) -> MessageId {
        self.target.message_id
    }

    /// Says what the message is to say next, in place of what was set before and is not under way yet; gives nothing, and
    /// that at once. Mentions and attachments stay unless the content brings its own.
    ///
    /// It fails only with what can be seen to be wrong before sending.
    #[doc(alias = "UpdateChannelMessage")]
    pub fn set(&self, content: impl Into<Content>) -> B::Outcome<()> {
        self.backend.call(SetEdit { target: self.target.clone(), content: content.into(), gap: self.gap })
    }

    /// Waits until what was set last before has been sent; gives nothing, or the error of that edit.
    pub fn flush(&self) -> B::Outcome<()> {
        self.backend.call(FlushEdits::new(self.target.message_id))
    }
}
