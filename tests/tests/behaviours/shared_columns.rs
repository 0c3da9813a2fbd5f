//! Foreign keys that share a column with a field: the tenant of a row and of all that it refers to.

use orm_core::ErrorKind;
use orm_core::prelude::*;
use orm_core::sql::text;
use orm_tests::models::tenants::{Address, Base, Customer, Note, Order, OrderTag, Product, Tag, Tenant};

/// Two tenants, a customer and a product of each, and an order of the first.
struct Shop {
    session: Session,
    customers: [Handle<Customer>; 2],
    products: [Handle<Product>; 2],
    order: Handle<Order>,
}

async fn shop(engine: &Engine) -> orm_core::Result<Shop> {
    let mut session = engine.session();
    let tenants = ["north", "south"].map(|name| session.add(Tenant::builder().name(name)));
    let customers = tenants.map(|tenant| session.add(Customer::builder().tenant(tenant).id(7).name("Ann")));
    session.commit().await?;
    let products = [1, 2].map(|tenant| session.add(Product::builder().tenant_id(tenant).id(3).title("Tea")));
    let order = session.add(Order::builder().tenant_id(1).id(1).customer(customers[0]).product(products[0]));
    session.commit().await?;
    Ok(Shop { session, customers, products, order })
}

async fn ask(engine: &Engine, sql: &'static str) -> String {
    engine.session().scalar::<String>(text(sql)).await.unwrap().unwrap_or_default()
}

const ORDERS: &str = "SELECT string_agg(concat_ws(',', tenant_id, id, customer_id, product_id, replaces_id), ' ' ORDER BY \
                      tenant_id, id) FROM \"order\"";

