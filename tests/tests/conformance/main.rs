//! The same scenarios on every adapter: one behaviour, whatever runs it.
//!
//! A scenario is written once, against [`bot::Bot`]; an adapter is one entry in [`ADAPTERS`]. The table of what was run is in
//! ARCHITECTURE.md; it must be the one that the run gives.

mod adapters;
mod agents;
mod bot;
mod scenarios;
mod servers;
mod tls;

use bot::Adapter;
use scenarios::{SCENARIOS, Scene};

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
    let mut table = row("scenario", ADAPTERS.iter().map(|adapter| adapter.name.to_owned()));
    table.push_str(&format!("|---|{}\n", "---|".repeat(ADAPTERS.len())));
    for (name, scenario) in SCENARIOS {
        let run = |adapter: &Adapter| {
            for link in adapter.links {
                eprintln!("{name}: {} over {}", adapter.name, link.name());
                scenario(&mut Scene::new(adapter, *link));
            }
            adapter.links.iter().map(|link| link.name()).collect::<Vec<_>>().join(", ")
        };
        table.push_str(&row(name, ADAPTERS.iter().map(run)));
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../ARCHITECTURE.md");
    let documented = std::fs::read_to_string(path).unwrap();
    assert!(documented.contains(&table), "ARCHITECTURE.md should have this table:\n\n{table}");
}

fn row(name: &str, cells: impl Iterator<Item = String>) -> String {
    format!("| {name} | {} |\n", cells.collect::<Vec<_>>().join(" | "))
}
