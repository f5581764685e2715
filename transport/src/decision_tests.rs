//! One row for each answer that servers are known to give.

use super::*;
use crate::outcome::RefusalClass as C;

const ID: &str = "urn:ed-fi:api:";

/// The older form of an error.
fn v6(status: u16, message: &str) -> Answer {
    Answer::read(status, None, serde_json::json!({ "message": message }).to_string().as_bytes())
}

/// Problem details.
fn v7(status: u16, urn: &str, detail: &str) -> Answer {
    let body = serde_json::json!({ "detail": detail, "type": format!("{ID}{urn}"), "title": "T", "status": status });
    Answer::read(status, Some("application/problem+json"), body.to_string().as_bytes())
}

fn page(status: u16) -> Answer {
    Answer::read(status, Some("text/html"), b"<!DOCTYPE html><html>")
}

/// What is decided at the end of the budget, when repeats are over.
fn last(answer: &Answer, operation: Operation) -> Decision {
    let tally = Tally { attempts: 6, repeats: 3, ..Tally::default() };
    decide(&Seen::of(answer, operation), operation, &tally, &RetryPolicy::default())
}

fn first(seen: &Seen<'_>, operation: Operation) -> Decision {
    let mut tally = Tally::default();
    tally.count(seen, Server::There);
    decide(seen, operation, &tally, &RetryPolicy::default())
}

/// A success that names the record, as the answer to a POST does.
fn named(answer: Answer) -> Answer {
    Answer { id: Some("a1".to_owned()), ..answer }
}

#[test]
fn successes() {
    use Operation::{Delete, Post, Put, Read};
    for (operation, answer) in [
        (Post, named(Answer::bare(201, Shape::Empty))),
        (Post, named(Answer::bare(200, Shape::Empty))),
        (Post, named(Answer::read(200, None, b"{}"))),
        (Put, Answer::bare(204, Shape::Empty)),
        (Put, Answer::bare(200, Shape::Empty)),
        (Put, named(Answer::bare(204, Shape::Empty))),
        (Delete, Answer::bare(204, Shape::Empty)),
        (Delete, Answer::bare(200, Shape::Empty)),
        (Read, Answer::bare(200, Shape::Json)),
    ] {
        assert_eq!(first(&Seen::of(&answer, operation), operation), Decision::Done, "{operation:?} {answer:?}");
    }
}

/// Nothing that a proxy says with a success is taken for a record delivered.
#[test]
fn successes_that_are_not_the_apis() {
    use Operation::{Delete, Post, Put, Read};
    let (text, json) = (Answer::read(200, None, b"Please sign in"), Answer::read(200, None, b"{\"login\":\"please\"}"));
    let marked = Answer::read(200, Some("application/octet-stream"), b"\xEF\xBB\xBF<html>");
    let mut rows = vec![(Post, named(page(200))), (Read, page(200)), (Post, Answer::bare(201, Shape::Empty))];
    rows.extend([202, 203, 204, 205, 207].map(|status| (Post, named(Answer::bare(status, Shape::Empty)))));
    for operation in [Put, Delete] {
        rows.extend([201, 202, 203, 205].map(|status| (operation, Answer::bare(status, Shape::Empty))));
    }
    for operation in [Post, Put, Delete] {
        rows.extend([&text, &json, &marked, &page(200)].map(|answer| (operation, answer.clone())));
    }
    for (operation, answer) in rows {
        let seen = Seen::of(&answer, operation);
        assert_eq!(seen.sign_of_an_outage(), Some(Sign::Page), "{operation:?} {answer:?}");
        assert_eq!(first(&seen, operation), Decision::RetryAfter(None), "{operation:?} {answer:?}");
        assert_eq!(last(&answer, operation), Decision::Refused(C::NotAnApi), "{operation:?} {answer:?}");
    }
}

