//! A server that says what a test wants: discovery and OAuth as every server, and for each write the answer that the
//! test chooses. For words that the sandbox has no reason to say.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// A write, as the server received it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// `POST`, `PUT` or `DELETE`.
    pub method: String,
    /// The resource: `sections`.
    pub resource: String,
    /// What was sent.
    pub body: String,
}

type Answer = dyn Fn(&Asked) -> Option<(u16, String)> + Send + Sync;

struct Shared {
    answer: Mutex<Box<Answer>>,
    asked: Mutex<Vec<Asked>>,
    origin: String,
    /// The origin that its discovery document names.
    named: Mutex<String>,
    /// How many tokens it has given.
    tokens: AtomicU64,
}

/// The server. Serves until the test's process ends.
pub struct Says {
    shared: Arc<Shared>,
}

impl Says {
    /// Starts it. Writes for which there is no answer are taken.
    pub fn start(answer: impl Fn(&Asked) -> Option<(u16, String)> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let origin = format!("http://{}", listener.local_addr().expect("it is bound"));
        let shared = Arc::new(Shared {
            answer: Mutex::new(Box::new(answer)),
            asked: Mutex::default(),
            named: Mutex::new(origin.clone()),
            origin,
            tokens: AtomicU64::new(0),
        });
        let served = Arc::clone(&shared);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let shared = Arc::clone(&served);
                let connection = connection.expect("a client connects");
                // A client that goes away has what it wanted.
                std::thread::spawn(move || serve(&shared, connection).ok());
            }
        });
        Self { shared }
    }

    /// Answers otherwise from now on.
    pub fn say(&self, answer: impl Fn(&Asked) -> Option<(u16, String)> + Send + Sync + 'static) {
        *self.shared.answer.lock().expect("no test panicked with it") = Box::new(answer);
    }

    /// Names addresses of this origin in its discovery document from now on.
    pub fn name(&self, origin: &str) {
        origin.clone_into(&mut self.shared.named.lock().expect("no test panicked with it"));
    }

    /// How many tokens it has given.
    pub fn tokens(&self) -> u64 {
        self.shared.tokens.load(Ordering::SeqCst)
    }

    /// Where it serves.
    pub fn url(&self) -> String {
        self.shared.origin.clone()
    }

    /// The writes since the last call.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.shared.asked.lock().expect("no test panicked with it"))
    }
}

/// `{"message": …}`, as version 6 says it.
pub fn message(text: &str) -> String {
    serde_json::json!({ "message": text }).to_string()
}

fn serve(shared: &Shared, connection: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(connection.try_clone()?);
    let mut connection = connection;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let mut words = line.split_whitespace();
        let (method, path) = (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header)?;
            let Some((name, value)) = header.trim_end().split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap_or_default();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let (status, more, body) = answer(shared, method, &path, &String::from_utf8_lossy(&body));
        let length = body.len();
        let head =
            format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{more}\r\n");
        connection.write_all(head.as_bytes())?;
        connection.write_all(body.as_bytes())?;
    }
}

fn answer(shared: &Shared, method: String, path: &str, body: &str) -> (u16, String, String) {
    let origin = &shared.origin;
    let named = shared.named.lock().expect("no test panicked with it").clone();
    let plain = |body: serde_json::Value| (200, String::new(), body.to_string());
    let Some(rest) = path.strip_prefix("/data/v3/ed-fi/") else {
        return match path {
            "/oauth/token" => {
                shared.tokens.fetch_add(1, Ordering::SeqCst);
                plain(serde_json::json!({ "access_token": "t", "expires_in": 1800, "token_type": "bearer" }))
            }
            "/" => plain(serde_json::json!({
                "version": "6.2",
                "dataModels": [{ "name": "Ed-Fi", "version": "4.0.0" }],
                "urls": {
                    "oauth": format!("{named}/oauth/token"),
                    "dataManagementApi": format!("{named}/data/v3/"),
                    "dependencies": format!("{named}/metadata/data/v3/dependencies"),
                },
            })),
            _ => plain(serde_json::json!([])),
        };
    };
    if method == "GET" {
        return plain(serde_json::json!([]));
    }
    let resource = rest.split(['/', '?']).next().unwrap_or_default().to_owned();
    let asked = Asked { method, resource, body: body.to_owned() };
    let said = (shared.answer.lock().expect("no test panicked with it"))(&asked);
    let id = format!("{:032x}", u128::from(seed(&asked.body)));
    let location = format!("Location: {origin}/data/v3/ed-fi/{}/{id}\r\n", asked.resource);
    let created = asked.method == "POST";
    shared.asked.lock().expect("no test panicked with it").push(asked);
    match said {
        Some((status, body)) => (status, String::new(), body),
        None if created => (201, location, String::new()),
        None => (204, String::new(), String::new()),
    }
}

/// Some number for a body: the ids of different records differ.
fn seed(body: &str) -> u64 {
    body.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
