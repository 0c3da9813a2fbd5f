//! WITH: rows that a statement makes once, and those that are made of each other.

use super::given::{Given, IntoRows, Parts, RowType, parts};
use crate::error::Result;
use crate::mapper::Layout;
use crate::query::{Select, Standalone};
use crate::sql::{Base, Common, CommonQuery, Derived, Expr, Query, Rows, SetOperator};
use crate::types::SqlType;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The rows of a query that a statement makes once, however often it reads them: `WITH`. Made by [`Select::cte`] and [`recursive`].
///
/// It goes along with whatever reads it, so that it cannot be forgotten.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// use orm_core::query::{avg, select_from, sum};
/// #[derive(Row, Clone, Debug, PartialEq)]
/// struct Spent {
///     name: String,
///     total: i64,
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
/// # let coffee = session.add(Product::builder().sku("C-1").title("Coffee").price_cents(890));
/// # session.add(Customer::builder().name("Ann").email("ann@example.org").carts([Cart::builder().products([tea, coffee])]));
/// # session.add(Customer::builder().name("Bea").email("bea@example.org").carts([Cart::builder().products([tea])]));
/// # session.commit().await?;
/// let spent = select::<Customer>()
///     .join(Customer::CARTS)
///     .join(Cart::PRODUCTS)
///     .group_by(Customer::NAME)
///     .columns(|name| SpentColumns { name, total: sum(Product::PRICE_CENTS) })
///     .cte();
/// let mean = select_from(&spent).aggregate(avg(Spent::TOTAL)).scalar_subquery();
/// let above = select_from(&spent).filter(orm_core::query::value(Spent::TOTAL).gt(600)).filter(mean.gt(600.0));
/// assert!(above.to_string().starts_with(r##"WITH "#spent"("name", "total") AS (SELECT"##));
/// assert_eq!(engine.fetch_all(above).await?, [Spent { name: "Ann".into(), total: 1280 }]);
/// # Ok(()) }
/// ```
#[must_use = "common rows do nothing before a query reads them"]
pub struct Cte<R> {
    common: Result<Common, String>,
    columns: Cow<'static, [&'static str]>,
    layout: Cow<'static, Layout>,
    base: Option<Base>,
    decode: fn(&tokio_postgres::Row, &Layout) -> Result<R>,
}

fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl<S: Standalone, R: RowType> Select<S, R> {
    /// The rows as ones that a statement makes once, however often it reads them: [`Cte`].
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::Customer;
    /// use orm_core::query::select_from;
    /// let first = select::<Customer>().order_by(Customer::ID).limit(10).cte();
    /// let adults = select_from(&first).filter(Customer::AGE.ge(18));
    /// assert!(adults.to_string().ends_with(r##"FROM "#customer" AS "customer" WHERE "age" >= $2"##));
    /// ```
    pub fn cte(self) -> Cte<R> {
        let base = self.base();
        Cte::of(next_id(), parts(self), base, false)
    }
}

/// Rows that are made of each other: those of `start`, and those that `step` makes of the rows before, until it makes none any more.
///
/// Rows that lead back to themselves need [`distinct`](Cte::distinct), or a condition in the step that ends it.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// use orm_core::query::{recursive, select_from, value};
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Category {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     pub name: String,
///     #[belongs_to]
///     pub parent: Option<BelongsTo<Category>>,
/// }
///
/// #[derive(Row, Clone, Debug)]
/// pub struct Branch {
///     pub id: i64,
///     pub name: String,
///     pub depth: i32,
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut session = engine.session();
/// let drinks = session.add(Category::builder().name("Drinks"));
/// let tea = session.add(Category::builder().name("Tea").parent(drinks));
/// session.add(Category::builder().name("Green tea").parent(tea));
/// session.commit().await?;
///
/// let tree = recursive(
///     select::<Category>()
///         .filter(Category::PARENT_ID.is_null())
///         .columns(BranchColumns { id: Category::ID, name: Category::NAME, depth: value(0) }),
///     |above| {
///         select::<Category>().join_rows(above, Category::PARENT_ID.eq(Branch::ID)).columns(BranchColumns {
///             id: Category::ID,
///             name: Category::NAME,
///             depth: value(Branch::DEPTH) + 1,
///         })
///     },
/// );
/// let branches = engine.fetch_all(select_from(&tree).order_by(Branch::DEPTH)).await?;
/// let shown: Vec<String> = branches.iter().map(|branch| format!("{} {}", branch.depth, branch.name)).collect();
/// assert_eq!(shown, ["0 Drinks", "1 Tea", "2 Green tea"]);
/// # Ok(()) }
/// ```
pub fn recursive<S: Standalone, T: Standalone, R: RowType>(
    start: Select<S, R>,
    step: impl FnOnce(Cte<R>) -> Select<T, R>,
) -> Cte<R> {
    let (id, base) = (next_id(), start.base());
    let (start, columns, layout) = match parts(start) {
        Ok(parts) => parts,
        Err(why) => return Cte::of(id, Err(why), base, true),
    };
    let common = Ok(Common { name: name_of::<R>(), id, body: None });
    let itself = Cte { common, columns: columns.clone(), layout: layout.clone(), base, decode: R::read };
    let both = parts(step(itself)).map(|(step, _, _)| {
        let left = Box::new(typed(start, R::types()));
        let query = Query::Set { op: SetOperator::UnionAll, left, right: Box::new(step) };
        (query, columns, layout)
    });
    Cte::of(id, both, base, true)
}

/// A query whose values have the types of the columns: those of the first rows are the types of all.
fn typed(mut query: Query, types: &[SqlType]) -> Query {
    if let Query::Select(select) = &mut query {
        for (value, ty) in select.values.iter_mut().zip(types) {
            let inner = std::mem::replace(value, Expr::And(Vec::new()));
            *value = Expr::Cast { value: Box::new(inner), to: ty.name() };
        }
    }
    query
}

fn name_of<R: RowType>() -> &'static str {
    R::ALIAS.unwrap_or(R::table().name)
}

