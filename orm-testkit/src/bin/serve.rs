//! Prints the URL of the shared server and keeps it running until its standard input ends (Ctrl-D).
//!
//! ```text
//! $ orm-testkit-serve
//! postgresql://postgres:…@127.0.0.1:45123/postgres
//! ```

use std::error::Error;
use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;

fn main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{}", with_sources(&*error));
            ExitCode::FAILURE
        }
    }
}

fn serve() -> Result<(), Box<dyn Error>> {
    let server = orm_testkit::Server::shared()?;
    writeln!(io::stdout(), "{}", server.admin_url())?;
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn with_sources(error: &dyn Error) -> String {
    let source = error.source().map(|source| format!(": {}", with_sources(source)));
    format!("{error}{}", source.unwrap_or_default())
}
