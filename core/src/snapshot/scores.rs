//! Scores, packed: a district has nearly as many as rosters, and a rule asks for those of one student in one section.

use serde::{Deserialize, Serialize};

use super::rows::{Rows, Spread, lower_bound};
use crate::tables::GradingScore;

/// The scores of all students. One takes some 20 bytes, in the place of 120 as a row with its text and an index, and is
/// unpacked when it is asked for.
#[derive(Clone, Default)]
pub struct Scores {
    bytes: Vec<u8>,
    len: usize,
    /// Where the scores of each student begin, by the student's id.
    students: Vec<(i64, usize)>,
    spread: Spread,
}

/// A score as it is written. Who looks for another section passes over it without unpacking it.
#[derive(Serialize, Deserialize)]
struct Packed<'a> {
    section_id: i64,
    score: &'a [u8],
}

impl Scores {
    pub(super) fn new(rows: &Rows<GradingScore>) -> Self {
        let mut sorted: Vec<&GradingScore> = rows.iter().collect();
        sorted.sort_by_key(|score| (score.person_id, score.section_id));
        let mut scores = Self { len: sorted.len(), ..Self::default() };
        for row in sorted {
            if scores.students.last().is_none_or(|(student, _)| *student != row.person_id) {
                scores.students.push((row.person_id, scores.bytes.len()));
            }
            let score = postcard::to_allocvec(row).expect(MEMORY);
            let packed = Packed { section_id: row.section_id, score: &score };
            scores.bytes = postcard::to_extend(&packed, scores.bytes).expect(MEMORY);
        }
        scores.bytes.shrink_to_fit();
        scores.students.shrink_to_fit();
        scores.spread = Spread::of(&scores.students);
        scores
    }

    /// A student's scores in a section, by their ids.
    pub fn of(&self, person_id: i64, section_id: i64) -> impl Iterator<Item = GradingScore> + use<'_> {
        let at = lower_bound(&self.students, self.spread.guess(person_id), |(student, _)| *student < person_id);
        let begin = self.students.get(at).filter(|(student, _)| *student == person_id).map(|(_, begin)| *begin);
        let end = self.students.get(at + 1).map_or(self.bytes.len(), |(_, begin)| *begin);
        let of_student = Entries { left: begin.map(|begin| &self.bytes[begin..end]).unwrap_or_default() };
        of_student
            .skip_while(move |packed| packed.section_id < section_id)
            .take_while(move |packed| packed.section_id == section_id)
            .map(|packed| packed.unpack())
    }

    /// All scores, by student.
    pub fn iter(&self) -> impl Iterator<Item = GradingScore> + use<'_> {
        Entries { left: &self.bytes }.map(|packed| packed.unpack())
    }

    /// The score with an id. All are looked at.
    pub fn get(&self, id: i64) -> Option<GradingScore> {
        self.iter().find(|score| score.score_id == id)
    }

    /// Number of scores.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl std::fmt::Debug for Scores {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scores").field("len", &self.len).finish_non_exhaustive()
    }
}

/// Packed scores one after the other.
struct Entries<'a> {
    left: &'a [u8],
}

impl<'a> Iterator for Entries<'a> {
    type Item = Packed<'a>;

    fn next(&mut self) -> Option<Packed<'a>> {
        if self.left.is_empty() {
            return None;
        }
        let (packed, left) = postcard::take_from_bytes(self.left).expect(OWN);
        self.left = left;
        Some(packed)
    }
}

impl Packed<'_> {
    fn unpack(&self) -> GradingScore {
        postcard::from_bytes(self.score).expect(OWN)
    }
}

const MEMORY: &str = "a list takes whatever is added";

const OWN: &str = "what was packed here is unpacked here";

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn score(score_id: i64, person_id: i64, section_id: i64) -> GradingScore {
        GradingScore {
            score_id,
            person_id,
            calendar_id: -7,
            section_id,
            task_id: i64::MAX,
            term_id: (score_id % 2 == 0).then_some(score_id),
            score: (score_id % 3 == 0).then(|| format!("{score_id} ü").into()),
            date: NaiveDate::from_ymd_opt(2025, 6, 1).filter(|_| score_id % 5 == 0),
        }
    }

    fn same(a: &GradingScore, b: &GradingScore) -> bool {
        (a.score_id, a.person_id, a.calendar_id, a.section_id) == (b.score_id, b.person_id, b.calendar_id, b.section_id)
            && (a.task_id, a.term_id, &a.score, a.date) == (b.task_id, b.term_id, &b.score, b.date)
    }

    #[test]
    fn the_scores_of_a_student_in_a_section_come_whole_and_by_id_and_no_others() {
        let places = [(1, 5), (9, 5), (9, 6), (2, 6), (9, -3), (i64::MIN, 6), (40_000, 5)];
        let rows: Vec<GradingScore> =
            (0..60).zip(places.into_iter().cycle()).map(|(id, (person, section))| score(id, person, section)).collect();
        let scores = Scores::new(&Rows::sorted(rows.clone()));
        assert_eq!(scores.len(), 60);
        for (person, section) in places.into_iter().chain([(1, 6), (3, 5), (i64::MAX, 5), (9, 4), (9, 7)]) {
            let given: Vec<GradingScore> = scores.of(person, section).collect();
            let plainly: Vec<_> = rows.iter().filter(|r| (r.person_id, r.section_id) == (person, section)).collect();
            assert_eq!(given.len(), plainly.len(), "{person} in {section}");
            assert!(given.iter().zip(plainly).all(|(a, b)| same(a, b)), "{person} in {section}");
        }
        assert!(rows.iter().all(|row| scores.get(row.score_id).is_some_and(|found| same(&found, row))));
        assert!(scores.get(60).is_none() && Scores::default().of(1, 1).next().is_none());
    }
}