impl<R: RowType> Cte<R> {
    fn of(id: u64, parts: Result<Parts, String>, base: Option<Base>, recursive: bool) -> Self {
        let (query, columns, layout) = match parts {
            Ok(parts) => parts,
            Err(why) => {
                let (columns, layout) = (Cow::Borrowed(&[][..]), Cow::Owned(Layout::default()));
                return Self { common: Err(why), columns, layout, base, decode: R::read };
            }
        };
        let body = CommonQuery { query, columns: columns.clone(), recursive, materialized: None };
        let common = Ok(Common { name: name_of::<R>(), id, body: Some(Arc::new(body)) });
        Self { common, columns, layout, base, decode: R::read }
    }

    fn change(mut self, change: impl FnOnce(&mut CommonQuery)) -> Self {
        if let Ok(Common { body: Some(body), .. }) = &mut self.common {
            change(Arc::make_mut(body));
        }
        self
    }

    /// The rows are made as a whole, before anybody reads them.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::Customer;
    /// use orm_core::query::select_from;
    /// let all = select_from(select::<Customer>().cte().materialized());
    /// assert!(all.to_string().contains(") AS MATERIALIZED (SELECT "));
    /// let all = select_from(select::<Customer>().cte().not_materialized());
    /// assert!(all.to_string().contains(") AS NOT MATERIALIZED (SELECT "));
    /// ```
    pub fn materialized(self) -> Self {
        self.change(|body| body.materialized = Some(true))
    }

    /// The rows are not made as a whole: conditions of those who read them reach into the query.
    pub fn not_materialized(self) -> Self {
        self.change(|body| body.materialized = Some(false))
    }

    /// Of recursive rows: a row that was made before is not made again, so that circles end.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # orm_core::declarative_base!(pub Base);
    /// # use orm_core::query::{recursive, select_from};
    /// # #[derive(Model, Clone, Debug)]
    /// # #[model(base = Base)]
    /// # pub struct Road { #[model(primary_key)] pub id: Auto<i64>, pub from_town: i64, pub to_town: i64 }
    /// #[derive(Row, Clone, Debug)]
    /// pub struct Reached {
    ///     pub town: i64,
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// # let mut session = engine.session();
    /// # session.add_all([(1, 2), (2, 3), (3, 1)].map(|(from, to)| Road::builder().from_town(from).to_town(to)));
    /// # session.commit().await?;
    /// let reached = recursive(
    ///     select::<Road>().filter(Road::FROM_TOWN.eq(1)).columns(ReachedColumns { town: Road::TO_TOWN }),
    ///     |before| {
    ///         let on = select::<Road>().join_rows(before, Road::FROM_TOWN.eq(Reached::TOWN));
    ///         on.columns(ReachedColumns { town: Road::TO_TOWN })
    ///     },
    /// );
    /// assert_eq!(engine.count(select_from(reached.distinct())).await?, 3); // the roads are a circle
    /// # Ok(()) }
    /// ```
    pub fn distinct(self) -> Self {
        self.change(|body| {
            if let Query::Set { op, .. } = &mut body.query
                && body.recursive
            {
                *op = SetOperator::Union;
            }
        })
    }
}

impl<R: RowType> IntoRows for Cte<R> {
    type Source = R;
    type Row = R;

    fn into_rows(self) -> Given<R> {
        let Self { common, columns, layout, base, decode } = self;
        let derived = common.map(|common| Derived { rows: Rows::Common(common), columns, lateral: false });
        Given { derived, layout, base, decode }
    }
}

impl<R: RowType> IntoRows for &Cte<R> {
    type Source = R;
    type Row = R;

    fn into_rows(self) -> Given<R> {
        self.clone().into_rows()
    }
}

impl<R> Clone for Cte<R> {
    fn clone(&self) -> Self {
        let (common, columns, layout) = (self.common.clone(), self.columns.clone(), self.layout.clone());
        Self { common, columns, layout, base: self.base, decode: self.decode }
    }
}

impl<R> fmt::Debug for Cte<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cte").field("common", &self.common).finish_non_exhaustive()
    }
}
