//! What a refusal means and what to do about it: the error tables of the source documents, in our words.

use rollcall_transport::RefusalClass;

/// What an ODS says, in the documents' error tables or in the words of its servers.
pub fn says(class: RefusalClass) -> &'static str {
    match class {
        RefusalClass::Required => "400: Validation of 'RESOURCE' failed. FIELD is required.",
        RefusalClass::Reference => "400: 'RESOURCE' failed. RESOURCE reference could not be resolved.",
        RefusalClass::NotYetVisible => {
            "403: Authorization denied. The claim does not have any established relationships with the requested resource."
        }
        RefusalClass::Forbidden => "403: Access to the resource could not be authorized. Are you missing a claim?",
        RefusalClass::NotFound => "404: Failed to delete 'RESOURCE'. Record does not exist.",
        RefusalClass::KeyConflict => {
            "409: A natural key conflict occurred when attempting to create a new resource 'RESOURCE' with a duplicate key."
        }
        RefusalClass::HasDependents => {
            "409: The resource (or a subordinate entity of the resource) cannot be deleted because it is a dependency of \
             the 'RESOURCE' entity."
        }
        RefusalClass::Stale => "412: Resource was modified by another consumer.",
        RefusalClass::Server => "500: Internal Server Error.",
        RefusalClass::NotAnApi => "A web page instead of an answer.",
        RefusalClass::Other => "Anything else.",
    }
}

/// The likely cause of a refusal and what to do, for the person who keeps the SIS.
pub fn fix(class: RefusalClass, resource: &str) -> String {
    match class {
        // "400: Validation of 'RESOURCE' failed. FIELD is required."
        RefusalClass::Required => {
            "an element is missing or has a value that the state does not take; see the message for the field, and \
             `rollcall explain` for the SIS column it comes from"
                .to_owned()
        }
        // "400: 'RESOURCE' failed. RESOURCE reference could not be resolved."
        RefusalClass::Reference => format!(
            "a record that this {resource} record names is not at the ODS; if the state loads it (school, course, \
             program), check its number in the SIS, else look for its own error above this one"
        ),
        // "403: Authorization denied. The claim does not have any established relationships …"
        RefusalClass::NotYetVisible => {
            "the ODS does not connect this person with your key's schools; see whether the student school association \
             was sent, and whether the key belongs to this district and school year"
                .to_owned()
        }
        RefusalClass::Forbidden => format!(
            "the key may not write {resource}; ask the state for the right claim set, or turn the resource off under \
             [resources]"
        ),
        // "404: Failed to delete 'RESOURCE'. Record does not exist."
        RefusalClass::NotFound => {
            "the ODS does not know this resource or record; check connection.url and connection.route".to_owned()
        }
        // "409: A natural key conflict occurred …"
        RefusalClass::KeyConflict => {
            "the ODS has a record with this natural key already; look for duplicate rows in the SIS".to_owned()
        }
        // "409: The resource … cannot be deleted because it is a dependency of the 'RESOURCE' entity."
        RefusalClass::HasDependents => {
            "other records at the ODS still refer to this one; it is deleted by the next sync after they are gone"
                .to_owned()
        }
        RefusalClass::Stale => "another program changed the record; the next sync sends it again".to_owned(),
        // "500: Internal Server Error."
        RefusalClass::Server => {
            "the ODS failed on this record again and again; if others arrive, its data may be what it cannot take: \
             report it to the state with the payload (`rollcall errors --payloads`)"
                .to_owned()
        }
        RefusalClass::NotAnApi => "the address answers with a web page; check connection.url and any proxy".to_owned(),
        RefusalClass::Other => "see the ODS's message".to_owned(),
    }
}
