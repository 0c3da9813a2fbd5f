//! What the subcommands do.

mod arguments;

pub(crate) use arguments::Arguments;

use arguments::{Command, Demo, Import, Report, Sample};
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use orm_core::prelude::*;
use shop_models::config::Database;
use shop_models::import::{self, Rejected, Summary};
use shop_models::models::Base;
use shop_models::{count, demo, report, sample};
use std::error::Error;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

type Result<T = ExitCode> = std::result::Result<T, Box<dyn Error>>;

/// Some lines were rejected, the others imported. (2 is clap's, for a wrong command line.)
const SOME_REJECTED: u8 = 3;

/// Runs the subcommand.
pub(crate) async fn run(arguments: Arguments) -> Result {
    let url = arguments.database_url.as_deref();
    match arguments.command.unwrap_or(Command::Demo(Demo::default())) {
        Command::Demo(arguments) => run_demo(url, &arguments).await,
        Command::Import(arguments) => run_import(url, &arguments).await,
        Command::Report(arguments) => run_report(url, &arguments).await,
        Command::Sample(arguments) => run_sample(&arguments),
    }
}

async fn run_demo(url: Option<&str>, arguments: &Demo) -> Result {
    let database = Database::scratch(url).await?;
    let builder = match arguments.quiet {
        true => database.engine(),
        false => demo::echo(database.engine(), demo::Colour::of(&io::stderr())),
    };
    let engine = builder.connect().await?;
    let mut out = io::stdout();
    let colour = demo::Colour::of(&out);
    told_database(&mut out, &database, &engine)?;
    demo::run(&engine, &mut out, colour).await?;
    database.close().await?;
    Ok(ExitCode::SUCCESS)
}

async fn run_import(url: Option<&str>, arguments: &Import) -> Result {
    // Before a server is started for nothing.
    let length = length(&arguments.file)?;
    let database = Database::open(url).await?;
    let engine = database.engine().echo(arguments.echo).connect().await?;
    let mut out = io::stdout();
    told_database(&mut out, &database, &engine)?;
    Base::create_all(&engine).await?;
    let options = import::Options { batch: arguments.batch as usize, reject: arguments.reject.clone() };
    let (bar, began) = (bar(length)?, Instant::now());
    let imported = import::import_file(&engine, &arguments.file, &options, |progress| {
        bar.set_position(progress.bytes);
        bar.set_message(format!("{} lines, {} rejected", count(progress.lines), count(progress.rejected)));
    });
    let summary = imported.await;
    bar.finish_and_clear();
    let summary = summary?;
    let size = HumanBytes(length);
    writeln!(out, "{}: {size}, in {:.1} s", arguments.file.display(), began.elapsed().as_secs_f64())?;
    told_summary(&mut out, arguments, &summary)?;
    if arguments.report {
        writeln!(out, "\n{}", report::report(&engine, report::Options::default()).await?)?;
    } else if database.is_scratch() {
        writeln!(
            out,
            "The scratch database is dropped now: give --database-url to keep it, or --report to look at it."
        )?;
    }
    database.close().await?;
    Ok(if summary.rejected == 0 { ExitCode::SUCCESS } else { SOME_REJECTED.into() })
}

fn length(path: &Path) -> Result<u64> {
    let length = File::open(path).and_then(|file| file.metadata()).map(|metadata| metadata.len());
    Ok(length.map_err(|source| import::Error::Open { path: path.to_owned(), source })?)
}

/// Shows itself on a terminal only.
fn bar(length: u64) -> Result<ProgressBar> {
    let style = ProgressStyle::with_template("{bar:20} {percent:>3} %  {msg}  {bytes_per_sec}, {eta} left")?;
    Ok(ProgressBar::new(length).with_style(style))
}

fn told_summary(out: &mut impl Write, arguments: &Import, summary: &Summary) -> io::Result<()> {
    let batches =
        if summary.batches == 1 { "1 batch".to_owned() } else { format!("{} batches", summary.batches) };
    writeln!(out, "  {:>9} lines in {batches}", count(summary.lines))?;
    let written = &summary.written;
    for (rows, what) in [
        (written.customers, "new customers"),
        (written.products, "new products"),
        (written.carts, "new carts"),
        (written.positions, "new positions"),
        (written.changed, "updates of what was there"),
        (summary.rejected, "lines rejected"),
    ] {
        if rows > 0 || what == "new positions" {
            writeln!(out, "  {:>9} {what}", count(rows))?;
        }
    }
    told_rejected(out, arguments.reject.as_deref(), summary)
}

fn told_rejected(out: &mut impl Write, reject: Option<&Path>, summary: &Summary) -> io::Result<()> {
    for Rejected { line, reason, .. } in &summary.examples {
        writeln!(out, "  line {line}: {reason}")?;
    }
    let more = summary.rejected - summary.examples.len() as u64;
    if more > 0 {
        writeln!(out, "  and {} more", count(more))?;
    }
    match reject {
        Some(path) if summary.rejected > 0 => writeln!(out, "The rejected lines are in {}.", path.display()),
        None if summary.rejected > 0 => writeln!(out, "--reject FILE writes the rejected lines to a file."),
        _ => Ok(()),
    }
}

async fn run_report(url: Option<&str>, arguments: &Report) -> Result {
    let database = Database::open(url).await?;
    let engine = database.engine().connect().await?;
    let mut out = io::stdout();
    told_database(&mut out, &database, &engine)?;
    if database.is_scratch() {
        writeln!(out, "It is empty. Give --database-url, or try `shop import FILE --report`.")?;
        database.close().await?;
        return Ok(ExitCode::SUCCESS);
    }
    let options = report::Options { top: arguments.top as usize, ..report::Options::default() };
    match report::report(&engine, options).await {
        Err(error) if error.code().is_some_and(|code| code.code() == "42P01") => {
            Err("this database has no shop: `shop import FILE` makes its tables".into())
        }
        report => {
            writeln!(out, "{}", report?)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn run_sample(arguments: &Sample) -> Result {
    match &arguments.out {
        None => sample::write(arguments.rows, arguments.seed, &mut BufWriter::new(io::stdout().lock()))?,
        Some(path) => {
            let file =
                File::create(path).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
            let mut out = BufWriter::new(file);
            sample::write(arguments.rows, arguments.seed, &mut out)?;
            out.flush()?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn told_database(out: &mut impl Write, database: &Database, engine: &Engine) -> io::Result<()> {
    writeln!(out, "Database: {engine}\n          {}", database.origin())
}

/// An error with everything below it, as one line.
pub(crate) fn told(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Whether it is that nobody reads our output any more.
pub(crate) fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
            return true;
        }
        cause = error.source();
    }
    false
}
