//! What stands on the page.

use askama::Template;
use rollcall_core::snapshot::Snapshot;
use rollcall_ledger::ErrorEntry;
use rollcall_sync::error_log::Cause;
use rollcall_sync::summary::Summary;

use super::tables::{self, Table};
use crate::commands::errors;
use crate::commands::run_record::RunRecord;
use crate::session::Session;

/// What the page is made from.
pub(super) struct Sources<'a> {
    pub(super) session: &'a Session,
    pub(super) run: &'a RunRecord,
    pub(super) summary: &'a Summary,
    pub(super) snapshot: Option<&'a Snapshot>,
    /// The error log, when students are to be named.
    pub(super) records: Option<&'a [ErrorEntry]>,
}

/// The page.
#[derive(Template)]
#[template(path = "report.html")]
pub(super) struct Page {
    title: String,
    outcome: String,
    verdict: String,
    facts: Vec<(&'static str, String)>,
    figures: Vec<Figure>,
    causes: Vec<CauseView>,
    tables: Vec<Table>,
    footer: String,
}

struct Figure {
    count: u64,
    name: &'static str,
    kind: &'static str,
}

struct CauseView {
    outcome: String,
    headline: String,
    /// Whose words `says` are. What follows them are our own words, as HTML.
    speaker: &'static str,
    says: String,
    because: Vec<String>,
    fixes: Vec<String>,
    waiting: String,
    objects: String,
    schools: Vec<String>,
}

impl Page {
    pub(super) fn of(sources: &Sources<'_>) -> Self {
        let Sources { run, summary, records, .. } = sources;
        let mut tables = vec![tables::by_resource(summary)];
        tables.extend(tables::by_school(summary, sources.snapshot));
        tables.extend(tables::excluded(summary, &sources.session.config.state));
        tables.extend(tables::traffic(summary));
        tables.extend(records.and_then(|records| tables::records(records, sources.snapshot)));
        let footer = if records.is_some() {
            "This page names students: keep it as you keep their records, and pass it on to nobody who may not see them."
        } else {
            "This page names no student and has none of their ids. The rows of the SIS are named by table and id: \
             `rollcall explain` shows one, `rollcall errors` the records themselves."
        };
        Self {
            title: format!("{}: {} {}", sources.session.config.state.state.name, run.command, run.id),
            outcome: run.outcome.clone(),
            verdict: verdict(run, summary),
            facts: facts(sources),
            figures: figures(summary),
            causes: summary.causes.iter().map(|cause| view(cause, sources.snapshot, records.is_some())).collect(),
            tables,
            footer: html(footer),
        }
    }
}

fn verdict(run: &RunRecord, summary: &Summary) -> String {
    let missing = summary.total(|part| part.refused + part.unknown + part.held + part.defects + part.not_sent);
    let records = if missing == 1 { "1 record is".to_owned() } else { format!("{missing} records are") };
    match run.outcome.as_str() {
        "complete" => "Complete: every record that reports is at the ODS".to_owned(),
        "stopped" => format!("Stopped before its end: {records} not at the ODS"),
        _ if missing == 0 && summary.unread > 0 => {
            "Incomplete: rows of the SIS tables cannot be read, and what they would report is not at the ODS".to_owned()
        }
        _ if missing == 0 => "Incomplete: deletes or updates wait until the tables can be read".to_owned(),
        _ => format!("Incomplete: {records} not as they should be at the ODS"),
    }
}

fn facts(sources: &Sources<'_>) -> Vec<(&'static str, String)> {
    let Sources { session, run, .. } = sources;
    let years: Vec<String> = session.config.years.iter().map(ToString::to_string).collect();
    let changed = if run.configuration_is_present { "the present one" } else { "changed since" };
    // What a run was limited to can be a student's id.
    let limited =
        if sources.records.is_some() || run.filters.is_none() { run.limited_to() } else { run.limits().join(", ") };
    let mut facts = vec![
        ("Connection", session.connection_name()),
        ("School years", years.join(", ")),
        ("Of", limited),
        ("Started", moment(&run.started)),
        ("Took", run.took()),
        ("Configuration", format!("{} ({changed})", run.configuration)),
    ];
    facts.extend(run.reason.clone().map(|reason| ("Because", reason)));
    facts
}

fn figures(summary: &Summary) -> Vec<Figure> {
    let figure = |count, name, kind| Figure { count, name, kind };
    let mut figures = vec![
        figure(summary.total(|part| part.posted + part.put), "records sent", ""),
        figure(summary.total(|part| part.deleted), "records deleted", ""),
        figure(summary.total(|part| part.unchanged), "already as they should be", ""),
        figure(summary.total(|part| part.refused), "refused", "bad"),
        figure(summary.total(|part| part.defects), "with a defect", "bad"),
        figure(summary.total(|part| part.held), "held back by others", "wait"),
        figure(summary.total(|part| part.unknown), "outcome unknown", "wait"),
        figure(summary.total(|part| part.not_sent), "not sent", "wait"),
        figure(summary.total(|part| part.waiting), "waiting for a resync", "wait"),
        figure(summary.total(|part| part.withheld), "withheld until the tables can be read", "wait"),
        figure(summary.unread, "findings that leave rows of the SIS out", "bad"),
    ];
    // The first three always stand.
    let mut at = 0;
    figures.retain(|figure| {
        at += 1;
        at <= 3 || figure.count > 0
    });
    figures
}

fn view(cause: &Cause, snapshot: Option<&Snapshot>, with_students: bool) -> CauseView {
    let plain = |text: &str| if with_students { text.to_owned() } else { without_persons(text) };
    let objects: Vec<&str> = cause.objects.iter().map(String::as_str).collect();
    let (persons, rows): (Vec<&str>, Vec<&str>) = objects.iter().partition(|object| object.starts_with("Person:"));
    let mut shown: Vec<String> = rows.iter().map(|row| (*row).to_owned()).collect();
    if with_students {
        shown.extend(persons.iter().map(|person| (*person).to_owned()));
    } else if !persons.is_empty() {
        shown.push("rows of Person (`rollcall errors --list` names them)".to_owned());
    }
    if cause.records > objects.len() as u64 && !objects.is_empty() {
        shown.push("…".to_owned());
    }
    let waiting = cause.waiting.iter().map(|(resource, count)| format!("{count} {resource}")).collect::<Vec<_>>();
    let schools = cause.schools.iter().map(|(id, count)| {
        let records = if *count == 1 { "record" } else { "records" };
        format!("{}: {count} {records}", tables::school_name(id, snapshot))
    });
    CauseView {
        outcome: cause.outcome.clone(),
        headline: errors::headline(cause),
        speaker: if cause.outcome == "refused" { "The ODS says" } else { "What" },
        says: plain(&cause.message),
        because: cause.causes.iter().map(|text| html(&plain(text))).collect(),
        fixes: cause.fix.lines().map(|text| html(&plain(text))).collect(),
        waiting: waiting.join(", "),
        objects: html(&shown.join(", ")),
        schools: schools.collect(),
    }
}

/// A text without the ids of students' rows.
fn without_persons(text: &str) -> String {
    let mut parts = text.split("Person:");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str("a row of Person");
        plain.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit() || c == '…'));
    }
    plain
}