#[test]
fn refusals() {
    use Operation::{Delete, Post, Put, Read};
    const DEPENDENCY: &str = "The resource (or a subordinate entity of the resource) cannot be deleted because it is a \
                              dependency of the 'SchoolId' value of the 'session' entity.";
    const NATURAL_KEY: &str = "A natural key conflict occurred when attempting to create a new resource 'student' with a \
                               duplicate key.  The duplicated columns and values are [a] (b) This is likely caused by …";
    const RELATIONSHIP: &str = "Authorization denied. No relationships have been established between the caller's \
                                education organization id claim (1) and the resource item's 'StudentUniqueId' value.";
    let invalid = "bad-request:data-validation-failed";
    let denied = "Access to the requested data could not be authorized.";
    let hint = format!("{denied} Hint: You may need to create a corresponding 'StudentSchoolAssociation' item.");
    let rows = [
        (Post, v6(400, "A non-empty request body is required."), C::Required),
        (Post, v7(400, "bad-request", "The request could not be processed."), C::Required),
        (Post, v6(400, "The request is invalid."), C::Required),
        (Post, v6(400, "Validation of 'Student' failed.\n\tLastSurname is required.\n"), C::Required),
        (Post, v7(400, invalid, "Data validation failed. See 'validationErrors' for details."), C::Required),
        (Post, v6(400, "Unable to resolve value 'uri://x#y' to an existing 'SexDescriptor' resource."), C::Required),
        (Post, v7(400, invalid, "SexDescriptor value 'uri://x#y' does not exist."), C::Required),
        (Post, v6(400, "Supplied values for unified key property 'schoolId' on 'Grade' are …"), C::Required),
        (Put, v7(400, "bad-request:data-validation-failed:key-change-not-supported", "Identifying …"), C::Required),
        (Post, v6(400, "Resource identifiers cannot be assigned by the client."), C::Required),
        (Read, v6(400, "Limit must be omitted or set to a value between 1 and …"), C::Other),
        (Read, v7(400, "bad-request:parameter-validation-failed", "…"), C::Other),
        (Post, v7(400, "profile:invalid-profile-usage", "…"), C::Forbidden),
        (Post, v6(400, "Validation of 'X' failed.\n\tStudent reference could not be resolved."), C::Reference),
        (Post, v6(409, "The value supplied for the related 'school' resource does not exist."), C::Reference),
        (Post, v6(409, "… could not be authorized because the 'Student' was not found."), C::Reference),
        (Post, v7(409, "data-conflict:unresolved-reference", "The referenced 'School' item …"), C::Reference),
        (Post, v6(403, RELATIONSHIP), C::NotYetVisible),
        (Post, v7(403, "security:authorization", &hint), C::NotYetVisible),
        (Post, v7(403, "security:authorization:access-denied:resource", denied), C::Forbidden),
        (Post, v7(403, "security:authorization:access-denied:action", denied), C::Forbidden),
        (Post, v6(403, "Access to the resource could not be authorized. Are you missing a claim?"), C::Forbidden),
        (Post, v6(403, "… based on the caller's NamespacePrefix claims: 'a', 'b'."), C::Forbidden),
        (Post, Answer::bare(405, Shape::Empty), C::Forbidden),
        (Put, v6(404, "Resource to update was not found."), C::NotFound),
        (Delete, v6(404, "Resource to delete was not found."), C::NotFound),
        (Delete, v7(404, "not-found", "The specified item could not be found."), C::NotFound),
        (Post, Answer::bare(404, Shape::Empty), C::NotFound),
        (Post, v6(409, NATURAL_KEY), C::KeyConflict),
        (Post, v6(409, "The values 1, 2 supplied for properties 'a, b' of entity 'x' are not unique."), C::KeyConflict),
        (Post, v6(409, "A duplicate session conflict occurred when attempting to create a new …"), C::KeyConflict),
        (Post, v7(409, "data-conflict:non-unique-identity", "…"), C::KeyConflict),
        (Post, v7(409, "data-conflict:non-unique-values", "…"), C::KeyConflict),
        (Put, v7(409, "data-conflict:multi-user-conflict", "…"), C::KeyConflict),
        (Post, v7(409, "identity-conflict", "…"), C::KeyConflict),
        (Delete, v6(409, DEPENDENCY), C::HasDependents),
        (Delete, v7(409, "data-conflict:dependent-item-exists", "…"), C::HasDependents),
        (Put, v6(412, "Resource was modified by another consumer."), C::Stale),
        (Put, v7(412, "optimistic-lock-failed", "…"), C::Stale),
        (Post, v6(500, "An unexpected error occurred on the server."), C::Server),
        (Post, v7(500, "system", "An unexpected problem has occurred."), C::Server),
        (Post, page(500), C::Server),
        (Post, page(200), C::NotAnApi),
        (Read, page(200), C::NotAnApi),
        (Post, page(403), C::NotAnApi),
        (Put, page(404), C::NotAnApi),
        (Delete, page(404), C::NotAnApi),
        (Read, page(404), C::NotAnApi),
        (Post, Answer::bare(302, Shape::Empty), C::NotAnApi),
        (Post, Answer::read(403, Some("text/plain"), b"blocked"), C::NotAnApi),
        (Post, Answer::bare(101, Shape::Empty), C::NotAnApi),
        (Post, page(413), C::Other),
        (Post, v7(413, "request-too-large", "…"), C::Other),
        (Post, v7(415, "unsupported-media-type", "…"), C::Other),
        (Post, v6(409, "something new"), C::Other),
    ];
    for (operation, answer, class) in rows {
        assert_eq!(
            last(&answer, operation),
            Decision::Refused(class),
            "{operation:?} {} {}",
            answer.status,
            answer.message
        );
        let page = match answer.status {
            101 | 200..=399 => class == C::NotAnApi,
            403 | 404 => answer.shape == Shape::WebPage && operation != Read,
            _ => false,
        };
        let repeats = page || matches!(class, C::KeyConflict | C::Server);
        let expected = if repeats { Decision::RetryAfter(None) } else { Decision::Refused(class) };
        assert_eq!(first(&Seen::of(&answer, operation), operation), expected, "{operation:?} {}", answer.message);
    }
}

