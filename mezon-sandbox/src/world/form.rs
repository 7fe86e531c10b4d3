//! Forms: what a person fills in, and what reaches the bot of it.
//!
//! A form is a message: the fields of its embeds carry inputs, its rows carry selects and buttons. What is known of how
//! clients send it:
//!
//! | input | what the bot gets with the submit button |
//! |---|---|
//! | text, number, date | text, as it was typed |
//! | select and radio with one choice | text |
//! | select and radio with several choices | a list of texts |
//! | untouched without a default, or cleared | nothing: the key is absent |
//!
//! A choice in a select is besides a click at once, with the bare value.

use std::collections::BTreeMap;
use std::fmt;

use mezon_protocol::{MessageId, UserId};
use serde_json::{Map, Value};

use super::World;

/// Numbers of the kinds of components.
const BUTTON: i64 = 1;
const SELECT: i64 = 2;
const INPUT: i64 = 3;
const DATE: i64 = 4;
const RADIO: i64 = 5;

/// One component of a message as its JSON describes it.
#[derive(Clone, Debug)]
pub(super) struct Component {
    pub(super) id: String,
    pub(super) kind: i64,
    /// What is inside: label, options, default.
    pub(super) body: Value,
    max_options: Option<i64>,
}

impl Component {
    pub(super) fn read(value: &Value) -> Option<Self> {
        Some(Self {
            id: value.get("id")?.as_str()?.to_owned(),
            kind: value.get("type")?.as_i64()?,
            body: value.get("component").cloned().unwrap_or_default(),
            max_options: value.get("max_options").and_then(Value::as_i64),
        })
    }

    pub(super) fn is_button(&self) -> bool {
        self.kind == BUTTON
    }

    pub(super) fn is_select(&self) -> bool {
        self.kind == SELECT
    }

    fn is_disabled(&self) -> bool {
        ["disable", "disabled"].iter().any(|key| self.body.get(*key).and_then(Value::as_bool) == Some(true))
    }

    /// The label of a button.
    pub(super) fn label(&self) -> &str {
        self.body.get("label").and_then(Value::as_str).unwrap_or(&self.id)
    }

    fn leads_elsewhere(&self) -> bool {
        self.body.get("url").and_then(Value::as_str).is_some_and(|url| !url.is_empty())
    }

