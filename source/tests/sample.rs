//! The invented district: the same for a seed, readable, and with every rule's case in it.

use std::collections::{HashMap, HashSet};
use std::fs;

use chrono::NaiveDate;
use rollcall_core::snapshot::Snapshot;
use rollcall_core::tables::{Roster, Section, SectionStaffHistory, TABLES};
use rollcall_source::sample::{SampleDistrict, SampleOptions};
use rollcall_source::{Reading, read_snapshot};

fn written(district: &SampleDistrict) -> (tempfile::TempDir, Reading) {
    let folder = tempfile::tempdir().unwrap();
    district.write(folder.path()).unwrap();
    let reading = read_snapshot(folder.path()).unwrap();
    (folder, reading)
}

fn sample() -> Snapshot {
    written(&SampleDistrict::generate(&SampleOptions::default())).1.snapshot
}

fn first_term(snapshot: &Snapshot, section: &Section) -> Option<(NaiveDate, NaiveDate)> {
    let starts = snapshot.placed_terms(section).filter_map(|t| t.start_date).min()?;
    Some((starts, snapshot.placed_terms(section).filter_map(|t| t.end_date).max()?))
}

/// Asserts that at least five things have a property.
fn several<T>(what: &str, things: impl IntoIterator<Item = T>, test: impl Fn(&T) -> bool) {
    let found = things.into_iter().filter(|thing| test(thing)).count();
    assert!(found >= 5, "{what}: {found}");
}

#[test]
fn the_same_seed_writes_the_same_files() {
    let options = SampleOptions { students: 120, ..SampleOptions::default() };
    let files = |options: &SampleOptions| {
        let mut district = SampleDistrict::generate(options);
        let told = district.advance();
        let (folder, _) = written(&district);
        let read = |name: &str| fs::read(folder.path().join(format!("{name}.csv"))).unwrap();
        (told, TABLES.iter().map(|table| read(table.as_str())).collect::<Vec<_>>())
    };
    assert_eq!(files(&options), files(&options));
    assert_ne!(files(&options).1, files(&SampleOptions { seed: 2, ..options }).1);
}

#[test]
fn every_table_reads_back_whole() {
    for students in [0, 1, 14, 500, 1600] {
        let district = SampleDistrict::generate(&SampleOptions { students, ..SampleOptions::default() });
        let (_folder, reading) = written(&district);
        assert_eq!(reading.findings, [], "{students}");
        assert!(reading.tables.iter().all(|t| t.file_present && t.usable && t.extra_columns.is_empty()));
        let rows: HashMap<_, _> = reading.tables.iter().map(|t| (t.table, t.rows)).collect();
        assert_eq!(rows["Roster"], district.rosters.len());
        assert_eq!(rows["GradingScore"], district.grading_scores.len());
        assert_eq!(reading.snapshot.people.len(), students);
    }
}

#[cfg(unix)]
#[test]
fn only_the_user_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, _) = written(&SampleDistrict::generate(&SampleOptions { students: 5, ..SampleOptions::default() }));
    for entry in fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
    }
}

#[test]
fn schools_and_calendars_have_their_exclusions() {
    let s = sample();
    assert_eq!((s.schools.len(), s.schools.iter().filter(|school| school.exclude).count()), (4, 1));
    assert_eq!(s.calendars.iter().filter(|c| c.exclude).count(), 1);
    assert_eq!(s.calendars.iter().filter(|c| c.summer_school).count(), 1);
    assert_eq!(s.calendars.iter().filter(|c| c.end_year == 2025).count(), 1);
    let types: HashSet<_> = s.terms.iter().map(|t| t.term_type.as_deref().unwrap_or("")).collect();
    for expected in ["", "Intersession", "Fall Semester", "Spring Semester", "Third Quarter", "Year Round"] {
        assert!(types.contains(expected), "{expected}");
    }
    assert!(s.days.iter().any(|d| !d.school_day) && s.days.iter().any(|d| d.school_day && !d.instruction));
    assert_eq!(
        s.inactive.iter().map(|(table, _)| *table).collect::<Vec<_>>(),
        ["Section", "SectionPlacement", "Roster", "SectionStaffHistory"]
    );
}

