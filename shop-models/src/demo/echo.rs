//! The statements, printed so that they are read beside the narration.

use super::Colour;
use super::wrap::wrapped;
use orm_core::EngineBuilder;
use orm_core::events::StatementEvent;

/// Has the engine print every statement to standard error, as its `echo(true)` does, but wrapped to 100 columns, set
/// off from the narration, and dimmed on a terminal.
pub fn echo(engine: EngineBuilder, colour: Colour) -> EngineBuilder {
    engine.on_statement(move |event| eprint!("{}", shown(event, colour)))
}

fn shown(event: &StatementEvent<'_>, colour: Colour) -> String {
    let event = event.to_string();
    let event = event.strip_prefix("[orm] ").unwrap_or(&event);
    // Without values there are time and rows only: they have room beside the statement.
    let event = event.replace("\n      (", "  (");
    let mut text = String::new();
    for line in event.lines().flat_map(|line| wrapped(line, 94)) {
        text.push_str(&colour.paint("2", &format!("    │ {line}")));
        text.push('\n');
    }
    text
}
