//! A world from a small JSON file.

use std::collections::BTreeMap;

use mezon_protocol::{ChannelId, ClanId, UserId};
use serde::Deserialize;

use super::World;
use super::builder::WorldBuilder;
use super::model::{ChannelKind, NewChannel, NewClan, NewUser};

/// A world written down. People, bots and channels are referred to by name; everything but names is optional.
///
/// ```
/// use mezon_sandbox::WorldFile;
///
/// let world = WorldFile::parse(r#"{
///     "people": [{"name": "alice", "display_name": "Alice A"}, {"name": "bob"}],
///     "bots": [{"name": "helper", "key": "a-key", "id": "1840000000000000001", "balance": 500}],
///     "clans": [{
///         "name": "Clan A",
///         "members": ["alice", "helper"],
///         "roles": [{"name": "Keepers", "members": ["alice"]}],
///         "channels": [
///             {"name": "general"},
///             {"name": "secret", "type": "private", "members": ["alice"]},
///             {"name": "aside", "type": "thread", "parent": "general", "members": ["alice", "helper"]},
///             {"name": "lounge", "type": "voice"}
///         ]
///     }],
///     "dms": [["bob", "helper"]],
///     "groups": [{"name": "friends", "members": ["alice", "bob"]}]
/// }"#)?.build()?;
/// assert!(world.channel_named("aside").is_some());
/// let (clan, alice) = (world.clan_named("Clan A").unwrap(), world.user_named("alice").unwrap());
/// assert!(world.has_role(alice, world.role_named(clan, "Keepers").unwrap()));
/// # Ok::<(), mezon_sandbox::InvalidWorld>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorldFile {
    seed: u64,
    any_key: bool,
    people: Vec<UserEntry>,
    bots: Vec<UserEntry>,
    clans: Vec<ClanEntry>,
    dms: Vec<[String; 2]>,
    groups: Vec<GroupEntry>,
}

