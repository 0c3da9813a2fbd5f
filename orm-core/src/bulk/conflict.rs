//! What an INSERT does with rows that are there already.

use super::{Insert, mapper, settable};
use crate::error::Result;
use crate::mapper::{Column, Mapper, Model, next_versions};
use crate::query::{Assignments, Conflict, Filter, excluded_column};
use crate::sql::{self, ConflictAction, Expr};
use crate::types::{ColumnType, each_tuple};
use std::fmt;

/// The columns by which rows of `M` are the same: one, or a tuple of up to eight.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::CartProduct;
/// use orm_core::bulk::{ConflictTarget, Insert, Values, insert};
/// /// One more of the product in the cart.
/// fn more(rows: [Values<CartProduct>; 1], by: impl ConflictTarget<CartProduct>) -> Insert<CartProduct> {
///     insert(rows).on_conflict(by).do_update(CartProduct::QUANTITY.set_to(CartProduct::QUANTITY + 1))
/// }
/// let row = Values::new().set(CartProduct::CART_ID, 1).set(CartProduct::PRODUCT_ID, 7);
/// let upsert = more([row], (CartProduct::CART_ID, CartProduct::PRODUCT_ID));
/// assert!(upsert.to_string().ends_with(
///     r#"ON CONFLICT ("cart_id", "product_id") DO UPDATE SET "quantity" = "cart_product"."quantity" + $3"#
/// ));
/// ```
#[diagnostic::on_unimplemented(
    message = "rows of `{M}` are not told apart by `{Self}`",
    label = "expected a column of `{M}`, or a tuple of up to eight",
    note = "the columns of the primary key, of a unique constraint or of a unique index"
)]
pub trait ConflictTarget<M> {
    /// Their names.
    #[doc(hidden)]
    fn names(self) -> Vec<&'static str>;
}

impl<M: Model, F: ColumnType> ConflictTarget<M> for Column<M, F> {
    fn names(self) -> Vec<&'static str> {
        vec![self.name()]
    }
}

macro_rules! tuples {
    ($($ty:ident)+) => {
        impl<M, $($ty: ConflictTarget<M>),+> ConflictTarget<M> for ($($ty,)+) {
            fn names(self) -> Vec<&'static str> {
                #[expect(non_snake_case, reason = "the names of the type parameters")]
                let ($($ty,)+) = self;
                [$($ty.names()),+].concat()
            }
        }
    };
}
each_tuple!(tuples: A, B, C, D, E, F, G, H);

/// An INSERT that is still to be told what becomes of rows that are there already: [`Insert::on_conflict`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::bulk::{Insert, OnConflict, insert};
/// fn decide(keep: bool, conflict: OnConflict<Product>) -> Insert<Product> {
///     if keep { conflict.do_nothing() } else { conflict.do_update_given() }
/// }
/// let tea = || insert::<Product>([Product::builder().sku("T-1").title("Tea").price_cents(390)]);
/// let texts = [true, false].map(|keep| decide(keep, tea().on_conflict(Product::SKU)).to_string());
/// assert!(texts[0].ends_with(r#"ON CONFLICT ("sku") DO NOTHING"#));
/// assert!(texts[1].ends_with(r#"DO UPDATE SET "title" = excluded."title", "price_cents" = excluded."price_cents""#));
/// ```
#[must_use = "it does nothing before it is told what to do"]
pub struct OnConflict<M> {
    insert: Insert<M>,
    target: Vec<&'static str>,
    among: Vec<Expr>,
}

impl<M: Model> OnConflict<M> {
    pub(super) const fn new(insert: Insert<M>, target: Vec<&'static str>) -> Self {
        Self { insert, target, among: Vec::new() }
    }

    /// Rows are only told apart among those that meet a condition: that of a partial unique index.
    ///
    /// The server has to see that the condition is that of the index before it knows values, so that only truths, integers and plain
    /// texts can stand in it.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # orm_core::declarative_base!(pub Base);
    /// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
    /// # pub struct Note { #[model(primary_key)] pub id: Auto<i64>, pub title: String, pub text: String, pub deleted: bool }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let database = orm_testkit::database_of::<Base>().await?;
    /// # let engine = Engine::connect(database.url()).await?;
    /// use orm_core::bulk::insert;
    /// engine.execute_script("CREATE UNIQUE INDEX ON note (title) WHERE deleted = false").await?;
    /// for text in ["one", "two"] {
    ///     insert::<Note>([Note::builder().title("Tea").text(text).deleted(false)])
    ///         .on_conflict(Note::TITLE)
    ///         .among(Note::DELETED.eq(false))
    ///         .do_update(Note::TEXT)
    ///         .execute(&engine)
    ///         .await?;
    /// }
    /// assert_eq!(engine.fetch_all(columns(Note::TEXT)).await?, ["two"]);
    /// # Ok(()) }
    /// ```
    pub fn among(mut self, condition: impl Filter<M>) -> Self {
        self.among.push(condition.into_predicate().expr);
        self
    }

