//! Bytes and JSON recorded from other clients of the platform: ours reads and writes the same.

mod builders;
mod events;
mod frames;
mod json;
mod ledger;
mod ledger_calls;
mod ledger_lines;
mod member;
mod node;
mod requests;
mod scene;
mod schema;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use mezon_tests::vectors::{self, BUILDERS, EVENTS, FRAMES, text};
use serde_json::Value;

use self::frames::Written;

/// The lines whose requests are not compared yet, and why.
const NOT_COVERED: &[(&str, &str)] = &[
    ("mezon-sdk@2.8.53/socket_custom_status/118", "no call for the custom status"),
    ("mezon-sdk@2.8.53/socket_update_remove/133", "members 9 and 10 belong to the low-level socket"),
    ("mezon-sdk@2.8.53/socket_update_remove/136", "members 9 and 10 belong to the low-level socket"),
];

/// Rows 209, 210.
#[test]
fn what_the_server_says_is_understood() {
    let lines = vectors::lines(vectors::folder(), EVENTS);
    for line in &lines {
        named(line, events::check);
    }
    println!("{EVENTS}: {} lines checked, none not covered", lines.len());
}

/// The recorded lines have 71 of the 99 members.
#[test]
fn every_member_of_the_schema_comes_out_as_an_event_with_all_its_fields() {
    let mut count = 0;
    for line in schema::lines() {
        named(&line, events::check);
        count += 1;
    }
    assert_eq!(count, mezon_protocol::EventKind::ALL.len());
}

/// Rows 209, 210.
#[test]
fn what_clients_say_is_read_and_written_alike() {
    let lines = vectors::lines(vectors::folder(), FRAMES);
    let mut not_covered = Vec::new();
    for line in &lines {
        named(line, requests::read);
        if named(line, frames::write) == Written::NotCovered {
            not_covered.push(text(&line["id"]));
        }
    }
    let listed: Vec<_> = NOT_COVERED.iter().map(|(id, _)| *id).collect();
    assert_eq!(not_covered, listed, "the table of what is not covered is not right any more");
    println!("{FRAMES}: {} lines read, {} of them written", lines.len(), lines.len() - not_covered.len());
    for (id, reason) in NOT_COVERED {
        println!("not covered: {id}: {reason}");
    }
}

/// Rows 141, 142, 143, 147, 148, 149, 150, 151, 152, 153, 154, 155, 156, 157, 158, 159, 160, 161, 162, 163, 166, 167.
#[test]
fn what_is_built_counted_and_marked_up_is_what_other_sdks_make_of_it() {
    let file = vectors::value(vectors::folder(), BUILDERS);
    builders::has_palette(&file);
    let parts: Vec<_> = file.as_object().expect("an object").keys().filter(|key| *key != "about").collect();
    let covered = builders::PARTS.iter().map(|(part, _)| *part);
    assert_eq!(parts, ["palette"].into_iter().chain(covered).collect::<Vec<_>>());
    for (part, _) in builders::PARTS {
        for case in builders::cases(&file, part) {
            let name = case.get("name").or(case.get("input")).or(case.get("text")).unwrap_or(case);
            catch_unwind(AssertUnwindSafe(|| builders::check(part, case)))
                .unwrap_or_else(|_| panic!("in {part}: {name}"));
        }
    }
}

#[test]
fn no_case_of_the_builders_has_disappeared() {
    for folder in [vectors::own_folder(), vectors::folder()] {
        let file = vectors::value(folder, BUILDERS);
        for (part, count) in builders::PARTS {
            assert!(builders::cases(&file, part).len() >= count, "{part}");
        }
    }
}

/// Whatever folder the vectors come from, it has the lines that the repository has, each once.
#[test]
fn no_line_has_disappeared() {
    for (file, count) in [(EVENTS, 144), (FRAMES, 80)] {
        let ids = |folder| {
            let lines = vectors::lines(folder, file);
            let ids: BTreeSet<String> = lines.iter().map(|line| text(&line["id"]).to_owned()).collect();
            assert_eq!(ids.len(), lines.len(), "{file}");
            ids
        };
        let own = ids(vectors::own_folder());
        assert_eq!(own.len(), count, "{file}");
        let missing: Vec<_> = own.difference(&ids(vectors::folder())).cloned().collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}

/// Runs a check so that a failure says which line it was.
fn named<T>(line: &Value, check: impl FnOnce(&Value) -> T) -> T {
    catch_unwind(AssertUnwindSafe(|| check(line))).unwrap_or_else(|_| panic!("in {}", line["id"]))
}
