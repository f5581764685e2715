//! Advice on a record that the key may not see yet, or not at all.

use rollcall_core::sources::Sources;
use rollcall_core::tables::TableName;
use rollcall_core::verdict::Verdict;

use super::Advice;
use super::absent::shown;
use super::refusal::{PERSONS, Record};
use crate::naming::{VISIBLE_BY, enrollments, person};

impl Record<'_> {
    /// Whether the ODS asks for the record's school alone: of records about no person, and of the linking record.
    pub(super) fn is_about_a_school(&self) -> bool {
        let name = self.case.resource.spec().name;
        let model = self.known.checker.model(name);
        name == VISIBLE_BY
            || model.is_some_and(|model| {
                model.authorization_subjects.iter().all(|subject| !PERSONS.contains(&subject.as_str()))
            })
    }

    /// Which enrollment would connect the student with the key's schools.
    pub(super) fn not_yet_visible(&self, advice: &mut Advice) {
        let cx = self.known.cx;
        if self.is_about_a_school() {
            let school =
                cx.snapshot.above(self.case.object).into_iter().find(|row| row.table() == Some(TableName::School));
            let school = school.map(|row| format!(" ({row})")).unwrap_or_default();
            advice.cause(format!("the school of the record{school} is not one of your key's schools"));
            advice.cause("the key belongs to another district or school year");
            advice.fix(
                "check School.number (or edFiSchoolNumber) in the SIS, and ask the state which schools the key covers",
            );
            return;
        }
        let person = person(cx.snapshot, self.case.object);
        let (Some(person), Some(link)) = (person, self.known.state.resource(VISIBLE_BY)) else { return };
        let mut any = false;
        let mut reports = Vec::new();
        let mut silent = Vec::new();
        for object in enrollments(cx.snapshot, person) {
            any = true;
            let mut sources = Sources::recording();
            match link.verdict(&cx, object, &mut sources) {
                Verdict::Report(_) => reports.push(object),
                Verdict::Exclude(exclusion) => {
                    let value = sources.values().last().map(|value| shown(value, None)).unwrap_or_default();
                    silent.push(format!("{object} does not report ({}): {value}", exclusion.rule.name));
                }
                Verdict::Defect(problem) => silent.push(format!("{object} has a defect: {problem}")),
            }
        }
        if let Some(object) = reports.first() {
            advice.cause(format!("the student's {VISIBLE_BY} record ({object}) has to be at the ODS first"));
            advice.fix(format!("see whether it was refused: `rollcall errors --resource {VISIBLE_BY}`"));
        } else if !any {
            advice.cause("the student has no enrollment in the SIS tables, so nothing connects them with a school");
            advice.fix("add the enrollment to the SIS");
        } else {
            for text in silent.into_iter().take(3) {
                advice.cause(text);
            }
            advice.fix("the student needs an enrollment that reports: correct it in the SIS");
        }
    }
}
