//! Students, their enrollments and their schedules.

use chrono::{Days, NaiveDate};
use rollcall_core::tables::{Enrollment, Person};

use super::catalog::{FIRST_NAMES, LAST_NAMES, Length, Level};
use super::schools::{Campus, Trio};
use super::sections::Open;
use super::special::Stay;
use super::year::day;
use super::{SampleDistrict, SampleOptions, next_id, text};

/// Students for whom one elementary, one middle and one high school is enough.
const TRIO: usize = 1500;

/// What is particular about a student: about one in a hundred for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    Usual,
    NoShow,
    StateExcluded,
    /// Left in October.
    Left,
    /// Came in September.
    Late,
    /// Left in October and came back in November.
    Returned,
    /// A no-show enrollment beside a good one.
    SecondChance,
    /// Only takes part here; the primary enrollment is elsewhere.
    Secondary,
    /// Special education services only.
    ServicesOnly,
    NoEdFiId,
    Excluded,
    /// Rosters without any enrollment.
    NoEnrollment,
    /// Enrolled in another schedule structure than that of the sections.
    OtherStructure,
    /// A second enrollment in the high school while in the middle school.
    Concurrent,
}

impl Case {
    const fn of(index: usize) -> Self {
        let (class, grade) = (index / 13, index % 13);
        match index % 100 {
            3 => Self::NoShow,
            7 => Self::StateExcluded,
            11 | 61 => Self::Left,
            17 => Self::Secondary,
            19 => Self::ServicesOnly,
            23 => Self::NoEdFiId,
            29 => Self::Excluded,
            37 | 87 => Self::Late,
            41 => Self::Returned,
            43 => Self::SecondChance,
            47 => Self::NoEnrollment,
            _ if grade == 8 && class % 6 == 3 => Self::Concurrent,
            _ if grade == 10 && class % 6 == 2 => Self::OtherStructure,
            _ => Self::Usual,
        }
    }
}

/// Makes a district.
pub(super) fn generate(options: &SampleOptions) -> SampleDistrict {
    let mut district = SampleDistrict::empty(options);
    district.add_district();
    district.add_grading();
    district.add_programs();
    let trios = options.students.div_ceil(TRIO).max(1);
    for number in 0..trios {
        let trio = district.add_trio(number);
        for campus in [&trio.elementary, &trio.middle, &trio.high] {
            district.add_credits(campus);
        }
        let mut open = Open::default();
        for index in options.students * number / trios..options.students * (number + 1) / trios {
            district.add_student(&trio, &mut open, index);
        }
        district.add_overrides(&trio);
        district.add_inactive_trial(&trio);
        if number == 0 {
            district.add_side_calendars(&trio);
        }
    }
    district.misspell_a_score();
    district
}

impl SampleDistrict {
    fn add_student(&mut self, trio: &Trio, open: &mut Open, index: usize) {
        let (grade, case) = (index % 13, Case::of(index));
        let campus = match grade {
            0..=5 => &trio.elementary,
            6..=8 => &trio.middle,
            _ => &trio.high,
        };
        let person_id = self.add_person(index, grade, case);
        self.enroll(trio, campus, person_id, grade, case);
        let stay = self.stay(case);
        for (number, length) in self.schedule(grade, index) {
            let seat = self.seat(open, campus, number, length);
            self.add_rosters(person_id, &seat, stay);
        }
        if case == Case::Concurrent {
            let seat = self.seat(open, &trio.high, "ALG1", Length::Year);
            self.add_rosters(person_id, &seat, Stay::Usual);
        }
        if case == Case::OtherStructure {
            let seat = self.seat(open, &trio.recovery, "RECOV", Length::Fall);
            self.add_rosters(person_id, &seat, Stay::Usual);
        }
        if campus.level == Level::High {
            self.add_special(open, campus, person_id, index);
            self.add_participations(campus, person_id, grade);
        }
    }

    fn add_person(&mut self, index: usize, grade: usize, case: Case) -> i64 {
        let person_id = next_id(10_001, self.people.len());
        let state_id = format!("{}", 3_000_000_000 + person_id * 7_919 % 900_000_000);
        let born = self.year.ends - 6 - i32::try_from(grade).unwrap_or_default();
        let month = u32::try_from(self.random.below(12)).unwrap_or_default() + 1;
        let date = u32::try_from(self.random.below(28)).unwrap_or_default() + 1;
        let middle = if index.is_multiple_of(3) { "" } else { self.random.pick(FIRST_NAMES) };
        self.people.push(Person {
            person_id,
            ed_fi_id: (case != Case::NoEdFiId).then(|| state_id.as_str().into()),
            state_id: text(&state_id),
            student_number: text(&format!("{}", 70_000 + person_id)),
            first_name: text(self.random.pick(FIRST_NAMES)),
            middle_name: text(middle),
            last_name: text(self.random.pick(LAST_NAMES)),
            birth_date: Some(day(born, month, date)),
            exclude: case == Case::Excluded,
        });
        person_id
    }

