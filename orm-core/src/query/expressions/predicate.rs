//! Conditions on a model.

use crate::mapper::{DeclarativeBase, Mapper, Model, Pairing, Registry, Relation, Source, arity};
use crate::query::scope::{Contains, placed};
use crate::sql::{Exists, Expr, Through};
use std::marker::PhantomData;
use std::ops::{BitAnd, BitOr, Not};

/// A condition on rows of model `M`; `&`, `|` and `!` combine conditions.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// let adults = Customer::AGE.ge(18) & !Customer::NAME.eq("Ann");
/// let query = select::<Customer>().filter(adults | Customer::AGE.is_null());
/// assert!(query.to_string().ends_with(r#"WHERE ("age" >= $1 AND NOT ("name" = $2)) OR "age" IS NULL"#));
/// ```
///
/// What columns and relations can be asked:
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # let tea = Product::builder().sku("T-1").title("Tea").price_cents(390);
/// # let ann = Customer::builder().name("Ann").email("ann@example.org").age(41);
/// # session.add(ann.carts([Cart::builder().products([tea])]));
/// # session.add(Customer::builder().name("Bea").email("bea@example.org"));
/// # session.commit().await?;
/// let by = async |filter| engine.fetch_all(columns(Customer::NAME).filter(filter).order_by(Customer::ID)).await;
/// assert_eq!(by(Customer::AGE.eq(41)).await?, ["Ann"]);
/// assert_eq!(by(Customer::AGE.gt(40) & Customer::AGE.ge(41)).await?, ["Ann"]);
/// assert_eq!(by(Customer::AGE.lt(42) & Customer::AGE.le(41)).await?, ["Ann"]);
/// assert!(by(Customer::AGE.ne(41)).await?.is_empty()); // Bea's age is `NULL`: neither equal nor not
/// assert_eq!(by(Customer::AGE.is_null()).await?, ["Bea"]);
/// assert_eq!(by(Customer::AGE.is_not_null()).await?, ["Ann"]);
/// assert_eq!(by(Customer::NAME.in_any(["Ann", "Bea", "Cem"])).await?, ["Ann", "Bea"]);
/// assert_eq!(by(Customer::NAME.like("A%") | Customer::EMAIL.ilike("BEA@%")).await?, ["Ann", "Bea"]);
/// assert_eq!(by(Customer::CARTS.any(Cart::PRODUCTS.any(Product::SKU.eq("T-1")))).await?, ["Ann"]);
/// assert_eq!(by(Customer::CARTS.is_empty()).await?, ["Bea"]);
/// let carts = select::<Cart>().filter(Cart::CUSTOMER.has(Customer::NAME.eq("Ann")));
/// assert_eq!(carts.count(&engine).await?, 1);
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a condition does nothing before it is a filter of a query"]
pub struct Predicate<M> {
    pub(crate) expr: Expr,
    model: PhantomData<fn() -> M>,
}

impl<M> Predicate<M> {
    pub(crate) fn new(expr: Expr) -> Self {
        Self { expr, model: PhantomData }
    }
}

impl<M> Clone for Predicate<M> {
    fn clone(&self) -> Self {
        Self::new(self.expr.clone())
    }
}

/// A condition that a query of `M` accepts.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::query::Filter;
/// async fn number_of<M: Model>(engine: &Engine, filter: impl Filter<M>) -> orm_core::Result<i64> {
///     engine.count(select::<M>().filter(filter)).await
/// }
/// assert_eq!(number_of::<Customer>(&engine, Customer::AGE.ge(18)).await?, 0);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no condition on `{M}`, which this query selects",
    label = "a condition on something else",
    note = "on a related model: through the relation, `{M}::RELATION.any(…)` or `.has(…)`; on aggregates: `.group_by(keys).having(|keys| …)`"
)]
pub trait Filter<M> {
    /// The condition.
    fn into_predicate(self) -> Predicate<M>;
}

impl<M> Filter<M> for Predicate<M> {
    fn into_predicate(self) -> Self {
        self
    }
}

/// A condition that is only sometimes asked; without it all rows meet it.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// let (name, least_age): (Option<&str>, Option<i32>) = (None, Some(18)); // of a form
/// let found = columns(Customer::ID)
///     .filter(name.map(|name| Customer::NAME.eq(name)))
///     .filter(least_age.map(|age| Customer::AGE.ge(age)));
/// assert!(found.to_string().ends_with(r#"FROM "customer" WHERE "age" >= $1"#));
/// ```
impl<S, F: Filter<S>> Filter<S> for Option<F> {
    fn into_predicate(self) -> Predicate<S> {
        self.map_or_else(|| Predicate::new(Expr::And(Vec::new())), Filter::into_predicate)
    }
}

/// Conditions that all have to be met; none is met by all rows.
impl<S, F: Filter<S>> Filter<S> for Vec<F> {
    fn into_predicate(self) -> Predicate<S> {
        Predicate::all(self)
    }
}

