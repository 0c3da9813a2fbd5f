//! The members of one object's relation, as a query without a session.

use super::{Predicate, Select, select};
use crate::mapper::{DeclarativeBase, LinkKind, Mapper, Model, ModelDef, Registry, Relation};
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
        let expr = match M::Base::registry().and_then(|r| Ok((r, r.mapper(M::def())?))) {
            Ok((registry, mapper)) => members(registry, mapper, self.index(), owner),
            Err(error) => Expr::Invalid(error.to_string()),
        };
        let mut query = select::<T>().filter(Predicate::new(expr));
        if let Ok(ast) = &mut query.ast {
            let order = self.def().order_by.iter();
            ast.default_order
                .extend(order.map(|(column, descending)| sql::Order { column, descending: *descending }));
        }
        query
    }
}

fn members<M: Model>(registry: &'static Registry, mapper: &'static Mapper, at: usize, owner: &M) -> Expr {
    let link = &mapper.relations[at];
    let far = &registry.mappers()[link.target];
    match &link.kind {
        LinkKind::ToOne { columns, .. } => equal(names(far.def, &far.primary_key), owner, columns),
        LinkKind::ToMany { foreign_key } => match far.relations[*foreign_key].kind {
            LinkKind::ToOne { columns, .. } => equal(names(far.def, columns), owner, &mapper.primary_key),
            _ => unreachable!("the resolver found a foreign key"),
        },
        LinkKind::ManyToMany(association) => {
            let list =
                association.target_columns.iter().map(|c| sql::quote(c)).collect::<Vec<_>>().join(", ");
            let mut keys = sql::Select::new(&association.table, list);
            let near = association.owner_columns.iter().map(String::as_str).collect();
            keys.filter.push(equal(near, owner, &mapper.primary_key));
            Expr::InSelect { columns: names(far.def, &far.primary_key), select: Box::new(keys) }
        }
    }
}

fn names(def: &'static ModelDef, columns: &[usize]) -> Vec<&'static str> {
    columns.iter().map(|i| def.columns[*i].name).collect()
}

/// `a = $1 AND b = $2`, with what the object holds in its columns.
fn equal<M: Model>(columns: Vec<&'static str>, object: &M, own: &[usize]) -> Expr {
    let pairs = columns.into_iter().zip(own).map(|(name, column)| {
        let ColumnValue::Value(value) = object.column(*column) else { return Expr::Or(Vec::new()) };
        let (left, right) = (Box::new(Expr::Column(name)), Box::new(Expr::Bind(Param::of(value))));
        Expr::Binary { op: "=", left, right }
    });
    Expr::And(pairs.collect())
}