    /// The row that is there is only updated when it meets a condition, which may ask [`excluded`](crate::query::excluded) columns.
    pub fn when(self, condition: impl Filter<Conflict<M>>) -> OnConflictWhen<M> {
        OnConflictWhen { conflict: self, filter: vec![condition.into_predicate().expr] }
    }

    /// The row that is there is left alone, and does not come back.
    pub fn do_nothing(self) -> Insert<M> {
        let Self { insert, target, among } = self;
        insert.in_conflict(sql::Conflict { target, among, action: ConflictAction::Nothing })
    }

    /// The row that is there is updated: [assignments](crate::query::Assignment), and columns, which are set to what the new row has.
    ///
    /// A version grows. Keys and columns that only the database or the flush may write are refused. Columns with `onupdate` are set like
    /// others.
    pub fn do_update(self, set: impl Assignments<Conflict<M>>) -> Insert<M> {
        OnConflictWhen { conflict: self, filter: Vec::new() }.do_update(set)
    }

    /// The row that is there gets everything that the rows give, but for the columns of the conflict and of the primary key.
    pub fn do_update_given(self) -> Insert<M> {
        OnConflictWhen { conflict: self, filter: Vec::new() }.do_update_given()
    }
}

/// [`OnConflict`] with a condition: [`OnConflict::when`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::{bulk::{OnConflictWhen, insert}, query::excluded};
/// let tea = Product::builder().sku("T-1").title("Tea").price_cents(390);
/// let dearer: OnConflictWhen<Product> =
///     insert([tea]).on_conflict(Product::SKU).when(excluded(Product::PRICE_CENTS).gt(Product::PRICE_CENTS));
/// let upsert = dearer.when(Product::TITLE.ne("Gift")).do_update(Product::PRICE_CENTS);
/// assert!(upsert.to_string().ends_with(
///     r#"WHERE (excluded."price_cents" > "product"."price_cents") AND ("product"."title" <> $4)"#
/// ));
/// # let _ = |conflict: OnConflictWhen<Product>| conflict.do_update_given();
/// ```
#[must_use = "it does nothing before it is told what to do"]
pub struct OnConflictWhen<M> {
    conflict: OnConflict<M>,
    filter: Vec<Expr>,
}

impl<M: Model> OnConflictWhen<M> {
    /// Another condition; all have to be met.
    pub fn when(mut self, condition: impl Filter<Conflict<M>>) -> Self {
        self.filter.push(condition.into_predicate().expr);
        self
    }

    /// As [`OnConflict::do_update`].
    pub fn do_update(self, set: impl Assignments<Conflict<M>>) -> Insert<M> {
        self.updating(set.all().into_iter().map(|set| (set.column, set.value)).collect())
    }

    /// As [`OnConflict::do_update_given`].
    pub fn do_update_given(self) -> Insert<M> {
        let given = |name: &str| match &self.conflict.insert.statement {
            Ok(statement) => statement.columns.iter().any(|column| column.name == name),
            Err(_) => false,
        };
        let is_set = |name: &str| given(name) && !self.conflict.target.contains(&name);
        let columns = M::def().columns.iter().enumerate();
        let set = columns.filter(|(_, def)| !def.primary_key && is_set(def.name));
        let set = set.map(|(index, def)| (index, excluded_column(def.name))).collect();
        self.updating(set)
    }

    fn updating(self, set: Vec<(usize, Expr)>) -> Insert<M> {
        let Self { conflict: OnConflict { mut insert, target, among }, filter } = self;
        match mapper::<M>().and_then(|mapper| named(mapper, set)) {
            // There is nothing to set.
            Ok(set) if set.is_empty() => {
                insert.in_conflict(sql::Conflict { target, among, action: ConflictAction::Nothing })
            }
            Ok(set) => insert.in_conflict(sql::Conflict {
                target,
                among,
                action: ConflictAction::Update { set, filter },
            }),
            Err(error) => {
                insert.statement = insert.statement.and(Err(error));
                insert
            }
        }
    }
}

/// What is set, with the next version where there is one.
fn named(mapper: &Mapper, set: Vec<(usize, Expr)>) -> Result<Vec<(&'static str, Expr)>> {
    settable(mapper, set.iter().map(|(column, _)| *column))?;
    let named: Vec<_> =
        set.into_iter().map(|(column, value)| (mapper.def.columns[column].name, value)).collect();
    let versions = next_versions(mapper).filter(|_| !named.is_empty()).collect::<Vec<_>>();
    Ok(named.into_iter().chain(versions).collect())
}

impl<M: Model> fmt::Debug for OnConflict<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnConflict").field("insert", &self.insert).field("target", &self.target).finish()
    }
}

impl<M: Model> fmt::Debug for OnConflictWhen<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnConflictWhen").field("conflict", &self.conflict).finish_non_exhaustive()
    }
}