/// A text as HTML; what stands in backquotes is a command.
fn html(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 16);
    for (at, part) in text.split('`').enumerate() {
        if at > 0 {
            html.push_str(if at % 2 == 1 { "<code>" } else { "</code>" });
        }
        for c in part.chars() {
            match c {
                '&' => html.push_str("&amp;"),
                '<' => html.push_str("&lt;"),
                '>' => html.push_str("&gt;"),
                '"' => html.push_str("&quot;"),
                '\'' => html.push_str("&#39;"),
                c => html.push(c),
            }
        }
    }
    if text.matches('`').count() % 2 == 1 {
        html.push_str("</code>");
    }
    html
}

/// `25 November 2026, 01:40 UTC`
fn moment(text: &str) -> String {
    let at = chrono::DateTime::parse_from_rfc3339(text);
    at.map_or_else(|_| text.to_owned(), |at| at.format("%-d %B %Y, %H:%M UTC").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_of_students_go() {
        let text = "students Person:901 does not report; see Person:902-7 and Roster:3";
        assert_eq!(
            without_persons(text),
            "students a row of Person does not report; see a row of Person-7 and Roster:3"
        );
    }

    #[test]
    fn texts_are_no_markup() {
        assert_eq!(html("see `rollcall <x>` & \"y\""), "see <code>rollcall &lt;x&gt;</code> &amp; &quot;y&quot;");
        assert_eq!(html("a ` b"), "a <code> b</code>");
    }

    #[test]
    fn moments_are_told() {
        assert_eq!(moment("2026-11-25T01:40:44Z"), "25 November 2026, 01:40 UTC");
        assert_eq!(moment("soon"), "soon");
    }
}
