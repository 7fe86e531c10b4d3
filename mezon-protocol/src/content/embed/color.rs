//! Colours of embeds.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use crate::content::json::Json;
use crate::lenient;

/// The colours from which the platform's builders pick one.
pub const PALETTE: [Color; 18] = [
    Color(0x1A_BC9C),
    Color(0x11_806A),
    Color(0x57_F287),
    Color(0x1F_8B4C),
    Color(0x34_98DB),
    Color(0x20_6694),
    Color(0x9B_59B6),
    Color(0x71_368A),
    Color(0xE9_1E63),
    Color(0xAD_1457),
    Color(0xF1_C40F),
    Color(0xC2_7C0E),
    Color(0xE6_7E22),
    Color(0xA8_4300),
    Color(0xED_4245),
    Color(0x99_2D22),
    Color(0xBC_C0C0),
    Color(0xFF_FF00),
];

/// A colour, `0xRRGGBB`. Displayed and sent as `#RRGGBB`.
///
/// ```
/// use mezon_protocol::content::Color;
///
/// assert_eq!("#5865f2".parse(), Ok(Color::new(0x5865F2)));
/// assert_eq!(Color::new(0x5865F2).to_string(), "#5865F2");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Color(u32);

impl Color {
    /// A colour by its number, `0xRRGGBB`; the highest eight bits do not count.
    pub const fn new(rgb: u32) -> Self {
        Self(rgb & 0xFF_FFFF)
    }

    /// A colour by its parts.
    pub const fn rgb(red: u8, green: u8, blue: u8) -> Self {
        Self(u32::from_be_bytes([0, red, green, blue]))
    }

    /// Its number, `0xRRGGBB`.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// One of the [`PALETTE`], the same for the same seed.
    pub fn from_palette(seed: u64) -> Self {
        PALETTE[fastrand::Rng::with_seed(seed).usize(..PALETTE.len())]
    }
}

impl From<u32> for Color {
    fn from(rgb: u32) -> Self {
        Self::new(rgb)
    }
}

/// A text is no colour: neither six hexadecimal digits, with `#` or without, nor a decimal number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no colour of the form #RRGGBB")]
pub struct InvalidColor;

/// From `#RRGGBB`, `RRGGBB`, `0xRRGGBB`, or the decimal number of the colour. Six decimal digits are hexadecimal.
impl FromStr for Color {
    type Err = InvalidColor;

    fn from_str(text: &str) -> Result<Self, InvalidColor> {
        let text = text.trim();
        let hex = text.strip_prefix('#').or_else(|| text.strip_prefix("0x"));
        let digits = hex.unwrap_or(text);
        if digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return u32::from_str_radix(digits, 16).map(Self).map_err(|_| InvalidColor);
        }
        if hex.is_some() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidColor);
        }
        text.parse().ok().filter(|number| *number <= 0xFF_FFFF).map(Self).ok_or(InvalidColor)
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:06X}", self.0)
    }
}

impl Json for Color {
    /// As a text, but "0" and numbers below 1 are none.
    fn read(value: Value) -> Option<Self> {
        let number = if value.is_number() { lenient::integer(Some(&value)) } else { None };
        if let Some(number) = number {
            return u32::try_from(number).ok().filter(|number| (1..=0xFF_FFFF).contains(number)).map(Self);
        }
        value.as_str()?.parse().ok().filter(|_| value != "0")
    }

    fn write(self) -> Value {
        self.to_string().into()
    }
}
