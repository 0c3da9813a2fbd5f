//! Every type of column over its whole range: as a scalar, as an option, in an array; alone and in batches, through the session and in
//! bulk; as a condition. What comes back is equal, or there was a typed error: never silently something else.
//!
//! A file of this folder lists types with their values; [`check`] is the same for all of them.

mod every;
mod foreign;
mod named;
mod own;
mod plain;
mod shapes;

use orm_core::bulk::copy_in;
use orm_core::mapper::{IntoModel, Writable};
use orm_core::prelude::*;
use orm_core::query::{Predicate, Select};
use orm_core::types::ScalarType;
use orm_core::{ErrorKind, Result};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

/// What a row of a case holds: a value, perhaps one, an array, perhaps an array with NULLs.
pub(crate) type Fields<V> = (V, Option<V>, Vec<V>, Option<Vec<Option<V>>>);

/// A type of column with a model that has it; written by `cases!`.
pub(crate) trait Case: Sized + 'static {
    type Value: ScalarType;
    type Row: Writable + Model<Key = i64> + IntoModel<Model = Self::Row>;

    fn row(fields: Fields<Self::Value>) -> Self::Row;
    fn fields(row: &Self::Row) -> Fields<Self::Value>;
    fn set(row: &mut Self::Row, fields: Fields<Self::Value>);
    fn insert(engine: &Engine, row: Self::Row) -> impl Future<Output = Result<()>>;
    fn by_id() -> Select<Self::Row>;
    fn loaded(session: &mut Session) -> impl Future<Output = Result<Vec<Handle<Self::Row>>>>;
    fn given(
        engine: &Engine,
        rows: Vec<Fields<Self::Value>>,
    ) -> impl Future<Output = Result<Vec<Fields<Self::Value>>>>;
    fn shown(value: &Self::Value, many: Vec<Self::Value>) -> Result<String>;
    fn is(value: &Self::Value) -> Predicate<Self::Row>;
    fn is_array(value: &[Self::Value]) -> Predicate<Self::Row>;
    fn is_any_of(values: &[Self::Value]) -> Predicate<Self::Row>;
    fn is_any_array_of(values: &[Vec<Self::Value>]) -> Predicate<Self::Row>;
}

