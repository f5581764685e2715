//! The pages at `/ui`: what they show, to whom, and that nothing of what was sent becomes part of the page.

mod common;

use common::{Answer, Api, read, student};
use rollcall_sandbox::{Hit, Moment, UiAccess, What, Whom};
use serde_json::json;

async fn open(api: &Api, path: &str) -> Answer {
    read(api.client.get(api.url(path)).send().await.unwrap()).await
}

/// A page's text without its tags, its spaces folded.
fn text(page: &str) -> String {
    let mut text = String::new();
    for part in page.split('<') {
        text.push(' ');
        text.push_str(part.split_once('>').map_or(part, |(_, text)| text));
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The addresses of a page's links that begin in one way.
fn links(page: &str, start: &str) -> Vec<String> {
    let targets = page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap().replace("&#38;", "&"));
    targets.filter(|target| target.starts_with(start)).collect()
}

#[tokio::test]
async fn the_first_page_counts_records_and_shows_what_was_refused() {
    let api = Api::vendor().await;
    api.section_association("1001").await;
    api.post("students", &json!({"studentUniqueId": "1002", "lastSurname": "Byron", "birthDate": "2010-12-10"}))
        .await
        .expect(400);
    let page = open(&api, "/ui").await.expect(200);
    let text = text(&page.text);
    assert!(text.contains("1 refused"), "{text}");
    assert!(text.contains("studentSectionAssociations 1 1 ·"), "{text}");
    assert!(text.contains("students 1 1 1"), "{text}");
    assert!(text.contains("FirstName is required."), "{text}");
    assert!(text.contains("Keys sis sis-vendor full full"), "{text}");
    assert!(!text.contains("sis-secret"), "{text}");
    // Descriptors have a list of their own.
    assert_eq!(links(&page.text, "/ui/resources/ed-fi/gradeLevelDescriptors").len(), 1);
    assert_eq!(links(&page.text, "/ui/resources/xx/sectionStatusDescriptors").len(), 1);
}

#[tokio::test]
async fn records_come_newest_first_and_are_found_by_their_key() {
    let api = Api::vendor().await;
    for number in 0..120 {
        api.create("students", &student(&format!("S{number:03}"))).await;
    }
    let path = "/ui/resources/ed-fi/students";
    let shown = |page: &str| {
        let ids: Vec<String> =
            text(page).split(' ').filter(|word| word.len() == 4 && word.starts_with('S')).map(str::to_owned).collect();
        ids
    };
    let first = open(&api, path).await.expect(200).text;
    assert_eq!((shown(&first).len(), shown(&first)[0].as_str()), (50, "S119"));
    let older = links(&first, &format!("{path}?before="));
    let second = open(&api, &older[0]).await.expect(200).text;
    assert_eq!((shown(&second).len(), shown(&second)[0].as_str()), (50, "S069"));
    let third = open(&api, &links(&second, &format!("{path}?before="))[0]).await.expect(200).text;
    assert_eq!((shown(&third).len(), shown(&third)[19].as_str()), (20, "S000"));
    assert!(links(&third, &format!("{path}?before=")).is_empty());
    let found = open(&api, &format!("{path}?q=s11")).await.expect(200).text;
    assert_eq!(shown(&found).len(), 10);
    assert!(text(&found).contains("120 records"));
    // Only the key counts: everybody is called Ada.
    assert_eq!(shown(&open(&api, &format!("{path}?q=Ada")).await.expect(200).text), Vec::<String>::new());
    // The case of the name does not matter, a name that does not exist does.
    open(&api, "/ui/resources/ED-FI/Students").await.expect(200);
    open(&api, "/ui/resources/ed-fi/pupils").await.expect(404);
}

#[tokio::test]
async fn a_search_goes_on_over_pages() {
    let api = Api::vendor().await;
    for number in 0..130 {
        api.create("students", &student(&format!("{}-{number}", if number % 2 == 0 { "even" } else { "odd" }))).await;
    }
    let path = "/ui/resources/ed-fi/students?q=even-";
    let first = open(&api, path).await.expect(200).text;
    assert_eq!(first.matches(">even-").count(), 50);
    let more = links(&first, "/ui/resources/ed-fi/students?before=");
    let second = open(&api, &more[0]).await.expect(200).text;
    assert_eq!((second.matches(">even-").count(), second.matches(">odd-").count()), (15, 0));
}

#[tokio::test]
async fn a_record_shows_what_it_refers_to_and_who_refers_to_it() {
    let api = Api::vendor().await;
    let id = api.section_association("1001").await;
    let page = open(&api, &format!("/ui/resources/ed-fi/studentSectionAssociations/{id}")).await.expect(200).text;
    let text_of = text(&page);
    for expected in ["StudentSectionAssociation", "studentUniqueId 1001", "localCourseCode ALG-1", &id] {
        assert!(text_of.contains(expected), "{expected}: {text_of}");
    }
    let section = links(&page, "/ui/resources/ed-fi/sections/");
    assert_eq!(section.len(), 1);
    let section = open(&api, &section[0]).await.expect(200).text;
    assert!(text(&section).contains("studentSectionAssociations.sectionReference 1 record"), "{}", text(&section));
    // The request that made it.
    let request = links(&page, "/ui/requests/");
    let request = open(&api, &request[0]).await.expect(200).text;
    assert!(text(&request).contains("201 Created"), "{}", text(&request));
    assert_eq!(links(&request, &format!("/ui/resources/ed-fi/studentSectionAssociations/{id}")).len(), 1);
    open(&api, "/ui/resources/ed-fi/sections/00000000000000000000000000000000").await.expect(404);
    open(&api, "/ui/resources/ed-fi/sections/abc").await.expect(404);
}

#[tokio::test]
async fn a_request_shows_what_was_sent_what_was_answered_and_what_the_api_said() {
    for (api, said) in [
        (
            Api::full().await,
            "Unable to resolve value 'uri://ed-fi.org/GradeLevelDescriptor#None' to an existing 'GradeLevelDescriptor' resource.",
        ),
        (
            Api::version_7(false).await,
            "GradeLevelDescriptor value 'uri://ed-fi.org/GradeLevelDescriptor#None' does not exist.",
        ),
    ] {
        api.create("students", &student("1001")).await;
        let mut body = common::enrollment("1001", common::SCHOOL);
        body["entryGradeLevelDescriptor"] = json!("uri://ed-fi.org/GradeLevelDescriptor#None");
        api.post("studentSchoolAssociations?x=1", &body).await.expect(400);
        let list = open(&api, "/ui/requests?show=refused").await.expect(200).text;
        let request = links(&list, "/ui/requests/");
        assert_eq!(request.len(), 1, "{list}");
        let page = open(&api, &request[0]).await.expect(200).text;
        // Apostrophes are written in another way in the page.
        let text = text(&page).replace("&#39;", "'").replace("&#34;", "\"");
        for expected in
            ["400 Bad Request", said, "\"entryDate\" : \"2025-08-14\"", "studentSchoolAssociations ?x=1", "full"]
        {
            assert!(text.contains(expected), "{expected}: {text}");
        }
    }
}

#[tokio::test]
async fn requests_can_be_looked_at_by_kind_and_resource() {
    let api = Api::vendor().await;
    api.section_association("1001").await;
    api.get("schools").await.expect(200);
    let rows = async |query: &str| {
        let page = open(&api, &format!("/ui/requests{query}")).await.expect(200).text;
        links(&page, "/ui/requests/").len()
    };
    // A token, six writes and a read.
    assert_eq!(rows("").await, 8);
    assert_eq!(rows("?show=writes").await, 6);
    assert_eq!(rows("?show=refused").await, 0);
    assert_eq!(rows("?resource=ed-fi%2Fsections").await, 1);
    assert_eq!(rows("?show=writes&resource=ed-fi%2Fschools").await, 0);
    assert_eq!(rows("?before=3").await, 2);
    // Looking is no request.
    assert_eq!(rows("").await, 8);
}

/// The tags that the templates have.
const TAGS: [&str; 41] = [
    "!doctype", "a", "b", "body", "br", "button", "code", "dd", "details", "dl", "dt", "footer", "form", "h1", "h2",
    "head", "header", "html", "img", "input", "label", "li", "link", "main", "meta", "nav", "p", "pre", "section",
    "span", "summary", "table", "tbody", "td", "th", "thead", "time", "title", "tr", "ul", "div",
];

/// The tags of a page as a browser reads them, with the names of their attributes.
fn tags(page: &str) -> Vec<(String, Vec<String>)> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let name: String = rest.chars().take_while(|c| !c.is_whitespace() && *c != '>').collect();
        rest = &rest[name.len()..];
        let (mut attributes, mut quoted, mut attribute) = (Vec::new(), false, String::new());
        for c in rest.chars() {
            match c {
                '"' => quoted = !quoted,
                '>' if !quoted => break,
                _ if quoted => {}
                c if c.is_whitespace() || c == '=' => attributes.push(std::mem::take(&mut attribute)),
                c => attribute.push(c),
            }
        }
        attributes.push(attribute);
        attributes.retain(|name| !name.is_empty());
        tags.push((name.trim_start_matches('/').to_ascii_lowercase(), attributes));
    }
    tags
}

