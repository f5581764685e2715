//! `rollcall new-state`: the directory of one more state, from a template that compiles and passes the shared tests,
//! and the lines that wire it up.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rollcall_core::registry::Registry;

use crate::args;
use crate::exit::{Exit, Failure};
use crate::ui::Ui;

/// The file that names the state crates.
const STATES: &str = "cli/src/states.rs";

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
    let folder = args.workspace.join("states").join(&names.slug);
    let edits = names.wiring();
    add(&names, &folder, &edits, &args.workspace, registry)?;
    ui.line(&format!("{} is a crate of its own now: {}", names.name, folder.display()));
    ui.line("wired up in:");
    for edit in &edits {
        ui.line(&format!("  {}: {}", edit.file, edit.line));
    }
    ui.line(&format!("next: cargo test -p rollcall-{}; then docs/adding-a-state.md", names.slug));
    Ok(Exit::Done)
}

/// Writes the crate into its folder and the lines that wire it up.
fn add(names: &Names, folder: &Path, edits: &[Edit], root: &Path, registry: &Registry) -> Result<(), Failure> {
    if !root.join("states").is_dir() || !root.join(STATES).is_file() {
        let error = anyhow::anyhow!("{} is not Rollcall's workspace", root.display());
        return Err(Failure::new(Exit::Usage, error).hint("run it in the checkout, or name it with --workspace"));
    }
    let compiled_in = registry.states().any(|state| state.code == names.code);
    // The workspace's own list has those too that are off by default.
    if compiled_in || fs::read_to_string(root.join(STATES))?.contains(&format!("registers \"{}\"", names.code)) {
        let error = anyhow::anyhow!("the workspace has a state with the code {} already", names.code);
        return Err(Failure::new(Exit::Usage, error).hint(format!("{STATES} lists them")));
    }
    if folder.exists() {
        let error = anyhow::anyhow!("{} is there already", folder.display());
        return Err(Failure::new(Exit::Usage, error).hint("choose another name, or remove it"));
    }
    // Every line has a place before anything is written: else half a state would be left behind.
    let wired = wire(root, edits)?;
    for (file, template) in FILES {
        write(&folder.join(file), &names.fill(template))?;
    }
    wired.iter().try_for_each(|(path, text)| write(path, text))
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
                place: Place::Before("rollcall-source = "),
            },
            Edit {
                file: "cli/Cargo.toml",
                line: format!("{slug} = [\"dep:rollcall-{slug}\"]"),
                place: Place::Before("core-edfi = ["),
            },
            Edit {
                file: "cli/Cargo.toml",
                line: format!("rollcall-{slug} = {{ workspace = true, optional = true }}"),
                place: Place::Before("rollcall-source = "),
            },
            Edit {
                file: STATES,
                line: format!("    \"{slug}\": rollcall_{module} registers \"{code}\","),
                place: Place::Sorted("states! {"),
            },
            Edit {
                file: "tests/Cargo.toml",
                line: format!("{slug} = [\"rollcall/{slug}\"]"),
                place: Place::Before("core-edfi = ["),
            },
        ]
    }
}

/// One line to put into a file.
struct Edit {
    file: &'static str,
    line: String,
    place: Place,
}