/// Modules with a model and a [`Case`], and a test each: name, type, values as they come, values at the edges; `no_equality` where the
/// database cannot compare them, `no_text` where arrays of them have no text, `needs "…"` where it has to bring an extension, `needs_xml`
/// where it may have been built without; `refuses &[…]` with the places of the edges that are refused, `refuses_some` where some of the
/// values as they come are: all others have to come back. `READS` says of each type what it reads.
macro_rules! cases {
    ($($name:ident: $ty:ty, $any:expr, $edges:expr $(, $flag:ident $($given:expr)?)*;)*) => {
        pub(super) const READS: &[fn(&tokio_postgres::types::Type) -> bool] =
            &[$(<$ty as orm_core::types::ScalarType>::reads),*];
        $(
        mod $name {
            use super::*;
            use crate::round_trip::{Case, Fields, Has, check};
            use orm_core::bulk::insert_from;
            use orm_core::prelude::*;
            use orm_core::query::{Defines, Predicate, Select, select_from, value as value_of};

            orm_core::declarative_base!(pub(super) Base);

            #[derive(Model, Clone, Debug)]
            #[model(base = Base)]
            pub(super) struct Row {
                #[model(primary_key)]
                pub(super) id: Auto<i64>,
                pub(super) one: $ty,
                pub(super) maybe: Option<$ty>,
                pub(super) many: Vec<$ty>,
                pub(super) holes: Option<Vec<Option<$ty>>>,
            }

            #[derive(Row, Clone, Debug)]
            struct Given {
                one: $ty,
                maybe: Option<$ty>,
                many: Vec<$ty>,
                holes: Option<Vec<Option<$ty>>>,
            }

            pub(super) struct This;

            impl Case for This {
                type Value = $ty;
                type Row = Row;

                fn row((one, maybe, many, holes): Fields<$ty>) -> Row {
                    Row { id: Auto::Unset, one, maybe, many, holes }
                }

                fn fields(row: &Row) -> Fields<$ty> {
                    (row.one.clone(), row.maybe.clone(), row.many.clone(), row.holes.clone())
                }

                fn set(row: &mut Row, fields: Fields<$ty>) {
                    (row.one, row.maybe, row.many, row.holes) = fields;
                }

                async fn insert(engine: &Engine, mut row: Row) -> orm_core::Result<()> {
                    row.insert(engine).await.map(drop)
                }

                fn by_id() -> Select<Row> {
                    select::<Row>().order_by(Row::ID)
                }

                async fn loaded(session: &mut Session) -> orm_core::Result<Vec<Handle<Row>>> {
                    session.query::<Row>().order_by(Row::ID).all().await
                }

                async fn given(engine: &Engine, rows: Vec<Fields<$ty>>) -> orm_core::Result<Vec<Fields<$ty>>> {
                    let row = |(one, maybe, many, holes)| Given { one, maybe, many, holes };
                    let rows: Vec<Given> = rows.into_iter().map(row).collect();
                    let columns = (Given::ONE, Given::MAYBE, Given::MANY, Given::HOLES);
                    let query = select_from(rows.clone()).columns(columns);
                    let into = (Row::ONE, Row::MAYBE, Row::MANY, Row::HOLES);
                    insert_from(into, query).execute(engine).await?;
                    let found = select_from(rows).fetch_all(engine).await?;
                    Ok(found.into_iter().map(|row| (row.one, row.maybe, row.many, row.holes)).collect())
                }

                fn shown(value: &$ty, many: Vec<$ty>) -> orm_core::Result<String> {
                    let shown = columns((Row::ID, value_of(value.clone()), value_of(many)));
                    Defines::<(i64, $ty, Vec<$ty>)>::definition(&shown.limit(1))
                }

                fn is(value: &$ty) -> Predicate<Row> {
                    Row::ONE.eq(value.clone())
                }

                fn is_array(value: &[$ty]) -> Predicate<Row> {
                    Row::MANY.eq(value.to_vec())
                }

                fn is_any_of(values: &[$ty]) -> Predicate<Row> {
                    Row::ONE.in_any(values.iter().cloned())
                }

                fn is_any_array_of(values: &[Vec<$ty>]) -> Predicate<Row> {
                    Row::MANY.in_any(values.iter().cloned())
                }
            }

            #[orm_testkit::test]
            async fn comes_back(engine: Engine) {
                #[allow(unused_mut, reason = "most cases have no flag")]
                let mut has = Has::default();
                $(has.$flag($($given)?);)*
                if has.is_there(&engine).await {
                    Base::create_all(&engine).await.unwrap();
                    check::<This>(&engine, has, $any, $edges).await;
                    Base::drop_all(&engine).await.unwrap();
                }
            }
        }
    )*};
}
pub(crate) use cases;

/// What the database has for a type.
#[derive(Clone, Copy, Default)]
pub(crate) struct Has {
    no_equality: bool,
    no_text: bool,
    needs_xml: bool,
    extension: Option<&'static str>,
    refused_edges: &'static [usize],
    refuses_some: bool,
}

impl Has {
    /// It cannot compare values.
    pub(crate) fn no_equality(&mut self) {
        self.no_equality = true;
    }

    /// Their text says another thing from server to server.
    pub(crate) fn no_text(&mut self) {
        self.no_text = true;
    }

    /// It has the type where it was built with it.
    pub(crate) fn needs_xml(&mut self) {
        self.needs_xml = true;
    }

    /// It has the type from an extension.
    pub(crate) fn needs(&mut self, extension: &'static str) {
        self.extension = Some(extension);
    }

    /// The edges at these places are refused, and no other edge is.
    pub(crate) fn refuses(&mut self, edges: &'static [usize]) {
        self.refused_edges = edges;
    }

    /// Some of the values as they come are refused.
    pub(crate) fn refuses_some(&mut self) {
        self.refuses_some = true;
    }

    /// Whether the server can bring the extension; says so where it cannot.
    pub(crate) async fn is_there(self, engine: &Engine) -> bool {
        if self.needs_xml && engine.execute_script("SELECT '<a/>'::xml").await.is_err() {
            eprintln!("skipped: the server was built without XML");
            return false;
        }
        match self.extension {
            Some(extension) => orm_tests::has_extension(engine, extension).await,
            None => true,
        }
    }
}

/// How many values are made beside the edges.
const MADE: usize = 48;

