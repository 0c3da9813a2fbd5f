//! Two tables that refer to each other.

use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

/// A part of a company.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Department {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it is called.
    pub name: String,
    /// Who leads it, when that is known: the side of the circle that can be `NULL` first.
    #[belongs_to]
    pub head: Option<BelongsTo<Employee>>,
    /// Who works in it.
    #[has_many(back_populates = "department", order_by = "id")]
    pub employees: HasMany<Employee>,
}

/// Somebody who works in a department.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Employee {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What the employee is called.
    pub name: String,
    /// Where.
    #[belongs_to(back_populates = "employees")]
    pub department: BelongsTo<Department>,
}