#[test]
fn courses_and_sections_have_every_case() {
    let s = sample();
    assert!((60..=80).contains(&s.courses.len()), "{}", s.courses.len());
    let rosters = |test: &dyn Fn(&rollcall_core::tables::Course, &Section) -> bool, what: &str| {
        several(what, &s.rosters, |r| test(s.course_of(s.section_of(r)), s.section_of(r)));
    };
    rosters(&|c, _| !c.active, "inactive course");
    rosters(&|c, _| c.state_exclude, "excluded course");
    rosters(&|c, _| c.state_code.is_none(), "no state code");
    rosters(&|c, _| c.homeroom, "homeroom course");
    rosters(&|_, n| n.homeroom_section, "homeroom section");
    rosters(&|c, _| c.term_descriptor_override.as_deref() == Some("Year Round"), "course override");
    rosters(&|c, _| c.term_descriptor_override.as_deref() == Some("Block 9"), "unmapped course override");
    rosters(&|_, n| n.term_descriptor_override.as_deref() == Some("Year Round"), "section override");
    rosters(&|_, n| n.term_descriptor_override.as_deref() == Some("Block 9"), "unmapped section override");
    rosters(&|_, n| s.placements_of(n).count() == 0, "never placed");
    rosters(&|_, n| s.placed_terms(n).count() == 1, "one term");
    rosters(&|_, n| s.placed_terms(n).count() == 2, "both terms");
    rosters(&|_, n| s.placements_of(n).count() > s.placed_terms(n).count(), "two periods");
    rosters(&|_, n| s.placed_terms(n).any(|t| t.term_type.as_deref() == Some("Intersession")), "intersession");
    rosters(
        &|c, n| s.sections_of(c).any(|o| o.section_id != n.section_id && o.number == n.number),
        "two sections with one number",
    );
    let codes = |get: fn(&rollcall_core::tables::Course) -> Option<&str>| {
        let mut codes: Vec<_> = s.courses.iter().filter_map(get).collect();
        codes.sort_unstable();
        codes.dedup();
        codes.concat()
    };
    assert_eq!(codes(|c| c.course_level.as_deref()), "BEGHX");
    assert_eq!(codes(|c| c.delivery_type.as_deref()), "DGMSV");
    assert_eq!(codes(|c| c.targeted_program.as_deref()), "AEGMS");
    assert_eq!(codes(|c| c.college_career_type.as_deref()), "CDFLNRTX");
    assert!(s.courses.iter().filter_map(|c| c.state_code.as_deref()).all(|code| code.len() == 5));
}

#[test]
fn rosters_have_every_case() {
    let s = sample();
    let per_student = s.rosters.len() / s.people.len();
    assert!((6..=8).contains(&per_student), "{per_student}");
    let several = |what: &str, test: &dyn Fn(&Roster, NaiveDate, NaiveDate) -> bool| {
        several(what, &s.rosters, |r| first_term(&s, s.section_of(r)).is_some_and(|(start, end)| test(r, start, end)));
    };
    several("null start", &|r, _, _| r.start_date.is_none());
    several("start with the term", &|r, start, _| r.start_date == Some(start));
    several("late start", &|r, start, end| r.start_date.is_some_and(|d| d > start && d < end));
    several("early start", &|r, start, _| r.start_date.is_some_and(|d| d < start));
    several("early end", &|r, start, end| r.end_date.is_some_and(|d| d > start && d < end));
    several("end before the term", &|r, start, _| r.end_date.is_some_and(|d| d < start));
    several("end with the term", &|r, _, end| r.end_date == Some(end));
    several("start after the term", &|r, _, end| r.start_date.is_some_and(|d| d > end));
    several("left a year-long section in winter", &|r, _, _| {
        let ends: Vec<_> = s.placed_terms(s.section_of(r)).filter_map(|t| t.end_date).collect();
        ends.len() > 1 && r.end_date == ends.iter().min().copied()
    });
    several("left and came back", &|r, _, _| {
        s.rosters_of(r.person_id).any(|o| o.roster_id != r.roster_id && o.section_id == r.section_id)
    });
    for status in [None, Some("S"), Some("I")] {
        several("attempt status", &|r, _, _| r.attempt_status.as_deref() == status);
    }
    let kinds: HashSet<_> = s.roster_programs.iter().map(|p| &*p.program_type).collect();
    assert_eq!(kinds, HashSet::from(["Dual", "IRC", "WBL"]));
}

#[test]
fn students_and_enrollments_have_every_case() {
    let s = sample();
    several("no-show", &s.enrollments, |e| e.no_show);
    several("state-excluded", &s.enrollments, |e| e.state_exclude);
    several("ended", &s.enrollments, |e| e.end_date.is_some() && !e.no_show);
    several("secondary", &s.enrollments, |e| e.service_type.as_deref() == Some("S"));
    several("services only", &s.enrollments, |e| e.service_type.as_deref() == Some("N"));
    several("no edFiID", &s.people, |p| p.ed_fi_id.is_none());
    several("excluded", &s.people, |p| p.exclude);
    several("no enrollment", &s.people, |p| s.enrollments_of(p.person_id).next().is_none());
    several("two schools", &s.people, |p| {
        let schools: HashSet<_> =
            s.enrollments_of(p.person_id).map(|e| s.calendars.get(e.calendar_id).unwrap().school_id).collect();
        schools.len() > 1
    });
    several("other structure", &s.rosters, |r| {
        let structure = s.structure_of_section(s.section_of(r));
        s.enrollments_of(r.person_id).count() > 0 && s.enrollments_of(r.person_id).all(|e| e.structure_id != structure)
    });
    let ids: HashSet<_> = s.people.iter().filter_map(|p| p.state_id.as_deref()).collect();
    assert_eq!(ids.len(), s.people.len());
}

