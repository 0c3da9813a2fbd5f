//! Joins, along relations and free ones.

use crate::mapper::{DeclarativeBase, Model, Pairing, Relation, RelationBetween, Source, Table};
use crate::query::expressions::operand::Placed;
use crate::query::scope::{Contains, Full, Inner, Is, JoinKind, Joined, Left, Right, Scope};
use crate::query::{Predicate, Select, Selects};
use crate::sql::{Along, AlongTable, Base, JoinSide, JoinedTable};
use std::fmt;

/// A scope that is joined along `J`: a relation of one of its sources, to a model or to an [alias](crate::alias) of one. `I` is which source
/// that is, which the compiler finds.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Cart, Customer, Product};
/// use orm_core::query::{Joined, JoinsAlong, Select};
/// fn joined<J, I>(to: J) -> Select<Joined<Customer, <Customer as JoinsAlong<J, I>>::Target>, Customer>
/// where
///     Customer: JoinsAlong<J, I>,
/// {
///     select::<Customer>().join(to)
/// }
/// assert!(joined(Customer::CARTS).to_string().ends_with(r#"JOIN "cart" ON "cart"."customer_id" = "customer"."id""#));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{J}` is no relation of a source of this query",
    label = "not a relation of `{Self}`",
    note = "without a relation: `.join_on::<Model>(condition)`"
)]
pub trait JoinsAlong<J, I> {
    /// The source at its end.
    type Target: Source;

    /// The table, as far as it can be said.
    #[doc(hidden)]
    fn table(along: J, kind: JoinSide) -> Result<JoinedTable, String>;
}

impl<S: Contains<M, I>, M: Model, T: Model, A, I> JoinsAlong<Relation<M, T, A>, Placed<I>> for S {
    type Target = T;

    fn table(relation: Relation<M, T, A>, kind: JoinSide) -> Result<JoinedTable, String> {
        along(relation, kind, S::PLACE, None)
    }
}

impl<S: Contains<O, I>, O: Source, N: Source, M: Model, T: Model, A, I>
    JoinsAlong<RelationBetween<O, N, M, T, A>, Placed<I>> for S
{
    type Target = N;

    fn table(between: RelationBetween<O, N, M, T, A>, kind: JoinSide) -> Result<JoinedTable, String> {
        along(between.relation, kind, S::PLACE, N::ALIAS)
    }
}

/// The members of a relation, as a table that is joined.
fn along<M: Model, T, A>(
    relation: Relation<M, T, A>,
    kind: JoinSide,
    (out, from): (usize, usize),
    alias: Option<&'static str>,
) -> Result<JoinedTable, String> {
    if out > 0 {
        return Err(format!(
            "`{relation:?}` leads from a query further out: ask for its rows with a condition instead"
        ));
    }
    let registry = M::Base::registry().map_err(|error| error.to_string())?;
    let mapper = registry.mapper(M::def()).map_err(|error| error.to_string())?;
    let link = &mapper.relations[relation.index()];
    let far = registry.mappers()[link.target].def;
    let along = match Pairing::of(registry, mapper, relation.index()) {
        Pairing::Direct(pairs) => {
            let on = pairs
                .into_iter()
                .map(|(member, owner)| (member.name.to_owned(), owner.name.to_owned()))
                .collect();
            Along { from, on, through: None }
        }
        Pairing::Through { association, owner, member } => {
            let on = member
                .into_iter()
                .map(|(member, column)| (member.name.to_owned(), column.to_owned()))
                .collect();
            let owners =
                owner.into_iter().map(|(column, owner)| (column.to_owned(), owner.name.to_owned())).collect();
            let through = AlongTable { table: association.table, on: owners, filter: Vec::new() };
            Along { from, on, through: Some(through) }
        }
    };
    let filter = link.filter().into_iter().collect();
    let table = far.table;
    Ok(JoinedTable { kind, table, derived: None, alias, along: Some(along), on: Vec::new(), filter })
}

fn free<T: Table, K: JoinKind, S>(on: Predicate<S>) -> Result<JoinedTable, String> {
    Ok(JoinedTable {
        kind: K::SIDE,
        table: T::table(),
        derived: None,
        alias: T::ALIAS,
        along: None,
        on: vec![on.expr],
        filter: Vec::new(),
    })
}

/// The base of a table.
fn base_of<T: Table>() -> Option<Base> {
    T::registry().ok().map(|registry| registry as Base)
}

