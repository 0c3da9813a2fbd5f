//! The members of one object's relation, as a query without a session.

use crate::mapper::{DeclarativeBase, Mapper, Model, Object, Paired, Pairing, Registry, Relation};
use crate::query::{Predicate, Select, select};
use crate::sql::{self, Expr, Param};
use crate::types::ColumnValue;

impl<M: Model, T: Model, A> Relation<M, T, A> {
    /// The objects at the other end of `owner`'s relation, as a query: filter, order and fetch it like any
    /// other.
    ///
    /// An owner without a key, and a foreign key that points nowhere, have none.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # orm_core::declarative_base!(pub Base);
    /// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
    /// # pub struct Customer {
    /// #     #[model(primary_key)] pub id: Auto<i64>, #[has_many] pub carts: HasMany<Cart>,
    /// # }
    /// # #[derive(Model, Clone, Debug)] #[model(base = Base)]
    /// # pub struct Cart {
    /// #     #[model(primary_key)] pub id: Auto<i64>, #[belongs_to] pub customer: BelongsTo<Customer>,
    /// # }
    /// let ann = Customer::builder().id(7).build();
    /// let newest = Customer::CARTS.of(&ann).order_by(Cart::ID.desc()).limit(3);
    /// assert_eq!(
    ///     newest.to_string(),
    ///     r#"SELECT "id", "customer_id" FROM "cart" WHERE "customer_id" = $1 ORDER BY "id" DESC LIMIT $2"#
    /// );
    /// ```
    pub fn of(self, owner: &M) -> Select<T> {
        let (expr, order) = match M::Base::registry().and_then(|r| Ok((r, r.mapper(M::def())?))) {
            Ok((registry, mapper)) => {
                (members(registry, mapper, self.index(), owner), mapper.relations[self.index()].order_by)
            }
            Err(error) => (Expr::Invalid(error.to_string()), &[][..]),
        };
        select::<T>().filter(Predicate::new(expr)).in_order_of(order)
    }
}

/// The condition on the members of one object.
pub(crate) fn members(
    registry: &'static Registry,
    mapper: &'static Mapper,
    relation: usize,
    owner: &dyn Object,
) -> Expr {
    let belongs = match Pairing::of(registry, mapper, relation) {
        Pairing::Direct(pairs) => {
            equal(owner, pairs.into_iter().map(|(member, column)| (member.name, column)))
        }
        Pairing::Through { association, owner: ours, member } => {
            let list: Vec<&'static str> = member.iter().map(|(_, column)| *column).collect();
            let mut keys = sql::Select::new(association.table, list);
            keys.filter.push(equal(owner, ours.into_iter()));
            let columns = member.iter().map(|(member, _)| member.name).collect();
            Expr::InSelect { columns, select: Box::new(keys) }
        }
    };
    match mapper.relations[relation].filter() {
        Some(filter) => Expr::And(vec![belongs, filter]),
        None => belongs,
    }
}

/// `a = $1 AND b = $2`, with what the object holds in its columns.
fn equal(object: &dyn Object, pairs: impl Iterator<Item = (&'static str, Paired)>) -> Expr {
    let equal = pairs.map(|(name, column)| {
        let ColumnValue::Value(value) = object.column(column.column) else { return Expr::Or(Vec::new()) };
        let (left, right) = (Box::new(Expr::Column(name)), Box::new(Expr::Bind(Param::of(value))));
        Expr::Binary { op: "=", left, right }
    });
    Expr::And(equal.collect())
}