/// It is about every request: no record is refused for it, however often it was tried.
#[test]
fn a_proxy_that_wants_a_login_is_waited_for() {
    for answer in [Answer::bare(407, Shape::Empty), page(407)] {
        for operation in [Operation::Post, Operation::Put, Operation::Delete, Operation::Read] {
            assert_eq!(last(&answer, operation), Decision::Pause);
            let tally = Tally { attempts: 1, server: Server::Gone, ..Tally::default() };
            let seen = Seen::of(&answer, operation);
            assert_eq!(decide(&seen, operation, &tally, &RetryPolicy::default()), Decision::Stop);
        }
    }
}

#[test]
fn busy_answers_are_repeated_to_the_end_of_the_budget() {
    let statuses = [408, 429, 502, 503, 504, 520];
    for answer in statuses.into_iter().flat_map(|status| [page(status), Answer::bare(status, Shape::Empty)]) {
        assert_eq!(first(&Seen::Answer(&answer), Operation::Post), Decision::RetryAfter(None));
        let expected = if answer.status == 429 { Decision::RetryAfter(None) } else { Decision::Unknown };
        assert_eq!(last(&answer, Operation::Post), expected);
    }
    let wait = Some(Duration::from_secs(7));
    let answer = Answer { retry_after: wait, ..v7(429, "too-many-requests", "…") };
    assert_eq!(first(&Seen::Answer(&answer), Operation::Read), Decision::RetryAfter(wait));
    let answer = Answer { retry_after: Some(Duration::ZERO), ..answer };
    assert_eq!(first(&Seen::Answer(&answer), Operation::Read), Decision::RetryAfter(None));
}

