//! `rollcall new-state`: the directory of one more state, from a template that compiles and passes the shared tests,
//! and the lines that wire it up.

use std::fs;
use std::path::{Path, PathBuf};

use rollcall_core::registry::Registry;

use crate::args;
use crate::exit::{Exit, Failure};
use crate::ui::Ui;

/// File in the crate and its template.
const FILES: &[(&str, &str)] = &[
    ("Cargo.toml", include_str!("../../templates/state/Cargo.toml.template")),
    ("src/lib.rs", include_str!("../../templates/state/lib.rs.template")),
    ("src/descriptors.rs", include_str!("../../templates/state/descriptors.rs.template")),
    ("src/state.rs", include_str!("../../templates/state/state.rs.template")),
    ("tests/sessions.rs", include_str!("../../templates/state/test.rs.template")),
];

pub(crate) fn new_state(args: &args::NewState, registry: &Registry, ui: &Ui) -> Result<Exit, Failure> {
    let names = Names::of(args)?;
    if registry.states().any(|state| state.code == names.code) {
        let error = anyhow::anyhow!("a state with the code {} is compiled in already", names.code);
        return Err(Failure::new(Exit::Usage, error).hint("`rollcall states` lists them"));
    }
    let root = &args.workspace;
    let folder = root.join("states").join(&names.slug);
    if !root.join("states").is_dir() || !root.join("cli/src/states.rs").is_file() {
        let error = anyhow::anyhow!("{} is not Rollcall's workspace", root.display());
        return Err(Failure::new(Exit::Usage, error).hint("run it in the checkout, or name it with --workspace"));
    }
    if folder.exists() {
        let error = anyhow::anyhow!("{} is there already", folder.display());
        return Err(Failure::new(Exit::Usage, error).hint("choose another name, or remove it"));
    }
    for (file, template) in FILES {
        write(&folder.join(file), &names.fill(template))?;
    }
    let edits = names.wiring();
    for edit in &edits {
        edit.apply(root)?;
    }
    ui.line(&format!("{} is a crate of its own now: {}", names.name, folder.display()));
    ui.line("wired up in:");
    for edit in &edits {
        ui.line(&format!("  {}: {}", edit.file, edit.line));
    }
    ui.line(&format!("next: cargo test -p rollcall-{}; then docs/adding-a-state.md", names.slug));
    Ok(Exit::Done)
}

/// The forms of a state's name.
struct Names {
    code: String,
    name: String,
    /// `north-dakota`: directory, package and feature.
    slug: String,
    /// `north_dakota`
    module: String,
}

impl Names {
    fn of(args: &args::NewState) -> Result<Self, Failure> {
        let code = args.code.to_lowercase();
        if code.len() != 2 || !code.chars().all(|c| c.is_ascii_lowercase()) {
            let error = anyhow::anyhow!("\"{}\" is not a state's code", args.code);
            return Err(Failure::new(Exit::Usage, error).hint("give the two letters of the post: mn"));
        }
        let slug: String = args.name.trim().to_lowercase().split_whitespace().collect::<Vec<_>>().join("-");
        if slug.is_empty() || !slug.chars().all(|c| c.is_ascii_lowercase() || c == '-') {
            let error = anyhow::anyhow!("\"{}\" cannot be the name of a crate", args.name);
            return Err(Failure::new(Exit::Usage, error).hint("give the state's name in letters: \"North Dakota\""));
        }
        let module = slug.replace('-', "_");
        Ok(Self { code, name: args.name.trim().to_owned(), slug, module })
    }

    fn fill(&self, template: &str) -> String {
        template
            .replace("{{code}}", &self.code)
            .replace("{{name}}", &self.name)
            .replace("{{slug}}", &self.slug)
            .replace("{{module}}", &self.module)
    }

    /// The lines outside the state's directory. A state is off by default until its owner adds it to `default`.
    fn wiring(&self) -> Vec<Edit> {
        let Self { code, slug, module, .. } = self;
        vec![
            Edit {
                file: "Cargo.toml",
                line: format!("rollcall-{slug} = {{ path = \"states/{slug}\" }}"),
                before: "rollcall-source = ",
            },
            Edit {
                file: "cli/Cargo.toml",
                line: format!("{slug} = [\"dep:rollcall-{slug}\"]"),
                before: "core-edfi = [",
            },
            Edit {
                file: "cli/Cargo.toml",
                line: format!("rollcall-{slug} = {{ workspace = true, optional = true }}"),
                before: "rollcall-source = ",
            },
            Edit {
                file: "cli/src/states.rs",
                line: format!("    \"{slug}\": rollcall_{module} registers \"{code}\","),
                before: "    \"wisconsin\": ",
            },
            Edit { file: "tests/Cargo.toml", line: format!("{slug} = [\"rollcall/{slug}\"]"), before: "core-edfi = [" },
        ]
    }
}

/// One line to put into a file, before the first line that begins so.
struct Edit {
    file: &'static str,
    line: String,
    before: &'static str,
}

impl Edit {
    fn apply(&self, root: &Path) -> Result<(), Failure> {
        let path: PathBuf = root.join(self.file);
        let text = fs::read_to_string(&path)?;
        let Some(at) = text.find(&format!("\n{}", self.before)) else {
            let error = anyhow::anyhow!("{} has no line that begins with {}", path.display(), self.before.trim());
            return Err(Failure::new(Exit::Input, error).hint(format!("add the line yourself: {}", self.line.trim())));
        };
        let text = format!("{}\n{}{}", &text[..at], self.line, &text[at..]);
        write(&path, &text)
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)?;
    Ok(())
}