/// A text as it may stand in a path or a query.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat()
}

const HOSTILE: [&str; 4] = [
    "\"><script>alert(1)</script>",
    "'><img src=x onerror=alert(1)>",
    "</pre></td><h1>x</h1>",
    "{{ 7*7 }} &lt;b&gt; &#60;i&#62;",
];

#[tokio::test]
async fn nothing_that_was_sent_becomes_part_of_a_page() {
    // Version 7 stores such texts; version 6 refuses them and quotes some.
    for api in [Api::version_7(false).await, Api::full().await] {
        for (at, hostile) in HOSTILE.iter().enumerate() {
            let mut body = student(&format!("{at}{hostile}").chars().take(32).collect::<String>());
            body["lastSurname"] = json!(hostile);
            body["birthSexDescriptor"] = json!(hostile);
            api.post("students", &body).await;
            body.as_object_mut().unwrap().remove("birthSexDescriptor");
            api.post("students", &body).await;
            let encoded = encoded(hostile);
            api.get(&format!("students?studentUniqueId={encoded}")).await.expect(200);
            api.get(&format!("{encoded}/{encoded}")).await.expect(404);
            let raw = api.request(reqwest::Method::POST, "students").header("content-type", "application/json");
            read(raw.body(hostile.to_owned()).send().await.unwrap()).await.expect(400);
        }
        let mut pages = vec!["/ui".to_owned(), "/ui/requests".to_owned(), "/ui/resources/ed-fi/students".to_owned()];
        for hostile in HOSTILE {
            let encoded = encoded(hostile);
            pages.push(format!("/ui/resources/ed-fi/students?q={encoded}"));
            pages.push(format!("/ui/requests?resource={encoded}&show={encoded}"));
        }
        let mut seen = 0;
        while let Some(path) = pages.pop() {
            let page = open(&api, &path).await.expect(200).text;
            seen += 1;
            for (tag, attributes) in tags(&page) {
                assert!(TAGS.contains(&tag.as_str()), "{path} has a tag {tag}");
                let script = attributes.iter().find(|name| name.starts_with("on") || *name == "style");
                assert_eq!(script, None, "{path}, {tag}");
            }
            let images: Vec<&str> = page.match_indices("<img ").map(|(at, _)| &page[at..at + 27]).collect();
            assert_eq!(images, ["<img src=\"/ui/icon.svg\" alt"], "{path}");
            if path == "/ui/requests" || path == "/ui/resources/ed-fi/students" {
                pages.extend(links(&page, "/ui/requests/"));
                pages.extend(links(&page, "/ui/resources/ed-fi/students/"));
            }
        }
        assert!(seen > 20, "{seen}");
    }
}

