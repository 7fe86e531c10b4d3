//! Declaring types for the arguments of commands.

/// Declares a struct that the arguments of a command are read into. Its fields name them, in help texts and in errors.
///
/// ```
/// use mezon_protocol::command::{Command, FromArgs};
/// use mezon_protocol::{UserId, command_args};
///
/// command_args! {
///     /// Who gets how much, and why.
///     pub struct Transfer { to: UserId, amount: u64, note: Option<String> }
/// }
///
/// assert_eq!(Transfer::usage(Transfer::NAMES), "<to> <amount> [note...]");
/// let command = Command::new("transfer").args::<Transfer>(&[]);
/// ```
#[macro_export]
macro_rules! command_args {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty),+ $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        $vis struct $name {
            $($(#[$field_meta])* #[allow(missing_docs)] pub $field: $type),+
        }

        impl $crate::command::FromArgs for $name {
            const NAMES: &'static [&'static str] = &[$(stringify!($field)),+];

            fn from_args(
                args: &$crate::command::Args,
            ) -> ::core::result::Result<Self, $crate::command::ArgsError> {
                let mut reader = $crate::command::ArgReader::new(args);
                let mut left = Self::NAMES.len();
                $(
                    left -= 1;
                    let $field = reader.take(::core::option::Option::Some(stringify!($field)), left == 0)?;
                )+
                reader.finish()?;
                ::core::result::Result::Ok(Self { $($field),+ })
            }

            fn usage(names: &[&str]) -> ::std::string::String {
                let mut left = Self::NAMES.len();
                let mut names = names.iter();
                let mut usages = ::std::vec::Vec::new();
                $(
                    left -= 1;
                    let name = names.next().copied().unwrap_or(stringify!($field));
                    usages.push(<$type as $crate::command::FromArg>::usage(name, left == 0));
                )+
                usages.join(" ")
            }
        }
    };
}
