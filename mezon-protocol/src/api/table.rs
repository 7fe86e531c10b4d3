//! The macros of the tables: a line becomes a type, a group a slice of rows.

/// The calls of one group: `Name = index, kind, request => response;`.
///
/// The index is `http` for a call that has none; the kind `reads` for one that may be made twice, else `writes`, or
/// `writes_slowly` if its answer takes long. After the response may stand `lenient`: servers disagree on the answer, and
/// one that cannot be read counts as empty.
macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident = $index:tt, $kind:ident, $request:ty => $response:ty $(, $lenient:ident)?;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub enum $name {}

            impl $crate::api::Method for $name {
                const RPC: $crate::api::Rpc = $crate::api::Rpc {
                    name: stringify!($name),
                    index: methods!(@index $index),
                    idempotent: methods!(@idempotent $kind),
                    timeout: methods!(@timeout $kind),
                };
                type Request = $request;
                type Response = $response;
                $(methods!(@$lenient);)?
            }
        )*

        pub(super) const RPCS: &[$crate::api::Rpc] = &[$(<$name as $crate::api::Method>::RPC),*];

        pub(super) fn visit_group(visitor: &mut impl $crate::api::Visit) {
            $(visitor.visit::<$name>();)*
        }
    };
    (@index http) => { None };
    (@index $index:literal) => { Some($index) };
    (@idempotent reads) => { true };
    (@idempotent $writes:ident) => { false };
    (@timeout writes_slowly) => { Some($crate::api::SLOW) };
    (@timeout $kind:ident) => { None };
    (@lenient) => {
        fn decode(body: ::bytes::Bytes) -> Result<Self::Response, ::prost::DecodeError> {
            Ok(::prost::Message::decode(body).unwrap_or_default())
        }
    };
}

/// The groups, one file each, and the whole that they make up.
macro_rules! groups {
    ($($group:ident,)*) => {
        $(
            pub mod $group;
            #[doc(no_inline)]
            pub use $group::*;
        )*

        const GROUPS: &[&[$crate::api::Rpc]] = &[$($group::RPCS),*];

        /// Shows every call to a visitor, group by group.
        pub fn visit(visitor: &mut impl Visit) {
            $($group::visit_group(visitor);)*
        }
    };
}
