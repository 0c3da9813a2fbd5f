//! What a query of values can select.

use crate::error::{Error, Result};
use crate::mapper::{Column, DeclarativeBase, Mapper, Model, ModelRow, Source};
use crate::query::expressions::operand::{Exact, Placed};
use crate::query::scope::{Contains, Presence, Scope, placed};
use crate::query::{Aggregate, GroupsOf, Scoped, SqlExpr, Windowed};
use crate::sql::Expr;
use crate::types::{ColumnType, each_tuple, read_column};
use postgres_types::{FromSql, Type};
use std::fmt;
use std::marker::PhantomData;
use tokio_postgres::Row;

/// A value of a row: a column, an expression, or a tuple of them.
///
/// What can be `NULL` gives an `Option`: a column that is one, what is computed from it, and what a join may not find.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::query::Selected;
/// /// One value of each row.
/// async fn all<V: Selected<Customer, I>, I>(engine: &Engine, value: V) -> orm_core::Result<Vec<V::Value>> {
///     let rows = engine.fetch_all(select::<Customer>().columns((value,))).await?;
///     Ok(rows.into_iter().map(|(value,)| value).collect())
/// }
/// Customer::builder().name("Ann").email("ann@example.org").build().insert(&engine).await?;
/// assert_eq!(all(&engine, Customer::NAME).await?, ["Ann"]);
/// assert_eq!(all(&engine, Customer::AGE + 1).await?, [None]);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing that a query of `{S}` can select",
    label = "expected columns and expressions of `{S}`, one or a tuple of up to twelve"
)]
pub trait Selected<S, I> {
    /// What a row gives.
    type Value: Send;
    /// Appends what is selected.
    #[doc(hidden)]
    fn selected(self, all: &mut Vec<Expr>);
    /// How many columns of a row it takes.
    #[doc(hidden)]
    fn width() -> usize {
        1
    }
    /// Reads it from the columns of a row that begin there.
    ///
    /// # Errors
    /// [`Decode`](crate::ErrorKind::Decode)
    #[doc(hidden)]
    fn read(row: &Row, at: usize) -> Result<Self::Value>;
}

/// What a column of type `F` gives where the source at `I` may be missing.
type Found<S, M, I, F> = <<S as Contains<M, I>>::Presence as Presence>::Fetched<F>;

impl<S: Contains<M, I>, M: Source, F: ColumnType, I> Selected<S, Placed<I>> for Column<M, F> {
    type Value = Found<S, M, I, F>;

    fn selected(self, all: &mut Vec<Expr>) {
        all.push(placed::<S, M, I>(self.expr()));
    }

    fn read(row: &Row, at: usize) -> Result<Self::Value> {
        read(M::name(), row, at)
    }
}

impl<S: Contains<M, I>, M: Source, F: ColumnType, I> Selected<S, Placed<I>> for SqlExpr<M, F> {
    type Value = Found<S, M, I, F>;

    fn selected(self, all: &mut Vec<Expr>) {
        all.push(placed::<S, M, I>(self.expr));
    }

    fn read(row: &Row, at: usize) -> Result<Self::Value> {
        read(M::name(), row, at)
    }
}

impl<S: Scope, F: ColumnType> Selected<S, Exact> for Scoped<S, F> {
    type Value = F;

    fn selected(self, all: &mut Vec<Expr>) {
        all.push(self.expr);
    }

    fn read(row: &Row, at: usize) -> Result<F> {
        read(S::Root::name(), row, at)
    }
}

impl<S: GroupsOf<Rows = T>, T: Scope, F: ColumnType> Selected<S, Exact> for Aggregate<T, F> {
    type Value = F;

    fn selected(self, all: &mut Vec<Expr>) {
        all.push(self.into_expr());
    }

    fn read(row: &Row, at: usize) -> Result<F> {
        read(S::Root::name(), row, at)
    }
}

impl<S: Scope, F: ColumnType> Selected<S, Exact> for Windowed<S, F> {
    type Value = F;