/// Where a line goes.
enum Place {
    /// Before the first line that begins so.
    Before(&'static str),
    /// Among the names of the block that begins so: before the first later one, or at the block's end.
    Sorted(&'static str),
}

impl Edit {
    /// A file's text with the line in its place; none when there is no such place.
    fn put(&self, text: &str) -> Option<String> {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let at = match self.place {
            Place::Before(start) => lines.iter().position(|line| line.starts_with(start))?,
            Place::Sorted(start) => {
                let first = lines.iter().position(|line| line.starts_with(start))? + 1;
                let is_later = |line: &&str| line.trim_start().starts_with('"') && **line > *self.line;
                first + lines[first..].iter().position(|line| line.starts_with('}') || is_later(line))?
            }
        };
        Some(format!("{}{}\n{}", lines[..at].concat(), self.line, lines[at..].concat()))
    }
}

/// The files outside the state's directory with their new lines; nothing is written yet.
fn wire(root: &Path, edits: &[Edit]) -> Result<BTreeMap<PathBuf, String>, Failure> {
    let mut files = BTreeMap::new();
    for edit in edits {
        let path = root.join(edit.file);
        let text = match files.get(&path) {
            Some(text) => text,
            None => &fs::read_to_string(&path)?,
        };
        let Some(text) = edit.put(text) else {
            let (Place::Before(start) | Place::Sorted(start)) = edit.place;
            let error = anyhow::anyhow!("{} has no line that begins with {}", path.display(), start.trim());
            let hint = format!("nothing was written; it is the place of {}", edit.line.trim());
            return Err(Failure::new(Exit::Usage, error).hint(hint));
        };
        files.insert(path, text);
    }
    Ok(files)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The files of the real workspace that are edited, in a folder of their own.
    fn workspace() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let real = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        fs::create_dir(folder.path().join("states")).unwrap();
        for file in ["Cargo.toml", "cli/Cargo.toml", STATES, "tests/Cargo.toml"] {
            write(&folder.path().join(file), &fs::read_to_string(real.join(file)).unwrap()).unwrap();
        }
        folder
    }

    fn run(workspace: &Path, code: &str, name: &str) -> Result<(), Failure> {
        let args = args::NewState { code: code.to_owned(), name: name.to_owned(), workspace: workspace.to_owned() };
        let names = Names::of(&args).unwrap();
        let folder = workspace.join("states").join(&names.slug);
        add(&names, &folder, &names.wiring(), workspace, &crate::registry().unwrap())
    }

    /// Where a name stands in the list of states.
    fn place(workspace: &Path, name: &str) -> usize {
        let states = fs::read_to_string(workspace.join(STATES)).unwrap();
        states.find(&format!("\n    \"{name}\": ")).unwrap_or_else(|| panic!("no {name} in {states}"))
    }

    #[test]
    fn a_state_is_listed_in_the_order_of_names() {
        let workspace = workspace();
        for (code, name) in [("xn", "New Avalon"), ("xz", "Zenda"), ("xa", "Atlantis")] {
            run(workspace.path(), code, name).unwrap();
        }
        let order = ["atlantis", "core-edfi", "minnesota", "new-avalon", "wisconsin", "zenda"];
        assert!(order.map(|name| place(workspace.path(), name)).is_sorted());
        let manifest: toml::Table =
            fs::read_to_string(workspace.path().join("cli/Cargo.toml")).unwrap().parse().unwrap();
        assert!(manifest["features"].as_table().unwrap().contains_key("new-avalon"));
        assert!(manifest["dependencies"].as_table().unwrap().contains_key("rollcall-new-avalon"));
    }

    /// Minnesota is off by default, so no registry knows it.
    #[test]
    fn a_code_that_the_workspace_has_is_taken() {
        let workspace = workspace();
        let failure = run(workspace.path(), "mn", "Minne Two").unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert_eq!(failure.to_string(), "the workspace has a state with the code mn already");
        assert!(!workspace.path().join("states/minne-two").exists());
    }

    #[test]
    fn nothing_is_written_when_a_line_has_no_place() {
        let workspace = workspace();
        write(&workspace.path().join("tests/Cargo.toml"), "[features]\n").unwrap();
        let before = fs::read_to_string(workspace.path().join("Cargo.toml")).unwrap();
        let failure = run(workspace.path(), "xn", "New Avalon").unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert!(
            failure.to_string().ends_with("tests/Cargo.toml has no line that begins with core-edfi = ["),
            "{failure}"
        );
        assert!(!workspace.path().join("states/new-avalon").exists());
        assert_eq!(fs::read_to_string(workspace.path().join("Cargo.toml")).unwrap(), before);
    }
}
