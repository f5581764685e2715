//! docs/coverage/ has a row for every row of the five source documents and of what is public of a sixth, and for each row the tests that show it. These
//! tests keep the pages true: each test that is named exists, each test of a document's rows is named, and what the
//! registry says of the documents' resources (elements, triggers, rules, code values) has a row.
//!
//! A cell names tests of the state's own crate as they are; `sync: name` stands in `sync` or in this package,
//! `transport: name` in `transport`, and `row: name` among the document's trigger tables in this package, which run the
//! program. Each row of a trigger table, and each use case, has such a test. A test of a row file that no row names has a comment `// extra: why` above it.
#![cfg(all(feature = "kansas", feature = "wisconsin", feature = "core-edfi"))]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use rollcall_core::registry::StateView;
use rollcall_core::resource::{Element, ResourceSpec, Trigger};
use rollcall_core::verdict::Rule;
use rollcall_tests::workspace::{root, shown, sources};

/// A source document, and what it is about.
struct Document {
    /// The page's name in docs/coverage/.
    page: &'static str,
    /// The crate that makes it true.
    folder: &'static str,
    /// The files of its row tests.
    files: &'static [&'static str],
    /// The state and resource by which the registry has it.
    resource: (&'static str, &'static str),
    /// Elements of the resource that the document has no row of its own for: where its rows are instead.
    elements_elsewhere: &'static [(&'static str, &'static str)],
    /// Whether it has trigger tables.
    triggers: bool,
    /// The rules that are its own rows: those whose `document` begins so.
    rules: &'static [&'static str],
    /// The namespaces of its descriptor tables.
    namespaces: &'static [&'static str],
}

const DOCUMENTS: &[Document] = &[
    Document {
        page: "core-sessions",
        folder: "states/core-edfi",
        files: &["sessions.rs"],
        resource: ("ed-fi", "sessions"),
        elements_elsewhere: &[],
        triggers: true,
        rules: &["Core Sessions"],
        namespaces: &[],
    },
    Document {
        page: "core-student-cte-program-associations",
        folder: "states/core-edfi",
        files: &["student_cte_program_associations.rs"],
        resource: ("ed-fi", "studentCTEProgramAssociations"),
        elements_elsewhere: &[],
        triggers: true,
        rules: &["Core Student CTE"],
        namespaces: &[],
    },
    Document {
        page: "kansas-course-offerings",
        folder: "states/kansas",
        files: &["course_offerings.rs"],
        resource: ("ks", "courseOfferings"),
        elements_elsewhere: &[],
        triggers: true,
        rules: &[""],
        namespaces: &[
            "uri://ksde.org/CourseDeliveryTypeDescriptor",
            "uri://ksde.org/CourseProgramTypeDescriptor",
            "uri://ksde.org/CollegeCareerTypeDescriptor",
            "uri://ksde.org/CourseLevelCharacteristicDescriptor",
            "uri://ed-fi.org/GradeLevelDescriptor",
        ],
    },
    Document {
        page: "kansas-section-educators",
        folder: "states/kansas",
        files: &["section_educators.rs"],
        resource: ("ks", "sectionEducators"),
        elements_elsewhere: &[],
        triggers: true,
        rules: &[""],
        namespaces: &[],
    },
    Document {
        page: "kansas-student-section-associations",
        folder: "states/kansas",
        files: &["student_section_associations.rs", "course_status.rs"],
        resource: ("ks", "studentSectionAssociations"),
        elements_elsewhere: &[],
        triggers: true,
        rules: &[""],
        namespaces: &["uri://ksde.org/CourseStatusDescriptor"],
    },
    Document {
        page: "wisconsin-student-section-association",
        folder: "states/wisconsin",
        files: &["student_section_associations.rs", "attempt_status.rs", "descriptors.rs"],
        resource: ("wi", "studentSectionAssociations"),
        elements_elsewhere: &[
            ("_ext.wi.programs", "Data Properties: programName"),
            ("homeroomIndicator", "not among the Data Properties (docs/readings.md)"),
        ],
        triggers: false,
        rules: &["WI Student Section Association"],
        namespaces: &["uri://dpi.wi.gov/AttemptStatusDescriptor", "uri://dpi.wi.gov/ProgramTypeDescriptor"],
    },
];