#[orm_testkit::test(base = Base)]
async fn the_column_is_in_the_table_once(engine: Engine) -> orm_core::Result<()> {
    let order = Base::metadata()?.table("order").unwrap();
    let names: Vec<&str> = order.columns.iter().map(|column| &column.name[..]).collect();
    assert_eq!(names, ["tenant_id", "id", "customer_id", "product_id", "replaces_id"]);
    let keys: Vec<String> = order.foreign_keys.iter().map(|key| key.columns.join("+")).collect();
    assert_eq!(keys, ["tenant_id+customer_id", "tenant_id+product_id", "tenant_id+replaces_id"]);
    assert_eq!(order.foreign_keys[0].set_columns, [""; 0]);
    assert_eq!(order.foreign_keys[1].set_columns, ["product_id"]);
    let sql = "SELECT string_agg(pg_get_constraintdef(oid), '; ' ORDER BY conname) FROM pg_constraint \
               WHERE conrelid = '\"order\"'::regclass AND contype = 'f' AND confdeltype = 'n'";
    let expected = "FOREIGN KEY (tenant_id, product_id) REFERENCES product(tenant_id, id) ON DELETE SET NULL (product_id)";
    assert_eq!(ask(&engine, sql).await, expected);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn rows_are_written_read_and_loaded_by_both_columns(engine: Engine) -> orm_core::Result<()> {
    let shop = shop(&engine).await?;
    assert_eq!(ask(&engine, ORDERS).await, "1,1,7,3");
    assert_eq!(shop.session[shop.order].customer.key(), Some(&(1, 7)));

    let mut other = engine.session();
    let order = other.get_one::<Order>((1, 1)).await?;
    assert_eq!(
        (other[order].customer.key(), other[order].product.as_ref().unwrap().key()),
        (Some(&(1, 7)), Some(&(1, 3)))
    );
    other.load(order, Order::CUSTOMER.then(Customer::TENANT)).await?;
    other.load(order, Order::PRODUCT).await?;
    assert_eq!(other.at(order).related(Order::PRODUCT)?.unwrap().title, "Tea");
    let customer = other.get_one::<Customer>((1, 7)).await?;
    assert_eq!(other.at(customer).related(Customer::TENANT)?.name, "north");

    for path in [Customer::ORDERS.select_in(), Customer::ORDERS.joined(), Customer::ORDERS.subquery()] {
        let mut other = engine.session();
        let all = other.query::<Customer>().order_by(Customer::TENANT_ID).with(path).all().await?;
        let counts = all.iter().map(|one| other.at(*one).related(Customer::ORDERS).unwrap().count());
        assert_eq!(counts.collect::<Vec<_>>(), [1, 0], "customers of the other tenant have the same number");
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn conditions_compare_both_columns(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let of_ann = session.query::<Customer>().filter(Customer::ORDERS.any(Order::ID.eq(1))).all().await?;
    assert_eq!(of_ann.len(), 1);
    assert_eq!(session[of_ann[0]].tenant.key(), Some(&1));
    let tea = Order::PRODUCT.has(Product::TITLE.eq("Tea")) & Order::CUSTOMER.has(Customer::TENANT_ID.eq(2));
    assert_eq!(session.query::<Order>().filter(tea).count().await?, 0);
    let none = session.query::<Product>().filter(!Product::ORDERS.any(Order::ID.gt(0))).all().await?;
    assert_eq!(session[none[0]].tenant_id, 2);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_target_of_another_tenant_is_refused(engine: Engine) -> orm_core::Result<()> {
    let mut shop = shop(&engine).await?;
    let (session, order) = (&mut shop.session, shop.order);
    session[order].product = shop.products[1].into();
    let error = session.commit().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.model(), error.column()),
        (ErrorKind::Contradiction, Some("Order"), Some("tenant_id"))
    );
    assert_eq!(
        error.to_string(),
        "`tenant_id` of Order(1, 1) is 1, and its `product` is a `Product` of 2: they share the column \"tenant_id\", so set \
         `tenant_id` to 2, or take another `Product`"
    );
    session.rollback().await?;
    session.add(Order::builder().tenant_id(2).id(1).customer_key((1, 7)));
    assert_eq!(session.flush().await.unwrap_err().kind(), ErrorKind::Contradiction);
    session.rollback().await?;
    assert_eq!(ask(&engine, ORDERS).await, "1,1,7,3", "nothing was sent");

    // Without a session, too.
    let mut wrong = Order::builder().tenant_id(2).id(9).customer_key((1, 7)).build();
    assert_eq!(wrong.insert(&engine).await.unwrap_err().kind(), ErrorKind::Contradiction);
    let saved = session.bulk_save_objects(vec![wrong]).await;
    assert_eq!(saved.unwrap_err().kind(), ErrorKind::Contradiction);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_new_target_whose_tenant_is_made_in_the_flush_is_compared_then(
    engine: Engine,
) -> orm_core::Result<()> {
    let mut session = engine.session();
    let tenant = session.add(Tenant::builder().id(5).name("west"));
    let customer = session.add(Customer::builder().tenant(tenant).id(1).name("Bea"));
    session.add(Order::builder().tenant_id(5).id(1).customer(customer));
    session.commit().await?;
    let new = session.add(Tenant::builder().name("made"));
    let customer = session.add(Customer::builder().tenant(new).id(1).name("Cem"));
    session.add(Order::builder().tenant_id(5).id(2).customer(customer));
    let error = session.commit().await.unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::Contradiction, Some("tenant_id")));
    session.rollback().await?;
    assert_eq!(ask(&engine, ORDERS).await, "5,1,1");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn both_sides_agree_and_a_member_goes_without_its_tenant(engine: Engine) -> orm_core::Result<()> {
    let mut shop = shop(&engine).await?;
    let (session, order) = (&mut shop.session, shop.order);
    let tea = shop.products[0];
    session.load(tea, Product::ORDERS).await?;
    let second = Order::builder().tenant_id(1).id(2).customer(shop.customers[0]);
    session[tea].orders.push(second);
    session.commit().await?;
    assert_eq!(ask(&engine, ORDERS).await, "1,1,7,3 1,2,7,3");
    session[tea].orders.remove(order);
    session.commit().await?;
    assert_eq!(ask(&engine, ORDERS).await, "1,1,7 1,2,7,3", "the tenant stays");
    assert_eq!((session[order].tenant_id, session[order].product.is_none()), (1, true));
    let rest = session[tea].orders.handles().and_then(|mut all| all.next()).unwrap();
    session.unlink(tea, Product::ORDERS, rest)?;
    session.commit().await?;
    assert_eq!(ask(&engine, ORDERS).await, "1,1,7 1,2,7");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_deleted_target_leaves_the_tenant(engine: Engine) -> orm_core::Result<()> {
    let mut shop = shop(&engine).await?;
    shop.session.delete(shop.products[0])?;
    shop.session.commit().await?;
    assert_eq!(ask(&engine, ORDERS).await, "1,1,7");
    assert!(shop.session[shop.order].product.is_none());

    // By the database alone.
    let tea = shop.session.add(Product::builder().tenant_id(1).id(4).title("Tea"));
    shop.session[shop.order].product = tea.into();
    shop.session.commit().await?;
    let mut other = engine.session();
    other.execute(text("DELETE FROM product")).await?;
    other.commit().await?;
    assert_eq!(ask(&engine, ORDERS).await, "1,1,7");
    shop.session.delete(shop.customers[0])?;
    shop.session.commit().await?;
    assert_eq!(ask(&engine, ORDERS).await, "", "orders go with their customers");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_circle_is_cut_at_the_columns_of_the_reference(engine: Engine) -> orm_core::Result<()> {
    let mut shop = shop(&engine).await?;
    let session = &mut shop.session;
    let order = |id: i64| Order::builder().tenant_id(1).id(id).customer_key((1, 7));
    let two = session.add(order(2));
    let three = session.add(order(3).replaces(two));
    session[two].replaces = three.into();
    session.commit().await?;
    assert_eq!(ask(&engine, ORDERS).await, "1,1,7,3 1,2,7,3 1,3,7,2");
    session.delete(two)?;
    session.delete(three)?;
    session.commit().await?;
    assert_eq!(ask(&engine, ORDERS).await, "1,1,7,3");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_circle_of_tables_is_cut_at_the_columns_of_the_reference(engine: Engine) -> orm_core::Result<()> {
    let mut shop = shop(&engine).await?;
    let (session, [ann, _]) = (&mut shop.session, shop.customers);
    let home = session.add(Address::builder().tenant_id(1).id(4).city("Lima"));
    session[ann].address = home.into();
    session.commit().await?;
    let found =
        session.query::<Customer>().filter(Customer::ADDRESS.has(Address::CITY.eq("Lima"))).all().await?;
    assert_eq!(found, [ann], "the column is that of another relation");
    session.delete(home)?;
    session.commit().await?;
    assert!(session[ann].address.is_none() && session[ann].tenant.key() == Some(&1));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn an_association_model_has_the_column_once(engine: Engine) -> orm_core::Result<()> {
    let mut shop = shop(&engine).await?;
    let (session, order) = (&mut shop.session, shop.order);
    let [gift, other] =
        [1, 2].map(|tenant| session.add(Tag::builder().tenant_id(tenant).id("gift".to_owned())));
    session.load(order, Order::TAGS).await?;
    session[order].tags.push(gift);
    session.commit().await?;
    let rows = "SELECT string_agg(concat_ws(',', tenant_id, order_id, tag_id), ' ') FROM order_tag";
    assert_eq!(ask(&engine, rows).await, "1,1,gift");
    let mut reader = engine.session();
    let all = reader.query::<Tag>().order_by(Tag::TENANT_ID).with(Tag::ORDERS).all().await?;
    let counts = all.iter().map(|tag| reader.at(*tag).related(Tag::ORDERS).unwrap().count());
    assert_eq!(counts.collect::<Vec<_>>(), [1, 0]);

    session[order].tags.push(other);
    let error = session.commit().await.unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::Contradiction, Some("tenant_id")), "{error}");
    session.rollback().await?;
    session.load(order, Order::TAGS.populate_existing()).await?;
    session[order].tags.remove(gift);
    session.commit().await?;
    assert_eq!(ask(&engine, rows).await, "");
    session.add(OrderTag::builder().tenant_id(1).order(order).tag(gift));
    session.commit().await?;
    assert_eq!(ask(&engine, rows).await, "1,1,gift");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_tenant_that_nobody_set_is_that_of_the_target(engine: Engine) -> orm_core::Result<()> {
    let mut shop = shop(&engine).await?;
    let session = &mut shop.session;
    let own = session.add(Note::builder().text("calls").customer(shop.customers[1]));
    let by_default = session.add(Note::builder().text("alone"));
    session.commit().await?;
    assert_eq!((session[own].tenant_id, session[by_default].tenant_id), (Auto::Set(2), Auto::Set(99)));
    let mut one = Note::builder().text("writes").customer_key((1, 7)).build();
    one.insert(&engine).await?;
    assert_eq!(one.tenant_id, Auto::Set(1));
    let rows = "SELECT string_agg(concat_ws(',', tenant_id, customer_id, text), ' ' ORDER BY id) FROM note";
    assert_eq!(ask(&engine, rows).await, "2,7,calls 99,alone 1,7,writes");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn tenant_and_target_change_together(engine: Engine) -> orm_core::Result<()> {
    let mut shop = shop(&engine).await?;
    let session = &mut shop.session;
    let note = session.add(Note::builder().text("calls").customer(shop.customers[0]));
    session.commit().await?;
    session[note].tenant_id = Auto::Set(2);
    assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::Contradiction);
    session.rollback().await?;
    session[note].tenant_id = Auto::Set(2);
    session[note].customer = shop.customers[1].into();
    session.commit().await?;
    let rows = "SELECT string_agg(concat_ws(',', tenant_id, customer_id), ' ') FROM note";
    assert_eq!(ask(&engine, rows).await, "2,7");

    // By query: the object follows, and its reference with it.
    session.query::<Note>().set(Note::TENANT_ID, 1).update().await?;
    let seen = &session[note];
    assert_eq!((seen.tenant_id, seen.customer.as_ref().unwrap().key()), (Auto::Set(1), Some(&(1, 7))));
    session[note].text = "again".into();
    session.commit().await?;
    assert_eq!(ask(&engine, rows).await, "1,7");

    // And by merge.
    let mut detached = session[note].clone();
    (detached.tenant_id, detached.customer) = (Auto::Set(2), Some(BelongsTo::key_of((2, 7))));
    let merged = session.merge(detached).await?;
    session.commit().await?;
    assert_eq!((merged, &ask(&engine, rows).await[..]), (note, "2,7"));
    Ok(())
}
