//! Every form of setter, and every form of key.
#![deny(warnings)]

use orm_core::mapper::ReferentialAction;
use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Place {
    #[model(primary_key)]
    row: i16,
    #[model(primary_key)]
    seat: String,
    #[model(default = 1 + 1)]
    stars: i32,
    #[model(default = "EUR", length = 3, check = "currency <> ''")]
    currency: String,
    #[model(default = Some(5))]
    floor: Option<i32>,
    build: bool,
    maybe_floor: Option<String>,
    #[has_one(back_populates = "place")]
    ticket: HasOne<Ticket>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Ticket {
    #[model(primary_key, server_default = "gen_random_uuid()")]
    id: Auto<Uuid>,
    #[belongs_to(columns("place_row", "place_seat"), on_delete = "set null", unique, index)]
    place: Option<BelongsTo<Place>>,
    #[model(references = "ticket.id", on_delete = "cascade", on_update = "restrict")]
    instead_of: Option<Uuid>,
    #[belongs_to(column = "parent", index)]
    parent_ticket: Option<BelongsTo<Ticket>>,
    #[many_to_many(secondary = Visit, back_populates = "tickets")]
    guests: ManyToMany<Guest>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
struct Guest {
    #[model(primary_key)]
    name: String,
    #[many_to_many(secondary = "visit", order_by = "id, parent desc")]
    tickets: ManyToMany<Ticket>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base, unique("ticket_id", "guest_name"))]
struct Visit {
    #[belongs_to(on_delete = "cascade")]
    #[model(primary_key)]
    ticket: BelongsTo<Ticket>,
    #[belongs_to(column = "guest_name")]
    #[model(primary_key, comment = "who came")]
    guest: BelongsTo<Guest>,
    #[belongs_to(columns("place_row", "place_seat"))]
    #[model(primary_key)]
    place: BelongsTo<Place>,
}

fn main() {
    let ticket = Ticket::builder().guests([Guest::builder().name("Ann")]).maybe_instead_of(None);
    let place = Place::builder().seat("12a").row(3).build(true).ticket(ticket.clone()).floor(7);
    let copy = place.clone();
    assert_eq!(format!("{place:?}"), "PlaceBuilder { .. }");
    let place = orm_core::mapper::IntoModel::into_model(place);
    assert_eq!((place.stars, &*place.currency, place.floor), (2, "EUR", Some(7)));
    assert_eq!(place.key(), Some((3, "12a".to_owned())));
    let other =
        Ticket::builder().id(Uuid::nil()).place_key((1, "b".to_owned())).parent_ticket(ticket).build();
    assert_eq!(other.place.as_ref().and_then(|p| p.key().cloned()), Some((1, "b".to_owned())));
    let third = Ticket::builder().place(copy).instead_of(Uuid::nil()).build();
    assert_eq!(third.key(), None);

    let key: Option<(Uuid, String, i16, String)> =
        Visit::builder().ticket_key(Uuid::nil()).guest_key("Bo").place_key((1, "c".to_owned())).build().key();
    assert_eq!(key, Some((Uuid::nil(), "Bo".to_owned(), 1, "c".to_owned())));

    let def = Ticket::def();
    let names: Vec<&str> = def.columns.iter().map(|c| c.name).collect();
    assert_eq!(names, ["id", "place_row", "place_seat", "instead_of", "parent"]);
    assert!(def.columns[1].nullable && def.columns[4].index && !def.columns[1].unique);
    let references = def.columns[3].references.expect("a foreign key");
    assert_eq!((references.table.name, references.on_delete), ("ticket", ReferentialAction::Cascade));
    assert_eq!(
        format!("{:?}", def.constraints),
        r#"[Unique(["place_row", "place_seat"]), Index(["place_row", "place_seat"])]"#
    );
    assert_eq!(Guest::def().relations[0].order_by, [("id", false), ("parent", true)]);
    assert_eq!(
        format!("{:?} {:?}", Ticket::PLACE_SEAT, Ticket::PARENT_TICKET),
        "ticket.place_seat Ticket::parent_ticket"
    );
    Base::metadata().expect("the models fit each other");
}
