//! The same scenarios on every adapter: one behaviour, whatever runs it.
//!
//! A scenario is written once, against [`Bot`]; an adapter is one entry in [`ADAPTERS`]. The matrix is printed as it is in
//! the documentation: `cargo test -p mezon-tests --test conformance -- --nocapture`.

mod adapters;
mod bot;
mod scenarios;
mod tls;

use bot::{Adapter, Link};
use scenarios::{SCENARIOS, Scene};

/// Every adapter, with the links that it can be run over.
const ADAPTERS: &[Adapter] =
    &[adapters::hand::ADAPTER, adapters::tokio::ADAPTER, adapters::smol::ON_SMOL, adapters::smol::ON_ASYNC_STD];

#[test]
fn every_scenario_holds_on_every_adapter_over_every_link() {
    println!("| scenario | {} |", ADAPTERS.iter().map(|adapter| adapter.name).collect::<Vec<_>>().join(" | "));
    println!("|---|{}", "---|".repeat(ADAPTERS.len()));
    for (name, scenario) in SCENARIOS {
        let mut row = Vec::new();
        for adapter in ADAPTERS {
            for link in adapter.links {
                eprintln!("{name}: {} over {}", adapter.name, link.name());
                scenario(&mut Scene::new(adapter, *link));
            }
            row.push(adapter.links.iter().map(|link| link.name()).collect::<Vec<_>>().join(", "));
        }
        println!("| {name} | {} |", row.join(" | "));
    }
}

/// What an adapter must not be without.
#[test]
fn every_adapter_runs_plain_and_those_with_sockets_with_tls_too() {
    for adapter in ADAPTERS {
        assert!(adapter.links.contains(&Link::PLAIN), "{}", adapter.name);
    }
}
