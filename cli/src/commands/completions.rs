//! `rollcall completions`

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::args::Cli;
use crate::exit::Exit;
use crate::ui::Ui;

pub(crate) fn completions(shell: Shell, ui: &Ui) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "rollcall", &mut script);
    ui.line(String::from_utf8_lossy(&script).trim_end());
    Exit::Done
}
