//! The command line.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// The tutorial's shop: customers, carts and products on the ORM.
///
/// Without a subcommand, `demo` runs.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    /// The database, as postgresql://user:password@host:port/database; without one, a PostgreSQL of our own
    #[arg(long, global = true, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub(crate) database_url: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  every line was imported
  1  the import failed
  2  the command line is wrong
  3  some lines were rejected, the others imported";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Tell the ORM step by step, with the SQL that it sends, in a database of its own
    Demo(Demo),
    /// Import a CSV file of invoices; wrong lines are reported, the others kept
    ///
    /// The file begins with the line
    ///
    ///   invoice,sku,title,quantity,unit_price,customer_email,customer_name
    ///
    /// A record is a line. A product that stands on an invoice several times has the sum of
    /// its quantities. Importing the same file again changes nothing.
    #[command(verbatim_doc_comment)]
    #[command(after_help = EXIT_CODES)]
    Import(Import),
    /// Show the best customers and products
    Report(Report),
    /// Write plausible invoices to import, the same ones for the same seed
    Sample(Sample),
}

#[derive(Args, Debug, Default)]
pub(crate) struct Demo {
    /// Do not show the SQL
    #[arg(long)]
    pub(crate) quiet: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Import {
    /// The CSV file
    pub(crate) file: PathBuf,
    /// Write rejected lines to this CSV file, with line number and reason
    #[arg(long, value_name = "FILE")]
    pub(crate) reject: Option<PathBuf>,
    /// How many lines are written at once
    #[arg(long, value_name = "LINES", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) batch: u32,
    /// Show the report afterwards
    #[arg(long)]
    pub(crate) report: bool,
    /// Show the SQL
    #[arg(long)]
    pub(crate) echo: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Report {
    /// How many customers and products are named
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) top: u32,
}

#[derive(Args, Debug)]
pub(crate) struct Sample {
    /// How many lines, without the header
    #[arg(long, value_name = "N", default_value_t = 3000)]
    pub(crate) rows: u64,
    /// What the invoices are made of
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Where they are written; standard output unless given
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}
