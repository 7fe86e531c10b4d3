//! What clients of other languages promise, row by row: each has a name here, and a test or an example that shows it.
//!
//! `acceptance/rows.tsv` lists the rows: the number, what it is called elsewhere, what here. Tests and examples say in a
//! comment of its own line which rows they show: `/// Rows 83, 84.` From both comes the page of names in the docs. After a
//! change `BLESS=1 cargo test -p mezon-tests --test acceptance` writes it anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The page, a part of the docs of `mezon-protocol`.
const PAGE: &str = "mezon-protocol/docs/names.md";

/// Rows that are not promised yet begin with this in the last column.
const LATER: &str = "later";

struct Row {
    number: u32,
    elsewhere: String,
    here: String,
}

#[test]
fn every_row_is_shown_by_a_test_or_an_example() {
    let shown = shown();
    let missing: Vec<_> = rows()
        .iter()
        .filter(|row| !row.here.starts_with(LATER) && !shown.contains_key(&row.number))
        .map(|row| format!("{} {}", row.number, row.elsewhere))
        .collect();
    assert!(missing.is_empty(), "nothing shows the rows\n{}", missing.join("\n"));
}

#[test]
fn no_test_shows_a_row_that_does_not_exist() {
    let known: Vec<_> = rows().iter().map(|row| row.number).collect();
    for (number, by) in shown() {
        assert!(known.contains(&number), "there is no row {number}, which is shown by {by:?}");
    }
}

/// Row 217.
#[test]
fn the_page_of_names_is_up_to_date() {
    let path = root().join(PAGE);
    let page = page();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "{PAGE} is out of date: run BLESS=1 cargo test -p mezon-tests --test acceptance");
}

fn rows() -> Vec<Row> {
    let table = fs::read_to_string(root().join("tests/acceptance/rows.tsv")).unwrap();
    let row = |line: &str| {
        let [number, elsewhere, here] = line.split('\t').collect::<Vec<_>>().try_into().expect("three columns");
        Row { number: number.parse().unwrap(), elsewhere: elsewhere.to_owned(), here: here.to_owned() }
    };
    table.lines().map(row).collect()
}

fn page() -> String {
    let shown = shown();
    let mut page = String::from(
        "What bot authors know from the clients of other languages, by the names that it has there, and by those that it\n\
         has here. The last column names a test or an example that shows it.\n\n\
         | # | elsewhere | here | shown by |\n|---:|---|---|---|\n",
    );
    for Row { number, elsewhere, here } in rows() {
        let by = shown.get(&number).and_then(|by| by.first()).map_or("", String::as_str);
        let here: Vec<_> = here.split(", ").map(|name| format!("`{name}`")).collect();
        let elsewhere = elsewhere.replace('[', "\\[").replace(']', "\\]");
        writeln!(page, "| {number} | {elsewhere} | {} | {by} |", here.join(", ")).unwrap();
    }
    page
}

/// What shows each row, in the order of the files.
fn shown() -> BTreeMap<u32, Vec<String>> {
    let mut shown: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for file in sources(&root()) {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
        let lines: Vec<_> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let by = || match lines[at..].iter().find_map(|line| function(line)) {
                Some(function) => format!("`{name}`: `{function}`"),
                None => format!("`{name}`"),
            };
            for number in numbers(line) {
                shown.entry(number).or_default().push(by());
            }
        }
    }
    shown
}

/// The rows that a comment names: `Row 1.`, `Rows 1, 3-5.`
fn numbers(line: &str) -> Vec<u32> {
    let comment = line.trim_start().trim_start_matches(['/', '!']);
    let is_comment = comment.len() < line.trim_start().len();
    let list = comment.trim().strip_prefix("Rows ").or_else(|| comment.trim().strip_prefix("Row "));
    let Some(list) = list.filter(|_| is_comment).and_then(|list| list.strip_suffix('.')) else { return Vec::new() };
    let numbers = list.split(", ").map(|part| {
        let (first, last) = part.split_once(['-', '–']).unwrap_or((part, part));
        Some(first.parse().ok()?..=last.parse().ok()?)
    });
    numbers.collect::<Option<Vec<_>>>().into_iter().flatten().flatten().collect()
}

/// The name of the function that a line declares.
fn function(line: &str) -> Option<&str> {
    let rest = line.trim_start().trim_start_matches("pub ").trim_start_matches("async ");
    rest.strip_prefix("fn ")?.split(['(', '<']).next()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    let wanted = |path: &Path| path.is_dir() || path.extension().is_some_and(|extension| extension == "rs");
    let is_ours = |path: &Path| !path.file_name().is_some_and(|name| name == "target" || name == ".git");
    let (folders, files): (Vec<_>, Vec<_>) =
        entries.into_iter().filter(|path| wanted(path) && is_ours(path)).partition(|path| path.is_dir());
    files.into_iter().chain(folders.iter().flat_map(|folder| sources(folder))).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

#[test]
fn rows_are_read_from_comments_alone() {
    assert_eq!(numbers("    /// Rows 1, 3-5."), [1, 3, 4, 5]);
    assert_eq!(numbers("// Row 7."), [7]);
    assert!(numbers("Row 7.").is_empty());
    assert!(numbers("/// Row 7 and more.").is_empty());
    assert!(numbers("/// Rows of a table.").is_empty());
}
