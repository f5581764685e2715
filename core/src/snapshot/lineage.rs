//! What a row hangs on: the rows above it, up every foreign key.

use std::borrow::Borrow;

use super::{Rows, Snapshot};
use crate::tables::{GradingScore, Row, TableName};
use crate::verdict::ObjectKey;

/// The table of an object key's second id.
const PARTS: &[(TableName, TableName)] = &[
    (TableName::Roster, TableName::Term),
    (TableName::Section, TableName::Term),
    (TableName::Course, TableName::Section),
];

impl Snapshot {
    /// The row of an object, and every row that it hangs on, the nearest first: a roster's section, its course, their
    /// calendar and school, and the student. Empty when the row is not there.
    pub fn above(&self, object: ObjectKey) -> Vec<ObjectKey> {
        let own = object.row();
        if !self.has(own) {
            return Vec::new();
        }
        let mut found = vec![own];
        let part = PARTS.iter().find(|(table, _)| Some(*table) == object.table()).zip(object.part());
        found.extend(part.map(|((_, table), id)| ObjectKey::new(*table, id)).filter(|part| self.has(*part)));
        let mut next = 0;
        while next < found.len() {
            let row = found[next];
            self.visit(row, &mut |named| {
                if !found.contains(&named) {
                    found.push(named);
                }
            });
            next += 1;
        }
        found
    }

    fn has(&self, row: ObjectKey) -> bool {
        self.visit(row, &mut |_| {})
    }

    /// Visits the rows that a row names, and says whether it is there at all.
    fn visit(&self, row: ObjectKey, names: &mut dyn FnMut(ObjectKey)) -> bool {
        let mut asked = Asked { row, found: false, names };
        asked.table(&self.districts);
        asked.table(&self.school_years);
        asked.table(&self.schools);
        asked.table(&self.calendars);
        asked.table(&self.structures);
        asked.table(&self.term_schedules);
        asked.table(&self.terms);
        asked.table(&self.days);
        asked.table(&self.trials);
        asked.table(&self.courses);
        asked.table(&self.sections);
        asked.table(&self.placements);
        asked.table(&self.people);
        asked.table(&self.enrollments);
        asked.table(&self.rosters);
        asked.table(&self.roster_programs);
        asked.table(&self.grading_tasks);
        asked.table(&self.grading_task_credits);
        asked.table(&self.score_list_items);
        asked.row::<GradingScore, _>(|id| self.grading_scores.get(id));
        asked.table(&self.programs);
        asked.table(&self.participations);
        asked.table(&self.certifications);
        asked.table(&self.staff);
        asked.table(&self.staff_history);
        asked.found
    }
}

struct Asked<'a> {
    row: ObjectKey,
    found: bool,
    names: &'a mut dyn FnMut(ObjectKey),
}

impl Asked<'_> {
    fn table<R: Row>(&mut self, rows: &Rows<R>) {
        self.row::<R, &R>(|id| rows.get(id));
    }

    fn row<R: Row, B: Borrow<R>>(&mut self, get: impl FnOnce(i64) -> Option<B>) {
        if Some(R::TABLE) != self.row.table() {
            return;
        }
        let Some(row) = get(self.row.id()) else { return };
        let row: &R = row.borrow();
        self.found = true;
        for (at, column) in R::SPEC.columns.iter().enumerate() {
            if let Some((table, id)) = column.references.zip(row.reference(at)) {
                (self.names)(ObjectKey::new(table, id));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::District;

    #[test]
    fn a_roster_hangs_on_its_section_course_school_and_student() {
        let snapshot = District::small().snapshot();
        let roster = snapshot.rosters.iter().next().expect("the district has a roster");
        let term = snapshot.terms.iter().next().expect("the district has a term").term_id;
        let above = snapshot.above(ObjectKey::pair(TableName::Roster, roster.roster_id, term));
        let tables: Vec<TableName> = above.iter().filter_map(|row| row.table()).collect();
        assert_eq!(tables[..2], [TableName::Roster, TableName::Term]);
        for table in [
            TableName::Person,
            TableName::Section,
            TableName::Course,
            TableName::Calendar,
            TableName::School,
            TableName::District,
        ] {
            assert_eq!(tables.iter().filter(|t| **t == table).count(), 1, "{table} in {tables:?}");
        }
        let at = |table: TableName| tables.iter().position(|t| *t == table);
        assert!(
            at(TableName::Section) < at(TableName::Course) && at(TableName::Course) < at(TableName::School),
            "{tables:?}"
        );
        assert_eq!(snapshot.above(ObjectKey::new(TableName::Roster, -1)), []);
    }
}