/// Joins add a source to the scope of the query, whose columns can be asked and selected from then on.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
/// # let ann = Customer::builder().name("Ann").email("ann@example.org").age(41);
/// # session.add(ann.carts([Cart::builder().products([tea])]));
/// # session.add(Customer::builder().name("Bea").email("bea@example.org"));
/// # session.add(Product::builder().sku("C-1").title("Coffee").price_cents(890));
/// # session.commit().await?;
/// // Along relations, those of any source of the query.
/// let bought = select::<Customer>().join(Customer::CARTS).join(Cart::PRODUCTS);
/// let names = bought.filter(Product::PRICE_CENTS.lt(500)).columns((Customer::NAME, Product::TITLE));
/// assert_eq!(engine.fetch_all(names).await?, [("Ann".to_owned(), "Tea".to_owned())]);
///
/// // What a join may not find is an `Option`.
/// let all = select::<Customer>().left_join(Customer::CARTS).columns((Customer::NAME, Cart::ID));
/// let rows: Vec<(String, Option<i64>)> = engine.fetch_all(all.order_by(Customer::NAME)).await?;
/// assert_eq!(rows[1], ("Bea".to_owned(), None));
///
/// // Any condition.
/// let same = select::<Product>().join_on::<Customer>(Product::PRICE_CENTS.gt(500) & Customer::AGE.is_null());
/// assert_eq!(same.columns((Product::SKU, Customer::NAME)).fetch_all(&engine).await?, [("C-1".into(), "Bea".into())]);
///
/// let all = select::<Product>().left_join_on::<Customer>(Product::PRICE_CENTS.gt(500) & Customer::AGE.is_null());
/// assert_eq!(all.columns((Product::SKU, Customer::NAME)).count(&engine).await?, 2);
///
/// // A session gets objects of the first model.
/// let buyers = session.all(select::<Customer>().join(Customer::CARTS).filter(Cart::INVOICE.is_null())).await?;
/// assert_eq!(session[buyers[0]].name, "Ann");
///
/// // Rows without the first model: what to select is said again.
/// let sold = select::<Cart>().right_join(Cart::PRODUCTS).columns((Product::SKU, Cart::ID)).order_by(Product::SKU);
/// assert_eq!(engine.fetch_all(sold).await?, [("C-1".to_owned(), None), ("T-1".to_owned(), Some(1))]);
/// let both = select::<Cart>().full_join(Cart::PRODUCTS).columns((Cart::ID, Product::SKU));
/// assert_eq!(both.count(&engine).await?, 2);
/// let named = select::<Customer>().right_join_on::<Product>(Customer::NAME.eq(Product::TITLE));
/// assert_eq!(named.columns((Customer::NAME, Product::SKU)).count(&engine).await?, 2);
/// let named = select::<Customer>().full_join_on::<Product>(Customer::NAME.eq(Product::TITLE));
/// assert_eq!(named.columns((Customer::NAME, Product::SKU)).count(&engine).await?, 4);
/// # Ok(()) }
/// ```
impl<S: Scope, R> Select<S, R> {
    /// Rows with each of the objects at the other end of a relation.
    pub fn join<J, I, Q: JoinsAlong<J, I>>(self, to: J) -> Select<Joined<S, Q::Target, Inner>, R>
    where
        S: Is<Q>,
    {
        self.join_table(Q::table(to, JoinSide::Inner))
    }

    /// [`join`](Self::join) that keeps rows without any.
    pub fn left_join<J, I, Q: JoinsAlong<J, I>>(self, to: J) -> Select<Joined<S, Q::Target, Left>, R>
    where
        S: Is<Q>,
    {
        self.join_table(Q::table(to, JoinSide::Left))
    }

    /// All objects at the other end of a relation, with the rows that have them.
    pub fn right_join<J, I, Q: JoinsAlong<J, I>>(self, to: J) -> Unselected<Joined<S, Q::Target, Right>>
    where
        S: Is<Q>,
    {
        Unselected(self.without_values().join_table(Q::table(to, JoinSide::Right)))
    }

    /// All rows and all objects at the other end of a relation.
    pub fn full_join<J, I, Q: JoinsAlong<J, I>>(self, to: J) -> Unselected<Joined<S, Q::Target, Full>>
    where
        S: Is<Q>,
    {
        Unselected(self.without_values().join_table(Q::table(to, JoinSide::Full)))
    }

    /// Rows with each row of `T` that meets the condition with them.
    pub fn join_on<T: Table>(self, on: Predicate<Joined<S, T, Inner>>) -> Select<Joined<S, T, Inner>, R> {
        self.of_base(base_of::<T>()).join_table(free::<T, Inner, _>(on))
    }

    /// [`join_on`](Self::join_on) that keeps rows without any.
    pub fn left_join_on<T: Table>(self, on: Predicate<Joined<S, T, Left>>) -> Select<Joined<S, T, Left>, R> {
        self.of_base(base_of::<T>()).join_table(free::<T, Left, _>(on))
    }

    /// All rows of `T`, with those that meet the condition with them.
    pub fn right_join_on<T: Table>(
        self,
        on: Predicate<Joined<S, T, Right>>,
    ) -> Unselected<Joined<S, T, Right>> {
        Unselected(self.without_values().of_base(base_of::<T>()).join_table(free::<T, Right, _>(on)))
    }

    /// All rows, and all rows of `T`, together where they meet the condition.
    pub fn full_join_on<T: Table>(self, on: Predicate<Joined<S, T, Full>>) -> Unselected<Joined<S, T, Full>> {
        Unselected(self.without_values().of_base(base_of::<T>()).join_table(free::<T, Full, _>(on)))
    }
}

/// A query whose rows may lack what it selected: [`columns`](Self::columns) says what it selects now.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Cart, Product};
/// let sold = select::<Cart>().right_join(Cart::PRODUCTS); // a product without a cart has no `Cart`
/// let rows = sold.columns((Product::SKU, Cart::ID)); // a `(String, Option<i64>)` a row
/// ```
#[must_use = "a query does nothing before it is fetched"]
pub struct Unselected<S>(pub(super) Select<S, ()>);

impl<S: Scope> Unselected<S> {
    /// What to select: as [`Select::columns`].
    pub fn columns<C, I, Q: Selects<C, I>>(self, columns: C) -> Select<S, Q::Row>
    where
        S: Is<Q>,
    {
        self.0.columns(columns)
    }
}

impl<S: Scope> fmt::Debug for Unselected<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