/// Rows of trigger tables that no run of the program can show: the page, how the row begins, and why.
const WITHOUT_A_RUN: &[(&str, &str, &str)] = &[(
    "kansas-course-offerings",
    "Delete/Post: When the natural key changes all dependent resources are deleted/posted. Dependent Resources: Staff",
    "the resource is not reported (README.md, \"What it does not do yet\")",
)];

/// The headings under which the documents have trigger tables.
const TRIGGER_TABLES: &[&str] = &[
    "Object Triggering Logic",
    "School Exclude, Calendar Exclude, Resource Toggle and Resync Logic",
    "Natural Key Changes, Cascading Updates, and Deletes Logic",
];

/// A row of a page.
struct Row {
    heading: String,
    text: String,
    cell: String,
}

impl Row {
    /// The tests that the cell names.
    fn tests(&self) -> impl Iterator<Item = &str> {
        self.cell.split(',').map(|name| name.trim().trim_matches('`').trim()).filter(|name| !name.is_empty())
    }

    /// Whether it is a row of a trigger table, or a use case.
    fn is_trigger(&self) -> bool {
        TRIGGER_TABLES.contains(&self.heading.as_str())
            || self.text.starts_with(|c: char| c.is_ascii_digit()) && self.heading.is_empty()
    }

    /// The tests that take it through the program.
    fn runs(&self) -> impl Iterator<Item = &str> {
        self.tests().filter_map(|test| test.strip_prefix("row: "))
    }

    /// The words of the row without its action.
    fn words(&self) -> BTreeSet<String> {
        words(self.text.split_once(": ").map_or(&self.text, |(_, text)| text))
    }
}

/// The words of a text that carry its meaning: in lower case, in the singular, without what stands in every row.
fn words(text: &str) -> BTreeSet<String> {
    const SMALL: &[&str] = &[
        "a",
        "an",
        "the",
        "of",
        "is",
        "are",
        "to",
        "on",
        "in",
        "or",
        "and",
        "when",
        "if",
        "it",
        "that",
        "be",
        "any",
        "following",
        "information",
        "changed",
    ];
    let words = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    let words = words.filter(|word| !word.is_empty() && !SMALL.contains(&word.as_str()));
    words.map(|word| word.strip_suffix('s').filter(|word| word.len() > 2).unwrap_or(&word).to_owned()).collect()
}

/// Whether most (two thirds) of some words are among others.
fn mostly(words: &BTreeSet<String>, among: &BTreeSet<String>) -> bool {
    3 * words.intersection(among).count() >= 2 * words.len()
}

/// Whether a text has a name as a word of its own, whatever its case.
fn names(text: &str, name: &str) -> bool {
    let (text, name) = (text.to_lowercase(), name.to_lowercase());
    let part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    text.match_indices(&name).any(|(at, _)| !text[..at].ends_with(part) && !text[at + name.len()..].starts_with(part))
}

/// The rows of a document's page.
fn rows(document: &Document) -> Vec<Row> {
    let path = root().join("docs/coverage").join(document.page).with_extension("md");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", shown(&path)));
    let (mut rows, mut heading) = (Vec::new(), String::new());
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            title.clone_into(&mut heading);
        }
        let Some(cells) = line.strip_prefix("| ").and_then(|line| line.strip_suffix(" |")) else { continue };
        let (text, cell) = cells.rsplit_once(" | ").unwrap_or_else(|| panic!("{}: {line}", shown(&path)));
        if (text, cell) != ("row", "test") {
            rows.push(Row { heading: heading.clone(), text: text.to_owned(), cell: cell.to_owned() });
        }
    }
    assert!(!rows.is_empty(), "{} has no rows", shown(&path));
    rows
}

/// A test function, and whether a comment above it says `// extra: why`.
struct Test {
    name: String,
    extra: bool,
}