    fn enroll(&mut self, trio: &Trio, campus: &Campus, person_id: i64, grade: usize, case: Case) {
        let (first, fall) = (self.year.first, self.year.ends - 1);
        match case {
            Case::NoEnrollment => {}
            Case::NoShow => {
                self.add_enrollment(campus, person_id, grade, first);
                self.amend(|e| (e.no_show, e.end_date) = (true, Some(first)));
            }
            Case::StateExcluded => {
                self.add_enrollment(campus, person_id, grade, first);
                self.amend(|e| e.state_exclude = true);
            }
            Case::Left => {
                self.add_enrollment(campus, person_id, grade, first);
                self.amend(|e| e.end_date = Some(day(fall, 10, 24)));
            }
            Case::Late => self.add_enrollment(campus, person_id, grade, day(fall, 9, 22)),
            Case::Returned => {
                self.add_enrollment(campus, person_id, grade, first);
                self.amend(|e| e.end_date = Some(day(fall, 10, 10)));
                self.add_enrollment(campus, person_id, grade, day(fall, 11, 10));
            }
            Case::SecondChance => {
                self.add_enrollment(campus, person_id, grade, first);
                self.amend(|e| (e.no_show, e.end_date) = (true, Some(first)));
                self.add_enrollment(campus, person_id, grade, first + Days::new(4));
            }
            Case::Secondary | Case::ServicesOnly => {
                self.add_enrollment(campus, person_id, grade, first);
                self.amend(|e| e.service_type = text(if case == Case::Secondary { "S" } else { "N" }));
            }
            Case::OtherStructure => self.add_enrollment(&trio.recovery, person_id, grade, first),
            Case::Concurrent => {
                self.add_enrollment(campus, person_id, grade, first);
                self.add_enrollment(&trio.high, person_id, grade, first);
                self.amend(|e| e.service_type = text("S"));
            }
            Case::Usual | Case::NoEdFiId | Case::Excluded => self.add_enrollment(campus, person_id, grade, first),
        }
    }

    /// Enrolls a student in a calendar, as primary school.
    pub(super) fn add_enrollment(&mut self, campus: &Campus, person_id: i64, grade: usize, start: NaiveDate) {
        let years = i32::try_from(self.random.below(grade + 1)).unwrap_or_default();
        let entry = day(self.year.ends - 1 - years, 8, 14).min(start);
        self.enrollments.push(Enrollment {
            enrollment_id: next_id(20_001, self.enrollments.len()),
            person_id,
            calendar_id: campus.calendar_id,
            structure_id: campus.structure_id,
            grade: if grade == 0 { text("KG") } else { text(&format!("{grade:02}")) },
            start_date: start,
            end_date: None,
            service_type: text("P"),
            no_show: false,
            state_exclude: false,
            district_entry_date: Some(entry),
            state_entry_date: Some(entry),
        });
    }

    /// Changes the enrollment that was added last.
    pub(super) fn amend(&mut self, change: impl FnOnce(&mut Enrollment)) {
        if let Some(enrollment) = self.enrollments.last_mut() {
            change(enrollment);
        }
    }

    fn stay(&self, case: Case) -> Stay {
        let fall = self.year.ends - 1;
        match case {
            Case::Left => Stay::Until(day(fall, 10, 24)),
            Case::Late => Stay::From(day(fall, 9, 22)),
            Case::Returned => Stay::Between(day(fall, 10, 10), day(fall, 11, 10)),
            _ => Stay::Usual,
        }
    }

    /// The courses that a student of a grade takes.
    fn schedule(&mut self, grade: usize, index: usize) -> Vec<(&'static str, Length)> {
        let semesters =
            if index.is_multiple_of(2) { [Length::Fall, Length::Spring] } else { [Length::Spring, Length::Fall] };
        let (year, halves): (Vec<&'static str>, [&'static str; 2]) = match grade {
            0..=5 => {
                let reading = ["READ0", "READ1", "READ2", "READ3", "READ4", "READ5"][grade];
                let mathematics = ["MATH0", "MATH1", "MATH2", "MATH3", "MATH4", "MATH5"][grade];
                let all = [reading, mathematics, "SCIE", "MUSIC", "PE", "HR"];
                return all.into_iter().map(|number| (number, Length::Year)).collect();
            }
            6 => (vec!["LA6", "MATH6", "SCI6", "SOC6", "HR"], ["PE", "ARTM"]),
            7 => (vec!["LA7", "MATH7", "SCI7", "SOC7", "HR"], ["PE", "ARTM"]),
            8 => (vec!["LA8", "MATH8", "SCI8", "SOC8", "HR"], ["PE", "ARTM"]),
            9 => {
                let elective = self.random.pick(&["SPAN1", "SPAN1", "BAND", "CHOIR"]);
                (vec!["ENG9", "ALG1", "BIO", "WHIST", elective, "SEMINAR"], ["PE", "ART1"])
            }
            10 => {
                let elective = self.random.pick(&["SPAN2", "BAND", "CHOIR"]);
                let trade = self.random.pick(&["AGSCI", "WEBD"]);
                (vec!["ENG10", "GEOM", "CHEM", "GEOG", elective, "SEMINAR"], ["HLTH", trade])
            }
            11 => {
                let english = self.random.pick(&["ENG11", "ENG11", "ENG11H"]);
                let trade = self.random.pick(&["WELD", "NURSE", "BAND"]);
                (vec![english, "ALG2", "PHYS", "USHIST", trade, "SEMINAR"], ["PE", "ART1"])
            }
            _ => {
                let english = self.random.pick(&["ENG12", "ENG12", "COLENG"]);
                let trade = self.random.pick(&["AUTO", "DRAFT", "SPAN2", "MATHLAB"]);
                (vec![english, "PRECALC", "ENVSCI", trade, "SEMINAR"], ["GOV", "ECON"])
            }
        };
        let whole = |number| if matches!(number, "BAND" | "CHOIR") { Length::WholeYear } else { Length::Year };
        year.into_iter().map(|number| (number, whole(number))).chain(halves.into_iter().zip(semesters)).collect()
    }
}