#[test]
fn grades_and_programs_have_every_case() {
    let s = sample();
    let listed = |score: &rollcall_core::tables::GradingScore| {
        let course = s.course_of(s.sections.get(score.section_id).unwrap());
        let group = s.credits_of(course.course_id).find(|c| c.task_id == score.task_id)?.score_group_id?;
        s.score_list(group).find(|item| Some(&item.score) == score.score.as_ref()).map(|item| item.passing_score)
    };
    let finals = || s.grading_scores.iter().filter(|g| s.task_of(g).is_final);
    several("passed", finals(), |g| listed(g) == Some(true));
    several("failed", finals(), |g| listed(g) == Some(false));
    several("not posted", finals(), |g| g.score.is_none());
    several("without a term", finals(), |g| g.term_id.is_none());
    several("not final", s.grading_scores.iter(), |g| !s.task_of(g).is_final);
    assert_eq!(s.grading_scores.iter().filter(|g| g.score.is_some() && listed(g).is_none()).count(), 1);
    several("neither graded nor left", &s.rosters, |r| {
        r.end_date.is_none() && s.scores_of(r.person_id, r.section_id).count() == 0
    });
    several("left without a grade", &s.rosters, |r| {
        r.end_date.is_some() && s.scores_of(r.person_id, r.section_id).count() == 0
    });
    several("passed", &s.certifications, |c| c.passed && c.certification_date.is_some());
    several("attempted", &s.certifications, |c| c.attempted && !c.passed);
    assert!(s.certifications.iter().any(|c| c.passed && c.certification_date.is_none()));
    assert!(s.participations.iter().any(|p| p.start_date.is_none()));
    assert!(s.participations.iter().any(|p| p.end_date.is_some()));
    assert!(s.participations.iter().any(|p| s.programs.get(p.program_id).unwrap().code.is_none()));
    assert!(s.staff_history.iter().any(|h| h.staff_type.as_deref() == Some("T")));
}

#[test]
fn staff_have_every_case() {
    let s = sample();
    let without_id = || s.staff.iter().filter(|member| member.state_id.is_none());
    several("without a state id", without_id(), |_| true);
    several("with one", &s.staff, |member| member.state_id.is_some());
    let of_mail = |first: bool, second: bool| {
        without_id().filter(|m| (m.email.is_some(), m.secondary_email.is_some()) == (first, second)).count()
    };
    assert_eq!((of_mail(false, true), of_mail(false, false)), (1, 1));
    assert!(of_mail(true, true) > 0 && of_mail(true, false) > 0);
    assert!(without_id().any(|member| member.middle_name.is_some()));
    let theirs = || s.staff_history.iter().filter(|h| s.teacher_of(h).state_id.is_none());
    for kind in ["P", "T", "S"] {
        assert!(theirs().any(|h| h.staff_type.as_deref() == Some(kind)), "{kind}");
    }
    let twice = |h: &&SectionStaffHistory| {
        theirs().filter(|other| (other.section_id, other.person_id) == (h.section_id, h.person_id)).count() == 2
    };
    assert!(theirs().any(|h| twice(&h)), "somebody is away for a while");
    assert!(theirs().any(|h| h.end_date.is_some() && !twice(&h)), "somebody hands over");
}

#[test]
fn a_week_edits_every_kind_of_row_and_stays_readable() {
    let mut district = SampleDistrict::generate(&SampleOptions::default());
    for week in 0..20 {
        let before = district.clone();
        let told = district.advance();
        assert_eq!(told.len(), 12, "{told:?}");
        assert!(told[0].starts_with("3 new students enrolled, with "), "{told:?}");
        assert_eq!(
            told[1..5],
            [
                "6 rosters ended",
                "4 rosters given another start date (part of the record's natural key)",
                "3 rosters deleted",
                "20 final grades posted"
            ]
        );
        assert_eq!(district.people.len(), before.people.len() + 3);
        assert_eq!(district.enrollments.len(), before.enrollments.len() + 2);
        assert_eq!(district.grading_scores.len(), before.grading_scores.len() + 20);
        assert!(district.placements.len() < before.placements.len());
        let names = district.people.iter().filter_map(|p| p.state_id.as_deref());
        let text = told.join("\n");
        assert!(names.into_iter().all(|id| !text.contains(id)));
        let scores = |d: &SampleDistrict| d.grading_scores.len();
        assert!(scores(&district) > scores(&before));
        assert_eq!(written(&district).1.findings, [], "week {week}");
    }
}