async fn check<C: Case>(
    engine: &Engine,
    has: Has,
    any: impl Strategy<Value = C::Value>,
    edges: impl IntoIterator<Item = C::Value>,
) {
    let mut runner = TestRunner::deterministic();
    let mut values: Vec<C::Value> = edges.into_iter().collect();
    values.extend((0..MADE).map(|_| any.new_tree(&mut runner).unwrap().current()));
    let (accepted, refused) = alone::<C>(engine, &values).await;
    let (edges, made) = refused.split_at(refused.partition_point(|at| at + MADE < values.len()));
    let shown =
        |places: &[usize]| places.iter().map(|at| format!("{at}: {:?}", values[*at])).collect::<Vec<_>>();
    assert_eq!(shown(edges), shown(has.refused_edges), "the edges that are refused");
    assert_eq!(has.refuses_some, !made.is_empty(), "refused of those as they come: {:?}", shown(made));
    assert!(made.len() < MADE / 2, "most values are accepted");
    let mut rows: Vec<Fields<C::Value>> = (0..accepted.len()).map(|n| fields(&accepted, n)).collect();
    if has.no_text {
        let mut session = engine.session();
        session.add_all(rows.iter().cloned().map(C::row));
        assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::Encode);
        rows.iter_mut().for_each(|(_, _, many, holes)| (*many, *holes) = (Vec::new(), None));
    }
    in_batches::<C>(engine, &rows).await;
    past_the_session::<C>(engine, &rows).await;
    updated::<C>(engine, &rows).await;
    in_definitions::<C>(engine, &accepted, has).await;
    if !has.no_equality {
        in_conditions::<C>(engine, &accepted, has).await;
    }
}

/// Row `n`: its values are those from `n` on, its arrays are of all lengths up to 4.
fn fields<V: Clone>(values: &[V], n: usize) -> Fields<V> {
    let at = |i: usize| values[(n + i) % values.len()].clone();
    let many = (0..n % 5).map(at).collect();
    let holes = (0..n % 4).map(|i| (i % 2 == 0).then(|| at(i))).collect();
    (at(0), (!n.is_multiple_of(3)).then(|| at(1)), many, (n % 6 != 1).then_some(holes))
}

/// Each value in a row of its own; gives those that the database takes, and the places of the others. Those are refused with a typed error, alone and beside
/// a good one.
async fn alone<C: Case>(engine: &Engine, values: &[C::Value]) -> (Vec<C::Value>, Vec<usize>) {
    let (mut accepted, mut refusals) = (Vec::<C::Value>::new(), Vec::new());
    for (at, value) in values.iter().enumerate() {
        let fields = || {
            (value.clone(), Some(value.clone()), vec![value.clone()], Some(vec![None, Some(value.clone())]))
        };
        match C::insert(engine, C::row(fields())).await {
            Ok(()) => {
                let rows = engine.fetch_all(C::by_id()).await.unwrap();
                same::<C>(rows.last().unwrap(), &fields());
                accepted.push(value.clone());
            }
            Err(error) => {
                refused(&error, value);
                refusals.push(at);
                let mut session = engine.session();
                let good = accepted.first().cloned().map(|good| C::row((good, None, Vec::new(), None)));
                session.add_all(good.into_iter().chain([C::row(fields())]));
                refused(&session.commit().await.unwrap_err(), value);
            }
        }
    }
    engine.execute_script("DELETE FROM row").await.unwrap();
    (accepted, refusals)
}

fn refused(error: &orm_core::Error, value: &impl std::fmt::Debug) {
    let kinds = [ErrorKind::Encode, ErrorKind::Database];
    assert!(kinds.contains(&error.kind()), "{value:?}: {error} {:?}", error.kind());
}

async fn in_batches<C: Case>(engine: &Engine, rows: &[Fields<C::Value>]) {
    let mut session = engine.session();
    session.add_all(rows.iter().cloned().map(C::row));
    session.commit().await.unwrap();
    session.bulk_save_objects(rows.iter().cloned().map(C::row)).await.unwrap();
    session.commit().await.unwrap();
    let found = engine.fetch_all(C::by_id()).await.unwrap();
    assert_eq!(found.len(), 2 * rows.len());
    for (row, fields) in found.iter().zip(rows.iter().chain(rows)) {
        same::<C>(row, fields);
    }
}

