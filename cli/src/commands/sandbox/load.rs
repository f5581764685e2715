//! `rollcall sandbox load`, and the same before serving.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use rollcall_core::registry::Registry;
use rollcall_sandbox::{Loaded, Storage, Store};
use serde_json::json;

use super::failed;
use super::setting::Setting;
use crate::args::{self, Global};
use crate::exit::{Exit, Failure};
use crate::ui::{Table, Ui};

/// Refusals shown of each resource; the rest is counted.
const SHOWN: usize = 10;

pub(super) async fn load(
    args: &args::SandboxLoad,
    global: &Global,
    registry: &Registry,
    ui: &Ui,
) -> Result<Exit, Failure> {
    let files = files(&args.paths)?;
    let setting = Setting::read(&args.server, global, registry, ui)?;
    let storage = Storage::File(args.file.clone());
    let store = Store::open(&storage, setting.schema, setting.seed).await.map_err(failed)?;
    let loaded = put_in(&store, &files, ui).await?;
    let all_taken = loaded.iter().all(|(_, loaded)| loaded.refused.is_empty());
    if ui.is_json() {
        let resources: Vec<_> = loaded.iter().map(|(name, loaded)| as_json(name, loaded)).collect();
        ui.json(&resources)?;
    } else {
        let mut table = Table::new(&["resource", "#created", "#updated", "#refused"]);
        for (name, loaded) in &loaded {
            let counts = [loaded.created, loaded.updated, loaded.refused.len() as u64];
            table.row([name.clone()].into_iter().chain(counts.map(|count| count.to_string())));
        }
        ui.line(&table.to_string());
    }
    Ok(if all_taken { Exit::Done } else { Exit::Incomplete })
}

fn as_json(name: &str, loaded: &Loaded) -> serde_json::Value {
    let refused = loaded.refused.iter().map(|refusal| json!({"line": refusal.line, "reason": refusal.reason}));
    json!({
        "resource": name,
        "created": loaded.created,
        "updated": loaded.updated,
        "refused": refused.collect::<Vec<_>>(),
    })
}

/// The files to load, each with its resource's name; folders stand for the `.jsonl` files in them.
pub(super) fn files(paths: &[PathBuf]) -> Result<Vec<(String, PathBuf)>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        let cannot = |error: std::io::Error| {
            Failure::new(Exit::Input, anyhow::anyhow!("cannot read {}: {error}", path.display()))
        };
        if !path.is_dir() {
            files.push(named(path)?);
            continue;
        }
        let before = files.len();
        for entry in std::fs::read_dir(path).map_err(cannot)? {
            let inner = entry.map_err(cannot)?.path();
            if inner.extension().is_some_and(|extension| extension == "jsonl") {
                files.push(named(&inner)?);
            }
        }
        if files.len() == before {
            let error = anyhow::anyhow!("the folder {} has no .jsonl files", path.display());
            return Err(Failure::new(Exit::Input, error)
                .hint("each is named after its resource: students.jsonl, one body a line"));
        }
    }
    files.sort();
    Ok(files)
}

/// A file and its resource: `students.jsonl`.
fn named(path: &Path) -> Result<(String, PathBuf), Failure> {
    let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if path.exists() && !name.is_empty() {
        return Ok((name.to_owned(), path.to_owned()));
    }
    let error = anyhow::anyhow!("there is no file {}", path.display());
    Err(Failure::new(Exit::Input, error).hint("it is named after its resource: students.jsonl, one body a line"))
}

/// Loads files in the order of their resources; what is refused is said, without a value of the record.
pub(super) async fn put_in(
    store: &Store,
    files: &[(String, PathBuf)],
    ui: &Ui,
) -> Result<Vec<(String, Loaded)>, Failure> {
    let order = store.resources();
    if let Some((name, path)) = files.iter().find(|(name, _)| !order.contains(name)) {
        let near = rollcall_core::finding::nearest(name, order.iter().map(String::as_str));
        let near = near.map(|near| format!("did you mean {near}?")).unwrap_or_default();
        let error = anyhow::anyhow!("{} is named after {name}, which is no resource of this server", path.display());
        return Err(Failure::new(Exit::Input, error).hint(near));
    }
    let mut done = Vec::new();
    for name in &order {
        for (_, path) in files.iter().filter(|(of, _)| of == name) {
            let file = File::open(path).map_err(|error| {
                Failure::new(Exit::Input, anyhow::anyhow!("cannot read {}: {error}", path.display()))
            })?;
            let loaded = store.load(name, BufReader::new(file)).await.map_err(failed)?;
            for refusal in loaded.refused.iter().take(SHOWN) {
                let reason = refusal.reason.split_whitespace().collect::<Vec<_>>().join(" ");
                ui.note(&format!("refused: {}:{}: {reason}", path.display(), refusal.line));
            }
            if loaded.refused.len() > SHOWN {
                ui.note(&format!("refused: {}: {} more lines", path.display(), loaded.refused.len() - SHOWN));
            }
            done.push((name.clone(), loaded));
        }
    }
    Ok(done)
}
