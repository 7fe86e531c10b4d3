//! How a shutdown lets handlers end.

use std::sync::mpsc::Sender;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use mezon_client::Client;
use mezon_protocol::event::Cause;
use mezon_protocol::{ChannelId, MessageId};

use crate::adapters::Adapter;
use crate::town::{NEVER, SOON, Town, gate, reports, tell_texts_and_wait, until};
use crate::waits::wait;

/// Shuts down elsewhere.
fn shut_down<R: Adapter>(client: &Client<R>, deadline: Duration) -> JoinHandle<()> {
    let client = client.clone();
    thread::spawn(move || R::answer(client.shutdown(deadline)))
}

/// As [`shut_down`], and comes back when that has begun: then nobody waits for an event any more.
fn begin_to_shut_down<R: Adapter>(client: &Client<R>, deadline: Duration) -> JoinHandle<()> {
    let watch = wait(client, |client| R::answer(client.wait_for(|_| false, NEVER)).is_none());
    let ending = shut_down(client, deadline);
    assert!(watch.join().unwrap(), "the shutdown has begun");
    ending
}

/// C5.
pub fn a_running_handler_ends_first<R: Adapter>() {
    let town = Town::<R>::new();
    let ((tell, reports), (key, gate)) = (reports(), gate());
    town.client.on_message(move |message| {
        let (tell, gate) = (tell.clone(), gate.clone());
        async move {
            tell.send(message.text().into_owned()).unwrap();
            gate.pass().await;
            R::ended(message.reply("done")).await
        }
    });
    let running = town.run();
    let said = town.say("work");
    assert_eq!(reports.next(), "work");
    let ending = begin_to_shut_down(&town.client, NEVER);
    // what comes from now on is not begun
    town.say("too late");
    assert!(!running.has_ended() && !ending.is_finished());
    key.let_one();
    town.sandbox.expect_reply(said, "done", SOON).wait().unwrap();
    ending.join().unwrap();
    key.open();
    running.end().unwrap();
}

/// Says that it was dropped.
struct Dropped(Sender<()>);

impl Drop for Dropped {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

/// C5.
pub fn no_handler_begins_after_the_deadline<R: Adapter>() {
    let town = Town::<R>::new();
    let ((tell, begins), (_key, gate)) = (reports(), gate());
    town.client.on_message(move |_| {
        let (tell, gate) = (tell.clone(), gate.clone());
        async move {
            tell.send(()).unwrap();
            gate.pass().await;
        }
    });
    let mut dispatch = town.client.dispatch();
    (dispatch.parallel, dispatch.waiting) = (1, 1);
    let running = town.run_with(dispatch);
    for _ in 0..10 {
        town.say("work");
    }
    begins.next();
    shut_down(&town.client, Duration::ZERO).join().unwrap();
    running.end().unwrap();
    assert_eq!(begins.rest().len(), 0);
}

/// C5.
pub fn what_comes_while_handlers_end_is_not_begun_after_the_deadline<R: Adapter>() {
    let town = Town::<R>::new();
    let (key, gate) = gate();
    let begins = tell_texts_and_wait(&town.client, gate);
    let running = town.run();
    town.say("work");
    assert_eq!(begins.next(), "work");
    let ending = begin_to_shut_down(&town.client, Duration::from_millis(300));
    town.channels.iter().for_each(|channel| _ = town.sandbox.say(town.alice, *channel, "too late"));
    ending.join().unwrap();
    running.end().unwrap();
    key.open();
    assert_eq!(begins.rest(), [""; 0]);
}

/// C5.
pub fn a_handler_has_no_longer_than_the_deadline<R: Adapter>() {
    let town = Town::<R>::new();
    let ((tell, begins), (tell_drop, drops), (_key, gate)) = (reports(), reports(), gate());
    town.client.on_message(move |_| {
        let (tell, gate, dropped) = (tell.clone(), gate.clone(), Dropped(tell_drop.clone()));
        async move {
            let _dropped = dropped;
            tell.send(()).unwrap();
            gate.pass().await;
        }
    });
    let (tell, ends) = reports();
    town.client.on_disconnected(move |cause| tell.send(cause));
    let running = town.run();
    town.say("work");
    begins.next();
    let begin = Instant::now();
    shut_down(&town.client, Duration::from_millis(50)).join().unwrap();
    running.end().unwrap();
    assert!(begin.elapsed() < SOON);
    assert_eq!(ends.next(), Cause::Closed);
    if !R::ON_THREADS {
        drops.next();
    }
}

pub fn a_handler_of_ready_goes_on_until_the_end_and_holds_up_nothing<R: Adapter>() {
    let town = Town::<R>::new();
    let ((tell, begins), (_key, gate)) = (reports(), gate());
    town.client.on_ready(move |_| {
        let (tell, gate) = (tell.clone(), gate.clone());
        async move {
            tell.send(()).unwrap();
            gate.pass().await;
        }
    });
    let (tell, ends) = reports();
    town.client.on_disconnected(move |cause| tell.send(cause));
    let running = town.run();
    begins.next();
    shut_down(&town.client, NEVER).join().unwrap();
    running.end().unwrap();
    assert_eq!(ends.next(), Cause::Closed);
}

pub fn who_waits_for_an_event_holds_up_nothing<R: Adapter>() {
    let town = Town::<R>::new();
    let (client, (tell, answers)) = (town.client.clone(), reports());
    town.client.on_message(move |message| {
        let (client, tell) = (client.clone(), tell.clone());
        // a wait is asked for at once, so on threads it is begun by a thread
        thread::spawn(move || tell.send(R::answer(client.next_message(message.channel_id(), None, NEVER)).is_none()));
    });
    let running = town.run();
    town.say("ask me");
    until("somebody to wait", || town.client.waiting() == 1);
    shut_down(&town.client, NEVER).join().unwrap();
    assert!(answers.next());
    running.end().unwrap();
}

/// Bob says something, and somebody has taken it.
fn work_in<R: Adapter>(town: &Town<R>, channel: ChannelId) -> MessageId {
    let taken = wait(&town.client, move |client| R::answer(client.next_message(channel, None, SOON)));
    let said = town.sandbox.say(town.bob, channel, "work");
    assert_eq!(taken.join().unwrap().unwrap().id(), said);
    said
}

pub fn both_of_two_runs_are_waited_for<R: Adapter>() {
    let town = Town::<R>::new();
    let ((tell, begins), (key, gate)) = (reports(), gate());
    town.client.on_message(move |message| {
        let (tell, gate) = (tell.clone(), gate.clone());
        async move {
            tell.send(()).unwrap();
            gate.pass().await;
            R::ended(message.reply("done")).await
        }
    });
    let mut dispatch = town.client.dispatch();
    dispatch.parallel = 1;
    let first = town.run_with(dispatch);
    let mut said = vec![town.say("work")];
    begins.next();
    let second = town.start();
    // what the first one has taken waits there, so the next that begins shows that the second one has taken over
    let mut channels = town.channels[1..].iter().cycle();
    while begins.next_within(Duration::from_millis(50)).is_none() {
        said.push(work_in(&town, *channels.next().unwrap()));
    }
    let ending = shut_down(&town.client, NEVER);
    key.let_one();
    assert!(!ending.is_finished());
    key.open();
    for said in said {
        town.sandbox.expect_reply(said, "done", SOON).wait().unwrap();
    }
    ending.join().unwrap();
    first.end().unwrap();
    second.end().unwrap();
}
