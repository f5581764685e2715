//! `_ext.wi.programs`: the career education, dual enrollment and world language programs in which a student takes part
//! through a section. 8.0 and 9.0: "send the student participation in a student-level (/studentSectionAssociation), and
//! not on /sections".

use rollcall_core::context::Context;
use rollcall_core::descriptor::uri;
use rollcall_core::sources::Sources;
use rollcall_core::value::{Object, Value};
use rollcall_core::verdict::Unreported;
use rollcall_core_edfi::education_organizations::local_education_agency_id;
use rollcall_core_edfi::student_section_associations::Association;

use crate::descriptors::PROGRAM_TYPE;
use crate::stays::Stays;

/// The descriptor value of a program type, unless the state does not know it in a school year.
pub fn program_type(code: &str, school_year: i32) -> Option<String> {
    let mut codes = PROGRAM_TYPE.codes.iter();
    let known = codes.any(|known| known.code == code && known.years.contains(&school_year));
    known.then(|| uri(PROGRAM_TYPE.namespace, code))
}

/// The element's name.
pub const PROGRAMS: &str = "_ext.wi.programs";

/// The programs of an association, each once. A program whose type does not hold in the school year is left out, and
/// that is a finding (docs/readings.md, WI program type outside its school years).
///
/// 7.0: "In both instances, the student section should be associated with student program participation": a student who
/// left and came back has the programs of all of these stays on each of them.
pub fn programs<'a>(
    cx: &Context<'a>,
    association: &Association<'a>,
    stays: &Stays<'a>,
    sources: &mut Sources,
) -> Result<Vec<Value<'a>>, Unreported> {
    let mut found: Vec<(&str, &str)> = Vec::new();
    for roster in std::iter::once(association.roster).chain(stays.earlier.iter().chain(&stays.later).copied()) {
        for program in cx.snapshot.programs_of(roster) {
            let name = sources.read("RosterProgram.programName", program.program_name.as_ref());
            let kind = sources.read("RosterProgram.programType", program.program_type.as_ref());
            if !found.contains(&(name, kind)) {
                found.push((name, kind));
            }
        }
    }
    let mut programs = Vec::new();
    let year = association.offering.school_year;
    for (name, code) in found {
        if let Some(kind) = program_type(code, year) {
            let district = local_education_agency_id(cx.snapshot.district_of(association.offering.school), sources)?;
            let reference = Object::new()
                .with("educationOrganizationId", district)
                .with("programName", name)
                .with("programTypeDescriptor", kind);
            programs.push(Value::Object(Object::new().with("programReference", reference)));
        } else {
            sources.omit(PROGRAMS, format!("\"{code}\" is no program type of the school year {year}"));
        }
    }
    Ok(programs)
}