    fn selected(self, all: &mut Vec<Expr>) {
        all.push(self.expr);
    }

    fn read(row: &Row, at: usize) -> Result<F> {
        read(S::Root::name(), row, at)
    }
}

/// All that a query reads of a model, as an owned value: [`whole`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Cart, Customer};
/// use orm_core::query::{Whole, whole};
/// let customer: Whole<Customer> = whole();
/// let carts = select::<Cart>().join(Cart::CUSTOMER).columns((Cart::ID, customer)); // an `(i64, Customer)` a row
/// assert!(carts.to_string().starts_with(r#"SELECT "cart"."id", "customer"."id", "customer"."name""#));
/// ```
pub struct Whole<M>(PhantomData<fn() -> M>);

/// A whole model as one of the values of a row; `None` where a join did not find one.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer};
/// use orm_core::query::whole;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # session.add(Customer::builder().name("Ann").email("ann@example.org").carts([Cart::builder()]));
/// # session.add(Customer::builder().name("Bea").email("bea@example.org"));
/// # session.commit().await?;
/// let query = select::<Customer>().left_join(Customer::CARTS).columns((Customer::NAME, whole::<Cart>()));
/// let rows: Vec<(String, Option<Cart>)> = engine.fetch_all(query.order_by(Customer::ID)).await?;
/// assert!(rows[0].1.is_some() && rows[1].1.is_none());
/// # Ok(()) }
/// ```
pub const fn whole<M: Model>() -> Whole<M> {
    Whole(PhantomData)
}

impl<M> Clone for Whole<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for Whole<M> {}

impl<M: Model> fmt::Debug for Whole<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Whole({})", M::def().name)
    }
}

impl<S: Contains<M, I>, M: Model, I> Selected<S, Placed<I>> for Whole<M> {
    type Value = <S::Presence as Presence>::Model<M>;

    fn selected(self, all: &mut Vec<Expr>) {
        match mapper::<M>() {
            Ok(mapper) => {
                all.extend(mapper.select_list.iter().map(|name| placed::<S, M, I>(Expr::Column(name))));
            }
            Err(error) => all.push(Expr::Invalid(error.to_string())),
        }
    }

    fn width() -> usize {
        mapper::<M>().map_or(1, |mapper| mapper.select_list.len())
    }

    fn read(row: &Row, at: usize) -> Result<Self::Value> {
        let mapper = mapper::<M>()?;
        let has_key = || {
            let key = mapper.layout.positions(&mapper.primary_key);
            key.iter().all(|position| !matches!(row.try_get::<_, Option<Present>>(at + position), Ok(None)))
        };
        <S::Presence as Presence>::model(has_key, || M::from_row(ModelRow::new(row, &mapper.layout, at)))
    }
}

fn mapper<M: Model>() -> Result<&'static Mapper> {
    M::Base::registry()?.mapper(M::def())
}

/// A value of any type: only whether it is there is of interest.
struct Present;

