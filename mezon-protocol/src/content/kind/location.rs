//! Messages that show a place on a map.

use serde_json::json;

use crate::content::utf16::utf16_len;
use crate::content::{Content, MessageCode};

const BEFORE: &str = "https://www.google.com/maps?q=";
const AFTER: &str = "&z=14&t=m&mapclient=embed";

/// A place on a map, a message with code 17.
///
/// ```
/// use mezon_protocol::Content;
/// use mezon_protocol::content::Location;
///
/// let hanoi = Location::new(21.0285, 105.8542);
/// let content = Content::from(hanoi);
/// assert_eq!(content.as_text(), "https://www.google.com/maps?q=21.0285,105.8542&z=14&t=m&mapclient=embed");
/// assert_eq!(content.location(), Some(hanoi));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Location {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

impl Location {
    /// A place by degrees north and east.
    pub const fn new(latitude: f64, longitude: f64) -> Self {
        Self { latitude, longitude }
    }
}

impl From<Location> for Content {
    fn from(location: Location) -> Self {
        let text = format!("{BEFORE}{},{}{AFTER}", location.latitude, location.longitude);
        let end = utf16_len(text.as_bytes());
        // links stand in both lists here, the older and the newer one
        Self::text(text)
            .with("lk", json!([{ "s": 0, "e": end }]))
            .with("mk", json!([{ "s": 0, "e": end, "type": "lk" }]))
            .code(MessageCode::Location)
    }
}

impl Content {
    /// The place that it shows, if that is what it does.
    pub fn location(&self) -> Option<Location> {
        let place = self.as_text().trim().strip_prefix(BEFORE)?.split('&').next()?;
        let (latitude, longitude) = place.split_once(',')?;
        let degrees = |text: &str| text.trim().parse().ok().filter(|degrees: &f64| degrees.is_finite());
        Some(Location { latitude: degrees(latitude)?, longitude: degrees(longitude)? })
    }
}
