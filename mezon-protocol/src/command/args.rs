//! The arguments of a command, and reading them into types.

use super::word::Word;
use super::{ArgProblem, ArgsError, FromArg};
use crate::command::error::shortened;

/// The arguments of a command: what was written after its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Args {
    text: String,
    words: Vec<Word>,
}

impl Args {
    /// What stands in a text; the words are those of it.
    pub(super) fn new(text: String, words: Vec<Word>) -> Self {
        Self { text, words }
    }

    /// All of it, as it was written.
    pub fn text(&self) -> &str {
        self.text_from(0)
    }

    /// Its words: quoted texts and mentions are one word each.
    pub fn words(&self) -> &[Word] {
        &self.words
    }

    /// Reads all of it into a tuple of up to six values, or into a type that
    /// [`command_args!`](crate::command_args) declares.
    ///
    /// ```
    /// # use mezon_protocol::command::Args;
    /// # fn read(args: &Args) -> Result<(), mezon_protocol::command::ArgsError> {
    /// let (level, name): (i64, String) = args.parse()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ArgsError`], with the first argument that is wrong.
    pub fn parse<T: FromArgs>(&self) -> Result<T, ArgsError> {
        T::from_args(self)
    }

    /// The text from a word on.
    fn text_from(&self, word: usize) -> &str {
        match (self.words.get(word), self.words.last()) {
            (Some(first), Some(last)) => &self.text[first.range.start..last.range.end],
            _ => "",
        }
    }
}

/// A type that the arguments of a command can be read into: a tuple of up to six [`FromArg`]s, or what
/// [`command_args!`](crate::command_args) declares.
pub trait FromArgs: Sized {
    /// The names of the arguments; none where they have no names.
    const NAMES: &'static [&'static str] = &[];

    /// Reads them.
    ///
    /// # Errors
    ///
    /// [`ArgsError`], with the first argument that is wrong.
    fn from_args(args: &Args) -> Result<Self, ArgsError>;

    /// How each argument is written in a help text, given its name.
    fn usage(names: &[&str]) -> String;
}

/// Reads arguments one after the other.
#[derive(Debug)]
pub struct ArgReader<'a> {
    args: &'a Args,
    next: usize,
}

impl<'a> ArgReader<'a> {
    /// From the first on.
    pub const fn new(args: &'a Args) -> Self {
        Self { args, next: 0 }
    }

    /// True if there is nothing more.
    pub fn is_empty(&self) -> bool {
        self.next >= self.args.words.len()
    }

    /// The next word.
    pub fn word(&mut self) -> Option<&'a Word> {
        let word = self.args.words.get(self.next)?;
        self.next += 1;
        Some(word)
    }

    /// All that is left, as it was written; without the quotes if it is one quoted text. `None` if nothing is left.
    pub fn rest(&mut self) -> Option<&'a str> {
        let first = self.args.words.get(self.next)?;
        let rest = self.args.text_from(self.next);
        let is_one = self.next + 1 == self.args.words.len();
        self.next = self.args.words.len();
        Some(if is_one && first.is_quoted { first.text() } else { rest })
    }

    /// The next value; the last of a command may take more than one word.
    ///
    /// # Errors
    ///
    /// [`ArgsError`].
    pub fn take<T: FromArg>(&mut self, name: Option<&str>, is_last: bool) -> Result<T, ArgsError> {
        let position = self.next + 1;
        let error = |problem| ArgsError { position, name: name.map(str::to_owned), problem };
        T::take(self, is_last).map_err(error)
    }

    /// Ends the reading.
    ///
    /// # Errors
    ///
    /// `Unexpected` if something is left.
    pub fn finish(mut self) -> Result<(), ArgsError> {
        let position = self.next + 1;
        let Some(word) = self.word() else { return Ok(()) };
        let problem = ArgProblem::Unexpected { given: shortened(word.text()) };
        Err(ArgsError { position, name: None, problem })
    }
}

macro_rules! tuples {
    ($($len:literal: $($type:ident $index:literal)*;)*) => {$(
        impl<$($type: FromArg),*> FromArgs for ($($type,)*) {
            fn from_args(args: &Args) -> Result<Self, ArgsError> {
                let mut reader = ArgReader::new(args);
                let read = ($(reader.take::<$type>(None, $index + 1 == $len)?,)*);
                reader.finish()?;
                Ok(read)
            }

            fn usage(names: &[&str]) -> String {
                let name = |index: usize| names.get(index).copied().unwrap_or("value");
                [$($type::usage(name($index), $index + 1 == $len)),*].join(" ")
            }
        }
    )*};
}

tuples! {
    1: A 0;
    2: A 0 B 1;
    3: A 0 B 1 C 2;
    4: A 0 B 1 C 2 D 3;
    5: A 0 B 1 C 2 D 3 E 4;
    6: A 0 B 1 C 2 D 3 E 4 F 5;
}

