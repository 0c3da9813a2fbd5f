//! Every kind of key: made by the program, by the database, natural, of several columns.

use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

/// Its key is made by the program, always.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Document {
    /// Made by the program.
    #[model(primary_key)]
    pub id: Uuid,
    /// What it is about.
    pub title: String,
    /// Its pages.
    #[has_many(back_populates = "document", cascade = "all, delete-orphan", order_by = "number")]
    pub pages: HasMany<Page>,
}

/// A page of a document.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Page {
    /// Made by the program.
    #[model(primary_key)]
    pub id: Uuid,
    /// From 1.
    pub number: i32,
    /// The document.
    #[belongs_to(back_populates = "pages", on_delete = "cascade", index)]
    pub document: BelongsTo<Document>,
}

/// Its key is made by the database, unless the program sets it.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Ticket {
    /// `gen_random_uuid()`, unless it is set.
    #[model(primary_key)]
    pub id: Auto<Uuid>,
    /// What it is about.
    pub subject: String,
    /// What was said.
    #[has_many(back_populates = "ticket", cascade = "all, delete-orphan")]
    pub comments: HasMany<Comment>,
}

/// What was said on a ticket.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Comment {
    /// `gen_random_uuid()`, unless it is set.
    #[model(primary_key)]
    pub id: Auto<Uuid>,
    /// The words.
    pub text: String,
    /// The ticket.
    #[belongs_to(back_populates = "comments", on_delete = "cascade", index)]
    pub ticket: BelongsTo<Ticket>,
}

/// Its key is a natural one.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Country {
    /// As in ISO 3166.
    #[model(primary_key)]
    pub code: String,
    /// What it is called.
    pub name: String,
    /// Its cities.
    #[has_many(back_populates = "country", order_by = "name")]
    pub cities: HasMany<City>,
}

/// A city, known by its name.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct City {
    /// What it is called.
    #[model(primary_key)]
    pub name: String,
    /// The country.
    #[belongs_to(back_populates = "cities", on_delete = "cascade", index)]
    pub country: BelongsTo<Country>,
}

/// Who learns.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Student {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What the student is called.
    pub name: String,
    /// The courses.
    #[has_many(back_populates = "student", cascade = "all, delete-orphan")]
    pub enrollments: HasMany<Enrollment>,
}

/// What is taught.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Course {
    /// A natural key.
    #[model(primary_key)]
    pub code: String,
    /// What it is called.
    pub title: String,
}

/// A student in a course, with the grade: a key of two foreign keys, and a column of its own.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Enrollment {
    /// The student.
    #[model(primary_key)]
    #[belongs_to(back_populates = "enrollments", on_delete = "cascade")]
    pub student: BelongsTo<Student>,
    /// The course.
    #[model(primary_key)]
    #[belongs_to(on_delete = "cascade", index, columns("course_code"))]
    pub course: BelongsTo<Course>,
    /// None while the course goes on.
    pub grade: Option<i16>,
    /// What was said about it.
    #[has_many(back_populates = "enrollment", cascade = "all, delete-orphan")]
    pub remarks: HasMany<Remark>,
}

/// Refers to a key of two columns.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Remark {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// The words.
    pub text: String,
    /// What it is about.
    #[belongs_to(back_populates = "remarks", on_delete = "cascade", columns("student_id", "course_code"))]
    pub enrollment: BelongsTo<Enrollment>,
}
