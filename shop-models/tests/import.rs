//! The import: what lines become, which are rejected and why, and how little it takes.

use orm_core::prelude::*;
use shop_models::import::{Error, Options, Summary, import_file};
use shop_models::models::*;
use shop_models::sample;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const HEADER: &str = "invoice,sku,title,quantity,unit_price,customer_email,customer_name\n";

/// A file in a folder that is removed with it.
struct Csv {
    folder: TempDir,
    path: PathBuf,
}

impl Csv {
    fn new(bytes: impl AsRef<[u8]>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.csv");
        std::fs::write(&path, bytes).unwrap();
        Self { folder, path }
    }

    fn with_lines(lines: &[&str]) -> Self {
        Self::new(format!("{HEADER}{}\n", lines.join("\n")))
    }

    fn reject(&self) -> PathBuf {
        self.folder.path().join("rejected.csv")
    }
}

async fn import(engine: &Engine, csv: &Csv) -> Summary {
    import_by(engine, csv, 1000).await
}

async fn import_by(engine: &Engine, csv: &Csv, batch: usize) -> Summary {
    let options = Options { batch, ..Options::default() };
    import_file(engine, &csv.path, &options, |_| {}).await.unwrap()
}

/// Invoice, SKU and quantity of every position, in order.
async fn positions(engine: &Engine) -> Vec<(String, String, i32)> {
    let mut session = engine.session();
    let query = session.query::<CartProduct>().with(CartProduct::CART).with(CartProduct::PRODUCT);
    let all = query.all().await.unwrap();
    let position = |p: orm_core::session::Entity<'_, CartProduct>| {
        let cart = p.related(CartProduct::CART).unwrap();
        let product = p.related(CartProduct::PRODUCT).unwrap();
        (cart.invoice.clone().unwrap(), product.sku.clone(), p.quantity.unwrap())
    };
    let mut all: Vec<_> = session.each(&all).map(position).collect();
    all.sort();
    all
}

fn expected(positions: &[(&str, &str, i32)]) -> Vec<(String, String, i32)> {
    positions.iter().map(|(invoice, sku, quantity)| ((*invoice).into(), (*sku).into(), *quantity)).collect()
}

async fn counts(engine: &Engine) -> [i64; 4] {
    [
        select::<Customer>().count(engine).await.unwrap(),
        select::<Product>().count(engine).await.unwrap(),
        select::<Cart>().count(engine).await.unwrap(),
        select::<CartProduct>().count(engine).await.unwrap(),
    ]
}

#[orm_testkit::test(base = Base)]
async fn lines_become_customers_products_and_carts(engine: Engine) {
    let csv = Csv::with_lines(&[
        "I-1,T-1,Tea,2,3.90,ann@x,Ann",
        r#"I-1,P-1,"Pot, ""large""",1,129,ann@x,Ann"#,
        " I-2 , T-1 ,Tea, 3 ,4.1,bob@x,Bob",
        "I-3,T-1,Green tea,1,4.20,ann@x,Ann Lee",
    ]);
    let summary = import(&engine, &csv).await;
    assert_eq!((summary.lines, summary.rejected, summary.batches), (4, 0, 1));
    let written = summary.written;
    assert_eq!([written.customers, written.products, written.carts, written.positions], [2, 2, 3, 4]);
    assert_eq!(
        positions(&engine).await,
        expected(&[("I-1", "P-1", 1), ("I-1", "T-1", 2), ("I-2", "T-1", 3), ("I-3", "T-1", 1)])
    );
    let products = columns((Product::SKU, Product::TITLE, Product::PRICE_CENTS)).order_by(Product::SKU);
    let products = engine.fetch_all(products).await.unwrap();
    let pot = ("P-1".to_owned(), "Pot, \"large\"".to_owned(), 12_900);
    assert_eq!(products, [pot, ("T-1".into(), "Green tea".into(), 420)], "the last line counts");
    let names = engine.fetch_all(columns(Customer::NAME).order_by(Customer::NAME)).await.unwrap();
    assert_eq!(names, ["Ann Lee", "Bob"]);
}