    fn options(&self) -> &[Value] {
        let options = if self.kind == RADIO { Some(&self.body) } else { self.body.get("options") };
        options.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    /// The values that can be chosen.
    pub(super) fn values(&self) -> Vec<String> {
        self.options().iter().filter_map(|option| text(option.get("value").unwrap_or(option))).collect()
    }

    /// True when several can be chosen: by the limits that it names, and for radios also when the first two options
    /// have different names.
    pub(super) fn takes_several(&self) -> bool {
        let limit = |key: &str| self.body.get(key).and_then(Value::as_i64);
        let most = self.max_options.or_else(|| limit("max_options"));
        if most.is_some_and(|most| most >= 2) || limit("min_options").is_some_and(|least| least > 1) {
            return true;
        }
        let name = |place: usize| self.options().get(place).and_then(|option| option.get("name"));
        self.kind == RADIO && name(1).is_some() && name(0) != name(1)
    }

    /// What the bot gets when nobody touches it.
    pub(super) fn default(&self) -> Option<Value> {
        let first = |option: &Value| text(option.get("value").unwrap_or(option)).filter(|value| !value.is_empty());
        let value = match self.kind {
            INPUT => self.body.get("defaultValue").and_then(first)?,
            DATE => self.body.get("value").and_then(first)?,
            SELECT => {
                let marked = |option: &&Value| option.get("default").and_then(Value::as_bool) == Some(true);
                let chosen = self.body.get("valueSelected").filter(|chosen| !chosen.is_null());
                first(chosen.or_else(|| self.options().iter().find(marked))?)?
            }
            _ => return None,
        };
        Some(if self.takes_several() { Value::from(vec![value]) } else { Value::from(value) })
    }

    fn check_chosen(&self, values: &[String]) -> Result<(), Misfit> {
        let known = self.values();
        if let Some(value) = values.iter().find(|value| !known.contains(value)) {
            return Err(Misfit(format!("{:?} has no option {value:?}, only {known:?}", self.id)));
        }
        let most = if self.takes_several() { self.max_options.unwrap_or(i64::MAX) } else { 1 };
        let count = i64::try_from(values.len()).unwrap_or(i64::MAX);
        if count > most {
            return Err(Misfit(format!("{:?} takes {most} of its options at most, not {count}", self.id)));
        }
        Ok(())
    }
}

/// A text, or a number or boolean as one.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// All components of a content: those in the fields of its embeds, then those in its rows.
pub(super) fn components(content: &Value) -> Vec<Component> {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let embeds = list(content.get("embed"));
    let fields = embeds.iter().flat_map(|embed| list(embed.get("fields")));
    let inputs: Vec<Value> = fields.filter_map(|field| field.get("inputs").cloned()).collect();
    let rows = list(content.get("components"));
    // Some bots give a flat list of components instead of rows.
    let in_rows = rows.into_iter().flat_map(|row| match row.get("components") {
        Some(Value::Array(inside)) => inside.clone(),
        Some(_) | None => vec![row],
    });
    inputs.iter().cloned().chain(in_rows).filter_map(|value| Component::read(&value)).collect()
}

/// What a person tried does not fit the form. Says what would.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Misfit(String);

/// For those whose ids come from the form: anything else is a bug of theirs.
fn fits<T>(result: Result<T, Misfit>) -> T {
    result.unwrap_or_else(|misfit| panic!("{misfit}"))
}

/// Where a form is filled in: a world at hand, or one behind a lock.
pub(crate) trait Reach {
    fn with(&mut self, act: &mut dyn FnMut(&mut World));
}

impl Reach for &mut World {
    fn with(&mut self, act: &mut dyn FnMut(&mut World)) {
        act(self);
    }
}

/// A person who fills in the form of a message. Begun by [`World::fill`]; nothing but choices in selects reaches the
/// bot before [`submit`](Self::submit).
///
/// ```
/// use mezon_sandbox::{Now, World};
///
/// let mut builder = World::builder();
/// let (alice, bot) = (builder.person("alice"), builder.bot("helper", "a-key"));
/// let clan = builder.clan("Clan A");
/// builder.everyone_in(clan);
/// let general = builder.channel(clan, "general");
/// let mut world = builder.build();
///
/// let form = r#"{"embed": [{"fields": [
///     {"name": "Days", "value": "", "inputs": {"id": "days", "type": 3, "component": {"type": "number"}}}
/// ]}], "components": [{"components": [{"id": "save", "type": 1, "component": {"label": "Save", "style": 3}}]}]}"#;
/// let message = world.say_content(Now::default(), bot, general, form, Vec::new());
/// world.fill(alice, message).text("days", "1.5").submit("save");
/// ```
pub struct Filling<'a> {
    reach: Box<dyn Reach + 'a>,
    user: UserId,
    message: MessageId,
    components: Vec<Component>,
    values: BTreeMap<String, Value>,
}

