//! Schools and districts as the ODS knows them.

use rollcall_core::context::Context;
use rollcall_core::sources::Sources;
use rollcall_core::tables::{Calendar, District, School};
use rollcall_core::value::Object;
use rollcall_core::verdict::Unreported;

/// The school's id at the ODS: its Ed-Fi School Number, else its State School Number.
pub fn school_id(school: &School, sources: &mut Sources) -> Result<i64, Unreported> {
    let (column, number) = school.number_at_ods();
    sources.read(column, number).parse().map_err(|_| {
        Unreported::defect(
            "schoolReference",
            format!("the number of School:{} is not a whole number", school.school_id),
            "correct School.number, or give the id that the state knows in School.edFiSchoolNumber",
        )
    })
}

/// The district's id at the ODS: its Ed-Fi District Number, else its State District Number.
pub fn local_education_agency_id(district: &District, sources: &mut Sources) -> Result<i64, Unreported> {
    let number = match &district.ed_fi_district_number {
        Some(number) => sources.read("District.edFiDistrictNumber", number.as_ref()),
        None => sources.read("District.number", district.number.as_ref()),
    };
    number.parse().map_err(|_| {
        Unreported::defect(
            "educationOrganizationReference",
            format!("the number of District:{} is not a whole number", district.district_id),
            "correct District.number, or give the id that the state knows in District.edFiDistrictNumber",
        )
    })
}

/// `schoolReference`
pub fn school_reference(school_id: i64) -> Object<'static> {
    Object::new().with("schoolId", school_id)
}

/// `schoolYearTypeReference`: the end year of the calendar.
pub fn school_year_type_reference(calendar: &Calendar, sources: &mut Sources) -> Object<'static> {
    Object::new().with("schoolYear", sources.read("Calendar.endYear", calendar.end_year))
}

/// The calendars of the configured school years, by id.
pub fn calendars_in_scope<'a>(cx: &Context<'a>) -> impl Iterator<Item = &'a Calendar> + use<'a> {
    let years = cx.years;
    cx.snapshot.calendars.iter().filter(move |calendar| years.contains(&calendar.end_year))
}
