//! Grids of pictures.

use serde_json::{Map, Value};

use super::{Kind, Rest, Wrapper, payload_object};
use crate::content::json::{Json, Reader, Writer, read_list, write_list};

/// A grid of pictures. Newer than the platform's own builders; what clients make of it is not certain.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Grid {
    /// Its id.
    pub id: String,
    /// How many columns it has.
    pub columns: Option<u32>,
    /// How many rows it has.
    pub rows: Option<u32>,
    /// What is in it.
    pub items: Vec<GridItem>,
    /// Address of the picture that holds all frames.
    pub url_image: Option<String>,
    /// Address of the JSON that says where in the picture each frame is.
    pub url_position: Option<String>,
    rest: Rest,
}

impl Grid {
    /// A grid of so many columns and rows.
    pub fn new(id: impl Into<String>, columns: u32, rows: u32) -> Self {
        Self { id: id.into(), columns: Some(columns), rows: Some(rows), ..Self::default() }
    }

    /// With one more item.
    #[must_use]
    pub fn item(mut self, item: GridItem) -> Self {
        self.items.push(item);
        self
    }

    /// With the picture that holds all frames, and the JSON that says where in it each frame is, by their addresses.
    #[must_use]
    pub fn images(mut self, url_image: impl Into<String>, url_position: impl Into<String>) -> Self {
        self.url_image = Some(url_image.into());
        self.url_position = Some(url_position.into());
        self
    }
}

/// An item of a [`Grid`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct GridItem {
    /// How many columns it takes.
    pub width: Option<u32>,
    /// How many rows it takes.
    pub height: Option<u32>,
    /// The column in which it begins (`start_col`).
    pub start_column: Option<u32>,
    /// The row in which it begins.
    pub start_row: Option<u32>,
    rest: Map<String, Value>,
}

impl GridItem {
    /// An item of this size, wherever there is room.
    pub fn new(width: u32, height: u32) -> Self {
        Self { width: Some(width), height: Some(height), ..Self::default() }
    }

    /// Beginning in this column and row.
    #[must_use]
    pub const fn at(mut self, column: u32, row: u32) -> Self {
        self.start_column = Some(column);
        self.start_row = Some(row);
        self
    }
}

impl Json for GridItem {
    fn read(value: Value) -> Option<Self> {
        let mut reader = Reader::new(value)?;
        Some(Self {
            width: reader.integer("width"),
            height: reader.integer("height"),
            start_column: reader.integer("start_col"),
            start_row: reader.integer("start_row"),
            rest: reader.rest(),
        })
    }

    fn write(self) -> Value {
        Writer::default()
            .put_some("width", self.width)
            .put_some("height", self.height)
            .put_some("start_col", self.start_column)
            .put_some("start_row", self.start_row)
            .end(self.rest)
    }
}

impl Kind for Grid {
    const TYPE: i32 = 7;

    fn read(id: String, mut wrapper: Reader, payload: Value) -> Option<Self> {
        let mut payload = payload_object(payload)?;
        Some(Self {
            id,
            columns: wrapper.integer("columns"),
            rows: wrapper.integer("rows"),
            items: read_list(payload.list("items")),
            url_image: payload.text("url_image"),
            url_position: payload.text("url_position"),
            rest: Rest::of(wrapper, payload),
        })
    }

    fn write(self) -> Wrapper {
        let mut other = self.rest.wrapper;
        for (key, number) in [("columns", self.columns), ("rows", self.rows)] {
            if let Some(number) = number {
                other.insert(key.to_owned(), number.into());
            }
        }
        let payload = Writer::default()
            .put("items", write_list(self.items))
            .put_some("url_image", self.url_image)
            .put_some("url_position", self.url_position)
            .end(self.rest.payload);
        Wrapper { id: self.id, other, payload }
    }
}
