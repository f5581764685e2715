//! Minnesota's `sessions`: the standard's, named uniquely by school, with the days in session.

use rollcall_core::context::Context;
use rollcall_core::resource::{Element, Need, Resource, ResourceSpec};
use rollcall_core::sources::Sources;
use rollcall_core::value::{Object, Value};
use rollcall_core::verdict::{ObjectKey, Verdict};
use rollcall_core_edfi::sessions as standard;

use crate::extensions::KEY;
use crate::preferences::{NAMING, SESSION_NAME};

/// The resource.
pub struct Sessions;

/// The columns of the session's term descriptor.
const TERMS: &[&str] = &["Term.termType", "Course.termDescriptorOverride", "Section.termDescriptorOverride"];

/// The columns of the session's days.
const DAYS: &[&str] = &["Day.date"];

/// Resource: Session, Scenario 1.
pub static SPEC: ResourceSpec = ResourceSpec {
    document: "MDE Ed-Fi documentation: MCCC Certification Scenarios, Session (docs/readings.md)",
    elements: &[
        Element {
            name: "sessionName",
            kind: "string",
            need: Need::M,
            key: true,
            columns: &["School.number", "Term.termType"],
            rule: "As the preference session-name puts it together (default: the school's number, a hyphen and the \
                   mapping's session name, else the Ed-Fi code).",
        },
        reference("schoolReference", &["School.number", "School.edFiSchoolNumber"], "The reporting school."),
        reference("schoolYearTypeReference", &["Calendar.endYear"], "The end year of the calendar."),
        element("beginDate", "date", &["Term.startDate"], "The earliest start date of the session's terms."),
        element("endDate", "date", &["Term.endDate"], "The latest end date of the session's terms."),
        element("termDescriptor", "descriptor", TERMS, "The Ed-Fi code mapped to the term type or override."),
        element("totalInstructionalDays", "integer", DAYS, "The distinct instructional days of the session's terms."),
        element("_ext.mn.daysInSession", "decimal", DAYS, "As totalInstructionalDays."),
    ],
    options: &[&SESSION_NAME],
    ..standard::SPEC
};

const fn reference(name: &'static str, columns: &'static [&'static str], rule: &'static str) -> Element {
    Element { name, kind: "reference", need: Need::M, key: true, columns, rule }
}

const fn element(
    name: &'static str,
    kind: &'static str,
    columns: &'static [&'static str],
    rule: &'static str,
) -> Element {
    Element { name, kind, need: Need::M, key: false, columns, rule }
}

impl Resource for Sessions {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    fn objects(&self, cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey)) {
        standard::objects(cx, visit);
    }

    fn verdict<'a>(&self, cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Verdict<'a> {
        standard::session(cx, object, &NAMING, sources).map(with_days_in_session).into()
    }
}

/// docs/readings.md, MN daysInSession.
fn with_days_in_session(session: Object<'_>) -> Object<'_> {
    let days = session.get("totalInstructionalDays").and_then(Value::as_integer).unwrap_or_default();
    session.with("_ext", Object::new().with(KEY, Object::new().with("daysInSession", days)))
}
