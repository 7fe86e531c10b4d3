//! Animations: slot machines and the like.

use serde_json::{Map, Value};

use super::{Kind, Wrapper};
use crate::content::json::{Json, Reader, Writer};
use crate::lenient;

/// Pictures that change, such as the reels of a slot machine.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Animation {
    /// Its id.
    pub id: String,
    /// What it shows.
    pub config: AnimationConfig,
    rest: Map<String, Value>,
}

impl Animation {
    /// An animation.
    pub fn new(id: impl Into<String>, config: AnimationConfig) -> Self {
        Self { id: id.into(), config, ..Self::default() }
    }
}

/// What an [`Animation`] shows: frames of one large picture.
///
/// ```
/// use mezon_protocol::content::AnimationConfig;
///
/// let config = AnimationConfig::new("https://example.com/sheet.png", "https://example.com/sheet.json")
///     .reel(["cherry.png", "lemon.png", "seven.png"])
///     .reel(["seven.png", "cherry.png", "lemon.png"])
///     .repeat(3)
///     .duration(0.35);
/// # assert_eq!(config.pool.len(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct AnimationConfig {
    /// Address of the picture that holds all frames.
    pub url_image: String,
    /// Address of the JSON that says where in the picture each frame is.
    pub url_position: String,
    /// The names of the frames in their order, for each reel. One reel is sent as a list of names, several as a list of
    /// such lists.
    pub pool: Vec<Vec<String>>,
    /// How often the frames run through.
    pub repeat: Option<u32>,
    /// How long they take, in the client's unit.
    pub duration: Option<f64>,
    /// Whether the frames move from above to below.
    pub vertical: bool,
    /// Whether only the result is shown, as a number (`isResult`).
    pub is_result: Option<i32>,
    rest: Map<String, Value>,
}

impl AnimationConfig {
    /// The picture with all frames, and the JSON that says where in it each frame is, by their addresses.
    pub fn new(url_image: impl Into<String>, url_position: impl Into<String>) -> Self {
        Self { url_image: url_image.into(), url_position: url_position.into(), ..Self::default() }
    }

    /// With one more reel, by the names of its frames.
    #[must_use]
    #[doc(alias = "pool")]
    pub fn reel<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.pool.push(names.into_iter().map(Into::into).collect());
        self
    }

    /// Running through so often.
    #[must_use]
    pub const fn repeat(mut self, repeat: u32) -> Self {
        self.repeat = Some(repeat);
        self
    }

    /// Taking so long. A number that is not finite is not sent.
    #[must_use]
    pub fn duration(mut self, duration: impl Into<f64>) -> Self {
        self.duration = Some(duration.into());
        self
    }

    /// Moving from above to below, or not.
    #[must_use]
    pub const fn vertical(mut self, vertical: bool) -> Self {
        self.vertical = vertical;
        self
    }

    /// Showing the result only: the platform's number for it.
    #[must_use]
    pub const fn is_result(mut self, is_result: i32) -> Self {
        self.is_result = Some(is_result);
        self
    }
}

impl Json for AnimationConfig {
    fn read(value: Value) -> Option<Self> {
        let mut reader = Reader::new(value)?;
        Some(Self {
            url_image: reader.text("url_image").unwrap_or_default(),
            url_position: reader.text("url_position").unwrap_or_default(),
            pool: read_pool(&reader.list("pool")),
            repeat: reader.integer("repeat"),
            duration: reader.number("duration"),
            vertical: reader.flag("vertical"),
            is_result: reader.integer("isResult"),
            rest: reader.rest(),
        })
    }

    fn write(mut self) -> Value {
        let pool = if self.pool.len() == 1 { self.pool.remove(0).into() } else { Value::from(self.pool) };
        Writer::default()
            .put("url_image", self.url_image)
            .put("url_position", self.url_position)
            .put("pool", pool)
            .put_some("repeat", self.repeat)
            .put_number("duration", self.duration.filter(|duration| duration.is_finite()))
            .put_true("vertical", self.vertical)
            .put_some("isResult", self.is_result)
            .end(self.rest)
    }
}

/// A list of names is one reel.
fn read_pool(pool: &[Value]) -> Vec<Vec<String>> {
    let names = |list: &[Value]| list.iter().filter_map(lenient::scalar).collect::<Vec<_>>();
    if pool.iter().any(Value::is_array) {
        return pool.iter().filter_map(Value::as_array).map(|reel| names(reel)).collect();
    }
    if pool.is_empty() { Vec::new() } else { vec![names(pool)] }
}

impl Kind for Animation {
    const TYPE: i32 = 6;

    fn read(id: String, wrapper: Reader, payload: Value) -> Option<Self> {
        let payload = if payload.is_null() { Value::Object(Map::new()) } else { payload };
        Some(Self { id, config: AnimationConfig::read(payload)?, rest: wrapper.rest() })
    }

    fn write(self) -> Wrapper {
        Wrapper { id: self.id, other: self.rest, payload: self.config.write() }
    }
}
