//! The program `shop`: a demo of the ORM, an import and a report.

mod program;

use clap::Parser;
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = program::Arguments::parse();
    match program::run(arguments).await {
        Ok(code) => code,
        // Whoever reads our output has seen enough, as in `shop demo | head`.
        Err(error) if program::is_broken_pipe(error.as_ref()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", program::told(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}
