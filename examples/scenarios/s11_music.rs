//! S11, music: `*play song` in a voice room, `*skip` for the next one. That a song is over shows in the bot's own leaving
//! of the room; when the last listener leaves it stops: `cargo run --example s11_music`.

use std::collections::{HashMap, VecDeque};

use mezon_examples::{AnyError, Shared, scenes, stage};
use mezon_tokio::protocol::{proto::realtime::VoiceLeavedEvent, rest::media::PlayMedia};
use mezon_tokio::{Bot, ChannelId, Client, Command, CommandCall, Commands, Error, UserId};

/// Who is in which room, and what comes next where something is played.
type Rooms = (HashMap<UserId, ChannelId>, HashMap<ChannelId, VecDeque<String>>);

#[derive(Clone)]
struct Music {
    bot: Bot,
    me: UserId,
    rooms: Shared<Rooms>,
}

pub async fn bot(client: Client) -> Result<(), Error> {
    let music = Music { bot: client.bot(), me: client.id(), rooms: Shared::default() };
    let [playing, skipping, joining, leaving] = [music.clone(), music.clone(), music.clone(), music];
    let play = Command::new("play").about("Plays a song in your room").args::<(String,)>(&["song"]);
    let skip = Command::new("skip").about("Goes on to the next song");
    let commands = Commands::new("*").command(play, move |call| playing.clone().on_command(call));
    client.commands(commands.command(skip, move |call| skipping.clone().on_command(call)));
    client.on_user_joined_voice(move |joined| {
        joining.rooms.lock().0.insert(joined.user_id.into(), joined.voice_channel_id.into());
    });
    client.on_user_left_voice(move |left| leaving.clone().on_left(*left));
    client.run().await
}

impl Music {
    async fn on_command(self, call: CommandCall) -> Result<(), Error> {
        let Some(room) = self.rooms.lock().0.get(&call.sender_id()).copied() else {
            return call.message().reply_ephemeral("Join a voice room first.").await.map(drop);
        };
        if call.name() == "skip" {
            return self.bot.channel(room).remove_from_voice(self.me).await;
        }
        let song = call.args().text();
        let is_playing = self.rooms.lock().1.contains_key(&room);
        self.rooms.lock().1.entry(room).or_default().push_back(song.to_owned());
        let when = if is_playing { "comes later" } else { self.next(room).await.map(|()| "is playing")? };
        call.reply(format!("{song} {when}.")).await.map(drop)
    }

    async fn on_left(self, left: VoiceLeavedEvent) -> Result<(), Error> {
        let (user, room) = (UserId::new(left.voice_user_id), left.voice_channel_id.into());
        self.rooms.lock().0.remove(&user);
        if user == self.me {
            return self.next(room).await;
        }
        let is_heard = self.rooms.lock().0.iter().any(|(user, place)| *place == room && *user != self.me);
        if !is_heard && self.rooms.lock().1.remove(&room).is_some() {
            self.bot.channel(room).remove_from_voice(self.me).await?;
        }
        Ok(())
    }

    async fn next(&self, room: ChannelId) -> Result<(), Error> {
        let song = self.rooms.lock().1.get_mut(&room).and_then(VecDeque::pop_front);
        let Some(name) = song else {
            self.rooms.lock().1.remove(&room);
            return Ok(());
        };
        let (participant_identity, participant_name) = (self.me.to_string(), "DJ".to_owned());
        let url = format!("https://music.example.com/{name}");
        let media = PlayMedia { participant_identity, participant_name, url, name, ..Default::default() };
        let played = self.bot.channel(room).play_media(media).await;
        played.map(drop).inspect_err(|_| drop(self.rooms.lock().1.remove(&room)))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), AnyError> {
    stage::play(bot, scenes::music).await
}
