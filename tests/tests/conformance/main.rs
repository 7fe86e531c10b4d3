//! The same scenarios on every adapter: one behaviour, whatever runs it.
//!
//! A scenario is written once, against [`bot::Bot`]; an adapter is one entry in [`ADAPTERS`]. The table of what was run is in
//! ARCHITECTURE.md; it must be the one that the run gives.

mod adapters;
mod agents;
mod bot;
mod clients;
mod scenarios;
mod servers;
mod tls;

use std::thread;

use bot::{Adapter, Link};
use mezon_tests::recording::Checked;
use scenarios::SCENARIOS;

/// Every adapter, with the links that it can be run over.
const ADAPTERS: &[Adapter] = &[
    adapters::hand::ADAPTER,
    adapters::tokio::ADAPTER,
    adapters::smol::ON_SMOL,
    adapters::smol::ON_ASYNC_STD,
    adapters::blocking::ADAPTER,
];

#[test]
fn every_scenario_holds_on_every_adapter_over_every_link() {
    let names: Vec<_> = ADAPTERS.iter().map(|adapter| adapter.name.to_owned()).collect();
    let mut table = row("scenario", &names) + &format!("|---|{}\n", "---|".repeat(ADAPTERS.len()));
    for scenario in SCENARIOS {
        let cells = on_each(&|adapter| over_links(scenario.name, adapter, &|link| scenario.run(adapter, link)));
        table.push_str(&row(scenario.name, &cells));
    }
    let names = ADAPTERS.iter().map(|adapter| adapter.clients).max_by_key(|list| list.len()).unwrap();
    for (k, (name, _)) in names.iter().enumerate() {
        let cells = on_each(&|adapter| match adapter.clients.get(k) {
            Some((name, scenario)) => over_links(name, adapter, scenario),
            None => "-".to_owned(),
        });
        table.push_str(&row(name, &cells));
    }
    println!("{} recordings replayed", Checked::count());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../ARCHITECTURE.md");
    let documented = std::fs::read_to_string(path).unwrap();
    assert!(documented.contains(&table), "ARCHITECTURE.md should have this table:\n\n{table}");
}

/// Runs something on every adapter, all at the same time: most of it is waiting.
fn on_each(run: &(dyn Fn(&'static Adapter) -> String + Sync)) -> Vec<String> {
    thread::scope(|scope| {
        let runs: Vec<_> = ADAPTERS.iter().map(|adapter| scope.spawn(|| run(adapter))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    })
}

/// Runs a scenario over all links of an adapter, and names them.
fn over_links(name: &str, adapter: &Adapter, scenario: &dyn Fn(Link)) -> String {
    for link in adapter.links {
        eprintln!("{name}: {} over {}", adapter.name, link.name());
        scenario(*link);
    }
    adapter.links.iter().map(|link| link.name()).collect::<Vec<_>>().join(", ")
}

fn row(name: &str, cells: &[String]) -> String {
    format!("| {name} | {} |\n", cells.join(" | "))
}
