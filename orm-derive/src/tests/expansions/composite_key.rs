#[model(base = Base)]
struct Ticket {
    #[model(primary_key)]
    #[belongs_to(columns("hall", "seat"), unique)]
    place: BelongsTo<Place>,
    #[model(primary_key)]
    day: NaiveDate,
}
