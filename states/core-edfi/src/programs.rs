//! `programs`: the district's programs of career and technical education, which stand upstream of
//! `studentCTEProgramAssociations`.
//!
//! No source document describes this resource. Core Student CTE Program Associations names it as a required
//! resource, and its mapping (Post: "under the Programs resource") decides which programs there are, of which type and
//! under which name.

use rollcall_core::context::Context;
use rollcall_core::preferences::MappedCode;
use rollcall_core::resource::{Element, Need, Resource, ResourceSpec};
use rollcall_core::sources::Sources;
use rollcall_core::tables::{Program, TableName};
use rollcall_core::value::Object;
use rollcall_core::verdict::{ObjectKey, Unreported, Verdict};

use crate::education_organizations::local_education_agency_id;
use crate::preferences::PROGRAM;
use crate::rules;

/// The resource.
pub struct Programs;

/// Its elements.
pub static SPEC: ResourceSpec = ResourceSpec {
    name: "programs",
    document: "Data Standard 4.0 (docs/readings.md)",
    summary: "A program of career and technical education in which students take part.",
    elements: &[
        Element {
            name: "educationOrganizationReference",
            kind: "reference",
            need: Need::M,
            key: true,
            columns: &["District.number", "District.edFiDistrictNumber"],
            rule: "The district.",
        },
        Element {
            name: "programName",
            kind: "string",
            need: Need::M,
            key: true,
            columns: &["Program.name"],
            rule: "The program-name of the Programs mapping, else the program's name in the SIS.",
        },
        Element {
            name: "programTypeDescriptor",
            kind: "descriptor",
            need: Need::M,
            key: true,
            columns: &["Program.name"],
            rule: "The Ed-Fi code mapped to the program under the Programs resource.",
        },
    ],
    triggers: crate::triggers::STANDARD,
    exclusions: &[&rules::CTE_PROGRAM_UNMAPPED, &rules::CTE_PROGRAM_TYPE],
    mappings: &[&PROGRAM],
    options: &[],
    gathers: &[TableName::ProgramParticipation],
    shared: false,
};

/// docs/readings.md, CTE program: "mapped to an Ed-Fi program under the Programs preference, whose type is a CTE type".
/// Of the standard's program types these are of career and technical education, by today's name and the two older ones.
const CTE_TYPES: &[&str] = &["Career and Technical Education", "Technical Preparatory", "Vocational Education"];

impl Resource for Programs {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    /// Every program: a program belongs to no school year.
    fn objects(&self, cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey)) {
        cx.snapshot.programs.iter().for_each(|program| visit(ObjectKey::new(TableName::Program, program.program_id)));
    }

    fn verdict<'a>(&self, cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Verdict<'a> {
        let program = object.only(TableName::Program).and_then(|id| cx.snapshot.programs.get(id));
        let program = program.ok_or(Unreported::rule(&rules::GONE));
        program.and_then(|program| CteProgram::of(cx, program, sources)).map(|program| program.body()).into()
    }
}

/// A program of career and technical education as it stands at the ODS.
pub struct CteProgram<'a> {
    /// The program in the SIS.
    pub program: &'a Program,
    /// The district's id at the ODS.
    pub district_id: i64,
    /// The program's type.
    pub program_type: &'a MappedCode,
}

impl<'a> CteProgram<'a> {
    /// A program, unless it is not mapped or its type is another.
    pub fn of(cx: &Context<'a>, program: &'a Program, sources: &mut Sources) -> Result<Self, Unreported> {
        sources.read("Program.name", program.name.as_ref());
        // The SIS of a district has one District row.
        let district = cx.snapshot.districts.iter().next().ok_or_else(|| {
            Unreported::defect("educationOrganizationReference", "the table District is empty", "give the district")
        });
        let district_id = district.and_then(|district| local_education_agency_id(district, sources));
        // Last, when all was read that a record is built from: a SIS change is told from a changed mapping by it.
        let program_type = cte_type(cx, program)?;
        Ok(Self { program, district_id: district_id?, program_type })
    }

    /// The program's name at the ODS.
    pub fn name(&self) -> &'a str {
        self.program_type.name.as_deref().unwrap_or(&self.program.name)
    }

    /// `programReference`: the natural key of the program.
    pub fn reference(&self) -> Object<'a> {
        Object::new()
            .with("educationOrganizationId", self.district_id)
            .with("programName", self.name())
            .with("programTypeDescriptor", self.program_type.uri.as_str())
    }

    fn body(&self) -> Object<'a> {
        Object::new()
            .with("educationOrganizationReference", Object::new().with("educationOrganizationId", self.district_id))
            .with("programName", self.name())
            .with("programTypeDescriptor", self.program_type.uri.as_str())
    }
}

/// The type that a program is mapped to, when it is one of career and technical education.
pub fn cte_type<'a>(cx: &Context<'a>, program: &Program) -> Result<&'a MappedCode, Unreported> {
    let at = ObjectKey::new(TableName::Program, program.program_id);
    let mapped = cx.preferences.mapped(&PROGRAM, &program.name);
    let mapped = mapped.ok_or(Unreported::because(&rules::CTE_PROGRAM_UNMAPPED, at))?;
    if CTE_TYPES.contains(&mapped.code.as_str()) {
        Ok(mapped)
    } else {
        Err(Unreported::because(&rules::CTE_PROGRAM_TYPE, at))
    }
}
