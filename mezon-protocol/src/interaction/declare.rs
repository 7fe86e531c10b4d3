//! Declaring the types of component ids.

/// Declares a type that is written into the ids of components: a struct, or an enum with a word for each variant.
///
/// In the brackets are the prefix, which no other type may have, and the version, which is raised when the fields change.
/// The type is `Debug` and `PartialEq`, and implements [`ComponentId`](crate::interaction::ComponentId).
///
/// ```
/// use mezon_protocol::{UserId, component_id};
///
/// component_id! {
///     /// Saves a record.
///     pub struct Save("expert-save", 2) { record: i64, note: Option<String> }
/// }
///
/// component_id! {
///     /// The buttons of the hunt.
///     pub enum Hunt("hunt", 1) {
///         Attack = "a" { target: UserId },
///         Flee = "f",
///     }
/// }
/// ```
#[macro_export]
macro_rules! component_id {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident($prefix:literal, $version:literal) {
            $($(#[$field_meta:meta])* $field:ident: $type:ty),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, PartialEq)]
        $vis struct $name {
            $($(#[$field_meta])* #[allow(missing_docs)] pub $field: $type),*
        }

        impl $crate::interaction::ComponentId for $name {
            const PREFIX: &'static str = $prefix;
            const VERSION: u8 = $version;

            #[allow(unused_variables)]
            fn write_fields(&self, fields: &mut $crate::interaction::FieldWriter) {
                $(fields.put(&self.$field);)*
            }

            #[allow(unused_variables)]
            fn read_fields(fields: &mut $crate::interaction::FieldReader<'_>) -> ::core::option::Option<Self> {
                ::core::option::Option::Some(Self { $($field: fields.take()?),* })
            }
        }
    };
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident($prefix:literal, $version:literal) {
            $(
                $(#[$variant_meta:meta])*
                $variant:ident = $word:literal $({ $($field:ident: $type:ty),* $(,)? })?
            ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, PartialEq)]
        #[allow(missing_docs)]
        $vis enum $name {
            $($(#[$variant_meta])* $variant $({ $($field: $type),* })?),*
        }

        impl $crate::interaction::ComponentId for $name {
            const PREFIX: &'static str = $prefix;
            const VERSION: u8 = $version;

            fn write_fields(&self, fields: &mut $crate::interaction::FieldWriter) {
                match self {
                    $(Self::$variant { $($($field),*)? } => {
                        fields.put_text($word);
                        $($(fields.put($field);)*)?
                    })*
                }
            }

            fn read_fields(fields: &mut $crate::interaction::FieldReader<'_>) -> ::core::option::Option<Self> {
                match fields.take_text()?.as_str() {
                    $($word => ::core::option::Option::Some(Self::$variant { $($($field: fields.take()?),*)? }),)*
                    _ => ::core::option::Option::None,
                }
            }
        }
    };
}

/// Declares an enum without fields that can be a field of a [`component_id!`](crate::component_id), with a word for each
/// variant.
///
/// ```
/// mezon_protocol::component_field! {
///     /// A page of a menu.
///     pub enum Tab { List = "l", Detail = "d" }
/// }
/// ```
#[macro_export]
macro_rules! component_field {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal),* $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs)]
        $vis enum $name {
            $($(#[$variant_meta])* $variant),*
        }

        impl $crate::interaction::ComponentField for $name {
            fn write(&self, out: &mut ::std::string::String) {
                out.push_str(match self { $(Self::$variant => $word),* });
            }

            fn read(text: &str) -> ::core::option::Option<Self> {
                match text {
                    $($word => ::core::option::Option::Some(Self::$variant),)*
                    _ => ::core::option::Option::None,
                }
            }
        }
    };
}
