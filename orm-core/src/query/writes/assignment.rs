//! What columns are set to.

use crate::mapper::{Column, Model, Source};
use crate::query::expressions::operand::{Bound, BoundText, Exact, Placed};
use crate::query::scope::{Contains, Scope, placed};
use crate::query::{Scoped, SqlExpr};
use crate::sql::{Expr, Param};
use crate::types::{ColumnType, Deferred, ScalarType, each_tuple};
use std::fmt;
use std::marker::PhantomData;

/// A column of `M` and what it is set to, in a statement with the scope `S`: [`Column::set_to`].
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # Product::builder().sku("T-1").title("Tea").price_cents(390).build().insert(&engine).await?;
/// use orm_core::{bulk::update, query::Assignment};
/// let mut changes: Vec<Assignment<Product>> = vec![Product::PRICE_CENTS.set_to(Product::PRICE_CENTS + 10)];
/// let title = Some("Green tea"); // of a form
/// changes.extend(title.map(|title| Product::TITLE.set_to(title)));
/// assert_eq!(update(select::<Product>()).set(changes).execute(&engine).await?, 1);
/// assert_eq!(columns((Product::TITLE, Product::PRICE_CENTS)).fetch_one(&engine).await?, ("Green tea".into(), 400));
/// # Ok(()) }
/// ```
#[must_use = "it does nothing before a statement has it"]
pub struct Assignment<S, M = S> {
    pub(crate) set: ColumnSet,
    scope: PhantomData<fn() -> (S, M)>,
}

/// A column of the first source of a statement, and what it is set to.
#[derive(Clone, Debug)]
#[doc(hidden)]
pub struct ColumnSet {
    pub(crate) column: usize,
    pub(crate) value: Expr,
}

impl<S, M: Model> fmt::Debug for Assignment<S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Assignment({} = {:?})", <M as Source>::column(self.set.column), self.set.value)
    }
}

impl<S, M> Clone for Assignment<S, M> {
    fn clone(&self) -> Self {
        Self { set: self.set.clone(), scope: PhantomData }
    }
}

impl<M: Model, F: ColumnType> Column<M, F> {
    /// The column with what it is set to: a value, `None` for `NULL`, another column, or an expression.
    pub fn set_to<S, I>(self, value: impl Assign<S, F, I>) -> Assignment<S, M> {
        let def = &M::def().columns[self.index()];
        let value = match value.into_assigned() {
            Expr::Bind(value) => Expr::Bind(def.fitted(M::def().name, value)),
            computed => computed,
        };
        Assignment { set: ColumnSet { column: self.index(), value }, scope: PhantomData }
    }
}

/// What a column whose field is an `F` can be set to in the scope `S`; `I` is how it comes there, which the compiler finds.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::{Assign, Assignment};
/// fn aged<I>(age: impl Assign<Customer, Option<i32>, I>) -> Assignment<Customer> {
///     Customer::AGE.set_to(age)
/// }
/// let all = [aged(41), aged(None), aged(Customer::AGE), aged(Customer::AGE + 1)];
/// assert!(format!("{:?}", all[0]).starts_with("Assignment(age ="));
/// ```
#[diagnostic::on_unimplemented(
    message = "a column whose field is a `{F}` cannot be set to `{Self}`",
    label = "expected a value of that column, or an expression of `{S}`"
)]
pub trait Assign<S, F, I> {
    /// The expression; a plain value is bound.
    #[doc(hidden)]
    fn into_assigned(self) -> Expr;
}

/// An optional value of the program.
#[derive(Debug)]
#[doc(hidden)]
pub struct BoundOption;

#[diagnostic::do_not_recommend]
impl<S, T: ScalarType, F: ColumnType<Scalar = T>> Assign<S, F, Bound> for T {
    fn into_assigned(self) -> Expr {
        Expr::Bind(Param::of(&self))
    }
}

#[diagnostic::do_not_recommend]
impl<S, T: ScalarType> Assign<S, Self, BoundOption> for Option<T> {
    fn into_assigned(self) -> Expr {
        Expr::Bind(Param::of_column(self.value(), T::SQL))
    }
}

#[diagnostic::do_not_recommend]
impl<S, T: ScalarType> Assign<S, Deferred<Self>, BoundOption> for Option<T> {
    fn into_assigned(self) -> Expr {
        Expr::Bind(Param::of_column(self.value(), T::SQL))
    }
}