/// The test functions in a source text.
fn tests(source: &str) -> Vec<Test> {
    let (mut found, mut is_test, mut extra) = (Vec::new(), false, false);
    for line in source.lines().map(str::trim) {
        if line.starts_with("//") {
            extra |= line.starts_with("// extra: ");
        } else if line.starts_with("#[") {
            is_test |= line == "#[test]" || line.starts_with("#[tokio::test");
        } else {
            let name = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
            if let Some((name, _)) = name.filter(|_| is_test).and_then(|name| name.split_once('(')) {
                found.push(Test { name: name.to_owned(), extra });
            }
            (is_test, extra) = (false, false);
        }
    }
    found
}

/// The names of the tests in some folders.
fn test_names(folders: &[&str]) -> BTreeSet<String> {
    let folders: Vec<&str> = folders.iter().copied().filter(|folder| root().join(folder).is_dir()).collect();
    sources(&folders).iter().flat_map(|(_, text)| tests(text)).map(|test| test.name).collect()
}

/// The tests that take a document's rows through the program.
fn runs(document: &Document) -> Vec<Test> {
    let file = format!("tests/tests/trigger_tables/{}.rs", document.page.replace('-', "_"));
    tests(&fs::read_to_string(root().join(&file)).unwrap_or_else(|error| panic!("{file}: {error}")))
}

/// The resource of a document, as the registry has it.
fn registered(document: &Document) -> (StateView, &'static ResourceSpec) {
    let (state, resource) = document.resource;
    let registry = rollcall::registry().expect("the registry is whole");
    let view = registry.state(state).expect("the state is compiled in");
    let spec = view.resource(resource).unwrap_or_else(|| panic!("{state} has no {resource}")).spec();
    (view, spec)
}

/// Fails with all that is missing, by document.
#[track_caller]
fn assert_none(missing: &BTreeMap<&str, Vec<String>>, what: &str) {
    let lines = missing.iter().flat_map(|(page, items)| items.iter().map(move |item| format!("{page}: {item}")));
    let lines: Vec<String> = lines.collect();
    assert!(lines.is_empty(), "{what}:\n{}", lines.join("\n"));
}

/// For each document, what a check finds missing.
fn of_each(check: impl Fn(&Document, &[Row]) -> Vec<String>) -> BTreeMap<&'static str, Vec<String>> {
    DOCUMENTS.iter().map(|document| (document.page, check(document, &rows(document)))).collect()
}

#[test]
fn every_document_has_its_page_and_every_page_its_document() {
    let entries = fs::read_dir(root().join("docs/coverage")).expect("docs/coverage/ is there");
    let mut pages: Vec<String> =
        entries.map(|entry| entry.expect("it can be listed").file_name().to_string_lossy().into_owned()).collect();
    pages.sort();
    // The page about the ODS/API's behaviour has tests of its own (`behaviour_coverage.rs`).
    pages.retain(|page| page != "ods-behaviour.md");
    let documents: Vec<String> = DOCUMENTS.iter().map(|document| format!("{}.md", document.page)).collect();
    assert_eq!(pages, documents);
}

#[test]
fn every_row_has_a_test_that_exists() {
    let sync = test_names(&["sync/src", "sync/tests", "tests/tests"]);
    let transport = test_names(&["transport/src", "transport/tests"]);
    let missing = of_each(|document, rows| {
        let own = test_names(&[&format!("{}/src", document.folder), &format!("{}/tests", document.folder)]);
        let runs: BTreeSet<String> = runs(document).into_iter().map(|test| test.name).collect();
        let mut missing = Vec::new();
        for row in rows {
            if row.tests().next().is_none() {
                missing.push(format!("no test: {}", row.text));
            }
            for test in row.tests() {
                let known = match test.split_once(": ") {
                    None => own.contains(test),
                    Some(("sync", name)) => sync.contains(name),
                    Some(("transport", name)) => transport.contains(name),
                    Some(("row", name)) => runs.contains(name),
                    Some(_) => false,
                };
                if !known {
                    missing.push(format!("no test {test}: {}", row.text));
                }
            }
        }
        missing
    });
    assert_none(&missing, "rows without a test");
}

