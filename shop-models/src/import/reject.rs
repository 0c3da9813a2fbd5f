//! The file of rejected lines.

use super::{Error, Rejected};
use std::fs::File;
use std::path::{Path, PathBuf};

/// CSV with the columns `line,reason,original`; the last is the line itself, quoted as CSV asks for.
#[derive(Debug)]
pub(super) struct RejectFile {
    path: PathBuf,
    writer: csv::Writer<File>,
}

impl RejectFile {
    /// Makes the file, unless it is the imported one.
    pub(super) fn create(path: &Path, imported: &Path) -> Result<Self, Error> {
        if let (Ok(one), Ok(other)) = (path.canonicalize(), imported.canonicalize())
            && one == other
        {
            return Err(Error::RejectIsInput { path: path.to_owned() });
        }
        let file =
            File::create(path).map_err(|source| Error::RejectFile { path: path.to_owned(), source })?;
        let mut file = Self { path: path.to_owned(), writer: csv::Writer::from_writer(file) };
        let written = file.writer.write_record(["line", "reason", "original"]);
        file.explain(written)?;
        Ok(file)
    }

    /// Appends lines, and sees to it that they are in the file.
    pub(super) fn append(&mut self, lines: &[Rejected]) -> Result<(), Error> {
        for line in lines {
            let (number, reason) = (line.line.to_string(), line.reason.to_string());
            let written = self.writer.write_record([number.as_bytes(), reason.as_bytes(), &line.original]);
            self.explain(written)?;
        }
        let flushed = self.writer.flush().map_err(csv::Error::from);
        self.explain(flushed)
    }

    fn explain(&self, result: csv::Result<()>) -> Result<(), Error> {
        result.map_err(|source| Error::RejectFile { path: self.path.clone(), source: source.into() })
    }
}
