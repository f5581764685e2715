//! The documents' error tables: for each class what an ODS says, its possible causes and how to fix it.

use rollcall_transport::{RefusalClass, Refused};

/// One row.
struct Row {
    says: &'static str,
    causes: &'static [&'static str],
    fixes: &'static [&'static str],
}

/// What an ODS says, in the documents' error tables or in the words of its servers.
pub fn says(class: RefusalClass) -> &'static str {
    row(class).says
}

/// The possible causes of a refusal, the likeliest first.
pub fn causes(class: RefusalClass, resource: &str) -> Vec<String> {
    texts(row(class).causes, resource)
}

/// What to do, for the person who keeps the SIS.
pub fn fixes(class: RefusalClass, resource: &str) -> Vec<String> {
    texts(row(class).fixes, resource)
}

/// The possible causes of this refusal and what to do: by its status, where that says more than its class.
pub(super) fn causes_and_fixes(refused: &Refused, resource: &str) -> (Vec<String>, Vec<String>) {
    let row = of_status(refused.status).unwrap_or_else(|| row(refused.class));
    (texts(row.causes, resource), texts(row.fixes, resource))
}

fn texts(texts: &[&str], resource: &str) -> Vec<String> {
    texts.iter().map(|text| text.replace("RESOURCE", resource)).collect()
}

/// What has no class of its own, and yet its causes.
fn of_status(status: u16) -> Option<&'static Row> {
    match status {
        413 => Some(&Row {
            says: "413: Request Entity Too Large.",
            causes: &["this RESOURCE record is larger than the ODS, or a proxy in front of it, takes"],
            fixes: &[
                "ask the state, or who runs the proxy, for a higher limit on the size of a request, then `rollcall retry`",
                "if the record holds more than it should (`rollcall errors --payloads`), correct that in the SIS",
            ],
        }),
        _ => None,
    }
}

fn row(class: RefusalClass) -> &'static Row {
    match class {
        RefusalClass::Required => &Row {
            says: "400: Validation of 'RESOURCE' failed. FIELD is required.",
            causes: &["an element that the state requires has no value, or a value that the state does not take"],
            fixes: &[
                "see which SIS columns the element comes from (`rollcall explain`), and correct them or the mapping; each \
                 element of the natural key needs a valid value",
            ],
        },
        RefusalClass::Reference => &Row {
            says: "400: 'RESOURCE' failed. RESOURCE reference could not be resolved.",
            causes: &[
                "a record that this RESOURCE record names is not at the ODS yet",
                "or it names the record wrongly, with a school number that the state does not know for example",
            ],
            fixes: &[
                "see why the named record is not at the ODS, and send it; this one then goes out by itself",
                "check the values that the reference is made of",
            ],
        },
        RefusalClass::NotYetVisible => &Row {
            says: "403: Authorization denied. The claim does not have any established relationships with the requested \
                   resource.",
            causes: &[
                "the ODS does not connect the person with your key's schools: the linking record \
                 (studentSchoolAssociations for a student) is not there yet",
                "the person is not at the ODS yet",
                "the key belongs to another district or school year, or may not send this resource",
            ],
            fixes: &[
                "see whether the linking record was sent: `rollcall errors --resource studentSchoolAssociations`",
                "check the key and secret, and whether the key belongs to this district and school year",
            ],
        },
        RefusalClass::Forbidden => &Row {
            says: "403: Access to the resource could not be authorized. Are you missing a claim?",
            causes: &["the key may not send RESOURCE, whichever the record"],
            fixes: &[
                "check the key and secret; ask the state for the right claim set, or turn the resource off under \
                 [resources]",
            ],
        },
        RefusalClass::NotFound => &Row {
            says: "404: Failed to delete 'RESOURCE'. Record does not exist.",
            causes: &["the ODS does not know this record, or does not have the resource RESOURCE at this address"],
            fixes: &[
                "a delete of a record that is not there needs nothing: it counts as deleted, and is not tried again",
                "if every record of the resource says this, check connection.url and connection.route, and whether the \
                 state takes RESOURCE this year",
            ],
        },
        RefusalClass::KeyConflict => &Row {
            says: "409: A natural key conflict occurred when attempting to create a new resource 'RESOURCE' with a duplicate \
                   key.",
            causes: &[
                "the ODS already has a record with the same key: two rows of the SIS may stand for one thing",
                "another program sends the same records at the same moment",
                "the natural key is not enough to tell two records apart",
            ],
            fixes: &[
                "look for duplicate rows in the SIS, and merge or correct them",
                "if there are none, try again (`rollcall retry`), and report it to the state if it stays",
            ],
        },
        RefusalClass::HasDependents => &Row {
            says: "409: The resource (or a subordinate entity of the resource) cannot be deleted because it is a dependency \
                   of the 'RESOURCE' entity.",
            causes: &["other records at the ODS still refer to this one"],
            fixes: &[
                "delete the records that refer to it first, then this one: those of this connection go with the next sync \
                 when they no longer report, others are for `rollcall delete`",
            ],
        },
        RefusalClass::Stale => &Row {
            says: "412: Resource was modified by another consumer.",
            causes: &["another program changed the record since it was read"],
            fixes: &["nothing to mend: the next sync sends it again"],
        },
        RefusalClass::Server => &Row {
            says: "500: Internal Server Error.",
            causes: &["the ODS has trouble of its own", "or it stumbles over something in this record again and again"],
            fixes: &[
                "see that the ODS is well, then send the record again: `rollcall retry`",
                "if it stays while other records arrive, report it to the state with what was sent \
                 (`rollcall errors --payloads`)",
            ],
        },
        RefusalClass::NotAnApi => &Row {
            says: "An answer that no Ed-Fi API gives: a web page, a page to sign in, a success that names no record.",
            causes: &["a proxy, a firewall or another web site answers in the place of the ODS"],
            fixes: &["check connection.url and any proxy"],
        },
        RefusalClass::Other => &Row {
            says: "Anything else.",
            causes: &["the ODS gave a reason that this program does not know"],
            fixes: &["see the ODS's own words, and ask the state if they do not help"],
        },
    }
}