/// A wait is never cut short: that would ask before the server wants it.
#[test]
fn who_is_asked_to_wait_longer_than_the_server_may_be_away_stops() {
    let policy = RetryPolicy { outage: Duration::from_mins(10), ..RetryPolicy::default() };
    for status in [408, 429, 503, 504] {
        let decided = |wait: u64, troubled: u64| {
            let answer = Answer { retry_after: Some(Duration::from_secs(wait)), ..Answer::bare(status, Shape::Empty) };
            let tally = Tally { attempts: 1, troubled: Duration::from_secs(troubled), ..Tally::default() };
            decide(&Seen::Answer(&answer), Operation::Post, &tally, &policy)
        };
        assert_eq!(decided(600, 0), Decision::RetryAfter(Some(Duration::from_mins(10))), "{status}");
        assert_eq!(decided(601, 0), Decision::StopFor(Duration::from_secs(601)), "{status}");
        assert_eq!(decided(300, 300), Decision::RetryAfter(Some(Duration::from_mins(5))), "{status}");
        assert_eq!(decided(300, 301), Decision::StopFor(Duration::from_mins(5)), "{status}");
        assert_eq!(decided(u64::MAX, 1), Decision::StopFor(Duration::from_secs(u64::MAX)), "{status}");
    }
    // Whether it means all is not known: this one waits, or is left to the next run.
    let doubted = |wait: u64| {
        let answer = Answer { retry_after: Some(Duration::from_secs(wait)), ..Answer::bare(429, Shape::Empty) };
        let tally = Tally { attempts: 1, meant: Some(Meant::Unclear), ..Tally::default() };
        decide(&Seen::Answer(&answer), Operation::Post, &tally, &policy)
    };
    assert_eq!(doubted(600), Decision::RetryAfter(Some(Duration::from_mins(10))));
    assert_eq!(doubted(601), Decision::PutOff);
    // What is away is waited for as long as it asks, too, and no longer.
    let away = |wait: u64| {
        let answer = Answer { retry_after: Some(Duration::from_secs(wait)), ..Answer::bare(503, Shape::Empty) };
        let tally = Tally { attempts: 9, free: 9, server: Server::Away, ..Tally::default() };
        decide(&Seen::Answer(&answer), Operation::Post, &tally, &policy)
    };
    assert_eq!((away(600), away(601)), (Decision::Pause, Decision::StopFor(Duration::from_secs(601))));
    let answer = Answer { retry_after: Some(Duration::from_hours(9)), ..v6(500, "An unexpected error occurred.") };
    assert_eq!(first(&Seen::Answer(&answer), Operation::Post), Decision::RetryAfter(None));
}

#[test]
fn a_token_is_renewed_once_and_the_repeat_costs_no_try() {
    let answer = Answer::bare(401, Shape::Empty);
    let seen = Seen::Answer(&answer);
    assert_eq!(first(&seen, Operation::Put), Decision::RenewToken);
    let policy = RetryPolicy::default();
    let renewed = Tally { attempts: 2, renewed: 1, ..Tally::default() };
    assert_eq!(decide(&seen, Operation::Put, &renewed, &policy), Decision::Stop);
    let used_up = Tally { token_was_good: true, ..renewed };
    assert_eq!(decide(&seen, Operation::Put, &used_up, &policy), Decision::RenewToken);
    let for_ever = Tally { renewed: 20, ..used_up };
    assert_eq!(decide(&seen, Operation::Put, &for_ever, &policy), Decision::Stop);
    let busy = Answer::bare(503, Shape::Empty);
    let sixth = Tally { attempts: 6, renewed: 1, ..Tally::default() };
    assert_eq!(decide(&Seen::Answer(&busy), Operation::Put, &sixth, &policy), Decision::RetryAfter(None));
}