impl<'a> FromSql<'a> for Present {
    fn from_sql(_: &Type, _: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// A scope of which [`columns`](crate::query::columns) and [`Select::columns`](crate::query::Select::columns) select `C`: one value, or a tuple of
/// up to twelve, which may stand in tuples themselves. `I` is where the scope has it, which the compiler finds.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # session.add(Customer::builder().name("Ann").email("ann@example.org"));
/// # session.commit().await?;
/// let names: Vec<String> = engine.fetch_all(columns(Customer::NAME)).await?;
/// let rows: Vec<(i64, String, Option<i32>)> =
///     engine.fetch_all(columns((Customer::ID, Customer::NAME, Customer::AGE))).await?;
/// assert_eq!((names, rows), (vec!["Ann".to_owned()], vec![(1, "Ann".to_owned(), None)]));
/// let nested = columns(((Customer::NAME, Customer::AGE), Customer::ID)).fetch_one(&engine).await?;
/// assert_eq!(nested, (("Ann".to_owned(), None), 1));
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{C}` is nothing that a query of `{Self}` can select",
    label = "expected columns and expressions of `{Self}`, one or a tuple of up to twelve"
)]
pub trait Selects<C, I>: Scope {
    /// The values of one row.
    type Row: Send;
    /// Appends what is selected.
    #[doc(hidden)]
    fn push_to(columns: C, all: &mut Vec<Expr>);
    /// Reads one row.
    ///
    /// # Errors
    /// [`Decode`](crate::ErrorKind::Decode).
    #[doc(hidden)]
    fn read_row(row: &Row) -> Result<Self::Row>;
}

/// One implementation for all, so that the compiler has none to propose in place of the one that is missing below.
impl<S: Scope, C: Selected<S, I>, I> Selects<C, I> for S {
    type Row = C::Value;

    fn push_to(columns: C, all: &mut Vec<Expr>) {
        columns.selected(all);
    }

    fn read_row(row: &Row) -> Result<Self::Row> {
        C::read(row, 0)
    }
}

/// Nothing.
impl<S> Selected<S, ()> for () {
    type Value = ();

    fn selected(self, _: &mut Vec<Expr>) {}

    fn width() -> usize {
        0
    }

    fn read(_: &Row, _: usize) -> Result<()> {
        Ok(())
    }
}

/// The source that a list of columns names first: [`columns`](crate::query::columns) selects from it.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::Anchored;
/// fn anchor<C: Anchored<Anchor = Customer>>(_: C) {}
/// anchor((Customer::NAME, Customer::AGE));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say which model to select from",
    label = "expected a column or an expression of one model, or a tuple that begins with one",
    note = "`select::<Model>().columns(…)` selects anything of it, and `.aggregate(…)` aggregates, such as a count"
)]
pub trait Anchored {
    /// The source.
    type Anchor: Scope;
}

#[diagnostic::do_not_recommend]
impl<M: Source, F> Anchored for Column<M, F> {
    type Anchor = M;
}

#[diagnostic::do_not_recommend]
impl<M: Source, F> Anchored for SqlExpr<M, F> {
    type Anchor = M;
}

#[diagnostic::do_not_recommend]
impl<M: Model> Anchored for Whole<M> {
    type Anchor = M;
}

macro_rules! tuples {
    ($first:ident $first_index:ident $($ty:ident $index:ident)*) => {
        impl<S, $first: Selected<S, $first_index>, $first_index, $($ty: Selected<S, $index>, $index),*>
            Selected<S, ($first_index, $($index,)*)> for ($first, $($ty,)*)
        {
            type Value = ($first::Value, $($ty::Value,)*);

            fn selected(self, all: &mut Vec<Expr>) {
                #[expect(non_snake_case, reason = "the names of the type parameters")]
                let ($first, $($ty,)*) = self;
                $first.selected(all);
                $($ty.selected(all);)*
            }

            fn width() -> usize {
                $first::width() $(+ $ty::width())*
            }

            #[expect(unused_assignments, reason = "nothing stands behind the last one")]
            fn read(row: &Row, mut at: usize) -> Result<Self::Value> {
                Ok((
                    { let value = $first::read(row, at)?; at += $first::width(); value },
                    $({ let value = $ty::read(row, at)?; at += $ty::width(); value },)*
                ))
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$first: Anchored, $($ty),*> Anchored for ($first, $($ty,)*) {
            type Anchor = $first::Anchor;
        }
    };
}
each_tuple!(tuples: A IA, B IB, C IC, D ID, E IE, F IF, G IG, H IH, J IJ, K IK, L IL, M IM);

fn read<F: ColumnType>(of: &str, row: &Row, at: usize) -> Result<F> {
    read_column(row, at).map_err(|source| {
        let name = row.columns().get(at).map_or("?", tokio_postgres::Column::name);
        Error::decode(format_args!("`{of}.{name}`"), source).with_columns(vec![name.to_owned()])
    })
}
