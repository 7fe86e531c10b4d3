//! Where a channel is: what must be known to send into it.
