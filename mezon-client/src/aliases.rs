//! What every adapter re-exports, and the handles with its runtime filled in.

/// What bots need beside the handles.
pub mod common {
    pub use mezon_protocol::call::{FriendState, ListVoiceUsers, VoiceRoom};
    pub use mezon_protocol::command::{self, Command, Refusal, Scope};
    pub use mezon_protocol::content::{
        self, AnimationConfig, Attachment, Button, ButtonBuilder, ButtonStyle, Color, Component, DatePicker, Embed,
        EmbedField, Input, InputFieldOption, InteractiveBuilder, Mention, MessageCode, Radio, RadioFieldOption,
        Reference, Row, Select, SelectFieldOption, SpanKind, Text,
    };
    pub use mezon_protocol::event::{self, Cause, Fatal};
    pub use mezon_protocol::interaction::{self, ComponentId, Form, Unrouted};
    #[cfg(feature = "ledger")]
    pub use mezon_protocol::ledger::{self, AddTxResponse, Amount, Outcome, SendToken};
    pub use mezon_protocol::light::{
        self, AuthenticateConfig, AuthenticationError, ClientInitConfig, SendMessagePayload, SessionError, SocketError,
    };
    pub use mezon_protocol::machine::{BackfillPolicy, BackfillReport, Health, HealthStatus, OnFull, State, Stats};
    pub use mezon_protocol::memory::{self, CacheLimits};
    pub use mezon_protocol::object::{
        Ban, ChannelChange, History, NewChannel, NewPoll, NewThread, NotificationLevel, Page, PermissionRef, Presence,
        ProfileChange, Receivers, RoleChange, RoleOptions, View, Who,
    };
    pub use mezon_protocol::route::{ChannelKind, Mode, Route};
    pub use mezon_protocol::store::{self, MessageStore, StoreError, StoredMessage};
    pub use mezon_protocol::upload::{Download, PresignedUpload, TransferPolicy, Upload, UploadRequest, Uploaded};
    pub use mezon_protocol::{
        ANONYMOUS, CategoryId, ChannelId, ClanId, Config, Content, EmojiId, Error, ErrorKind, EventKind, HERE,
        Interest, IntoId, MessageId, RoleId, Secret, Sent, Session, SessionExport, TopicId, TransportKind, UserId,
        command_args, component_field, component_id,
    };
    pub use {mezon_protocol as protocol, rustls};

    pub use crate::upload;
    pub use crate::{
        Dispatch, Failure, FailureCause, HandlerError, HandlerId, HandlerResult, SecondClick, SocketConnectOptions,
        StoreStats, assert_replays,
    };
    #[cfg(feature = "ledger")]
    pub use crate::{FilePayments, FileSeen};
}

/// Names the handles for the backend of an adapter.
#[doc(hidden)]
#[macro_export]
macro_rules! __aliases {
    ($backend:ty, $runtime:ty) => {
        /// The low-level side of a client; see [`mezon_client::Socket`].
        pub type Socket = $crate::Socket<$runtime>;
        /// A user who talks in direct messages and groups; see [`mezon_client::LightClient`].
        pub type LightClient = $crate::LightClient<$runtime>;
        /// The connection of a light client; see [`mezon_client::LightSocket`].
        pub type LightSocket = $crate::LightSocket<$runtime>;
        /// Commands and their handlers; see [`mezon_client::Commands`].
        pub type Commands = $crate::Commands<$runtime>;
        /// A command that somebody gave; see [`mezon_client::CommandCall`].
        pub type CommandCall = $crate::CommandCall<$backend>;
        $crate::__aliases! { $backend:
            "Something that happened" Event = Event;
            "A message that was received" Message = object::Message;
            "A message that was sent" SentMessage = object::SentMessage;
            "A message of which only the ids are known" MessageRef = object::MessageRef;
            "A message that is edited often, and of which only the latest counts" Editable = object::Editable;
            "A channel" Channel = object::Channel;
            "A user" User = object::User;
            "A clan" Clan = object::Clan;
            "A role" Role = object::Role;
            "A friend" Friend = object::Friend;
            "A poll" Poll = object::Poll;
            "A click on a button" ButtonClick = object::ButtonClick;
            "A choice in a select box" SelectChanged = object::SelectChanged;
            "A choice in a quick menu" QuickMenuEvent = object::QuickMenuEvent;
            "A reaction" ReactionEvent = object::ReactionEvent;
            "The means to make handles and calls" Bot = object::Bot;
        }
    };
    ($backend:ty: $($doc:literal $name:ident = $($path:ident)::+;)*) => {
        $(
            #[doc = concat!($doc, ", with the runtime of this crate filled in.")]
            pub type $name = $crate::common::protocol::$($path)::+<$backend>;
        )*
    };
}
