pub enum Role {
    Manager { budget: i64, level: Option<i32> },
    #[model(tag = "eng")]
    Engineer { level: Option<i32> },
    Living(#[model(embed)] Geo),
    Guest(BelongsTo<Person>),
    Intern,
}