#[tokio::test]
async fn secrets_and_tokens_stay_out_of_the_pages() {
    let api = Api::vendor().await;
    api.get("schools").await.expect(200);
    let form = [("grant_type", "client_credentials"), ("client_id", "sis"), ("client_secret", "sis-secret")];
    read(api.client.post(api.url("/oauth/token")).form(&form).send().await.unwrap()).await.expect(200);
    let form = [("grant_type", "client_credentials"), ("client_id", "sis"), ("client_secret", "wrong-secret")];
    read(api.client.post(api.url("/oauth/token")).form(&form).send().await.unwrap()).await.expect(401);
    let list = open(&api, "/ui/requests").await.expect(200).text;
    let mut said = String::new();
    for path in links(&list, "/ui/requests/") {
        let page = open(&api, &path).await.expect(200).text;
        for secret in ["sis-secret", "wrong-secret", api.token.as_str()] {
            assert!(!page.contains(secret), "{path}");
        }
        said.push_str(&text(&page));
    }
    assert!(said.contains("not kept: it carries a secret"), "{said}");
    assert!(said.contains("invalid_client"), "{said}");
}

#[tokio::test]
async fn only_this_machine_by_its_own_name_sees_the_pages() {
    let api = Api::vendor().await;
    let as_host = async |host: &str, path: &str| {
        let request = api.client.get(api.url(path)).header("host", host);
        read(request.send().await.unwrap()).await.status.as_u16()
    };
    for path in ["/ui", "/ui/requests", "/ui/resources/ed-fi/schools"] {
        assert_eq!(as_host("localhost:8080", path).await, 200, "{path}");
        assert_eq!(as_host("attacker.example", path).await, 403, "{path}");
    }
    // The API itself takes any name.
    assert_eq!(as_host("attacker.example", "/").await, 200);
    let everyone = Api::with(|config| config.ui = UiAccess::Everyone).await;
    let request = everyone.client.get(everyone.url("/ui")).header("host", "sandbox.district.example");
    read(request.send().await.unwrap()).await.expect(200);
    let off = Api::with(|config| config.ui = UiAccess::Off).await;
    open(&off, "/ui").await.expect(404);
}

