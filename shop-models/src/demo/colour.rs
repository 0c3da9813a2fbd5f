//! Colours, where there is a terminal.

use std::io::IsTerminal;

/// Whether text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// For files and pipes.
    Plain,
    /// For terminals.
    Ansi,
}

impl Colour {
    /// Colours for a terminal, unless `NO_COLOR` is set.
    pub fn of(out: &impl IsTerminal) -> Self {
        let is_unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        if out.is_terminal() && !is_unwanted { Self::Ansi } else { Self::Plain }
    }

    /// The text with the parameters of an SGR sequence, such as `1` for bold.
    pub(super) fn paint(self, sgr: &str, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Ansi => format!("\x1b[{sgr}m{text}\x1b[0m"),
        }
    }
}
