//! CSV to customers, products and carts, in bounded memory.
//!
//! # The file
//!
//! UTF-8, with or without byte order mark, lines ended by LF or CRLF, the first of them [`HEADER`]. A record is a
//! line: a value cannot hold a line break, so a forgotten quote costs its line and not the rest of the file. Blank
//! lines are skipped. A line that is wrong is rejected with its number and a [`Reason`]; the others are kept.
//!
//! # What the lines become
//!
//! - A customer is known by the e-mail address, a product by the SKU, a cart by the invoice. What is not there is
//!   made. Names, titles and prices are those of the last line that gives them.
//! - A line is a position: so many of a product in a cart. A product that stands on an invoice several times has the
//!   sum of its quantities, however far apart the lines are.
//! - **The same file twice is the same as once**: a position of an earlier import gets the quantity that this file
//!   gives it. Positions that the file does not name stay, so a file of corrected lines can be imported alone.
//!
//! # How
//!
//! Lines are taken in batches. Each has a session and a transaction of its own, one query a table to look up what is
//! there, and a flush that writes the rest in two round trips: whatever the size of the file, neither memory nor the
//! statements of a batch grow. An import that ends half-way is finished by running it again.
//!
//! Two imports may run at once as long as they have no invoice in common.

mod batch;
mod error;
mod fields;
mod lines;
mod reason;
mod reject;
mod row;
mod run;

pub use error::Error;
pub use reason::{Reason, Rejected};
pub use row::Field;

use batch::Line;
use lines::{Lines, RawLine};
use orm_core::Engine;
use reject::RejectFile;
use row::Row;
use run::Run;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

/// The columns of the file, in order.
pub const COLUMNS: [&str; 7] =
    ["invoice", "sku", "title", "quantity", "unit_price", "customer_email", "customer_name"];

/// The first line of the file.
pub const HEADER: &str = "invoice,sku,title,quantity,unit_price,customer_email,customer_name";

/// The bytes that a line may have.
pub const MAX_LINE: usize = 16_384;

/// How many rejected lines a [`Summary`] shows.
const EXAMPLES: usize = 10;

/// How a file is imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many lines are written at once; 1,000 unless set.
    pub batch: usize,
    /// Where rejected lines are written, as CSV with the columns `line,reason,original`.
    pub reject: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self { batch: 1000, reject: None }
    }
}

/// What an import has read so far, told after each batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the file.
    pub bytes: u64,
    /// Lines of data.
    pub lines: u64,
    /// Those of them that were rejected.
    pub rejected: u64,
}

/// Rows that were written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// New customers.
    pub customers: u64,
    /// New products.
    pub products: u64,
    /// New carts.
    pub carts: u64,
    /// New positions.
    pub positions: u64,
    /// Updates of rows that were there.
    pub changed: u64,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Lines of data, without header and blank lines.
    pub lines: u64,
    /// Those of them that were rejected.
    pub rejected: u64,
    /// The first rejected lines.
    pub examples: Vec<Rejected>,
    /// The batches.
    pub batches: u64,
    /// What was written.
    pub written: Counts,
}

/// Imports a file into the shop's tables, which are there.
///
/// # Errors
/// [`Error`]: the file cannot be read or has another header, or the database refused. Wrong lines are no error: the
/// [`Summary`] counts them, the reject file has them.
pub async fn import_file(
    engine: &Engine,
    path: &Path,
    options: &Options,
    mut progress: impl FnMut(&Progress),
) -> Result<Summary, Error> {
    let file = File::open(path).map_err(|source| Error::Open { path: path.to_owned(), source })?;
    let read = |source| Error::Read { path: path.to_owned(), source };
    let mut lines = Lines::new(BufReader::new(file));
    check_header(path, lines.next().map_err(read)?)?;
    let mut reject = options.reject.as_deref().map(|to| RejectFile::create(to, path)).transpose()?;
    let mut run = Run::begin(engine).await?;
    let mut summary = Summary::default();
    loop {
        let (good, mut rejected) = next_batch(&mut lines, options.batch.max(1)).map_err(read)?;
        let read = good.len() + rejected.len();
        if read == 0 {
            return Ok(summary);
        }
        if !good.is_empty() {
            summary.written += batch::write(engine, &good, &mut run, &mut rejected).await?;
        }
        rejected.sort_by_key(|rejected| rejected.line);
        if let Some(file) = &mut reject {
            file.append(&rejected)?;
        }
        summary.add_batch(read as u64, rejected);
        if summary.batches.is_power_of_two() {
            run::refresh_plans(engine).await?;
        }
        progress(&Progress { bytes: lines.bytes(), lines: summary.lines, rejected: summary.rejected });
    }
}

fn check_header(path: &Path, line: Option<RawLine>) -> Result<(), Error> {
    let line = line.ok_or_else(|| Error::Empty { path: path.to_owned() })?;
    let text = String::from_utf8_lossy(&line.bytes);
    let fields = fields::split(&text).unwrap_or_default();
    let is_header = !line.is_cut && fields.iter().map(|field| field.trim()).eq(COLUMNS);
    let shortened = || match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", text[..end].escape_debug()),
        None => text.escape_debug().to_string(),
    };
    if is_header { Ok(()) } else { Err(Error::Header { path: path.to_owned(), found: shortened() }) }
}

/// Reads so many lines: those that are right by themselves, and those that are not.
fn next_batch(lines: &mut Lines<BufReader<File>>, size: usize) -> io::Result<(Vec<Line>, Vec<Rejected>)> {
    let (mut good, mut rejected) = (Vec::new(), Vec::new());
    while good.len() + rejected.len() < size
        && let Some(line) = lines.next()?
    {
        match Row::parse(&line) {
            Ok(row) => good.push(Line { number: line.number, original: line.bytes, row }),
            Err(reason) => rejected.push(Rejected { line: line.number, reason, original: line.bytes }),
        }
    }
    Ok((good, rejected))
}

impl Summary {
    fn add_batch(&mut self, read: u64, rejected: Vec<Rejected>) {
        self.batches += 1;
        self.lines += read;
        self.rejected += rejected.len() as u64;
        let room = EXAMPLES - self.examples.len();
        self.examples.extend(rejected.into_iter().take(room));
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.customers += other.customers;
        self.products += other.products;
        self.carts += other.carts;
        self.positions += other.positions;
        self.changed += other.changed;
    }
}