/// Why a file is no world.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidWorld {
    /// It is not JSON, or not of the shape of a [`WorldFile`].
    #[error("not the description of a world")]
    Json(#[from] serde_json::Error),
    /// A name is used that nobody and nothing has.
    #[error("{place} names {name:?}, which is not in the file")]
    UnknownName {
        /// Where the name is used.
        place: String,
        /// The name.
        name: String,
    },
    /// The same name or id is given twice where it must be unique.
    #[error("{0:?} is there twice")]
    Twice(String),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UserEntry {
    name: String,
    #[serde(default)]
    id: Option<UserId>,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    avatar: Option<String>,
    #[serde(default)]
    key: Option<String>,
    /// In whole tokens.
    #[serde(default)]
    balance: Option<u64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClanEntry {
    name: String,
    #[serde(default)]
    id: Option<ClanId>,
    /// Absent: everybody.
    #[serde(default)]
    members: Option<Vec<String>>,
    #[serde(default)]
    channels: Vec<ChannelEntry>,
    #[serde(default)]
    roles: Vec<GroupEntry>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChannelEntry {
    name: String,
    #[serde(default)]
    id: Option<ChannelId>,
    #[serde(default, rename = "type")]
    kind: KindEntry,
    #[serde(default)]
    parent: Option<String>,
    #[serde(default)]
    members: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum KindEntry {
    #[default]
    Text,
    Private,
    Thread,
    Voice,
    Streaming,
    App,
    Announcement,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupEntry {
    name: String,
    members: Vec<String>,
}

/// The key of a bot for which the file has none.
const DEFAULT_KEY: &str = "sandbox-key";

impl WorldFile {
    /// Reads the JSON text of a file.
    ///
    /// # Errors
    ///
    /// [`InvalidWorld::Json`].
    pub fn parse(json: &str) -> Result<Self, InvalidWorld> {
        Ok(serde_json::from_str(json)?)
    }

    /// Builds the world that is described.
    ///
    /// # Errors
    ///
    /// [`InvalidWorld::UnknownName`] and [`InvalidWorld::Twice`].
    pub fn build(self) -> Result<World, InvalidWorld> {
        let mut builder = World::builder().seed(self.seed);
        builder.settings().any_key = self.any_key;
        let mut names = Names::default();
        for entry in self.people {
            names.add(&mut builder, entry, NewUser::person)?;
        }
        for mut entry in self.bots {
            let key = entry.key.take().unwrap_or_else(|| DEFAULT_KEY.to_owned());
            names.add(&mut builder, entry, |name| NewUser::bot(name, &key))?;
        }
        let mut ids = Vec::new();
        for clan in self.clans {
            add_clan(&mut builder, &names, clan, &mut ids)?;
        }
        for [a, b] in self.dms {
            let (a, b) = (names.get("a direct channel", &a)?, names.get("a direct channel", &b)?);
            if a == b || builder.world().direct_channel(a, b).is_some() {
                return Err(InvalidWorld::Twice("a direct channel".to_owned()));
            }
            builder.dm(a, b);
        }
        for group in self.groups {
            let members = names.all(&format!("group {:?}", group.name), &group.members)?;
            builder.group(&group.name, members);
        }
        Ok(builder.build())
    }
}

#[derive(Default)]
struct Names(BTreeMap<String, UserId>);

impl Names {
    fn add(
        &mut self,
        builder: &mut WorldBuilder,
        entry: UserEntry,
        make: impl Fn(String) -> NewUser,
    ) -> Result<(), InvalidWorld> {
        let mut new = make(entry.name.clone()).display_name(entry.display_name);
        if let Some(avatar) = entry.avatar {
            new = new.avatar(avatar);
        }
        if let Some(id) = entry.id {
            if id.is_none() || self.0.values().any(|taken| *taken == id) {
                return Err(InvalidWorld::Twice(id.to_string()));
            }
            new = new.id(id);
        }
        if self.0.contains_key(&entry.name) {
            return Err(InvalidWorld::Twice(entry.name));
        }
        let user = builder.user(new);
        if let Some(tokens) = entry.balance {
            builder.balance(user, tokens);
        }
        self.0.insert(entry.name, user);
        Ok(())
    }

    fn get(&self, place: &str, name: &str) -> Result<UserId, InvalidWorld> {
        let unknown = || InvalidWorld::UnknownName { place: place.to_owned(), name: name.to_owned() };
        self.0.get(name).copied().ok_or_else(unknown)
    }

    fn all(&self, place: &str, names: &[String]) -> Result<Vec<UserId>, InvalidWorld> {
        names.iter().map(|name| self.get(place, name)).collect()
    }
}

fn add_clan(
    builder: &mut WorldBuilder,
    names: &Names,
    entry: ClanEntry,
    ids: &mut Vec<i64>,
) -> Result<(), InvalidWorld> {
    let mut new = NewClan::new(entry.name.clone());
    if let Some(id) = entry.id {
        claim(ids, id.get())?;
        new = new.id(id);
    }
    let clan = builder.add_clan(new);
    match entry.members {
        None => {
            builder.everyone_in(clan);
        }
        Some(members) => {
            for user in names.all(&format!("clan {:?}", entry.name), &members)? {
                builder.member(clan, user);
            }
        }
    }
    for role in entry.roles {
        let members = names.all(&format!("role {:?}", role.name), &role.members)?;
        builder.role(clan, &role.name, members);
    }
    let mut channels = BTreeMap::new();
    for channel in entry.channels {
        let name = channel.name.clone();
        let new = new_channel(names, channel, &channels, ids)?;
        channels.insert(name, builder.add_channel(clan, new));
    }
    Ok(())
}

fn new_channel(
    names: &Names,
    entry: ChannelEntry,
    earlier: &BTreeMap<String, ChannelId>,
    ids: &mut Vec<i64>,
) -> Result<NewChannel, InvalidWorld> {
    let place = format!("channel {:?}", entry.name);
    let members = names.all(&place, &entry.members)?;
    let mut new = match entry.kind {
        KindEntry::Text => NewChannel::text(entry.name),
        KindEntry::Private => NewChannel::private(entry.name, members),
        KindEntry::Thread => {
            let parent = entry.parent.unwrap_or_default();
            let unknown = || InvalidWorld::UnknownName { place, name: parent.clone() };
            NewChannel::thread(*earlier.get(&parent).ok_or_else(unknown)?, entry.name, members)
        }
        KindEntry::Voice => NewChannel::voice(entry.name),
        KindEntry::Streaming => NewChannel::of_kind(ChannelKind::Streaming, entry.name),
        KindEntry::App => NewChannel::of_kind(ChannelKind::App, entry.name),
        KindEntry::Announcement => NewChannel::of_kind(ChannelKind::Announcement, entry.name),
    };
    if let Some(id) = entry.id {
        claim(ids, id.get())?;
        new = new.id(id);
    }
    Ok(new)
}

/// Ids of clans and channels are unique together.
fn claim(ids: &mut Vec<i64>, id: i64) -> Result<(), InvalidWorld> {
    if id == 0 || ids.contains(&id) {
        return Err(InvalidWorld::Twice(id.to_string()));
    }
    ids.push(id);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_not_in_the_file_is_told() {
        let file = WorldFile::parse(r#"{"clans": [{"name": "A", "members": ["ghost"]}]}"#).unwrap();
        assert_eq!(file.build().unwrap_err().to_string(), r#"clan "A" names "ghost", which is not in the file"#);
    }

    #[test]
    fn what_is_there_twice_is_refused() {
        for json in [
            r#"{"people": [{"name": "a"}, {"name": "a"}]}"#,
            r#"{"people": [{"name": "a", "id": 5}, {"name": "b", "id": "5"}]}"#,
            r#"{"clans": [{"name": "a", "id": 5, "channels": [{"name": "x", "id": 5}]}]}"#,
            r#"{"people": [{"name": "a"}], "dms": [["a", "a"]]}"#,
        ] {
            assert!(matches!(WorldFile::parse(json).unwrap().build(), Err(InvalidWorld::Twice(_))), "{json}");
        }
    }

    #[test]
    fn an_unknown_key_is_refused_and_an_empty_object_is_an_empty_world() {
        assert!(WorldFile::parse(r#"{"peeple": []}"#).is_err());
        assert!(WorldFile::parse("{}").unwrap().build().unwrap().bots().is_empty());
    }
}
