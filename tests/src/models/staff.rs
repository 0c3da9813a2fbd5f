//! Inheritance: one table for what all have, and one for each kind.

use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

/// Employs people of all kinds.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Company {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What the company is called.
    pub name: String,
    /// Of all kinds.
    #[has_many(back_populates = "company", order_by = "id")]
    pub employees: HasMany<Employee>,
}

/// What all of them have.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Employee {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What the employee is called.
    pub name: String,
    /// Which kind it is.
    #[model(default = "employee", index)]
    pub kind: String,
    /// By whom it is employed.
    #[belongs_to]
    pub company: Option<BelongsTo<Company>>,
    /// The other half of a manager.
    #[has_one(back_populates = "employee")]
    pub manager: HasOne<Manager>,
}

/// Has a row in two tables.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Manager {
    /// The key, and the half that all have.
    #[model(primary_key)]
    #[belongs_to(on_delete = "cascade")]
    pub employee: BelongsTo<Employee>,
    /// In Euro.
    pub budget: i64,
    /// A relation of this kind alone.
    #[has_many(back_populates = "lead")]
    pub reports: HasMany<Engineer>,
}

/// Has a row in two tables.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Engineer {
    /// The key, and the half that all have.
    #[model(primary_key)]
    #[belongs_to(on_delete = "cascade")]
    pub employee: BelongsTo<Employee>,
    /// Of programs.
    pub language: String,
    /// Refers to one kind.
    #[belongs_to]
    pub lead: Option<BelongsTo<Manager>>,
}

/// Inherits from one that inherits: a row in three tables.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Architect {
    /// The key, and the other half.
    #[model(primary_key)]
    #[belongs_to(on_delete = "cascade")]
    pub engineer: BelongsTo<Engineer>,
    /// Of plans.
    pub plans: i32,
}

/// All kinds of employees.
#[derive(Polymorphic, Clone, Copy, Debug, PartialEq)]
#[polymorphic(base = Employee, on = "kind")]
pub enum Staff {
    /// `manager`
    Manager(Handle<Manager>),
    /// With a tag of its own.
    #[polymorphic(tag = "eng")]
    Engineer(Handle<Engineer>),
    /// `architect`
    Architect(Handle<Architect>),
    /// What is none of the others.
    #[polymorphic(base)]
    Other(Handle<Employee>),
}

/// Another view of the same rows, which does not know all kinds.
#[derive(Polymorphic, Clone, Copy, Debug, PartialEq)]
#[polymorphic(base = Employee, on = "kind")]
pub enum Boss {
    /// `manager`
    Manager(Handle<Manager>),
}

/// What registered things have alike: a mixin.
#[derive(Embedded, Clone, Debug, PartialEq)]
pub struct Registered {
    /// On the outside.
    #[model(unique)]
    pub plate: String,
    /// In kilograms.
    #[model(check = "{weight} > 0")]
    pub weight: i32,
}

/// Has a table of its own.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Car {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// Without a prefix.
    #[model(embed, prefix = "")]
    pub registered: Registered,
    /// How many.
    pub doors: i32,
    /// Who drives it.
    #[belongs_to]
    pub driver: Option<BelongsTo<Employee>>,
}

/// Has a table of its own.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Boat {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// Without a prefix.
    #[model(embed, prefix = "")]
    pub registered: Registered,
}

/// Handles over two tables without a common one.
#[derive(Polymorphic, Clone, Copy, Debug, PartialEq)]
pub enum Vehicle {
    /// A row of `car`.
    Car(Handle<Car>),
    /// A row of `boat`.
    Boat(Handle<Boat>),
}

/// Where the key of a kind is not the other half of its row.
pub mod contradictory {
    use orm_core::prelude::*;

    orm_core::declarative_base!(pub Base);

    /// What all of them have.
    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub struct Pet {
        /// Given by the database.
        #[model(primary_key)]
        pub id: Auto<i64>,
        /// Which kind it is.
        pub kind: String,
    }

    /// Refers to a pet, but is none.
    #[derive(Model, Clone, Debug)]
    #[model(base = Base)]
    pub struct Dog {
        /// Given by the database.
        #[model(primary_key)]
        pub id: Auto<i64>,
        /// Has to be the key.
        #[belongs_to]
        pub pet: BelongsTo<Pet>,
    }

    /// All kinds of pets.
    #[derive(Polymorphic, Clone, Copy, Debug)]
    #[polymorphic(base = Pet, on = "kind")]
    pub enum Animal {
        /// `dog`
        Dog(Handle<Dog>),
    }
}
