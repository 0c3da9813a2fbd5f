//! Hostile names in statements of every kind.

use super::names::odd;
use orm_core::bulk::{CopyFormat, copy_in, copy_in_text, copy_out, delete, insert, insert_from, update};
use orm_core::prelude::*;
use orm_core::query::{
    concat, count, excluded, exists, max, rank, recursive, row_number, select_from, sum, was_inserted, window,
};
use orm_tests::models::odd::{Base, Label, Mood, Odd, Part, Witness};

/// A row of the recursive query.
#[derive(Row, Clone, Debug)]
struct Chain {
    id: i64,
}

/// Three rows with three moods, a part each, and the row that no name may destroy.
async fn fill(engine: &Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    session.add(Witness::builder().text("here").json(Json::Null));
    for (keyword, mood) in [("a", Some(Mood::Sly)), ("b", Some(Mood::Array)), ("c", None)] {
        let odd = session.add(odd(keyword, mood));
        session.add(Part::builder().odd(odd));
    }
    session.commit().await
}

/// Whether what no name may destroy is there.
async fn is_whole(engine: &Engine) -> bool {
    select::<Witness>().count(engine).await.unwrap() == 1
}

#[orm_testkit::test(base = Base)]
async fn rows_are_inserted_and_given_back(engine: Engine) -> orm_core::Result<()> {
    fill(&engine).await?;
    let again = || [odd("a", Some(Mood::Slash)), odd("d", None)];
    let upsert = insert::<Odd>(again())
        .on_conflict(Odd::KEYWORD)
        .when(Odd::QUOTES.is_not_null())
        .do_update((Odd::MOOD, Odd::LONG.set_to(Odd::LONG + excluded(Odd::LONG))))
        .returning((was_inserted(), Odd::KEYWORD, Odd::MOOD, Odd::LONG));
    let mut rows = upsert.fetch_all(&engine).await?;
    rows.sort_by(|a, b| a.1.cmp(&b.1));
    assert_eq!(rows[0], (false, "a".to_owned(), Some(Mood::Slash), Some(126)));
    assert_eq!(rows[1], (true, "d".to_owned(), None, Some(63)));

    let texts = select::<Odd>().filter(Odd::KEYWORD.eq("d")).columns((
        Odd::TURNED,
        Odd::MOOD,
        concat((Odd::KEYWORD, Odd::QUOTES)),
    ));
    let copied = insert_from((Odd::TURNED, Odd::MOOD, Odd::KEYWORD), texts);
    assert_eq!(copied.execute(&engine).await?, 1);

    assert_eq!(copy_in::<Odd>([odd("e", Some(Mood::Array))]).execute(&engine).await?, 1);
    let mut csv = Vec::new();
    let query = select::<Odd>().filter(Odd::KEYWORD.eq("e")).columns((Odd::QUOTES, Odd::TURNED, Odd::LONG));
    copy_out(query).write(CopyFormat::CsvWithHeader, &mut csv, &engine).await?;
    assert!(
        String::from_utf8(csv).unwrap().starts_with("a'b\\c $1 {} /*"),
        "the header has the name of the column"
    );
    let columns = (Odd::KEYWORD, Odd::LONG);
    assert_eq!(copy_in_text::<Odd>(columns, CopyFormat::Csv, &b"f,7\n"[..]).execute(&engine).await?, 1);
    assert_eq!(select::<Odd>().count(&engine).await?, 7);
    assert!(is_whole(&engine).await);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn rows_are_changed_and_deleted_by_query(engine: Engine) -> orm_core::Result<()> {
    fill(&engine).await?;
    let of_parts = || select::<Odd>().join(Odd::PARTS).filter(Part::ID.gt(1));
    let changed = update(of_parts())
        .set((Odd::LONG.set_to(Odd::LONG * 2), Odd::MOOD.set_to(Mood::Sly)))
        .returning((Odd::KEYWORD, Odd::LONG));
    let mut rows = changed.fetch_all(&engine).await?;
    rows.sort();
    assert_eq!(rows, [("b".to_owned(), Some(126)), ("c".to_owned(), Some(126))]);
    let gone =
        delete(of_parts().filter(Odd::KEYWORD.eq("c"))).returning(Odd::MOOD).fetch_all(&engine).await?;
    assert_eq!(gone, [Some(Mood::Sly)]);
    let mut session = engine.session();
    let all = session.query::<Odd>().order_by(Odd::ID).all().await?;
    session.query::<Odd>().filter(Odd::MOOD.eq(Mood::Sly)).set(Odd::TURNED, "back").update().await?;
    assert_eq!(session[all[1]].turned.as_deref(), Some("back"), "the objects know");
    assert_eq!(session.query::<Odd>().for_update().skip_locked().all().await?.len(), 2);
    session.rollback().await?;
    assert!(is_whole(&engine).await);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn rows_are_grouped_numbered_and_paged(engine: Engine) -> orm_core::Result<()> {
    fill(&engine).await?;
    let groups = select::<Odd>()
        .group_by(Odd::MOOD)
        .having(|_| count().gt(0))
        .order_by(|mood| (mood.desc(), count().desc()))
        .columns(|mood| (mood, count(), max(Odd::KEYWORD), sum(Odd::LONG)));
    assert_eq!(groups.fetch_all(&engine).await?.len(), 3);
    let rolled = select::<Odd>().group_by_rollup(Odd::QUOTES).columns(|quotes| (quotes, count()));
    assert_eq!(rolled.fetch_all(&engine).await?.len(), 2);
    let by_mood = || window().partition_by(Odd::QUOTES).order_by(Odd::KEYWORD.desc());
    let numbered = columns((Odd::KEYWORD, row_number().over(by_mood()), rank().over(by_mood())));
    assert_eq!(numbered.order_by(Odd::ID).fetch_all(&engine).await?[0], ("a".to_owned(), 3, 3));
    let pages = || select::<Odd>().order_by((Odd::TURNED.desc(), Odd::MOOD));
    let first = engine.fetch_page(pages().page_after(None, 2)).await?;
    let second = engine.fetch_page(pages().page_after(first.next.as_deref(), 2)).await?;
    assert_eq!((first.rows.len(), second.rows.len()), (2, 1));
    let plan = pages().filter(Odd::LONG.gt(1)).explain_analyze(&engine).await?;
    assert_eq!(plan.nodes().count(), 2, "{plan}");
    let mut stream = engine.stream(pages(), 2).await?;
    let mut streamed = 0;
    while let Some(batch) = stream.next().await? {
        streamed += batch.len();
    }
    assert_eq!(streamed, 3);
    assert!(is_whole(&engine).await);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn queries_stand_in_queries(engine: Engine) -> orm_core::Result<()> {
    fill(&engine).await?;
    orm_core::alias!(Other = Odd);
    let inner = select::<Odd>().filter(Odd::MOOD.is_not_null());
    assert_eq!(select_from(inner.clone()).filter(Odd::LONG.eq(63)).count(&engine).await?, 2);
    let common = inner.clone().cte();
    let both = select_from(&common).union_all(select_from(&common));
    assert_eq!(both.order_by(Odd::KEYWORD).fetch_all(&engine).await?.len(), 4);
    let pairs = select::<Odd>()
        .join_on::<Other>(Odd::ID.lt(Odd::ID.from(Other)))
        .columns((Odd::KEYWORD, Odd::TURNED.from(Other)));
    assert_eq!(pairs.fetch_all(&engine).await?.len(), 3);
    let has_part = select::<Part>()
        .correlate::<Odd>()
        .filter(Part::ID.eq(Odd::ID) & Part::ID.gt(2) & Part::ODD.has(Odd::LONG.eq(63)));
    let found = columns(Odd::KEYWORD).filter(exists(has_part.columns(Part::ID)));
    assert_eq!(found.fetch_all(&engine).await?, ["c"]);
    let listed = columns(Odd::LONG).filter(
        Odd::ID.in_query(select::<Part>().join(Part::ODD).columns(Odd::ID)) & Odd::MOOD.in_any([Mood::Sly]),
    );
    assert_eq!(listed.fetch_all(&engine).await?, [Some(63)]);
    let first = inner.filter(Odd::KEYWORD.eq("a")).columns(ChainColumns { id: Odd::ID });
    let chain = recursive(first, |above| {
        select::<Odd>().join_rows(above, Odd::ID.gt(Chain::ID)).columns(ChainColumns { id: Odd::ID })
    });
    assert_eq!(select_from(&chain).count(&engine).await?, 4, "1, then 2 and 3, then 3 behind 2");
    assert_eq!(select::<Label>().count(&engine).await?, 0);
    assert!(is_whole(&engine).await);
    Ok(())
}
