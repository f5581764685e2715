//! Queries that are read page by page, from servers that answer with something else.

use rollcall_transport::{Client, ReadError, TransportError, TransportErrorKind};

use crate::stub::{Call, Reply, STUDENTS, Stub};

/// Everything that the pages of a query hold.
async fn read(client: &Client) -> Result<Vec<String>, ReadError> {
    let mut pages = client.pages(&STUDENTS, &[]);
    let mut ids = Vec::new();
    while let Some(rows) = pages.next().await? {
        ids.extend(rows.into_iter().map(|row| row.id));
    }
    Ok(ids)
}

/// A server that says it is of `version`.
async fn stub(version: &'static str, answer: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> Stub {
    let stub = Stub::start(answer).await;
    stub.shared.version.lock().unwrap().replace(version);
    stub
}

/// The error that ends reading.
async fn stops(stub: &Stub) -> TransportError {
    let client = stub.connect().await.unwrap();
    let Err(ReadError::Stop(error)) = read(&client).await else { panic!() };
    assert_eq!(error.kind(), TransportErrorKind::NotAnApi, "{error}");
    assert!(error.message().contains("/data/v3/ed-fi/students "), "{error}");
    assert!(error.hint().is_some());
    error
}

fn rows(ids: impl IntoIterator<Item = usize>) -> String {
    let rows: Vec<_> = ids.into_iter().map(|id| format!(r#"{{"id":"a{id}"}}"#)).collect();
    format!("[{}]", rows.join(","))
}

#[tokio::test]
async fn pages_by_offset_and_by_token() {
    let by_offset = stub("6.2", |call| match call.query.as_str() {
        "offset=0&limit=500" => Reply::new(200, rows(0..3)).header("total-count", "4"),
        // Another writer has put a record before these meanwhile.
        "offset=3&limit=500" => Reply::new(200, rows(2..4)).header("total-count", "5"),
        _ => Reply::new(200, "[]"),
    })
    .await;
    assert_eq!(read(&by_offset.connect().await.unwrap()).await.unwrap(), ["a0", "a1", "a2", "a2", "a3"]);
    let last = stub("6.2", |call| match call.number {
        1 => Reply::new(200, rows(0..3)),
        2 => Reply::new(200, rows(2..3)),
        _ => Reply::new(200, "[]"),
    })
    .await;
    assert_eq!(read(&last.connect().await.unwrap()).await.unwrap(), ["a0", "a1", "a2", "a2"]);
    let by_token = stub("7.3", |call| match call.query.as_str() {
        "" => Reply::new(200, rows(0..2)).header("next-page-token", "one"),
        "pageToken=one&pageSize=500" => Reply::new(200, rows(2..4)).header("next-page-token", "two"),
        _ => Reply::new(200, "[]"),
    })
    .await;
    assert_eq!(read(&by_token.connect().await.unwrap()).await.unwrap(), ["a0", "a1", "a2", "a3"]);
}

#[tokio::test]
async fn the_same_page_again_and_again() {
    for version in ["6.2", "7.3"] {
        let stub =
            stub(version, |call| Reply::new(200, rows(0..25)).header("next-page-token", &call.number.to_string()))
                .await;
        assert!(stops(&stub).await.message().ends_with("the same page again and again"));
        assert_eq!(stub.calls().len(), 2);
    }
}

#[tokio::test]
async fn a_token_that_comes_again() {
    let stub = stub("7.3", |call| {
        let token = ["one", "two"][call.number % 2];
        Reply::new(200, rows(call.number..call.number + 2)).header("next-page-token", token)
    })
    .await;
    assert!(stops(&stub).await.message().ends_with("the same page token twice"));
}

#[tokio::test]
async fn more_rows_than_there_are() {
    let stub =
        stub("6.2", |call| Reply::new(200, rows(10 * call.number..10 * call.number + 10)).header("total-count", "35"))
            .await;
    assert!(stops(&stub).await.message().ends_with("more records than it says there are"));
    assert_eq!(stub.calls().len(), 4);
}

#[tokio::test]
async fn a_query_that_is_answered_with_no_list_of_records() {
    for (body, what) in [
        (r#"{"a":1}"#, "with JSON that is no list"),
        ("null", "with JSON that is no list"),
        (r#"[null,1,"x",[],{}]"#, "with a list of something else than records with ids"),
        ("[{},{}]", "with a list of something else than records with ids"),
        (r#"[{"id":"a1"},{"id":""}]"#, "with a list of something else than records with ids"),
        (r#"[{"id":"../schools/a1"},{"id":".."}]"#, "with a list of something else than records with ids"),
    ] {
        let stub = stub("6.2", move |_| Reply::new(200, body)).await;
        assert!(stops(&stub).await.message().ends_with(what), "{body}");
        let client = stub.connect().await.unwrap();
        assert!(matches!(client.find(&STUDENTS, &[]).await, Err(ReadError::Stop(_))), "{body}");
        assert!(matches!(client.page(&STUDENTS, 0, 500).await, Err(ReadError::Stop(_))), "{body}");
    }
}

#[tokio::test]
async fn one_item() {
    let stub = stub("6.2", |_| Reply::new(200, r#"{"id":"a1"}"#)).await;
    let client = stub.connect().await.unwrap();
    assert_eq!(client.read(&STUDENTS, "a1").await.unwrap().unwrap().id, "a1");
}

/// Else whoever deletes by id would delete the first of the collection.
#[tokio::test]
async fn an_item_is_not_the_first_of_a_list() {
    let stub = stub("6.2", |_| Reply::new(200, rows(0..2))).await;
    let client = stub.connect().await.unwrap();
    let Err(ReadError::Stop(error)) = client.read(&STUDENTS, "a1").await else { panic!() };
    assert_eq!(error.kind(), TransportErrorKind::NotAnApi);
    assert!(error.message().ends_with("/students/a1 answers the read of one record with a list"), "{error}");
}

/// Else a delete by its id would go to the collection, or elsewhere.
#[tokio::test]
async fn an_item_has_an_id_that_names_it() {
    for body in [r#"{"lastSurname":"x"}"#, r#"{"id":7}"#, r#"{"id":""}"#, r#"{"id":".."}"#] {
        let stub = stub("6.2", move |_| Reply::new(200, body)).await;
        let client = stub.connect().await.unwrap();
        let Err(ReadError::Stop(error)) = client.read(&STUDENTS, "a1").await else { panic!("{body}") };
        assert_eq!(error.kind(), TransportErrorKind::NotAnApi);
        assert!(error.message().ends_with("with JSON that is no record with an id"), "{error}");
    }
}

#[tokio::test]
async fn a_byte_order_mark_is_no_part_of_the_list() {
    let stub = stub("6.2", |_| Reply::new(200, "\u{feff}[{\"id\":\"a1\"}]")).await;
    let client = stub.connect().await.unwrap();
    assert_eq!(client.find(&STUDENTS, &[]).await.unwrap()[0].id, "a1");
}