#[test]
fn one_that_the_server_asks_alone_for_patience_is_given_up_after_a_minute() {
    let answer = Answer { retry_after: Some(Duration::from_secs(1)), ..Answer::bare(429, Shape::Empty) };
    let decided = |meant: Meant, waited: u64| {
        let tally = Tally {
            attempts: 30,
            free: 30,
            meant: Some(meant),
            waited: Duration::from_secs(waited),
            ..Tally::default()
        };
        decide(&Seen::Answer(&answer), Operation::Post, &tally, &RetryPolicy::default())
    };
    let again = Decision::RetryAfter(Some(Duration::from_secs(1)));
    assert_eq!((decided(Meant::One, 59), decided(Meant::One, 60)), (again, Decision::Unknown));
    assert_eq!((decided(Meant::Unclear, 599), decided(Meant::Few, 600)), (again, Decision::Unknown));
    assert_eq!((decided(Meant::OneOrAll, 599), decided(Meant::OneOrAll, 600)), (again, Decision::Unknown));
}

#[test]
fn a_page_that_comes_again_when_the_api_has_just_answered_is_for_the_record() {
    let blocked = page(403);
    let seen = Seen::of(&blocked, Operation::Post);
    let mut tally = Tally { blocked: true, ..Tally::default() };
    tally.count(&seen, Server::Away);
    let policy = RetryPolicy::default();
    assert_eq!(decide(&seen, Operation::Post, &tally, &policy), Decision::RetryAfter(None));
    tally.count(&seen, Server::Away);
    assert_eq!(decide(&seen, Operation::Post, &tally, &policy), Decision::Refused(RefusalClass::NotAnApi));
}

#[test]
fn lost_answers() {
    for seen in [Seen::TimedOut, Seen::ConnectionLost, Seen::BadBody] {
        assert_eq!(first(&seen, Operation::Post), Decision::RetryAfter(None), "{seen:?}");
        for server in [Server::There, Server::Away, Server::Gone] {
            let spent = Tally { attempts: 11, free: 5, server, ..Tally::default() };
            assert_eq!(decide(&seen, Operation::Post, &spent, &RetryPolicy::default()), Decision::Unknown, "{seen:?}");
        }
    }
}

#[test]
fn a_server_that_is_away_costs_the_record_nothing() {
    let (gateway, sign_in) = (page(503), page(200));
    let database = v7(500, "system:database-connection", "…");
    for seen in [Seen::Unreachable, Seen::Answer(&gateway), Seen::of(&sign_in, Operation::Put), Seen::Answer(&database)]
    {
        let mut tally = Tally::default();
        for _ in 0..100 {
            tally.count(&seen, Server::Away);
            assert_eq!(decide(&seen, Operation::Put, &tally, &RetryPolicy::default()), Decision::Pause, "{seen:?}");
        }
        assert_eq!((tally.attempts, tally.free, tally.repeats), (100, 100, 0));
        tally.count(&seen, Server::Gone);
        assert_eq!(decide(&seen, Operation::Put, &tally, &RetryPolicy::default()), Decision::Stop, "{seen:?}");
    }
    let gone = Tally { attempts: 2, server: Server::Gone, ..Tally::default() };
    assert_eq!(decide(&Seen::TimedOut, Operation::Put, &gone, &RetryPolicy::default()), Decision::Stop);
    // It may be the record's own doing that the connection is lost.
    let mut tally = Tally::default();
    tally.count(&Seen::ConnectionLost, Server::Away);
    assert_eq!(tally.free, 0);
}

#[test]
fn who_is_throttled_waits_as_long_as_the_server_lets_others_through() {
    let answer = Answer::bare(429, Shape::Empty);
    let seen = Seen::Answer(&answer);
    let policy = RetryPolicy::default();
    let mut tally = Tally::default();
    for _ in 0..100 {
        tally.count(&seen, Server::There);
        assert_eq!(decide(&seen, Operation::Post, &tally, &policy), Decision::RetryAfter(None));
    }
    let waited = Tally { waited: policy.outage, ..tally };
    assert_eq!(decide(&seen, Operation::Post, &waited, &policy), Decision::Unknown);
    let gone = Tally { server: Server::Gone, ..tally };
    assert_eq!(decide(&seen, Operation::Post, &gone, &policy), Decision::Stop);
}