impl Filling<'_> {
    pub(crate) fn new<'a>(reach: impl Reach + 'a, user: UserId, message: MessageId) -> Filling<'a> {
        let mut reach: Box<dyn Reach + 'a> = Box::new(reach);
        let mut components = Vec::new();
        reach.with(&mut |world| components = world.components_of(user, message));
        let defaults = components.iter().filter_map(|part| Some((part.id.clone(), part.default()?)));
        let values = defaults.collect();
        Filling { reach, user, message, components, values }
    }

    /// Types something into a text or number field, or into a date. Nothing typed clears it.
    ///
    /// # Panics
    ///
    /// When the form has no such field, or it cannot be typed into.
    #[must_use]
    pub fn text(mut self, id: &str, typed: impl Into<String>) -> Self {
        fits(self.put_text(id, typed.into()));
        self
    }

    /// Chooses in a select or radio. A choice in a select reaches the bot at once, as a click.
    ///
    /// # Panics
    ///
    /// When the form has no such field, or the field no such option, or when the message is gone meanwhile.
    #[must_use]
    pub fn choose(self, id: &str, value: &str) -> Self {
        self.choose_all(id, [value])
    }

    /// Chooses several in a select or radio; none clears it.
    ///
    /// # Panics
    ///
    /// As [`choose`](Self::choose), and when the field does not take so many.
    #[must_use]
    pub fn choose_all<'v>(mut self, id: &str, values: impl IntoIterator<Item = &'v str>) -> Self {
        fits(self.put_choice(id, values.into_iter().map(str::to_owned).collect()));
        self
    }

    /// Types into a field or chooses in it, whatever it is; several choices are separated by commas.
    ///
    /// # Errors
    ///
    /// [`Misfit`], when the form has no such field, it does not take this, or the message is gone meanwhile.
    pub fn put(&mut self, id: &str, value: &str) -> Result<(), Misfit> {
        if self.part(id)?.options().is_empty() {
            return self.put_text(id, value.to_owned());
        }
        let values = value.split(',').map(str::trim).filter(|value| !value.is_empty());
        self.put_choice(id, values.map(str::to_owned).collect())
    }

    fn put_text(&mut self, id: &str, typed: String) -> Result<(), Misfit> {
        if !matches!(self.part(id)?.kind, INPUT | DATE) {
            return Err(Misfit(format!("{id:?} is nothing to type into")));
        }
        if typed.is_empty() {
            self.values.remove(id);
        } else {
            self.values.insert(id.to_owned(), Value::from(typed));
        }
        Ok(())
    }

    fn put_choice(&mut self, id: &str, values: Vec<String>) -> Result<(), Misfit> {
        let part = self.part(id)?.clone();
        if !matches!(part.kind, SELECT | RADIO) {
            return Err(Misfit(format!("{id:?} is nothing to choose from")));
        }
        part.check_chosen(&values)?;
        if part.is_select() {
            for value in &values {
                self.click(id, value)?;
            }
        }
        match values.as_slice() {
            [] => self.values.remove(id),
            [value] if !part.takes_several() => self.values.insert(id.to_owned(), Value::from(value.clone())),
            _ => self.values.insert(id.to_owned(), Value::from(values)),
        };
        Ok(())
    }

    /// Presses a button, with all that was filled in.
    ///
    /// # Panics
    ///
    /// When the message has no such button or is gone meanwhile, or pressing it does nothing: it is disabled, or a link.
    pub fn submit(self, button: &str) {
        fits(self.press(button));
    }

    /// Presses a button, with all that was filled in.
    ///
    /// # Errors
    ///
    /// [`Misfit`], when the message has no such button or is gone meanwhile, or pressing it does nothing.
    pub fn press(mut self, button: &str) -> Result<(), Misfit> {
        let part = self.part(button)?;
        if !part.is_button() {
            return Err(Misfit(format!("{button:?} is no button")));
        }
        if part.leads_elsewhere() {
            return Err(Misfit(format!("the button {button:?} opens a link and tells the bot nothing")));
        }
        let values: Map<String, Value> = std::mem::take(&mut self.values).into_iter().collect();
        let extra_data = Value::Object(values).to_string();
        self.click(button, &extra_data)
    }

    /// Looks in the same step whether the message is still there: its author may have deleted it meanwhile.
    fn click(&mut self, id: &str, extra_data: &str) -> Result<(), Misfit> {
        let (user, message) = (self.user, self.message);
        let mut clicked = false;
        self.reach.with(&mut |world| {
            clicked = world.stored(message).is_some();
            if clicked {
                world.click(user, message, id, extra_data);
            }
        });
        if clicked { Ok(()) } else { Err(Misfit(format!("the message {message} is gone"))) }
    }

    fn part(&self, id: &str) -> Result<&Component, Misfit> {
        let ids: Vec<&str> = self.components.iter().map(|part| part.id.as_str()).collect();
        let part = self.components.iter().find(|part| part.id == id);
        let part = part.ok_or_else(|| Misfit(format!("the message has no component {id:?}, only {ids:?}")))?;
        if part.is_disabled() { Err(Misfit(format!("{id:?} is disabled"))) } else { Ok(part) }
    }
}

impl fmt::Debug for Filling<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filling").field("message", &self.message).field("values", &self.values).finish_non_exhaustive()
    }
}

/// # Forms
impl World {
    /// Somebody begins to fill in the form of a message, which shows its defaults.
    ///
    /// # Panics
    ///
    /// When there is no such message, or the user does not see it.
    pub fn fill(&mut self, user: UserId, message: MessageId) -> Filling<'_> {
        Filling::new(self, user, message)
    }

    /// Somebody chooses in a select of a message, outside of a form: its author gets a click with the bare value.
    ///
    /// # Panics
    ///
    /// As [`fill`](Self::fill), and when there is no such select or option.
    pub fn choose(&mut self, user: UserId, message: MessageId, select: &str, value: &str) {
        let part = self.components_of(user, message).into_iter().find(|part| part.is_select() && part.id == select);
        let part = part.unwrap_or_else(|| panic!("the message has no select {select:?}"));
        fits(part.check_chosen(&[value.to_owned()]));
        self.click(user, message, select, value);
    }

    pub(super) fn components_of(&self, user: UserId, message: MessageId) -> Vec<Component> {
        let stored = self.stored(message).unwrap_or_else(|| panic!("there is no message {message} in this world"));
        assert!(self.can_see(user, stored.channel), "{user} does not see the message {message}");
        serde_json::from_str(&stored.content).map(|content| components(&content)).unwrap_or_default()
    }
}