/// No arguments at all.
impl FromArgs for () {
    fn from_args(args: &Args) -> Result<Self, ArgsError> {
        ArgReader::new(args).finish()
    }

    fn usage(_: &[&str]) -> String {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::super::word::words;
    use super::*;
    use crate::content::Mention;
    use crate::id::{RoleId, UserId};

    fn args(text: &str) -> Args {
        Args::new(text.to_owned(), words(text, 0, &[]))
    }

    fn problem<T: FromArgs>(text: &str) -> (usize, ArgProblem) {
        let error = args(text).parse::<T>().err().expect("an error");
        (error.position, error.problem)
    }

    #[test]
    fn the_last_text_takes_the_rest_as_it_was_written() {
        assert_eq!(args("12 Nguyễn  Văn\nA ").parse(), Ok((12_i64, "Nguyễn  Văn\nA".to_owned())));
        assert_eq!(args(r#"12 "Nguyễn Văn A""#).parse(), Ok((12_i64, "Nguyễn Văn A".to_owned())));
        assert_eq!(args(r#"12 "a" b"#).parse(), Ok((12_i64, r#""a" b"#.to_owned())));
        assert_eq!(args(r#""a b" c d"#).parse(), Ok(("a b".to_owned(), "c d".to_owned())));
    }

    #[test]
    fn numbers_flags_and_ids_are_read_and_checked() {
        assert_eq!(args("-5 2.5 yes 7").parse(), Ok((-5_i32, 2.5_f64, true, UserId::new(7))));
        assert_eq!(problem::<(i64,)>("abc"), (1, ArgProblem::invalid("a whole number", "abc")));
        assert_eq!(problem::<(u8,)>("256"), (1, ArgProblem::invalid("a whole number from 0 to 255", "256")));
        assert_eq!(problem::<(f64,)>("NaN"), (1, ArgProblem::invalid("a number", "NaN")));
        assert_eq!(problem::<(i64, bool)>("1 maybe"), (2, ArgProblem::invalid("yes or no", "maybe")));
        assert_eq!(problem::<(UserId,)>("bob"), (1, ArgProblem::invalid("a user", "bob")));
        assert_eq!(problem::<(UserId,)>("0"), (1, ArgProblem::invalid("a user", "0")));
    }

    #[test]
    fn what_is_missing_or_too_much_is_told() {
        assert_eq!(problem::<(i64, String)>("12"), (2, ArgProblem::Missing));
        assert_eq!(problem::<(i64,)>(""), (1, ArgProblem::Missing));
        assert_eq!(problem::<(i64,)>("1 2"), (2, ArgProblem::Unexpected { given: "2".into() }));
        assert_eq!(problem::<()>("x"), (1, ArgProblem::Unexpected { given: "x".into() }));
        assert_eq!(args("").parse(), Ok(()));
    }

    #[test]
    fn options_may_be_absent_and_lists_take_all_that_is_left() {
        assert_eq!(args("1").parse(), Ok((1_i64, None::<i64>)));
        assert_eq!(args("1 2").parse(), Ok((1_i64, Some(2_i64))));
        assert_eq!(args("1 a b").parse(), Ok((1_i64, Some("a b".to_owned()))));
        assert_eq!(args("x 1 2 3").parse(), Ok(("x".to_owned(), vec![1_u8, 2, 3])));
        assert_eq!(args("x").parse(), Ok(("x".to_owned(), Vec::<u8>::new())));
        assert_eq!(problem::<(i64, Vec<u8>)>("1 2 x").1, ArgProblem::invalid("a whole number from 0 to 255", "x"));
    }

    #[test]
    fn mentions_are_users_and_roles() {
        let text = "@Nguyễn Văn A @admins 5";
        let (user, role) = (Mention::user(UserId::new(7)).at(0..13), Mention::role(RoleId::new(9)).at(14..21));
        let placed = super::super::word::place(text, vec![user.clone(), role]);
        let args = Args::new(text.to_owned(), words(text, 0, &placed));
        assert_eq!(args.parse(), Ok((UserId::new(7), RoleId::new(9), 5_i64)));
        assert_eq!(args.parse::<(Mention, String)>().unwrap().0, user);
        assert!(args.parse::<(RoleId, String)>().is_err());
    }

    #[test]
    fn a_usage_names_the_arguments() {
        assert_eq!(<(i64, String)>::usage(&["level", "name"]), "<level> <name...>");
        assert_eq!(<(String, Option<u8>)>::usage(&["name", "count"]), "<name> [count]");
        assert_eq!(<(Vec<UserId>,)>::usage(&["users"]), "[users...]");
        assert_eq!(<(Option<String>,)>::usage(&[]), "[value...]");
    }
}