#[test]
fn every_row_of_a_trigger_table_is_taken_through_the_program() {
    let missing = of_each(|document, rows| {
        let excused = |row: &Row| {
            WITHOUT_A_RUN.iter().any(|(page, begin, _)| *page == document.page && row.text.starts_with(begin))
        };
        assert!(rows.iter().any(Row::is_trigger), "{} has no trigger table", document.page);
        let mut missing = Vec::new();
        for row in rows.iter().filter(|row| row.is_trigger()) {
            match (excused(row), row.runs().next()) {
                (false, None) => missing.push(format!("no `row:` test: {}", row.text)),
                (true, Some(_)) => missing.push(format!("has a test now, take it off the list: {}", row.text)),
                _ => {}
            }
        }
        missing
    });
    assert_none(&missing, "rows that no test takes through the program");
}

#[test]
fn every_run_of_a_trigger_table_is_named_by_its_row() {
    let missing = of_each(|document, rows| {
        let named: BTreeSet<&str> = rows.iter().flat_map(Row::runs).collect();
        let runs = runs(document).into_iter().filter(|test| !test.extra && !named.contains(test.name.as_str()));
        runs.map(|test| test.name).collect()
    });
    assert_none(&missing, "tests of tests/tests/trigger_tables that no row names, and without `// extra: why`");
}

#[test]
fn every_test_of_a_documents_rows_is_named_by_one() {
    let missing = of_each(|document, rows| {
        let named: BTreeSet<&str> = rows.iter().flat_map(Row::tests).collect();
        let files = document.files.iter().map(|file| root().join(document.folder).join("tests").join(file));
        let contents = files.map(|path| fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", shown(&path))));
        let tests = contents.flat_map(|text| tests(&text)).filter(|test| !test.extra);
        tests.map(|test| test.name).filter(|name| !named.contains(name.as_str())).collect()
    });
    assert_none(&missing, "tests that no row names, and without `// extra: why`");
}

#[test]
fn no_row_stands_twice() {
    let missing = of_each(|_, rows| {
        let mut seen = BTreeSet::new();
        let twice = rows.iter().filter(|row| !seen.insert((row.heading.as_str(), row.text.as_str())));
        twice.map(|row| row.text.clone()).collect()
    });
    assert_none(&missing, "rows that stand twice");
}

#[test]
fn every_element_has_a_row() {
    let missing = of_each(|document, rows| {
        let elsewhere = |element: &&&Element| document.elements_elsewhere.iter().all(|(name, _)| *name != element.name);
        let label = |element: &Element| element.name.rsplit_once('.').map_or(element.name, |(_, label)| label);
        let elements: Vec<&Element> = registered(document).1.elements.iter().collect();
        let lacking = elements.iter().filter(elsewhere).filter(|e| !rows.iter().any(|row| names(&row.text, label(e))));
        lacking.map(|element| element.name.to_owned()).collect()
    });
    assert_none(&missing, "elements without a row");
}

#[test]
fn every_trigger_has_a_row() {
    let missing = of_each(|document, rows| {
        let triggers = registered(document).1.triggers.iter().filter(|_| document.triggers);
        triggers.filter(|trigger| !has_trigger(rows, trigger)).map(|t| format!("{}: {}", t.action, t.when)).collect()
    });
    assert_none(&missing, "triggers without a row");
}

/// Whether a trigger has its row: one with most of its words, or (bullets of one row) several whose words are mostly its
/// own and which together have most of its words. Each of them is of its action.
fn has_trigger(rows: &[Row], trigger: &Trigger) -> bool {
    let wanted = words(trigger.when);
    let of_action = |row: &&Row| names(&row.text, trigger.action) || names(&row.heading, trigger.action);
    let rows: Vec<BTreeSet<String>> = rows.iter().filter(of_action).map(Row::words).collect();
    let bullets = rows.iter().filter(|row| mostly(row, &wanted)).flatten().cloned().collect();
    rows.iter().any(|row| mostly(&wanted, row)) || mostly(&wanted, &bullets)
}

#[test]
fn every_rule_has_a_row() {
    let missing = of_each(|document, rows| {
        let own = |rule: &&&Rule| document.rules.iter().any(|prefix| rule.document.starts_with(prefix));
        let exclusions = registered(document).1.exclusions.iter();
        exclusions.filter(own).filter(|rule| !has_rule(rows, rule)).map(|rule| rule.name.to_owned()).collect()
    });
    assert_none(&missing, "exclusion rules without a row");
}

/// Whether a rule has its row: one that has its name, most of the words of its text, or the number of its use case.
fn has_rule(rows: &[Row], rule: &Rule) -> bool {
    let wanted = words(rule.text);
    let use_case = rule.document.split_once("use case ").map(|(_, number)| number);
    rows.iter().any(|row| {
        names(&row.text, rule.name)
            || names(&row.text, &rule.name.replace('-', " "))
            || mostly(&wanted, &row.words())
            || use_case.is_some_and(|number| row.text.starts_with(&format!("{number} ")))
    })
}

#[test]
fn every_code_value_has_a_row() {
    let missing = of_each(|document, rows| {
        let (view, _) = registered(document);
        let mut missing = Vec::new();
        for uri in document.namespaces {
            let namespace = view.namespaces.iter().find(|namespace| namespace.namespace() == *uri);
            let namespace = namespace.unwrap_or_else(|| panic!("{uri} is not registered"));
            let lacking = namespace.codes().iter().filter(|code| !has_code(rows, namespace.descriptor(), code.code));
            missing.extend(lacking.map(|code| format!("{uri}#{}", code.code)));
        }
        missing
    });
    assert_none(&missing, "code values without a row");
}

/// Whether a code value has its row: under a heading that names the descriptor, a row that begins with the code; or a
/// row that has the code after the descriptor's name.
fn has_code(rows: &[Row], descriptor: &str, code: &str) -> bool {
    let plain = |text: &str| text.to_lowercase().replace([' ', '`', '*'], "");
    let begins = |text: &str| {
        let rest = text.trim_start_matches(['`', '*', ' ', ':']).strip_prefix(code);
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == ' '))
    };
    rows.iter().any(|row| {
        let under = plain(&row.heading).contains(&plain(descriptor)) && begins(&row.text);
        under || row.text.split_once(descriptor).is_some_and(|(_, rest)| begins(rest))
    })
}

