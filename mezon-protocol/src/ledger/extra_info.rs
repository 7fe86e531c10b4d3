//! What a transaction carries beside its note: an object of texts.

/// The extra info of a transaction: texts by key, in an order of their own.
///
/// The ledger tells the platform of a payment only if all values are texts, and `type` is one that it knows; so nothing
/// else can be put in. It becomes part of what is signed, as the text that [`to_json`](Self::to_json) gives.
///
/// ```
/// use mezon_protocol::ledger::ExtraInfo;
///
/// let mut info = ExtraInfo::new();
/// info.set("type", "transfer_token");
/// info.set("note", "a|b");
/// assert_eq!(info.to_json(), r#"{"type":"transfer_token","note":"a\u007cb"}"#);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExtraInfo(Vec<(String, String)>);

impl ExtraInfo {
    /// Without any key.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Sets a key; one that is there keeps its place.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<String>) {
        let (key, value) = (key.into(), value.into());
        match self.0.iter_mut().find(|(name, _)| *name == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key, value)),
        }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    /// All keys with their values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The JSON text, without blanks. A vertical bar is escaped: what is signed is separated by bars, and one more could
    /// let somebody else read the same signed bytes as another payment.
    pub fn to_json(&self) -> String {
        // outside of texts a JSON object of texts has no bar
        self.to_plain_json().replace('|', "\\u007c")
    }

    /// The JSON text as other clients write it, bars and all.
    pub fn to_plain_json(&self) -> String {
        let mut text = String::from("{");
        for (place, (key, value)) in self.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            text.extend([comma, &quoted(key), ":", &quoted(value)]);
        }
        text + "}"
    }

    /// Reads JSON text. `None` unless it is an object, all values of which are texts.
    pub fn from_json(text: &str) -> Option<Self> {
        let map: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).ok()?;
        let pairs = map.into_iter().map(|(key, value)| Some((key, value.as_str()?.to_owned())));
        pairs.collect::<Option<_>>().map(Self)
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a text always serialises")
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for ExtraInfo {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(pairs: T) -> Self {
        let mut info = Self::new();
        info.extend(pairs);
        info
    }
}

impl<K: Into<String>, V: Into<String>> Extend<(K, V)> for ExtraInfo {
    fn extend<T: IntoIterator<Item = (K, V)>>(&mut self, pairs: T) {
        pairs.into_iter().for_each(|(key, value)| self.set(key, value));
    }
}