#[diagnostic::do_not_recommend]
impl<S, F: ColumnType<Scalar = String>> Assign<S, F, BoundText> for &str {
    fn into_assigned(self) -> Expr {
        Expr::Bind(Param::of(&self.to_owned()))
    }
}

#[diagnostic::do_not_recommend]
impl<S: Contains<M, I>, M: Source, F: ColumnType, G: ColumnType<Scalar = F::Scalar>, I>
    Assign<S, F, Placed<I>> for Column<M, G>
{
    fn into_assigned(self) -> Expr {
        placed::<S, M, I>(self.expr())
    }
}

#[diagnostic::do_not_recommend]
impl<S: Contains<M, I>, M: Source, F: ColumnType, G: ColumnType<Scalar = F::Scalar>, I>
    Assign<S, F, Placed<I>> for SqlExpr<M, G>
{
    fn into_assigned(self) -> Expr {
        placed::<S, M, I>(self.expr)
    }
}

#[diagnostic::do_not_recommend]
impl<S, F: ColumnType, G: ColumnType<Scalar = F::Scalar>> Assign<S, F, Exact> for Scoped<S, G> {
    fn into_assigned(self) -> Expr {
        self.expr
    }
}

/// What a statement sets: [assignments](Assignment), one, a tuple of up to twelve, or a list.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::{bulk::{Update, update}, query::Assignments};
/// fn change_all(changes: impl Assignments<Product>) -> Update<Product> {
///     update(select::<Product>()).set(changes)
/// }
/// let free = change_all((Product::PRICE_CENTS.set_to(0), Product::TITLE.set_to("A gift")));
/// assert!(free.to_string().starts_with(r#"UPDATE "product" SET "price_cents" = $1, "title" = $2"#));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing that a statement of `{S}` can set",
    label = "expected `Model::COLUMN.set_to(…)`, one, a tuple of up to twelve, or a list"
)]
pub trait Assignments<S>: AssignmentList<S> {
    /// All of them.
    #[doc(hidden)]
    fn all(self) -> Vec<ColumnSet>;
}

/// One implementation for all, so that the compiler has none to propose in place of the one that is missing below.
impl<S, V: AssignmentList<S>> Assignments<S> for V {
    fn all(self) -> Vec<ColumnSet> {
        let mut all = Vec::new();
        self.append_to(&mut all);
        all
    }
}

/// What makes [`Assignments`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing that a statement of `{S}` can set",
    label = "expected `Model::COLUMN.set_to(…)`, one, a tuple of up to twelve, or a list"
)]
#[doc(hidden)]
pub trait AssignmentList<S> {
    /// Appends them.
    fn append_to(self, all: &mut Vec<ColumnSet>);
}

/// The scope `T` itself: an assignment of another one is told where it stands.
#[diagnostic::on_unimplemented(
    message = "a value of `{T}` does not belong to a statement of `{Self}`",
    label = "set to a value of `{T}`"
)]
#[doc(hidden)]
pub trait SameScope<T> {}

#[diagnostic::do_not_recommend]
impl<S> SameScope<S> for S {}

/// A scope whose first source is `M`.
#[diagnostic::on_unimplemented(
    message = "a statement of `{Self}` does not set columns of `{M}`",
    label = "sets a column of `{M}`"
)]
#[doc(hidden)]
pub trait Sets<M> {}

#[diagnostic::do_not_recommend]
impl<S: Scope<Root = M>, M> Sets<M> for S {}

impl<S: SameScope<T> + Sets<M>, T, M> AssignmentList<S> for Assignment<T, M> {
    fn append_to(self, all: &mut Vec<ColumnSet>) {
        all.push(self.set);
    }
}

impl<S, A: AssignmentList<S>> AssignmentList<S> for Vec<A> {
    fn append_to(self, all: &mut Vec<ColumnSet>) {
        self.into_iter().for_each(|one| one.append_to(all));
    }
}

impl<S, A: AssignmentList<S>> AssignmentList<S> for Option<A> {
    fn append_to(self, all: &mut Vec<ColumnSet>) {
        self.into_iter().for_each(|one| one.append_to(all));
    }
}

macro_rules! tuples {
    ($($ty:ident)+) => {
        impl<S, $($ty: AssignmentList<S>),+> AssignmentList<S> for ($($ty,)+) {
            fn append_to(self, all: &mut Vec<ColumnSet>) {
                #[expect(non_snake_case, reason = "the names of the type parameters")]
                let ($($ty,)+) = self;
                $($ty.append_to(all);)+
            }
        }
    };
}
each_tuple!(tuples: A, B, C, D, E, F, G, H, J, K, L, M);