#[test]
fn a_missing_row_is_noticed() {
    let row = |heading: &str, text: &str| Row { heading: heading.into(), text: text.into(), cell: String::new() };
    let codes = [row("AttemptStatus Descriptor", "`Non Certified`: text"), row("", "AttemptStatusDescriptor I, text")];
    assert!(has_code(&codes, "AttemptStatusDescriptor", "Non Certified"));
    assert!(has_code(&codes, "AttemptStatusDescriptor", "I"));
    for code in ["Certified", "Non", "S"] {
        assert!(!has_code(&codes, "AttemptStatusDescriptor", code), "{code}");
    }
    let triggers = [
        row("", "Put: When any information is changed on Roster: Start Date"),
        row("", "Put: When any information is changed on Roster: End Date"),
        row("", "Delete: When the Roster record is deleted."),
    ];
    assert!(has_trigger(&triggers, &Trigger::new("Put", "When any is changed on Roster: Start Date, End Date")));
    assert!(!has_trigger(&triggers, &Trigger::new("Post", "When any is changed on Roster: Start Date, End Date")));
    assert!(!has_trigger(&triggers, &Trigger::new("Delete", "When the Enrollment is deleted.")));
    let source = "#[test]\nfn one() {}\nfn two() {}\n// extra: why\n#[tokio::test]\nasync fn three() {}\n";
    let found: Vec<(String, bool)> = tests(source).into_iter().map(|test| (test.name, test.extra)).collect();
    assert_eq!(found, [("one".to_owned(), false), ("three".to_owned(), true)]);
}
