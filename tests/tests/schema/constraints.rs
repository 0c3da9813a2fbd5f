//! Checks, indexes, EXCLUDE constraints, comments, identity columns and collations: what the models say is what the server has.

use orm_core::prelude::*;
use orm_core::schema::{ColumnDefault, IndexOf};
use orm_core::sql::text;

orm_core::declarative_base!(pub(crate) Base);

/// A room that is let.
///
/// It's one row a booking.
#[derive(Model, Clone, Debug)]
#[model(base = Base, comment, index("room", unique, where = "last IS NULL", include("guest")))]
#[model(check(name = "order", expression = "first <= last"))]
#[model(index("room", "last desc nulls last"))]
#[model(index("(lower(guest)) text_pattern_ops", name = "guest_by_prefix"))]
#[model(index("room", where = "guest <> ''"), index("room", where = "guest = ''"))]
#[model(
    index("notes jsonb_path_ops", method = "gin"),
    index("first", method = "brin", with(pages_per_range = 64, autosummarize))
)]
#[model(index("guest", "code", unique, nulls_not_distinct))]
#[model(exclude("(int8range(room, room, '[]'))" = "&&", "(int8range(first, last, '[]'))" = "&&", name = "overlap", where = "last IS NOT NULL", deferrable))]
pub(crate) struct Booking {
    #[model(primary_key, identity(always, start = 1000, increment = 10))]
    pub(crate) id: Auto<i64>,
    #[model(check = "room > 0")]
    pub(crate) room: i64,
    pub(crate) first: i64,
    pub(crate) last: Option<i64>,
    #[model(collate = "C", length = 80)]
    pub(crate) guest: String,
    pub(crate) code: Option<i32>,
    /// What the guest said, such as 'quiet'; C:\ is no comment.
    #[model(comment, default = Json::Null)]
    pub(crate) notes: Json,
    #[has_many(cascade = "all")]
    pub(crate) meals: HasMany<Meal>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub(crate) struct Meal {
    #[model(primary_key, identity = "by default")]
    pub(crate) id: Auto<i32>,
    /// Whose meal it is.
    #[belongs_to(on_delete = "cascade")]
    #[model(comment)]
    pub(crate) booking: BelongsTo<Booking>,
}

fn booking(room: i64, first: i64, last: i64) -> Booking {
    Booking::builder().room(room).first(first).last(last).guest(format!("{room}/{first}")).build()
}

#[orm_testkit::test(base = Base)]
async fn the_server_has_what_the_models_say(engine: Engine) {
    let all = async |sql: &'static str| text(sql).scalars::<String>(&engine).await.unwrap();
    let constraints = all("SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint \
         WHERE conrelid = 'booking'::regclass AND contype IN ('c', 'x') ORDER BY 1")
    .await;
    assert_eq!(
        constraints,
        [
            "ck_booking_order CHECK ((first <= last))",
            "ck_booking_room CHECK ((room > 0))",
            "ex_booking_overlap EXCLUDE USING gist (int8range(room, room, '[]'::text) WITH &&, \
             int8range(first, last, '[]'::text) WITH &&) WHERE ((last IS NOT NULL)) DEFERRABLE",
        ]
    );
    let indexes = all("SELECT replace(pg_get_indexdef(indexrelid), ' public.', ' ') FROM pg_index \
         WHERE indrelid = 'booking'::regclass AND NOT indisprimary AND NOT indisexclusion ORDER BY 1")
    .await;
    let expected = [
        "CREATE INDEX ix_booking_first ON booking USING brin (first) WITH (pages_per_range='64', autosummarize='true')",
        "CREATE INDEX ix_booking_guest_by_prefix ON booking USING btree (lower((guest)::text) text_pattern_ops)",
        "CREATE INDEX ix_booking_notes ON booking USING gin (notes jsonb_path_ops)",
        "CREATE INDEX ix_booking_room ON booking USING btree (room) WHERE ((guest)::text <> ''::text)",
        "CREATE INDEX ix_booking_room_last ON booking USING btree (room, last DESC NULLS LAST)",
        "CREATE UNIQUE INDEX uq_booking_guest_code ON booking USING btree (guest, code) NULLS NOT DISTINCT",
        "CREATE UNIQUE INDEX uq_booking_room ON booking USING btree (room) INCLUDE (guest) WHERE (last IS NULL)",
    ];
    for index in expected {
        assert!(indexes.iter().any(|other| other == index), "{index} is not one of {indexes:#?}");
    }
    assert_eq!(indexes.len(), expected.len() + 1, "two with the same columns have two names: {indexes:#?}");
    let comments = "SELECT col_description('booking'::regclass, attnum) FROM pg_attribute \
         WHERE attrelid = 'booking'::regclass AND attname = 'notes' \
         UNION ALL SELECT obj_description('booking'::regclass) \
         UNION ALL SELECT col_description('meal'::regclass, 2)";
    assert_eq!(
        all(comments).await,
        [
            r"What the guest said, such as 'quiet'; C:\ is no comment.",
            "A room that is let.\n\nIt's one row a booking.",
            "Whose meal it is."
        ]
    );
    let columns = "SELECT attname || ' ' || attidentity::text || ' ' || COALESCE(collname, '') FROM pg_attribute \
         LEFT JOIN pg_collation ON pg_collation.oid = attcollation AND collname <> 'default' \
         WHERE attrelid IN ('booking'::regclass, 'meal'::regclass) AND attname IN ('id', 'guest') ORDER BY 1";
    assert_eq!(all(columns).await, ["guest  C", "id a ", "id d "]);
}

#[test]
fn the_metadata_has_it_as_data() {
    let table = Base::metadata().unwrap().table("booking").unwrap();
    let index = table.indexes.iter().find(|index| index.name == "ix_booking_guest_by_prefix").unwrap();
    assert_eq!(index.keys[0].of, IndexOf::Expression("lower(guest)".into()));
    assert_eq!(index.keys[0].operator_class.as_deref(), Some("text_pattern_ops"));
    assert!(index.columns().is_empty() && !index.is_of_all_rows());
    let open = table.indexes.iter().find(|index| index.name == "uq_booking_room").unwrap();
    assert_eq!((open.is_unique, open.filter.as_deref()), (true, Some("last IS NULL")));
    assert_eq!((&open.include[0][..], open.is_of_all_rows()), ("guest", false));
    assert_eq!(table.exclusions[0].keys[1].key.of.text(), "int8range(first, last, '[]')");
    let Some(ColumnDefault::Identity(identity)) = table.column("id").unwrap().default else { panic!() };
    assert_eq!((identity.always, identity.start, identity.increment), (true, Some(1000), Some(10)));
    assert_eq!(table.column("guest").unwrap().collation.as_deref(), Some("C"));
}

#[orm_testkit::test(base = Base)]
async fn violations_name_the_constraint_the_table_and_the_model(engine: Engine) {
    let mut session = engine.session();
    session.add(booking(1, 3, 5));
    session.commit().await.unwrap();
    let refused = async |of: Booking| {
        let mut session = engine.session();
        session.add(of);
        session.commit().await.unwrap_err()
    };
    let error = refused(booking(0, 3, 5)).await;
    assert!(error.is_check_violation());
    assert_eq!((error.constraint(), error.model()), (Some("ck_booking_room"), Some("Booking")));
    assert_eq!((error.table(), error.column()), (Some("booking"), Some("room")));

    let error = refused(booking(2, 5, 3)).await;
    assert!(error.is_check_violation(), "{error:?}");
    assert_eq!(error.constraint(), Some("ck_booking_order"));

    let error = refused(booking(1, 5, 7)).await;
    assert!(error.is_exclusion_violation() && !error.is_unique_violation());
    assert_eq!((error.constraint(), error.model()), (Some("ex_booking_overlap"), Some("Booking")));
    assert!(error.to_string().contains("`ex_booking_overlap`"), "{error}");

    let same = Booking { guest: "1/3".into(), ..booking(7, 3, 5) };
    let error = refused(same).await;
    assert!(error.is_unique_violation(), "two codes that are NULL are the same: {error:?}");
    assert_eq!(error.columns(), ["guest", "code"]);

    let error = engine.execute_script("INSERT INTO booking (room) VALUES (1)").await.unwrap_err();
    assert!(error.is_not_null_violation());
}

#[orm_testkit::test(base = Base)]
async fn what_is_always_numbered_is_numbered_at_the_first_try(engine: Engine) {
    let mut session = engine.session();
    let before = engine.statistics().statements;
    let first = session.add(Booking { meals: [Meal::builder()].into_iter().collect(), ..booking(1, 3, 5) });
    let second = session.add(booking(2, 3, 5));
    session.commit().await.unwrap();
    let mut ids = [session[first].id.unwrap(), session[second].id.unwrap()];
    ids.sort_unstable();
    assert_eq!(ids, [1000, 1010]);
    assert!(engine.statistics().statements - before <= 6, "nothing was refused and sent again");
    let meal = engine.fetch_one(select::<Meal>()).await.unwrap();
    assert_eq!(meal.booking.key(), session[first].id.get());
    let mut third = session.bulk_save_objects_returning([booking(3, 1, 2)]).await.unwrap();
    session.commit().await.unwrap();
    assert_eq!(third.pop().unwrap().id, Auto::Set(1020));
}

#[orm_testkit::test(base = Base)]
async fn a_value_of_a_unique_index_goes_from_row_to_row(engine: Engine) {
    let mut session = engine.session();
    let pair = [(1, "Ann"), (2, "Bea")].map(|(room, guest)| Booking {
        guest: guest.into(),
        code: Some(7),
        ..booking(room, 1, 2)
    });
    let [ann, bea] = pair.map(|of| session.add(of));
    session.commit().await.unwrap();
    session[ann].guest = "Cid".into();
    session[bea].guest = "Ann".into();
    session.commit().await.unwrap();
    assert_eq!(session[bea].guest, "Ann");
}