/// The same rows by COPY, and as rows of the program that a query selects from.
async fn past_the_session<C: Case>(engine: &Engine, rows: &[Fields<C::Value>]) {
    engine.execute_script("DELETE FROM row").await.unwrap();
    copy_in(rows.iter().cloned().map(C::row)).execute(engine).await.unwrap();
    let selected = C::given(engine, rows.to_vec()).await.unwrap();
    let found = engine.fetch_all(C::by_id()).await.unwrap();
    assert_eq!((selected.len(), found.len()), (rows.len(), 2 * rows.len()));
    for (row, fields) in found.iter().zip(rows.iter().chain(rows)) {
        same::<C>(row, fields);
    }
    for (row, fields) in selected.into_iter().zip(rows) {
        same::<C>(&C::row(row), fields);
    }
}

/// All rows in one statement to the values of the next one; what is the same is not written.
async fn updated<C: Case>(engine: &Engine, rows: &[Fields<C::Value>]) {
    let mut session = engine.session();
    let handles = C::loaded(&mut session).await.unwrap();
    for handle in &handles {
        let row = &mut session[*handle];
        C::set(row, C::fields(row));
    }
    assert!(session.dirty().next().is_none(), "nothing changed");
    for (n, handle) in handles.iter().enumerate() {
        C::set(&mut session[*handle], rows[(n + 1) % rows.len()].clone());
    }
    session.commit().await.unwrap();
    let found = engine.fetch_all(C::by_id()).await.unwrap();
    for (n, row) in found.iter().enumerate() {
        same::<C>(row, &rows[(n + 1) % rows.len()]);
    }
}

async fn in_conditions<C: Case>(engine: &Engine, values: &[C::Value], has: Has) {
    let all = engine.count(C::by_id()).await.unwrap();
    let count = async |filter| engine.count(C::by_id().filter(filter)).await.unwrap();
    for value in values {
        assert!(count(C::is(value)).await > 0, "{value:?}");
    }
    assert_eq!(count(C::is_any_of(values)).await, all);
    if has.no_text {
        return;
    }
    let arrays: Vec<Vec<C::Value>> = (0..values.len()).map(|n| fields(values, n).2).collect();
    for array in &arrays {
        assert!(count(C::is_array(array)).await > 0, "{array:?}");
    }
    assert_eq!(count(C::is_any_array_of(&arrays)).await, all);
}

#[track_caller]
fn same<C: Case>(row: &C::Row, expected: &Fields<C::Value>) {
    let (one, maybe, many, holes) = C::fields(row);
    let is_same = one.same(&expected.0)
        && maybe.is_some() == expected.1.is_some()
        && maybe.iter().zip(&expected.1).all(|(a, b)| a.same(b))
        && many.same(&expected.2)
        && holes.is_some() == expected.3.is_some()
        && holes.iter().zip(&expected.3).all(|(a, b)| a.same(b));
    assert!(is_same, "{row:?}\nis not\n{expected:?}");
}

/// How many values are literals of a view, those at the edges first.
const SHOWN: usize = 24;

/// Views have no bound values: a literal of each type means what the value means.
async fn in_definitions<C: Case>(engine: &Engine, values: &[C::Value], has: Has) {
    if has.no_text {
        let refused = C::shown(&values[0], Vec::new()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Mapping, "{refused}");
        return;
    }
    for (at, value) in values.iter().enumerate().take(SHOWN) {
        let many: Vec<C::Value> = values[at..].iter().take(3).cloned().collect();
        let definition = C::shown(value, many.clone()).unwrap();
        let create = format!("CREATE VIEW shown (id, one, many) AS {definition}");
        engine.execute_script(orm_core::sql::TrustedSql::new(create)).await.unwrap();
        let rows =
            orm_core::sql::text("SELECT one, many FROM shown").fetch::<(C::Value, Vec<C::Value>)>(engine);
        let rows = rows.await.unwrap();
        assert!(rows.len() == 1 && rows[0].0.same(value), "{value:?} is shown as {:?}", rows[0].0);
        assert!(rows[0].1.same(&many), "{many:?} are shown as {:?}", rows[0].1);
        engine.execute_script("DROP VIEW shown").await.unwrap();
    }
}
