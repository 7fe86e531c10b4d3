//! Amounts of tokens.

use std::fmt;
use std::str::FromStr;

use primitive_types::U256;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::Error;

/// An amount of tokens, exact: a whole number of base units, of which a token has 10⁶, below 2²⁵⁶.
///
/// Integers stand for whole tokens, text for tokens with at most six digits after the point.
///
/// ```
/// use mezon_protocol::ledger::{Amount, InvalidAmount};
///
/// let amount: Amount = "1.50".parse()?;
/// assert_eq!(amount, Amount::from_base_units(1_500_000));
/// assert_eq!(amount.to_string(), "1.5");
/// assert_eq!(amount.checked_add(Amount::from_tokens(2)).map(Amount::base_units), Some("3500000".into()));
/// assert_eq!("0.0000001".parse::<Amount>(), Err(InvalidAmount::TooManyFractionDigits));
/// # Ok::<(), InvalidAmount>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(U256);

/// Why something is no [`Amount`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAmount {
    /// It is not written as an amount is: digits, perhaps a point and digits. Negative numbers are none.
    #[error("not an amount")]
    Syntax,
    /// It is no whole number of base units, or is not written as one.
    #[error("an amount has at most {DECIMALS} digits after the point", DECIMALS = Amount::DECIMALS)]
    TooManyFractionDigits,
    /// It has leading zeros or a sign, which the ledger would take for another text than what was signed.
    #[error("an amount in base units is written without leading zeros and sign")]
    NotCanonical,
    /// It is 2²⁵⁶ base units or more.
    #[error("the amount is too large")]
    TooLarge,
}

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(U256::zero());

    /// The largest amount, 2²⁵⁶ − 1 base units.
    pub const MAX: Self = Self(U256::MAX);

    /// How many decimal digits of a token there are: 10⁶ base units make one.
    pub const DECIMALS: u8 = 6;

    /// Whole tokens.
    pub fn from_tokens(tokens: u128) -> Self {
        Self(U256::from(tokens) * scale())
    }

    /// Base units.
    pub fn from_base_units(units: u128) -> Self {
        Self(units.into())
    }

    /// Reads base units as the ledger writes them: `0`, or digits of which the first is none.
    ///
    /// # Errors
    ///
    /// `NotCanonical` for what the ledger would take but not sign the same way, `Syntax` for anything else, `TooLarge`.
    pub fn parse_base_units(text: &str) -> Result<Self, InvalidAmount> {
        let digits = text.strip_prefix('+').unwrap_or(text);
        let amount = parse_digits(digits)?;
        let has_zeros = digits.len() > 1 && digits.starts_with('0');
        if has_zeros || digits.len() != text.len() { Err(InvalidAmount::NotCanonical) } else { Ok(Self(amount)) }
    }

    /// Reads an amount of something that has so many decimal digits; [`FromStr`] does so for tokens.
    ///
    /// # Errors
    ///
    /// `Syntax`, `TooManyFractionDigits`, `TooLarge`.
    pub fn parse_decimal(text: &str, decimals: u8) -> Result<Self, InvalidAmount> {
        let (whole, fraction) = match text.split_once('.') {
            Some((_, "")) => return Err(InvalidAmount::Syntax),
            Some(parts) => parts,
            None => (text, ""),
        };
        if !is_digits(whole) || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidAmount::Syntax);
        }
        let missing = usize::from(decimals).checked_sub(fraction.len()).ok_or(InvalidAmount::TooManyFractionDigits)?;
        parse_digits(&[whole, fraction, &"0".repeat(missing)].concat()).map(Self)
    }

    /// The base units, as the ledger writes them.
    pub fn base_units(self) -> String {
        self.0.to_string()
    }

    /// The base units, if they are not too many.
    pub fn as_base_units(self) -> Option<u128> {
        self.0.try_into().ok()
    }

    /// True for nothing.
    pub const fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// The sum, if it is not too large.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, if it is not negative.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }
}

/// How many base units a token has.
fn scale() -> U256 {
    U256::exp10(usize::from(Amount::DECIMALS))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn parse_digits(text: &str) -> Result<U256, InvalidAmount> {
    if !is_digits(text) {
        return Err(InvalidAmount::Syntax);
    }
    U256::from_dec_str(text).map_err(|_| InvalidAmount::TooLarge)
}

/// Reads tokens: digits, perhaps a point and one to six digits more.
impl FromStr for Amount {
    type Err = InvalidAmount;

    fn from_str(text: &str) -> Result<Self, InvalidAmount> {
        Self::parse_decimal(text, Self::DECIMALS)
    }
}

/// Shows tokens, without needless zeros.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = self.0.div_mod(scale());
        if fraction.is_zero() {
            return f.pad(&whole.to_string());
        }
        let fraction = format!("{:0>width$}", fraction.to_string(), width = usize::from(Self::DECIMALS));
        f.pad(&format!("{whole}.{}", fraction.trim_end_matches('0')))
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What stands for an amount: the amount itself, an integer of whole tokens, or text in tokens.
pub trait IntoAmount {
    /// The amount.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` when it is none, such as a negative number.
    fn into_amount(self) -> Result<Amount, Error>;
}

impl<T> IntoAmount for T
where
    T: TryInto<Amount>,
    Error: From<T::Error>,
{
    fn into_amount(self) -> Result<Amount, Error> {
        Ok(self.try_into()?)
    }
}

macro_rules! whole_tokens {
    ($($integer:ty)*) => {$(
        impl TryFrom<$integer> for Amount {
            type Error = InvalidAmount;

            fn try_from(tokens: $integer) -> Result<Self, InvalidAmount> {
                tokens.try_into().map(Self::from_tokens).map_err(|_| InvalidAmount::Syntax)
            }
        }
    )*};
}

whole_tokens! { i32 i64 u32 u64 u128 }

impl TryFrom<&str> for Amount {
    type Error = InvalidAmount;

    fn try_from(tokens: &str) -> Result<Self, InvalidAmount> {
        tokens.parse()
    }
}

impl TryFrom<String> for Amount {
    type Error = InvalidAmount;

    fn try_from(tokens: String) -> Result<Self, InvalidAmount> {
        tokens.parse()
    }
}

/// As text in base units, the way the ledger writes it.
impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// From base units, as text or as an integer.
impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BaseUnits)
    }
}

struct BaseUnits;

impl Visitor<'_> for BaseUnits {
    type Value = Amount;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an amount in base units")
    }

    fn visit_u64<E: de::Error>(self, units: u64) -> Result<Amount, E> {
        Ok(Amount::from_base_units(units.into()))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount, E> {
        Amount::parse_decimal(text, 0).map_err(E::custom)
    }
}