#[orm_testkit::test(base = Base)]
async fn every_mistake_is_told_with_its_line(engine: Engine) {
    let bad = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/bad.csv");
    let csv = Csv::new(std::fs::read(bad).unwrap());
    let options = Options { reject: Some(csv.reject()), ..Options::default() };
    let summary = import_file(&engine, &csv.path, &options, |_| {}).await.unwrap();
    assert_eq!((summary.lines, summary.rejected), (21, 19));

    let mut rejected = csv::Reader::from_path(csv.reject()).unwrap();
    assert_eq!(rejected.headers().unwrap(), vec!["line", "reason", "original"]);
    let rejected: Vec<csv::ByteRecord> = rejected.byte_records().map(Result::unwrap).collect();
    let quantity = "expected a whole number from 1 to 2,147,483,647";
    let price = "expected an amount from 0 such as 3.90";
    let stray = "a stray quote in column 3: a value with quotes is quoted, and the quotes in it are doubled";
    let reasons: [(u64, String); 19] = [
        (3, "6 columns, expected 7".into()),
        (4, "8 columns, expected 7".into()),
        (5, format!("`quantity` is \"two\", {quantity}")),
        (6, format!("`quantity` is \"-2\", {quantity}")),
        (7, format!("`quantity` is \"0\", {quantity}")),
        (8, format!("`unit_price` is \"-3.90\", {price}")),
        (9, format!("`unit_price` is \"3,90\", {price}")),
        (10, format!("`unit_price` is \"3.905\", {price}")),
        (11, "`invoice` is empty".into()),
        (12, "`sku` is empty".into()),
        (13, "a quote is opened and not closed on this line".into()),
        (14, stray.into()),
        (15, stray.into()),
        (16, "not UTF-8, from byte 11 on".into()),
        (17, "`sku` has 41 characters, expected at most 40".into()),
        (18, "`title` holds a NUL character".into()),
        (19, "`customer_email` is \"ann\", expected an address such as ann@example.org".into()),
        (20, "invoice B-1 belongs to ann@example.org, not to bob@example.org".into()),
        (21, "the quantities of T-1 on invoice B-1 add up to more than 2,147,483,647".into()),
    ];
    let lines = std::fs::read(&csv.path).unwrap();
    let lines: Vec<&[u8]> = lines.split(|byte| *byte == b'\n').collect();
    assert_eq!(rejected.len(), reasons.len());
    for (found, (line, reason)) in rejected.iter().zip(&reasons) {
        assert_eq!(std::str::from_utf8(&found[0]).unwrap(), line.to_string());
        assert_eq!(std::str::from_utf8(&found[1]).unwrap(), reason, "line {line}");
        assert_eq!(&found[2], lines[*line as usize - 1], "the bytes of line {line}");
    }
    assert_eq!(summary.examples.len(), 10);
    assert_eq!((summary.examples[0].line, summary.examples[0].reason.to_string()), (3, reasons[0].1.clone()));

    assert_eq!(positions(&engine).await, expected(&[("B-1", "T-1", 2), ("B-2", "T-2", 1)]));
    assert_eq!(counts(&engine).await, [2, 2, 2, 2], "rejected lines leave neither customer nor product");
}

#[orm_testkit::test(base = Base)]
async fn a_line_without_end_is_rejected(engine: Engine) {
    let long = "x".repeat(1_000_000);
    let csv = Csv::with_lines(&["I-1,T-1,Tea,2,3.90,ann@x,Ann", &long, "I-2,T-1,Tea,1,3.90,ann@x,Ann"]);
    let summary = import(&engine, &csv).await;
    assert_eq!((summary.lines, summary.rejected), (3, 1));
    assert_eq!(summary.examples[0].reason.to_string(), "longer than 16,384 bytes");
    assert_eq!((summary.examples[0].line, summary.examples[0].original.len()), (3, 16_384));
}

#[orm_testkit::test(base = Base)]
async fn quantities_add_up_however_far_apart(engine: Engine) {
    let lines =
        ["I-1,T-1,Tea,2,1,a@x,A", "I-2,T-1,Tea,1,1,a@x,A", "I-1,T-1,Tea,3,1,a@x,A", "I-1,T-1,Tea,4,1,a@x,A"];
    for batch in [1, 2, 3, 4] {
        let csv = Csv::with_lines(&lines);
        import_by(&engine, &csv, batch).await;
        let nine = expected(&[("I-1", "T-1", 9), ("I-2", "T-1", 1)]);
        assert_eq!(positions(&engine).await, nine, "batches of {batch}, also on what the one before wrote");
    }
}

#[orm_testkit::test(base = Base)]
async fn an_invoice_keeps_its_customer_across_batches_and_imports(engine: Engine) {
    let lines = ["I-1,T-1,Tea,2,1,a@x,A", "I-2,T-1,Tea,1,1,b@x,B", "I-1,T-1,Tea,3,1,b@x,B"];
    for batch in [1, 3] {
        let summary = import_by(&engine, &Csv::with_lines(&lines), batch).await;
        assert_eq!(summary.rejected, 1, "batches of {batch}");
        assert_eq!(summary.examples[0].line, 4);
        assert_eq!(positions(&engine).await, expected(&[("I-1", "T-1", 2), ("I-2", "T-1", 1)]));
    }
    let summary = import(&engine, &Csv::with_lines(&["I-1,T-1,Tea,2,1,new@x,N"])).await;
    assert_eq!(summary.examples[0].reason.to_string(), "invoice I-1 belongs to a@x, not to new@x");
    assert_eq!(counts(&engine).await[0], 2);
}

