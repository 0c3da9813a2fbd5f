//! How the demo speaks.

use super::Colour;
use super::wrap::wrapped;
use crate::report::table;
use orm_core::{Engine, Statistics};
use std::io::{self, Write};
use std::time::Instant;

const BOLD: &str = "1";
const CODE: &str = "36";
const RESULT: &str = "32";

/// Tells the steps of the demo, and counts what each sends.
///
/// Everything is flushed before the next statement runs: who sees the echo on standard error beside it sees both in
/// the right order.
#[derive(Debug)]
pub(super) struct Narrator<'o, W> {
    out: &'o mut W,
    colour: Colour,
    engine: Engine,
    steps: Vec<Step>,
    began: (Statistics, Instant),
}

#[derive(Debug)]
struct Step {
    title: &'static str,
    sent: Statistics,
    millis: f64,
}

impl<'o, W: Write> Narrator<'o, W> {
    pub(super) fn new(engine: &Engine, out: &'o mut W, colour: Colour) -> Self {
        let began = (engine.statistics(), Instant::now());
        Self { out, colour, engine: engine.clone(), steps: Vec::new(), began }
    }

    /// Begins a step.
    pub(super) fn step(&mut self, title: &'static str, about: &str) -> io::Result<()> {
        self.end_step();
        self.steps.push(Step { title, sent: Statistics::default(), millis: 0.0 });
        let number = self.steps.len();
        let title = self.colour.paint(
            BOLD,
            &format!("── {number}. {title} {}", "─".repeat(90_usize.saturating_sub(title.len()))),
        );
        writeln!(self.out, "\n{title}\n{about}\n")?;
        self.out.flush()?;
        self.began = (self.engine.statistics(), Instant::now());
        Ok(())
    }

    /// Shows the program's own lines that run next.
    pub(super) fn code(&mut self, code: &str) -> io::Result<()> {
        for line in code.lines() {
            let line = self.colour.paint(CODE, line);
            writeln!(self.out, "  {line}")?;
        }
        self.out.flush()
    }

    /// Shows what came out.
    pub(super) fn result(&mut self, text: impl ToString) -> io::Result<()> {
        let text = text.to_string();
        for (at, line) in text.lines().flat_map(|line| wrapped(line, 96)).enumerate() {
            let line = self.colour.paint(RESULT, &format!("{} {line}", if at == 0 { "→" } else { " " }));
            writeln!(self.out, "  {line}")?;
        }
        self.out.flush()
    }

    /// What the present step has sent so far.
    pub(super) fn sent(&self) -> Statistics {
        let now = self.engine.statistics();
        Statistics {
            round_trips: now.round_trips - self.began.0.round_trips,
            statements: now.statements - self.began.0.statements,
        }
    }

    /// Tells what every step sent.
    pub(super) fn summary(mut self) -> io::Result<()> {
        self.end_step();
        let title = self.colour.paint(BOLD, "In short");
        let rows = self.steps.iter().map(|step| {
            let (statements, trips) = (step.sent.statements.to_string(), step.sent.round_trips.to_string());
            [step.title.to_owned(), statements, trips, format!("{:.1} ms", step.millis)]
        });
        let table = table(["step", "statements", "round trips", "time"], 1, rows);
        writeln!(self.out, "\n{title} (BEGIN and COMMIT are statements, too)\n{table}")?;
        self.out.flush()
    }

    fn end_step(&mut self) {
        let (sent, began) = (self.sent(), self.began.1);
        if let Some(step) = self.steps.last_mut() {
            (step.sent, step.millis) = (sent, began.elapsed().as_secs_f64() * 1e3);
        }
    }
}