#[tokio::test]
async fn browsers_are_told_to_run_nothing_and_to_load_nothing_from_elsewhere() {
    let api = Api::vendor().await;
    for path in ["/ui", "/ui/requests", "/ui/style.css", "/ui/icon.svg", "/ui/resources/ed-fi/schools"] {
        let answer = open(&api, path).await.expect(200);
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("script-src"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cache-control"), "no-store");
        // No address but the sandbox's own, which the page names for clients.
        let others = answer.text.replace(api.sandbox.url(), "").replace("http://www.w3.org/2000/svg", "");
        assert!(!others.contains("http://") && !others.contains("https://"), "{path}");
        assert!(!others.contains(" style=") && !others.contains("<script"), "{path}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_shown_as_one() {
    let api = Api::full().await;
    let what = What::Reset(Moment::AfterCommit);
    api.sandbox.set_faults(Hit { what, whom: Whom::Every(1), times: Some(1) }.into());
    let sent = api.request(reqwest::Method::POST, "students").json(&student("1")).send().await;
    assert!(sent.is_err());
    let list = open(&api, "/ui/requests?show=refused").await.expect(200).text;
    assert!(text(&list).contains("reset"), "{list}");
    let request = open(&api, &links(&list, "/ui/requests/")[0]).await.expect(200).text;
    assert!(text(&request).contains("The connection was reset"), "{request}");
    // The record is there all the same.
    assert!(text(&open(&api, "/ui").await.text).contains("students 1"), "the write was done");
}