#[orm_testkit::test(base = Base)]
async fn twice_the_same_file_is_once(engine: Engine) {
    let mut text = Vec::new();
    sample::write(3000, 7, &mut text).unwrap();
    let csv = Csv::new(&text);
    let first = import(&engine, &csv).await;
    let (rows, all) = (counts(&engine).await, positions(&engine).await);
    assert_eq!(all.iter().map(|p| i64::from(p.2)).sum::<i64>(), quantities(&text));
    let second = import(&engine, &csv).await;
    assert_eq!((counts(&engine).await, positions(&engine).await), (rows, all));
    assert_eq!((first.lines, second.lines, second.rejected), (3000, 3000, 0));
    let written = second.written;
    assert_eq!([written.customers, written.products, written.carts, written.positions], [0; 4]);
}

/// What the file says, read by another reader than ours.
fn quantities(text: &[u8]) -> i64 {
    let mut reader = csv::Reader::from_reader(text);
    reader.records().map(|record| record.unwrap()[3].parse::<i64>().unwrap()).sum()
}

#[orm_testkit::test(base = Base)]
async fn corrected_lines_can_be_imported_alone(engine: Engine) {
    import(&engine, &Csv::with_lines(&["I-1,T-1,Tea,2,1,a@x,A", "I-1,T-2,Mint,x,1,a@x,A"])).await;
    import(&engine, &Csv::with_lines(&["I-1,T-2,Mint,5,1,a@x,A"])).await;
    assert_eq!(positions(&engine).await, expected(&[("I-1", "T-1", 2), ("I-1", "T-2", 5)]));
}

#[orm_testkit::test(base = Base)]
async fn byte_order_mark_and_carriage_returns_are_fine(engine: Engine) {
    let text = format!("\u{feff}{HEADER}I-1,T-1,Tea,2,1,a@x,Zoë\n\n").replace('\n', "\r\n");
    let summary = import(&engine, &Csv::new(text)).await;
    assert_eq!((summary.lines, summary.rejected), (1, 0));
    assert_eq!(engine.fetch_one(columns(Customer::NAME)).await.unwrap(), "Zoë");
}

#[orm_testkit::test(base = Base)]
async fn files_that_are_none(engine: Engine) {
    let check = async |text: &[u8], expected: &str| {
        let csv = Csv::new(text);
        let error = import_file(&engine, &csv.path, &Options::default(), |_| {}).await.unwrap_err();
        let text = error.to_string().replace(csv.path.to_str().unwrap(), "FILE");
        assert_eq!(text.replace(HEADER.trim_end(), "HEADER"), expected);
    };
    check(b"", "FILE is empty: expected the header `HEADER`, and lines").await;
    check(b"\xEF\xBB\xBF\r\n", "FILE is empty: expected the header `HEADER`, and lines").await;
    check(b"I-1,T-1,Tea,2,1,a@x,A", "FILE begins with `I-1,T-1,Tea,2,1,a@x,A`: expected the header `HEADER`")
        .await;
    check(b"invoice;sku\n", "FILE begins with `invoice;sku`: expected the header `HEADER`").await;
    check(b"PK\x03\x04\n", "FILE begins with `PK\\u{3}\\u{4}`: expected the header `HEADER`").await;
    assert_eq!(import(&engine, &Csv::new(HEADER)).await, Summary::default(), "a header and nothing else");
}

#[orm_testkit::test(base = Base)]
async fn files_that_cannot_be_used(engine: Engine) {
    let csv = Csv::with_lines(&["I-1,T-1,Tea,2,1,a@x,A"]);
    let import = async |path: &Path, reject: &Path| {
        let options = Options { reject: Some(reject.to_owned()), ..Options::default() };
        import_file(&engine, path, &options, |_| {}).await.unwrap_err()
    };
    let absent = csv.folder.path().join("absent/x.csv");
    assert!(matches!(import(&absent, &csv.reject()).await, Error::Open { .. }));
    assert!(matches!(import(csv.folder.path(), &csv.reject()).await, Error::Read { .. }));
    assert!(matches!(import(&csv.path, &absent).await, Error::RejectFile { .. }));
    assert!(matches!(import(&csv.path, &csv.path).await, Error::RejectIsInput { .. }));
    assert!(std::fs::read_to_string(&csv.path).unwrap().contains("I-1"), "the file is as it was");
    assert_eq!(counts(&engine).await, [0; 4]);
}

#[orm_testkit::test(base = Base)]
async fn two_imports_that_share_customers_and_products_run_at_once(engine: Engine) {
    let lines = |invoice: &str| {
        let lines: Vec<String> = (0..200).map(|i| format!("{invoice}{i},T-{i},Tea,1,1,c{i}@x,C")).collect();
        Csv::with_lines(&lines.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let (one, two) = (lines("A"), lines("B"));
    let (one, two) = tokio::join!(import(&engine, &one), import(&engine, &two));
    assert_eq!((one.rejected, two.rejected), (0, 0));
    assert_eq!(counts(&engine).await, [200, 200, 400, 400]);
}

#[test]
fn the_sample_is_what_the_generator_makes() {
    let mut made = Vec::new();
    sample::write(3000, 1, &mut made).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sample.csv");
    assert!(
        std::fs::read(path).unwrap() == made,
        "run `cargo run -p shop-models -- sample --out data/sample.csv`"
    );
}
