//! A local Mezon for tests and play: clans, people, assertions and faults, with no account and no network.
//!
//! Use this crate if you want to see what your bot does before anybody else does: in a test that says something as
//! alice and expects a reply, or by hand in a terminal. Otherwise use one of the clients, `mezon-tokio` or
//! `mezon-blocking`.
//!
//! [`World`] is the Mezon itself, a pure state machine: time is an input, nothing is read or written, and the same seed
//! gives the same run. It can be driven in virtual time together with a client's core.
//!
//! [`Sandbox`] is a world behind a port of this machine, for clients of any kind, and the program `mezon-sandbox` is
//! one to play with.
//!
//! # Which calls have state
//!
//! Every call of the API is answered, over HTTP and over the socket. Clans, members, bans, invitations, channels,
//! categories, threads, topics, messages, pins, polls, reactions, search, roles, permissions, friends, notifications and
//! their settings, webhooks (with what is posted to them), quick menus, events, emoji, stickers, canvases, onboarding,
//! accounts, statuses, read marks, voice rooms and uploads have state: what is written is read back, and others are told by the
//! events of the platform. [`World::has_state`] says it of a name.
//!
//! What is left is answered by a sample: the message that answers the call, with no field empty. What the request names
//! is echoed, ids belong to whoever asks or are new, times are now. These calls are:
//!
//! * accounts: `ConfirmLinkMezonOTP`, `DeleteAccount`, `LinkEmail`, `LinkSMS`, `ListLogedDevice`,
//!   `RegistFCMDeviceToken`, `RegistrationEmail`, `UnlinkEmail`, `UnlinkMezon`;
//! * activities and reports: `CreateActiviy`, `ListActivity`, `ListAuditLog`, `ReportMessageAbuse`, `UpdateEventUser`;
//! * apps: `AddApp`, `AddAppToClan`, `CreateRoomChannelApps`, `DeleteApp`, `DeleteMezonOauthClient`,
//!   `GenerateHashChannelApps`, `GetApp`, `GetMezonOauthClient`, `ListApps`, `ListChannelApps`, `ListMezonOauthClient`,
//!   `UpdateApp`, `UpdateMezonOauthClient`;
//! * emoji: `EmojiRecentList`, `ListForSaleItems`;
//! * encryption: `GetChanEncryptionMethod`, `GetKeyServer`, `GetPubKeys`, `PushPubKey`, `SetChanEncryptionMethod`;
//! * media and other servers: `HandleClanWebhook`, `HandleWebhook`, `RegisterStreamingChannel`,
//!   `StreamingServerCallback`, `UpdateMezonVoiceState`;
//! * system messages: `CreateSystemMessage`, `DeleteSystemMessage`, `GetSystemMessageByClanId`,
//!   `GetSystemMessagesList`, `UpdateSystemMessage`;
//! * timelines: `CreateChannelTimeline`, `DetailChannelTimeline`, `ListChannelTimeline`, `UpdateChannelTimeline`.
//!
//! With [`Settings::samples_only`] all calls are.
//!
//! # Which rules are known, and which are assumed
//!
//! The live service is documented sparsely. *Measured*: observed on the live service, or told by the authors of its
//! official client. *Seen*: other people's clients rely on it. *Ancestor*: it is what the open-source server does from
//! which this one descends. *Assumed*: nobody knows; this is our choice.
//!
//! | rule | basis |
//! |---|---|
//! | Clan 0 brings direct messages only while the bot is in no clan; in a clan, each direct channel must be joined. | measured |
//! | The same for groups. | assumed |
//! | Joining twice is harmless. | measured |
//! | A clan join is enough to hear and write in its public channels, also in those that are created later. | seen; later ones assumed |
//! | It covers the private channels in which the bot is by then, and no newer ones. | newer ones measured, the rest assumed |
//! | Threads need a channel join of their own ([`Settings::threads_need_join`]). | writing measured, hearing assumed |
//! | "Must join channel before sending messages", code 3, for what is not joined. | measured |
//! | The same for public channels of a clan that is not joined. | assumed |
//! | No joins apply to messages sent over HTTP. | assumed |
//! | A thread that rests wakes with a message: `channel_updated_event`, type 7, status 1. | seen; that message itself unheard: assumed |
//! | A bot receives its own messages and edits. | measured |
//! | It receives its own reactions. | assumed |
//! | The event comes before the acknowledgement. | ancestor |
//! | Of several connections of a bot, the newest that joined hears a message ([`Settings::newest_connection_hears`]). | that only one does: measured; which one: assumed |
//! | Clicks go to the author of the message, whatever is joined. | measured |
//! | Edits are pushed as code 1, deletions as code 2, with the id of the message. | seen |
//! | Typing, last-seen and pin events go to others who hear the channel, and back as the answer. | seen |
//! | Who is added to a clan, channel, group or direct channel is told whatever was joined. | seen |
//! | A client-set id in a send is refused with code 13. | measured |
//! | Content is limited to 4000 UTF-16 units ([`Settings::content_limit`]). | the limit of clients; the server's refusal assumed |
//! | Clan or mode that do not fit the channel are refused ([`Settings::strict_routes`]). | that it matters: seen; code and text: assumed |
//! | What one does not see is "channel not found", code 3. | the text seen, its uses assumed |
//! | Others' messages cannot be edited or deleted: code 7. | assumed |
//! | `channel_join` is answered by `channel` ([`Settings::echo_channel_join`] for the echo that newer servers send). | seen, both |
//! | `channel_leave` and status requests are answered by an envelope with nothing but the cid. | ancestor |
//! | An ephemeral send is answered by a `channel_message`. | seen |
//! | An envelope without a member is error 2, an undecodable one error 1. | ancestor; codes in the schema |
//! | Members that are not handled are echoed. | assumed |
//! | API answers over the socket are cut at 4096 bytes. | measured |
//! | An unknown RPC is 404 over HTTP, code 12 over the socket. | ancestor |
//! | Members may do everything: permissions are kept and told, not enforced. The owner of a clan alone dissolves it and hands it over. | assumed |
//! | Things that are not found, and arguments that do not fit, are code 3; what exists already is 6. | code 3 seen for channels, the rest assumed |
//! | A clan with too many channels ([`Settings::channel_limit`]) is code 11. | seen; the number assumed |
//! | Too many messages in a second ([`Settings::sends_per_second`], off by default) are code 8. | the code is that of the ancestor, all else assumed |
//! | `status` and `action` of events are 1 created, 2 changed, 3 deleted; of bans 1 and 0. | assumed |
//! | A role that is given a channel shows it to whoever has the role. | assumed |
//! | Adding a friend who has asked accepts; notification code -2 tells of the request. | seen |
//! | Who is blocked can ask for nothing and is not told why. | assumed |
//! | A poll is a message of code 18; each vote edits it. | the code seen, the edits assumed |
//! | A pin is told by `last_pin_message_event` and its end by `unpin_message_event`. | the events seen, that the server sends the first: assumed |
//! | A topic marks its message by `tp` and `cid`. | seen |
//! | What falls asleep is told by `channel_archive_event` with `active` 0, and must be joined again. | the event and the refusal seen, their connection assumed |
//! | Webhooks post as sender 0 under their name; clan webhooks in the direct channel of the member and the maker. | sender 0 seen, the channel assumed |
//! | Quick menus reach the bot whatever it joined; flash ones say their text. | the kinds seen, the joins assumed |
//! | A select sends a click at once with the bare value; forms send text, lists of several choices, and no key for what is untouched. | measured |
//! | A radio takes several choices when the names of its first two options differ. | measured |
//! | Several choices in a select are one click each. | assumed |
//! | Slash commands come as messages of code 12, to the bot alone. | seen |
//! | Who plays media is in the room until it ends. | seen |
//! | The node of the ledger: its checks, codes, nonces, duplicates, statuses and JSON-RPC. | its published sources |
//! | Proofs are not verified: the proof service signs what it made, and the node takes that alone. Their binding is checked. | assumed |
//! | Transfers are told to those whom their extra info names, when they are confirmed. | the events and the condition seen, the moment assumed |
//! | An `id_token` comes with a login, not with a renewal; it lasts an hour ([`LedgerSettings::id_token_lifetime`]). | assumed |
//! | Indexer and red envelopes. | the answers as clients read them, all else assumed |
//! | A bad bearer token is 401, an expired one 403. | 403 measured, 401 ancestor |
//! | Agents' events ([`World::agent_event`]) reach every stream that is open, and no later one; a wrong key is 401. | assumed, the stream itself seen |
//! | A refused upgrade is 401. | ancestor |
//! | `SessionRefresh` fails with 500 whatever the reason. | measured |
//! | Signed URLs for uploads are good for 60 s ([`Settings::signed_url_lifetime`]), then they get 403. | 10 to 60 s: seen; 403 assumed |
//! | What was put is at the same address without its query. | seen |
//! | People log in with any id token or password, as `name@mezon.test`; with a code ([`World::login_code`]), also by a number that is their id; by a device that is logged in ([`World::confirm_login`]). | the routes seen |
//! | They have a `session_id` for the socket, which a refresh does not replace. | seen; how long it lasts: assumed |
//! | A refresh token is good until its successor is used ([`Settings::rotate_refresh_tokens`]). | that they rotate: seen; until when: assumed |
//! | Bearer tokens last an hour ([`Settings::token_lifetime`]). | assumed |
//! | An open connection outlives its token. | assumed |
//! | The live service pushes `refresh_session_event` after a connection opens ([`Settings::session_after_connect`], off by default). | measured for people, unknown for bots |
#![deny(missing_docs)]

mod guard;
mod server;
mod world;

pub use mezon_protocol::Now;
pub use server::{Expectation, Sandbox, SandboxBuilder};
pub use world::{
    Action, Answered, ChannelKind, ConnId, Counters, Entry, ExpectationId, Filling, InvalidWorld, Joins, LedgerCall,
    LedgerEntry, LedgerFault, LedgerSettings, LedgerStatus, LedgerView, Matching, Misfit, NewChannel, NewClan, NewUser,
    OddPages, Outcome, Outgoing, Request, Said, Scope, SentEnvelope, Settings, StoredFile, StoredPart, Target, Unmet,
    What, World, WorldBuilder, WorldFile,
};