impl<S> Predicate<S> {
    /// Whether all conditions of a list are met; those of an empty one are.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::Customer;
    /// let words = ["ann", "example"];
    /// let all = Predicate::all(words.map(|word| Customer::EMAIL.like(format!("%{word}%"))));
    /// let query = columns(Customer::ID).filter(all);
    /// assert!(query.to_string().ends_with(r#"WHERE "email" LIKE $1 AND "email" LIKE $2"#));
    /// ```
    pub fn all<F: Filter<S>>(conditions: impl IntoIterator<Item = F>) -> Self {
        let parts = conditions.into_iter().map(|condition| condition.into_predicate().expr);
        Self::new(Expr::And(parts.collect()))
    }

    /// Whether one condition of a list is met; that of an empty one is not.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::Customer;
    /// let any = Predicate::any([Customer::AGE.is_null(), Customer::AGE.lt(18)]);
    /// let query = columns(Customer::ID).filter(any);
    /// assert!(query.to_string().ends_with(r#"WHERE "age" IS NULL OR "age" < $1"#));
    /// ```
    pub fn any<F: Filter<S>>(conditions: impl IntoIterator<Item = F>) -> Self {
        let parts = conditions.into_iter().map(|condition| condition.into_predicate().expr);
        Self::new(Expr::Or(parts.collect()))
    }
}

impl<M, R: Filter<M>> BitAnd<R> for Predicate<M> {
    type Output = Self;
    fn bitand(self, other: R) -> Self {
        let other = other.into_predicate().expr;
        Self::new(match self.expr {
            Expr::And(mut parts) => {
                parts.push(other);
                Expr::And(parts)
            }
            expr => Expr::And(vec![expr, other]),
        })
    }
}

impl<M, R: Filter<M>> BitOr<R> for Predicate<M> {
    type Output = Self;
    fn bitor(self, other: R) -> Self {
        let other = other.into_predicate().expr;
        Self::new(match self.expr {
            Expr::Or(mut parts) => {
                parts.push(other);
                Expr::Or(parts)
            }
            expr => Expr::Or(vec![expr, other]),
        })
    }
}

impl<M> Not for Predicate<M> {
    type Output = Self;
    fn not(self) -> Self {
        Self::new(Expr::Not(Box::new(self.expr)))
    }
}

impl<M: Source> Predicate<M> {
    /// The condition on a row of `M`, in the scope of a query that reads more.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # use shop_models::models::{Cart, Customer};
    /// fn grown_up() -> Predicate<Customer> {
    ///     Customer::AGE.ge(18)
    /// }
    /// let carts = select::<Cart>().join(Cart::CUSTOMER).filter(grown_up().within());
    /// assert!(carts.to_string().ends_with(r#"WHERE "customer"."age" >= $1"#));
    /// ```
    pub fn within<S: Contains<M, I>, I>(self) -> Predicate<S> {
        Predicate::new(placed::<S, M, I>(self.expr))
    }
}

impl<M: Model, T: Model> Relation<M, T, arity::Many> {
    /// Whether a member meets the condition.
    pub fn any<S: Contains<M, I>, I>(self, filter: impl Filter<T>) -> Predicate<S> {
        exists(self, Some(filter.into_predicate().expr))
    }

    /// Whether there is no member.
    pub fn is_empty<S: Contains<M, I>, I>(self) -> Predicate<S> {
        !exists(self, None)
    }
}

macro_rules! has {
    ($arity:ty) => {
        impl<M: Model, T: Model> Relation<M, T, $arity> {
            /// Whether the related object meets the condition.
            pub fn has<S: Contains<M, I>, I>(self, filter: impl Filter<T>) -> Predicate<S> {
                exists(self, Some(filter.into_predicate().expr))
            }
        }
    };
}
has!(arity::One);
has!(arity::Optional);

fn exists<S: Contains<M, I>, M: Model, T: Model, A, I>(
    relation: Relation<M, T, A>,
    filter: Option<Expr>,
) -> Predicate<S> {
    let resolved = M::Base::registry().and_then(|registry| {
        let mapper = registry.mapper(M::def())?;
        Ok((registry, mapper))
    });
    let (registry, mapper) = match resolved {
        Ok(both) => both,
        Err(error) => return Predicate::new(Expr::Invalid(error.to_string())),
    };
    Predicate::new(placed::<S, M, I>(exists_in(registry, mapper, relation.index(), filter)))
}

/// Whether a row has a member that meets the condition.
pub(crate) fn exists_in(
    registry: &'static Registry,
    mapper: &'static Mapper,
    relation: usize,
    filter: Option<Expr>,
) -> Expr {
    let far = &registry.mappers()[mapper.relations[relation].target];
    let (on, through) = match Pairing::of(registry, mapper, relation) {
        Pairing::Direct(pairs) => (
            pairs.iter().map(|(member, owner)| (member.name.to_owned(), owner.name.to_owned())).collect(),
            None,
        ),
        Pairing::Through { association, owner, member } => {
            let on = owner.iter().map(|(own, owner)| ((*own).to_owned(), owner.name.to_owned())).collect();
            let through = Through { table: association.table, on, filter: None };
            (
                member.iter().map(|(member, own)| (member.name.to_owned(), (*own).to_owned())).collect(),
                Some(through),
            )
        }
    };
    let filter = match (mapper.relations[relation].filter(), filter) {
        (Some(shown), Some(filter)) => Some(Expr::And(vec![shown, filter])),
        (shown, filter) => shown.or(filter),
    };
    Expr::Exists(Box::new(Exists { table: far.def.table, through, on, filter, limit: None, offset: None }))
}
