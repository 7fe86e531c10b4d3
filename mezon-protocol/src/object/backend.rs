//! What runs the calls: the seam between the handles and an adapter.

use crate::call::Call;
use crate::memory::Memory;

/// The means by which a handle's calls are run; each adapter has one.
///
/// Handles are generic over it, so that `channel.send("hi").await?` and `channel.send("hi")?` are the same method.
pub trait Backend: Clone + Send + Sync + 'static {
    /// What a call returns: a future of a `Result` on the async runtimes, the `Result` itself on the blocking one.
    type Outcome<T: Send + 'static>;

    /// Runs a call.
    fn call<C: Call>(&self, call: C) -> Self::Outcome<C::Output>;

    /// Lends what the client remembers, for a moment: `access` does not block and does not call the backend. By itself
    /// a backend remembers nothing.
    fn memory<T>(&self, access: impl FnOnce(&mut Memory) -> T) -> T {
        access(&mut Memory::off())
    }
}
