//! The table of calls against `rpc.tsv`, in which the platform's calls were collected from the code of its clients.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use mezon_protocol::api::{self, Api, Method, Rpc, Visit};
use mezon_protocol::call::Via;
use mezon_sandbox::World;
use mezon_tests::sim::Sim;
use mezon_tests::vectors;
use prost::{Message, Name};

use crate::scene::Scene;
use crate::{json, schema};

/// A line of `rpc.tsv`.
struct Line {
    index: Option<i32>,
    name: String,
    request: String,
    response: String,
    is_retired: bool,
}

/// The lines of the folder that the vectors come from; of the repository's own where that has none.
fn lines() -> Vec<Line> {
    let given = vectors::folder().join("rpc.tsv");
    let path = if given.exists() { given } else { vectors::own_folder().join("rpc.tsv") };
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let lines = text.lines().skip(1).map(|line| {
        let [index, name, request, response, _, _, _, _, status] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("a line of another shape: {line}");
        };
        Line {
            index: (index != "-").then(|| index.parse().expect("an index")),
            name: name.to_owned(),
            request: request.to_owned(),
            response: response.to_owned(),
            is_retired: status == "retired",
        }
    });
    lines.collect()
}

/// A call of our table, with what has to be known of its types.
struct Entry {
    rpc: Rpc,
    request: String,
    response: String,
    /// Makes the call with every field of the request set, and says what is wrong with the answer.
    make: fn(&mut Sim, Via) -> Result<(), String>,
}

#[derive(Default)]
struct Entries(BTreeMap<&'static str, Entry>);

impl Visit for Entries {
    fn visit<M: Method>(&mut self) {
        let entry = Entry {
            rpc: M::RPC,
            request: M::Request::full_name(),
            response: M::Response::full_name(),
            make: make::<M>,
        };
        assert!(self.0.insert(M::RPC.name, entry).is_none(), "{} is there twice", M::RPC.name);
    }
}

fn entries() -> BTreeMap<&'static str, Entry> {
    let mut entries = Entries::default();
    api::visit(&mut entries);
    entries.0
}

fn make<M: Method>(sim: &mut Sim, via: Via) -> Result<(), String> {
    let call = sim.bot.call(Api::<M>::new(request::<M>(sim)).via(via));
    let answer = sim.finish(call).map_err(|error| error.to_string())?;
    let (is_empty, has_fields) = (answer.encoded_len() == 0, size_of::<M::Response>() != 0);
    if is_empty == has_fields { Err("the answer is empty".into()) } else { Ok(()) }
}

/// A request with every field set, that our type reads and writes without loss.
fn request<M: Method>(sim: &Sim) -> M::Request {
    if M::RPC.name == "SessionRefresh" {
        return refresh::<M>(sim);
    }
    if size_of::<M::Request>() == 0 {
        return M::Request::default();
    }
    let filled = schema::filled(json::descriptor(&M::Request::full_name()), schema::DEPTH);
    let request = M::Request::decode(&filled.encode_to_vec()[..]).expect("our type reads its message");
    let name = M::Request::full_name();
    assert_eq!(json::decode(&name, &request.encode_to_vec()), json::to_json(&filled), "{name}");
    request
}

/// The one request that is no good with any words in it.
fn refresh<M: Method>(sim: &Sim) -> M::Request {
    let token = sim.machine.session().expect("logged in").refresh_token().expose().to_owned();
    let request = mezon_protocol::proto::api::SessionRefreshRequest { token, ..Default::default() };
    M::Request::decode(&request.encode_to_vec()[..]).expect("the same message")
}

#[test]
fn every_call_of_the_platform_is_in_the_table_as_it_is_there() {
    let entries = entries();
    let mut wrong = Vec::new();
    for line in lines() {
        let entry = entries.get(line.name.as_str());
        let is_right = match entry {
            None => {
                line.is_retired && api::RETIRED.iter().any(|(name, reason)| *name == line.name && !reason.is_empty())
            }
            Some(entry) => {
                !line.is_retired
                    && entry.rpc.index == line.index
                    && (entry.request.as_str(), entry.response.as_str()) == (&*line.request, &*line.response)
                    && api::find(&line.name) == Some(&entry.rpc)
            }
        };
        if !is_right {
            wrong.push(line.name);
        }
    }
    assert!(wrong.is_empty(), "missing, or not as the platform has them: {wrong:?}");
}

#[test]
fn the_table_has_nothing_that_the_platform_has_not() {
    let names: BTreeSet<_> = lines().into_iter().map(|line| line.name).collect();
    let unknown: Vec<_> = api::ALL.iter().filter(|rpc| !names.contains(rpc.name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    assert_eq!(entries().len(), api::ALL.len());
}

/// Those that change nothing are made again after a passing failure; the platform's names tell which they are.
#[test]
fn only_what_changes_nothing_may_be_made_twice() {
    let reads = ["List", "Get", "Is", "Search", "Check", "EmojiRecentList", "Healthcheck", "DetailChannelTimeline"];
    for rpc in api::ALL {
        assert_eq!(rpc.idempotent, reads.iter().any(|start| rpc.name.starts_with(start)), "{}", rpc.name);
    }
}

#[test]
fn every_call_is_answered_over_http_and_over_the_socket() {
    let Scene { mut sim, .. } = Scene::with(|world: &mut World| world.settings_mut().samples_only = true);
    sim.connect();
    let mut wrong = Vec::new();
    for (name, entry) in entries() {
        let ways = [Some(Via::Http), entry.rpc.index.map(|_| Via::Socket)];
        for via in ways.into_iter().flatten() {
            if let Err(why) = (entry.make)(&mut sim, via) {
                wrong.push(format!("{name} over {via:?}: {why}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
