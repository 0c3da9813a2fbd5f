//! Hostile texts in COPY of all kinds, and in cursors.

use super::fingerprint::fingerprint;
use super::payloads::PAYLOADS;
use orm_core::bulk::{CopyFormat, Values, copy_in, copy_in_text, copy_out, delete};
use orm_core::prelude::*;
use orm_tests::models::odd::{Base, Witness};
use std::collections::BTreeSet;

/// Rows whose order is that of hostile texts: the cursor of each page carries one.
#[orm_testkit::test(base = Base)]
async fn copies_have_them_and_cursors_carry_them(engine: Engine) {
    let different: BTreeSet<&str> = PAYLOADS.iter().copied().collect();
    let row = |payload: &&str| {
        Values::<Witness>::new().set(Witness::TEXT, *payload).set(Witness::JSON, Json::from(*payload))
    };
    let written = copy_in::<Witness>(different.iter().map(row)).execute(&engine).await.unwrap();
    assert_eq!(written, different.len() as u64);
    let before = fingerprint(&engine).await;
    let (mut seen, mut cursor) = (BTreeSet::new(), None::<String>);
    loop {
        let rows =
            select::<Witness>().order_by((Witness::TEXT, Witness::ID)).columns((Witness::TEXT, Witness::ID));
        let page = engine.fetch_page(rows.page_after(cursor.as_deref(), 1)).await.unwrap();
        seen.extend(page.rows.iter().map(|(text, _)| text.clone()));
        cursor = page.next.map(|cursor| cursor.to_string());
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, different.iter().map(|payload| (*payload).to_owned()).collect());
    for format in [CopyFormat::Csv, CopyFormat::CsvWithHeader, CopyFormat::Text] {
        out_and_in_again(&engine, format).await;
    }
    assert_eq!(fingerprint(&engine).await, before);
}

/// A file of all rows, and the rows that a COPY of that file makes in their place.
async fn out_and_in_again(engine: &Engine, format: CopyFormat) {
    let rows =
        || select::<Witness>().order_by(Witness::ID).columns((Witness::ID, Witness::TEXT, Witness::JSON));
    let before = engine.fetch_all(rows()).await.unwrap();
    let (count, mut file) = (before.len() as u64, Vec::new());
    assert_eq!(copy_out(rows()).write(format, &mut file, engine).await.unwrap(), count, "{format:?}");
    assert_eq!(delete(select::<Witness>()).execute(engine).await.unwrap(), count);
    let columns = (Witness::ID, Witness::TEXT, Witness::JSON);
    let copied = copy_in_text::<Witness>(columns, format, file.as_slice()).execute(engine).await;
    assert_eq!(copied.unwrap(), count, "{format:?}");
    assert_eq!(engine.fetch_all(rows()).await.unwrap(), before, "{format:?}");
}
