//! The program, run as a person runs it.

use orm_core::Engine;
use orm_testkit::TestDatabase;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn shop(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shop"));
    command.args(arguments);
    command
}

struct Told {
    code: Option<i32>,
    out: String,
    err: String,
}

fn told(command: &mut Command) -> Told {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Told { code: status.code(), out: text(stdout), err: text(stderr) }
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(name)
}

#[test]
fn help_says_what_there_is() {
    let help = told(shop(&["--help"]).env("DATABASE_URL", "postgresql://ann:secret@db/shop"));
    assert_eq!(help.code, Some(0));
    for part in ["demo", "import", "report", "sample", "--database-url", "DATABASE_URL"] {
        assert!(help.out.contains(part), "{part}\n{}", help.out);
    }
    assert!(!help.out.contains("secret"), "{}", help.out);
    let help = told(&mut shop(&["import", "--help"]));
    assert!(help.out.contains("3  some lines were rejected, the others imported"), "{}", help.out);
    assert!(help.out.contains("invoice,sku,title,quantity"), "{}", help.out);
}

#[test]
fn the_demo_runs_by_itself() {
    let demo = told(&mut shop(&[]));
    assert_eq!(demo.code, Some(0), "{}", demo.err);
    assert!(demo.out.contains("a scratch database") && demo.out.contains("In short"), "{}", demo.out);
    assert!(demo.err.contains("│ UPDATE \"customer\" SET \"age\" = $2 WHERE \"id\" = $1"), "{}", demo.err);
    assert!(demo.err.lines().all(|line| line.chars().count() <= 100), "{}", demo.err);
    let quiet = told(&mut shop(&["demo", "--quiet"]));
    assert_eq!((quiet.code, quiet.err.as_str()), (Some(0), ""));
}

#[tokio::test]
async fn import_and_report_use_the_database_that_is_named() {
    let database = TestDatabase::create().await.unwrap();
    let url = database.url();
    let folder = tempfile::tempdir().unwrap();
    let reject = folder.path().join("rejected.csv");
    let (bad, sample) = (data("bad.csv"), data("sample.csv"));

    let report = told(&mut shop(&["report", "--database-url", url]));
    assert_eq!(report.code, Some(1));
    assert!(
        report.err.contains("this database has no shop: `shop import FILE` makes its tables"),
        "{}",
        report.err
    );

    let mut import = shop(&["import", bad.to_str().unwrap(), "--reject", reject.to_str().unwrap()]);
    let import = told(import.env("DATABASE_URL", url));
    assert_eq!(import.code, Some(3), "{}", import.err);
    for part in
        ["21 lines", "2 new positions", "19 lines rejected", "line 3: 6 columns, expected 7", "and 9 more"]
    {
        assert!(import.out.contains(part), "{part}\n{}", import.out);
    }
    assert!(import.out.contains(":***@") && import.err.is_empty(), "{}{}", import.out, import.err);
    assert_eq!(std::fs::read(&reject).unwrap().iter().filter(|byte| **byte == b'\n').count(), 20);

    let import =
        told(&mut shop(&["import", sample.to_str().unwrap(), "--database-url", url, "--batch", "500"]));
    assert_eq!(import.code, Some(0), "{}", import.err);
    assert!(import.out.contains("3,000 lines in 6 batches"), "{}", import.out);

    let report = told(&mut shop(&["report", "--top", "3", "--database-url", url]));
    assert_eq!(report.code, Some(0), "{}", report.err);
    assert!(
        report.out.contains("Best products by revenue") && !report.out.contains("│ 4 "),
        "{}",
        report.out
    );

    let demo = told(&mut shop(&["demo", "--quiet", "--database-url", url]));
    assert_eq!(demo.code, Some(0), "{}", demo.err);
    let engine = Engine::connect(url).await.unwrap();
    let customers = orm_core::select::<shop_models::models::Customer>().count(&engine).await.unwrap();
    assert_eq!(customers, 216, "the demo leaves the data of the named database alone");
}

#[test]
fn what_cannot_be_done_is_told_in_one_line() {
    let check = |arguments: &[&str], code: i32, expected: &str| {
        let told = told(&mut shop(arguments));
        assert_eq!(told.code, Some(code), "{}", told.err);
        assert!(told.err.contains(expected), "{}", told.err);
    };
    check(&["import", "/absent.csv"], 1, "error: cannot open /absent.csv: ");
    check(&["import", "/dev/null"], 1, "error: /dev/null is empty: expected the header `invoice,");
    check(&["import", "x.csv", "--batch", "0"], 2, "--batch");
    check(&["import", "/dev/null", "--database-url", "mysql://x/y"], 1, "`mysql://` is not supported");
    check(&["report", "--database-url", "postgresql://ann:secret@127.0.0.1:1/shop"], 1, "error: ");
    check(&["demo", "--database-url", "postgresql://ann:secret@127.0.0.1:1/shop"], 1, "error: ");
    check(&["praise"], 2, "unrecognized subcommand");
}

#[test]
fn a_report_without_a_database_says_what_to_do() {
    let report = told(shop(&["report"]).env_remove("DATABASE_URL"));
    assert_eq!(report.code, Some(0), "{}", report.err);
    if std::env::var_os("DATABASE_URL").is_none() {
        assert!(report.out.contains("It is empty. Give --database-url"), "{}", report.out);
    }
}
