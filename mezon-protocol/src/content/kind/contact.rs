//! Messages that pass on a contact.

use crate::content::embed::Embed;
use crate::content::{Content, MessageCode};
use crate::id::UserId;

/// What tells that an embed is a contact.
const KEY: (&str, &str) = ("key", "share_contact");

/// A user who is passed on in a message, code 16.
///
/// ```
/// use mezon_protocol::Content;
/// use mezon_protocol::content::Contact;
///
/// let bob = Contact::new(7, "bob");
/// assert_eq!(Content::from(bob.clone()).contact(), Some(bob));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contact {
    /// The user.
    pub user_id: UserId,
    /// The user name.
    pub username: String,
    /// The display name; may be empty.
    pub display_name: String,
    /// Address of the avatar; may be empty.
    pub avatar: String,
}

impl Contact {
    /// A user by id and name.
    pub fn new(user_id: impl Into<UserId>, username: impl Into<String>) -> Self {
        Self { user_id: user_id.into(), username: username.into(), ..Self::default() }
    }
}

impl From<Contact> for Content {
    fn from(contact: Contact) -> Self {
        let embed = Embed::new()
            .field(KEY.0, KEY.1, true)
            .field("user_id", contact.user_id.to_string(), true)
            .field("username", contact.username, true)
            .field("display_name", contact.display_name, true)
            .field("avatar", contact.avatar, true);
        Self::text("").embed(embed).code(MessageCode::Contact)
    }
}

impl Content {
    /// The user that it passes on, if that is what it does.
    pub fn contact(&self) -> Option<Contact> {
        self.embeds().into_iter().find_map(|embed| {
            let field = |name: &str| {
                let field = embed.fields.iter().find(|field| field.name == name);
                field.map(|field| field.value.clone()).unwrap_or_default()
            };
            (field(KEY.0) == KEY.1).then(|| Contact {
                user_id: field("user_id").parse().unwrap_or_default(),
                username: field("username"),
                display_name: field("display_name"),
                avatar: field("avatar"),
            })
        })
    }
}
