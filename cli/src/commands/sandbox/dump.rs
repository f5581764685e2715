//! `rollcall sandbox dump`

use std::fs::{self, OpenOptions};
use std::io::{BufWriter, Write as _};

use rollcall_core::registry::Registry;
use rollcall_sandbox::{Seed, Storage, Store};
use serde_json::json;

use super::failed;
use super::setting::Setting;
use crate::args::{self, Global};
use crate::exit::{Exit, Failure};
use crate::ui::{Table, Ui};

pub(super) async fn dump(
    args: &args::SandboxDump,
    global: &Global,
    registry: &Registry,
    ui: &Ui,
) -> Result<Exit, Failure> {
    if !args.file.exists() {
        let error = anyhow::anyhow!("there is no sandbox file {}", args.file.display());
        return Err(Failure::new(Exit::Input, error).hint("a sandbox keeps its records in one with --file"));
    }
    let setting = Setting::read(&args.server, global, registry, ui)?;
    // Nothing is added to what the file holds.
    let store =
        Store::open(&Storage::File(args.file.clone()), setting.schema, Seed::default()).await.map_err(failed)?;
    let counts = store.counts();
    if let Some(unknown) = args.resource.iter().find(|name| !store.resources().contains(name)) {
        let order = store.resources();
        let near = rollcall_core::finding::nearest(unknown, order.iter().map(String::as_str));
        let near = near.map(|near| format!("did you mean {near}?")).unwrap_or_default();
        return Err(Failure::new(Exit::Usage, anyhow::anyhow!("{unknown} is no resource of this server")).hint(near));
    }
    fs::create_dir_all(&args.folder)?;
    let mut dumped = Vec::new();
    for name in store.resources() {
        let wanted = args.resource.is_empty() || args.resource.contains(&name);
        if !wanted || !counts.contains_key(&name) {
            continue;
        }
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = BufWriter::new(options.open(args.folder.join(format!("{name}.jsonl")))?);
        let count = store.dump(&name, &mut file)?;
        file.flush()?;
        dumped.push((name, count));
    }
    if ui.is_json() {
        let resources: Vec<_> =
            dumped.iter().map(|(name, count)| json!({"resource": name, "records": count})).collect();
        ui.json(&resources)?;
    } else {
        let mut table = Table::new(&["resource", "#records"]);
        for (name, count) in dumped {
            table.row([name, count.to_string()]);
        }
        ui.line(&table.to_string());
    }
    Ok(Exit::Done)
}
