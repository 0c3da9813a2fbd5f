//! UNION, INTERSECT and EXCEPT.

use super::given::Given;
use super::values::Together;
use crate::mapper::Source;
use crate::query::{Select, Standalone};
use crate::sql::{Derived, Query, Rows, SetOperator};

/// Two queries whose rows are one result. They give rows of one type, and what they give together is a query of those: its filter, order and
/// limit are about all rows, those of the two about their own. Columns of models and [`Row`](super::Row)s have their names in it, values
/// and tuples have [positions](Select::by_position).
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Cart, Customer, Product};
/// #[derive(Row, Clone, Debug, PartialEq)]
/// struct Word {
///     text: String,
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # let mut session = engine.session();
/// # session.add_all(["Ann", "Bea"].map(|name| Customer::builder().name(name).email(format!("{name}@example.org"))));
/// # session.add_all(["Ann", "Tea"].map(|title| Product::builder().sku(title).title(title).price_cents(390)));
/// # session.commit().await?;
/// let names = || columns(WordColumns { text: Customer::NAME });
/// let titles = || columns(WordColumns { text: Product::TITLE });
/// let texts = async |query: orm_core::query::Select<Word>| {
///     let rows = engine.fetch_all(query.order_by(Word::TEXT).columns(Word::TEXT)).await;
///     rows.map(|texts| texts.join(" "))
/// };
/// assert_eq!(texts(names().union(titles())).await?, "Ann Bea Tea");
/// assert_eq!(texts(names().union_all(titles())).await?, "Ann Ann Bea Tea");
/// assert_eq!(texts(names().intersect(titles())).await?, "Ann");
/// assert_eq!(texts(names().union_all(titles()).intersect_all(names().union_all(names()))).await?, "Ann Ann Bea");
/// assert_eq!(texts(names().except(titles())).await?, "Bea");
/// assert_eq!(texts(names().union_all(titles()).except_all(names())).await?, "Ann Tea");
/// // They nest as they are called, and are filtered, limited, joined and grouped like tables.
/// let all = names().union(titles().except(names())).filter(Word::TEXT.ne("Bea")).limit(1);
/// assert_eq!(texts(all).await?, "Ann");
///
/// // Values without names.
/// let words = columns(Customer::NAME).union(columns(Product::TITLE));
/// let words = words.by_position(|words, word| words.order_by(word.desc()).limit(2));
/// assert_eq!(words.fetch_all(&engine).await?, ["Tea", "Bea"]);
/// let both = columns(Customer::NAME).intersect(columns(Product::TITLE));
/// assert_eq!(select::<Product>().filter(Product::TITLE.in_query(both)).count(&engine).await?, 1);
/// # Ok(()) }
/// ```
///
/// Queries that give other types do not compile:
///
/// ```compile_fail
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Customer, Product};
/// let wrong = select::<Customer>().union(select::<Product>());
/// ```
impl<S: Standalone, R> Select<S, R> {
    /// The rows of both, equal ones once.
    pub fn union<T: Standalone, I>(self, other: Select<T, R>) -> Select<R::Source, R>
    where
        R: Together<I>,
    {
        self.set(SetOperator::Union, other)
    }

    /// The rows of both.
    pub fn union_all<T: Standalone, I>(self, other: Select<T, R>) -> Select<R::Source, R>
    where
        R: Together<I>,
    {
        self.set(SetOperator::UnionAll, other)
    }

    /// The rows that both have, once.
    pub fn intersect<T: Standalone, I>(self, other: Select<T, R>) -> Select<R::Source, R>
    where
        R: Together<I>,
    {
        self.set(SetOperator::Intersect, other)
    }

    /// The rows that both have, as often as the one that has them less often.
    pub fn intersect_all<T: Standalone, I>(self, other: Select<T, R>) -> Select<R::Source, R>
    where
        R: Together<I>,
    {
        self.set(SetOperator::IntersectAll, other)
    }

    /// The rows that the other one does not have, once.
    pub fn except<T: Standalone, I>(self, other: Select<T, R>) -> Select<R::Source, R>
    where
        R: Together<I>,
    {
        self.set(SetOperator::Except, other)
    }

    /// The rows without those of the other one, each as often as it is left.
    pub fn except_all<T: Standalone, I>(self, other: Select<T, R>) -> Select<R::Source, R>
    where
        R: Together<I>,
    {
        self.set(SetOperator::ExceptAll, other)
    }

    fn set<T, I>(self, op: SetOperator, other: Select<T, R>) -> Select<R::Source, R>
    where
        R: Together<I>,
    {
        let base = self.base().or_else(|| other.base());
        let decode = R::reading(&self);
        let both = R::parts(self).and_then(|left| Ok((left, R::parts(other)?)));
        let given = match both {
            Ok(((left, columns, layout), (right, others, _))) if columns == others => {
                let rows = Rows::Query(Query::Set { op, left: Box::new(left), right: Box::new(right) });
                let derived = Ok(Derived { rows, columns, lateral: false });
                Given { derived, layout, base, decode }
            }
            Ok(_) => Given::wrong(
                decode,
                format!(
                    "two queries of `{}` that read other columns of it give no rows together",
                    R::Source::name()
                ),
            ),
            Err(why) => Given::wrong(decode, why),
        };
        Select::of_rows(given)
    }
}
