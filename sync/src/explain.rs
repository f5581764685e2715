//! Why a record reports as it does, or does not: the verdict of the rules, with the SIS values behind it.
//!
//! There is no second implementation: what is shown is the verdict that a plan acts on, taken again with the values
//! recorded.

use rollcall_core::context::Context;
use rollcall_core::model::NaturalKey;
use rollcall_core::resource::Resource;
use rollcall_core::sources::Sources;
use rollcall_core::value::{Object, Value};
use rollcall_core::verdict::{DecidedBy, ObjectKey, Verdict};
use serde::Serialize;

use crate::check::Checker;
use crate::naming::natural_key;

/// The verdict on one SIS object.
#[derive(Serialize)]
pub struct Explanation {
    /// The SIS object.
    pub object: String,
    /// What was decided.
    #[serde(flatten)]
    pub decision: Decision,
    /// Every SIS value that the rules read, in the order in which they did.
    pub values: Vec<ReadValue>,
    /// What was left out of the record though the SIS has it.
    pub omissions: Vec<String>,
}

/// One SIS value.
#[derive(Clone, Serialize)]
pub struct ReadValue {
    /// `Roster.startDate`
    pub column: &'static str,
    /// Empty for null.
    pub value: String,
}

/// What was decided about one object.
#[derive(Serialize)]
#[serde(tag = "verdict", rename_all = "lowercase")]
pub enum Decision {
    /// A record reports.
    Reported {
        /// `name=value&…`
        natural_key: String,
        /// Each element that the document has, with its value and where that comes from.
        elements: Vec<ExplainedElement>,
        /// The body that is sent.
        payload: Object<'static>,
    },
    /// A rule says that nothing reports.
    Excluded {
        /// The rule's name.
        rule: &'static str,
        /// The document and its row.
        document: &'static str,
        /// The rule in a sentence.
        text: &'static str,
        /// The SIS row that decided, where one did.
        because: Option<String>,
        /// The value that was read last: the one that decided.
        value: Option<ReadValue>,
    },
    /// Something has to be mended before the record can report.
    Defective {
        /// What, and what to do: element, message, fix.
        problems: Vec<ExplainedProblem>,
    },
}

/// One element of a record.
#[derive(Serialize)]
pub struct ExplainedElement {
    /// Its name.
    pub element: &'static str,
    /// Its value; none when it does not report.
    pub value: Option<Value<'static>>,
    /// The rule.
    pub rule: &'static str,
    /// The SIS values of its columns.
    pub from: Vec<ReadValue>,
}

/// One thing to mend.
#[derive(Serialize)]
pub struct ExplainedProblem {
    /// The element.
    pub element: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub fix: String,
}

/// Which objects to explain.
pub enum Asked {
    /// One object; without its second id, every record of the row.
    Object(ObjectKey),
    /// Parts of a natural key, `(name, value)`.
    Key(Vec<(String, String)>),
}

impl Asked {
    /// Reads an object key (`Roster:100001`, `Roster:100001-531`) or a natural key (`studentUniqueId=77&schoolId=1`).
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(object) = ObjectKey::parse(text) {
            return Some(Self::Object(object));
        }
        let parts: Option<Vec<_>> = text.split('&').map(|part| part.split_once('=')).collect();
        Some(Self::Key(parts?.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
    }
}

/// Explains the objects asked for, at most `limit` of them, by object key. Empty when the resource has none such.
pub fn explain(
    resource: &'static dyn Resource,
    cx: &Context<'_>,
    checker: &Checker,
    asked: &Asked,
    limit: usize,
) -> Vec<Explanation> {
    let (model, mut objects) = (checker.model(resource.spec().name), Vec::new());
    resource.objects(cx, &mut |object| {
        let meant = match asked {
            Asked::Object(asked) => asked.covers(object),
            Asked::Key(parts) => model
                .and_then(|model| natural_key(resource, cx, model, object))
                .is_some_and(|key| parts.iter().all(|(name, value)| key.part(name) == Some(value))),
        };
        if meant {
            objects.push(object);
        }
    });
    objects.truncate(limit);
    objects.into_iter().map(|object| explain_object(resource, cx, checker, object)).collect()
}

/// The natural keys of the records that the objects asked for report.
pub fn natural_keys(
    resource: &'static dyn Resource,
    cx: &Context<'_>,
    checker: &Checker,
    asked: &Asked,
) -> Vec<NaturalKey> {
    let mut keys: Vec<NaturalKey> = Vec::new();
    let Some(model) = checker.model(resource.spec().name) else { return keys };
    resource.objects(cx, &mut |object| {
        let covered = !matches!(asked, Asked::Object(asked) if !asked.covers(object));
        let key = if covered { natural_key(resource, cx, model, object) } else { None };
        let meant = |key: &NaturalKey| match asked {
            Asked::Object(_) => true,
            Asked::Key(parts) => parts.iter().all(|(name, value)| key.part(name) == Some(value)),
        };
        keys.extend(key.filter(|key| meant(key) && !keys.contains(key)));
    });
    keys
}

fn explain_object(
    resource: &'static dyn Resource,
    cx: &Context<'_>,
    checker: &Checker,
    object: ObjectKey,
) -> Explanation {
    let mut sources = Sources::recording();
    let verdict = resource.verdict(cx, object, &mut sources);
    let values: Vec<ReadValue> =
        sources.values().iter().map(|v| ReadValue { column: v.column, value: v.value.clone() }).collect();
    let decision = match verdict {
        Verdict::Report(body) => report(resource, checker, body, &values),
        Verdict::Exclude(exclusion) => Decision::Excluded {
            rule: exclusion.rule.name,
            document: exclusion.rule.document,
            text: exclusion.rule.text,
            because: exclusion.because.map(|object| object.to_string()),
            // Where a preference decides after all was read, the last value did not.
            value: values.last().filter(|_| exclusion.rule.decided_by != DecidedBy::Both).cloned(),
        },
        Verdict::Defect(problem) => Decision::Defective {
            problems: vec![ExplainedProblem {
                element: problem.element.to_owned(),
                message: problem.message,
                fix: problem.fix,
            }],
        },
    };
    let omitted = if matches!(decision, Decision::Excluded { .. }) { &[] } else { sources.omissions() };
    let omissions = omitted.iter().map(ToString::to_string).collect();
    Explanation { object: object.to_string(), decision, values, omissions }
}

fn report(resource: &'static dyn Resource, checker: &Checker, body: Object<'_>, values: &[ReadValue]) -> Decision {
    let Some(model) = checker.model(resource.spec().name) else {
        return Decision::Defective { problems: Vec::new() };
    };
    let violations = checker.violations(model, &body);
    if !violations.is_empty() {
        let problems = violations.into_iter().map(|violation| ExplainedProblem {
            element: violation.path,
            message: violation.kind.to_string(),
            fix: crate::plan::PAYLOAD_FIX.to_owned(),
        });
        return Decision::Defective { problems: problems.collect() };
    }
    let elements = resource.spec().elements.iter().map(|element| ExplainedElement {
        element: element.name,
        value: body.at(element.name).map(|value| value.clone().into_owned()),
        rule: element.rule,
        from: values.iter().filter(|value| element.columns.contains(&value.column)).cloned().collect(),
    });
    let elements = elements.collect();
    let natural_key = NaturalKey::of(model, &body).map(|key| key.to_string()).unwrap_or_default();
    Decision::Reported { natural_key, elements, payload: body.into_owned() }
}
