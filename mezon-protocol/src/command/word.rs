//! Cutting a text into words: quoted texts and mentions are one word each.

use std::ops::Range;

use crate::content::Mention;

/// A word of a command's arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub(super) text: String,
    pub(super) mention: Option<Mention>,
    pub(super) is_quoted: bool,
    /// Where it stands in the whole text, in bytes, quotes included.
    pub(super) range: Range<usize>,
}

impl Word {
    /// What it says, without the quotes around it; for a mention the text that it covers.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Who it mentions, if it is a mention.
    pub const fn mention(&self) -> Option<&Mention> {
        self.mention.as_ref()
    }
}

/// Words that are cut at most: what comes after them is one word.
const MAX_WORDS: usize = 256;

/// Mentions that are looked at.
const MAX_MENTIONS: usize = 64;

/// A mention and the bytes of the text that it covers.
pub(super) type Placed = (Range<usize>, Mention);

/// Finds the bytes that mentions cover; those that cover nothing, or not whole characters, are left out.
pub(super) fn place(text: &str, mentions: Vec<Mention>) -> Vec<Placed> {
    let place = |mention: Mention| {
        let range = byte_at(text, mention.start)?..byte_at(text, mention.end)?;
        (range.start < range.end).then_some((range, mention))
    };
    mentions.into_iter().take(MAX_MENTIONS).filter_map(place).collect()
}

/// Where an offset in UTF-16 units is in bytes; `None` in the middle of a character and beyond the end.
fn byte_at(text: &str, offset: u32) -> Option<usize> {
    let mut units = 0;
    for (at, char) in text.char_indices() {
        if units >= offset {
            return (units == offset).then_some(at);
        }
        units += char.len_utf16() as u32;
    }
    (units == offset).then_some(text.len())
}

/// Cuts a text into words, from a byte on.
pub(super) fn words(text: &str, from: usize, mentions: &[Placed]) -> Vec<Word> {
    let mut words = Vec::new();
    let mut at = from;
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        if at >= text.len() {
            return words;
        }
        let word = if words.len() + 1 == MAX_WORDS {
            plain(text, at..at + text[at..].trim_end().len())
        } else {
            word_at(text, at, mentions)
        };
        at = word.range.end;
        words.push(word);
    }
}

fn word_at(text: &str, at: usize, mentions: &[Placed]) -> Word {
    if let Some((range, mention)) = mentions.iter().find(|(range, _)| range.start == at) {
        return Word { mention: Some(mention.clone()), ..plain(text, range.clone()) };
    }
    if let Some(word) = quoted(text, at) {
        return word;
    }
    let rest = &text[at..];
    let end = at + rest.find(char::is_whitespace).unwrap_or(rest.len());
    let next_mention = mentions.iter().map(|(range, _)| range.start).filter(|start| *start > at && *start < end).min();
    plain(text, at..next_mention.unwrap_or(end))
}

fn plain(text: &str, range: Range<usize>) -> Word {
    Word { text: text[range.clone()].to_owned(), mention: None, is_quoted: false, range }
}

/// A text in quotes, straight or curly as phones write them; inside, a backslash takes the next character as it is. What
/// is never closed is not quoted.
fn quoted(text: &str, at: usize) -> Option<Word> {
    let mut chars = text[at..].char_indices();
    let close = match chars.next()?.1 {
        '"' => '"',
        '“' => '”',
        '«' => '»',
        _ => return None,
    };
    let mut value = String::new();
    while let Some((offset, char)) = chars.next() {
        if char == close {
            let range = at..at + offset + char.len_utf8();
            return Some(Word { text: value, mention: None, is_quoted: true, range });
        }
        value.push(if char == '\\' { chars.next()?.1 } else { char });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::UserId;

    fn texts(text: &str) -> Vec<String> {
        words(text, 0, &[]).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn words_are_cut_at_blanks_and_quotes_hold_them_together() {
        assert_eq!(texts("  a  b\n\tc "), ["a", "b", "c"]);
        assert_eq!(texts(r#"say "two words" “và hai” «нет да»"#), ["say", "two words", "và hai", "нет да"]);
        assert_eq!(texts(r#""a \"b\" c" d"#), [r#"a "b" c"#, "d"]);
        assert_eq!(texts(r#""" x"#), ["", "x"]);
    }

    #[test]
    fn what_is_never_closed_is_not_quoted() {
        assert_eq!(texts(r#""a b"#), ["\"a", "b"]);
        assert_eq!(texts(r#"5" pipe"#), ["5\"", "pipe"]);
        assert_eq!(texts(r#""a\"#), ["\"a\\"]);
    }

    #[test]
    fn a_mention_is_one_word_and_its_offsets_are_utf16() {
        let text = "😀 @Nguyễn Văn A,go";
        let mention = Mention::user(UserId::new(7)).at(3..16);
        let words = words(text, 0, &place(text, vec![mention.clone()]));
        let shown: Vec<_> = words.iter().map(|word| (word.text(), word.mention())).collect();
        assert_eq!(shown, [("😀", None), ("@Nguyễn Văn A", Some(&mention)), (",go", None)]);
    }

    #[test]
    fn mentions_that_cover_no_whole_characters_are_left_out() {
        let text = "😀 x";
        for (start, end) in [(1, 3), (0, 1), (3, 3), (3, 2), (0, 99), (98, 99)] {
            let mention = Mention::user(UserId::new(7)).at(start..end);
            assert!(place(text, vec![mention]).is_empty(), "{start}..{end}");
        }
        assert_eq!(place(text, vec![Mention::user(UserId::new(7)).at(3..4)])[0].0, 5..6);
    }

    #[test]
    fn the_number_of_words_is_bounded() {
        let words = words(&"a ".repeat(10_000), 0, &[]);
        assert_eq!(words.len(), MAX_WORDS);
        assert!(words[MAX_WORDS - 1].text.len() > 10_000);
    }
}
