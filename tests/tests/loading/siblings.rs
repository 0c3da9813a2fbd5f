//! What is loaded of one object is loaded of all that came with it.

use super::*;
use orm_core::sql::text;
use orm_testkit::assert_queries;

#[orm_testkit::test(base = Base)]
async fn a_loop_that_loads_takes_two_queries(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    assert_queries!(session, 2, {
        for customer in session.query::<Customer>().all().await? {
            assert_eq!(session.load(customer, Customer::CARTS).await?.len(), 3);
        }
    });
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn loops_inside_of_loops_take_one_query_a_level(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    assert_queries!(session, 3, {
        for customer in session.query::<Customer>().all().await? {
            for cart in session.load(customer, Customer::CARTS).await? {
                for product in session.load(cart, Cart::PRODUCTS).await? {
                    assert!(session[product].price_cents < 400);
                }
                assert_eq!(session.load(cart, Cart::CUSTOMER).await?, [customer]);
            }
        }
    });
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_loop_with_a_path_takes_one_query_a_relation(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    assert_queries!(session, 3, {
        for customer in session.query::<Customer>().all().await? {
            assert_eq!(session.load(customer, Customer::CARTS.then(Cart::PRODUCTS)).await?.len(), 3);
        }
    });
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn references_load_together(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    assert_queries!(session, 2, {
        for cart in session.query::<Cart>().all().await? {
            assert_eq!(session.load(cart, Cart::CUSTOMER).await?.len(), 1);
        }
    });
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_loop_with_a_condition_and_a_limit_takes_two_queries(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    assert_queries!(session, 2, {
        for customer in session.query::<Customer>().all().await? {
            let last = Customer::CARTS.filter(!invoice(3)).order_by(Cart::ID.desc()).limit(1);
            session.load(customer, last).await?;
            assert_eq!(invoices(&session, customer), ["2"]);
        }
    });
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_list_loads_just_its_own(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let customers = session.query::<Customer>().order_by(Customer::ID).all().await?;
    session.load([customers[0]], Customer::CARTS).await?;
    session.load(&customers[1..3], Customer::CARTS).await?;
    let loaded = |session: &Session| customers.iter().filter(|c| session[**c].carts.is_loaded()).count();
    assert_eq!(loaded(&session), 3);
    session.load(customers[0], Customer::CARTS).await?;
    assert_eq!(loaded(&session), 3, "nothing was missing");
    session.load(customers[9], Customer::CARTS).await?;
    assert_eq!(loaded(&session), 10);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn objects_that_came_alone_are_alone(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let mut customers = Vec::new();
    for id in 1..=3 {
        customers.push(session.get_one::<Customer>(id).await?);
    }
    session.load(customers[0], Customer::CARTS).await?;
    assert!(!session[customers[1]].carts.is_loaded());
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn the_last_result_counts(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let all = session.query::<Customer>().order_by(Customer::ID).all().await?;
    let some = session.query::<Customer>().filter(Customer::ID.le(3)).order_by(Customer::ID).all().await?;
    assert_eq!(some, all[..3]);
    session.load(some[0], Customer::CARTS).await?;
    assert_eq!(all.iter().filter(|c| session[**c].carts.is_loaded()).count(), 3);
    session.load(all[5], Customer::CARTS).await?;
    assert_eq!(all.iter().filter(|c| session[**c].carts.is_loaded()).count(), 10);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn those_that_left_or_were_deleted_are_not_missed(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let all = session.query::<Customer>().order_by(Customer::ID).all().await?;
    session.expunge(all[1])?;
    session.delete(all[2])?;
    session.flush().await?;
    session[all[3]].name = "changed".into();
    let before = session.objects::<Cart>().count();
    session.load(all[0], Customer::CARTS).await?;
    assert_eq!(session.objects::<Cart>().count() - before, 8 * 3);
    assert_eq!(session[all[3]].name, "changed");
    assert_eq!(invoices(&session, all[3]), ["1", "2", "3"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_siblings_have_changed_stays(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let all = session.query::<Customer>().order_by(Customer::ID).all().await?;
    let mut quiet = session.no_autoflush();
    quiet[all[1]].carts.push(Cart::builder().invoice("new"));
    let first = quiet.load([all[2]], Customer::CARTS).await?[0];
    quiet[all[2]].carts.remove(first);
    quiet.load(all[0], Customer::CARTS).await?;
    drop(quiet);
    session.commit().await?;
    assert_eq!(invoices(&session, all[1]).len(), 4);
    assert_eq!(invoices(&session, all[2]), ["2", "3"]);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn what_is_loaded_is_asked_for_again_only_when_it_is_stale(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let ann = session.get_one::<Customer>(1).await?;
    session.load(ann, Customer::CARTS).await?;
    let mut other = engine.session();
    let same = other.get_one::<Customer>(1).await?;
    other[same].carts.push(Cart::builder().invoice("4"));
    other.commit().await?;
    assert_queries!(session, 0, { session.load(ann, Customer::CARTS).await? });
    assert_eq!(invoices(&session, ann).len(), 3);
    session.load(ann, Customer::CARTS.populate_existing()).await?;
    assert_eq!(invoices(&session, ann).len(), 4);
    session.expire(ann)?;
    assert_queries!(session, 1, { session.load(ann, Customer::CARTS).await? });
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_reference_to_a_stale_object_is_asked_for_again(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let cart = session.query::<Cart>().filter(Cart::ID.eq(1)).with(Cart::CUSTOMER).one().await?;
    engine.execute_script("UPDATE customer SET name = 'renamed'").await?;
    session.load(cart, Cart::CUSTOMER).await?;
    assert_eq!(session.at(cart).related(Cart::CUSTOMER)?.name, "c01");
    session.expire_all();
    session.load(cart, Cart::CUSTOMER).await?;
    assert_eq!(session.at(cart).related(Cart::CUSTOMER)?.name, "renamed");
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn asking_again_is_about_the_named_object_alone(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let all = session.query::<Customer>().order_by(Customer::ID).with(Customer::CARTS).all().await?;
    engine.execute_script("UPDATE cart SET invoice = 'x' || invoice").await?;
    session.load(all[0], Customer::CARTS.populate_existing()).await?;
    let first = |customer: usize| {
        session.at(all[customer]).related(Customer::CARTS).unwrap().next().unwrap().invoice.clone()
    };
    assert_eq!((first(0), first(1)), (Some("x1/1".into()), Some("2/1".into())));
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_key_that_was_changed_and_not_saved_still_finds_its_members(
    engine: Engine,
) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let mut quiet = session.no_autoflush();
    let ann = quiet.get_one::<Customer>(1).await?;
    quiet[ann].id = Auto::Set(1_000);
    assert_eq!(quiet.load([ann], Customer::CARTS).await?.len(), 3);
    assert_eq!(quiet.related(ann, Customer::CARTS).count().await?, 3);
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_session_that_reads_the_same_again_and_again_remembers_it_once(
    engine: Engine,
) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    for _ in 0..100 {
        session.query::<Customer>().all().await?;
    }
    let one = session.query::<Customer>().limit(1).all().await?[0];
    session.load(one, Customer::CARTS).await?;
    assert_eq!(session.objects::<Cart>().count(), 30, "one row alone leaves its object with its siblings");
    Ok(())
}

/// A loop over all customers and one over all their carts, whose owners are stale: one query each.
async fn loops_over_stale_objects(session: &mut Session, all: &[Handle<Customer>]) -> orm_core::Result<()> {
    assert_queries!(session, 1, {
        for customer in all {
            assert_eq!(session.load(*customer, Customer::CARTS).await?.len(), 3);
        }
    });
    assert_queries!(session, 0, {
        session.load(all, Customer::CARTS).await?;
        for customer in all {
            session.load(*customer, Customer::CARTS).await?;
        }
    });
    let carts = session.load(all, Customer::CARTS).await?;
    assert_queries!(session, 1, {
        for cart in &carts {
            assert_eq!(session.load(*cart, Cart::PRODUCTS).await?.len(), 3);
        }
    });
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_loop_over_stale_objects_asks_once(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let path = || Customer::CARTS.then(Cart::PRODUCTS);
    let mut session = engine.session();
    let all = session.query::<Customer>().order_by(Customer::ID).with(path()).all().await?;
    session.expire_all();
    loops_over_stale_objects(&mut session, &all).await?;
    // What is stale again is asked for again.
    session.expire_all();
    loops_over_stale_objects(&mut session, &all).await?;
    session.expire(all[3])?;
    assert_queries!(session, 1, { session.load(all[3], Customer::CARTS).await? });
    assert_queries!(session, 0, { session.load(all[3], Customer::CARTS).await? });

    // The next commit makes everything stale.
    let mut session = orm_core::SessionMaker::new(&engine).expire_on_commit(true).session();
    let all = session.query::<Customer>().order_by(Customer::ID).with(path()).all().await?;
    session[all[0]].name = "renamed".into();
    session.commit().await?;
    loops_over_stale_objects(&mut session, &all).await?;

    // What was read behind a write is not trusted after the rollback, and neither is what was loaded of stale objects.
    let mut session = engine.session();
    session.execute(orm_core::sql::text("UPDATE customer SET age = 7")).await?;
    let all = session.query::<Customer>().order_by(Customer::ID).with(path()).all().await?;
    session.rollback().await?;
    loops_over_stale_objects(&mut session, &all).await?;
    session.expire_all();
    session.execute(orm_core::sql::text("DELETE FROM cart WHERE invoice LIKE '%/1'")).await?;
    assert_eq!(session.load(all[0], Customer::CARTS).await?.len(), 2);
    session.rollback().await?;
    loops_over_stale_objects(&mut session, &all).await?;

    // A new criterion.
    session.restrict::<Cart>(Cart::INVOICE.is_not_null());
    loops_over_stale_objects(&mut session, &all).await
}

#[orm_testkit::test(base = Base)]
async fn references_of_stale_objects_are_asked_for_once(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    let carts = session.query::<Cart>().order_by(Cart::ID).with(Cart::CUSTOMER).all().await?;
    session.expire_all();
    session.restrict::<Customer>(Customer::NAME.ne("c01")); // those of three carts are not seen any more, and stay stale
    for _ in 0..2 {
        assert_queries!(session, 1, {
            for cart in &carts {
                session.load(*cart, Cart::CUSTOMER).await?;
            }
        });
        session.expire_all();
    }
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn rows_of_text_and_of_pages_load_together(engine: Engine) -> orm_core::Result<()> {
    shop(&engine).await?;
    let mut session = engine.session();
    assert_queries!(session, 2, {
        for customer in session.models::<Customer>(text("SELECT * FROM customer")).await? {
            assert_eq!(session.load(customer, Customer::CARTS).await?.len(), 3);
        }
    });
    let mut session = engine.session();
    assert_queries!(session, 2, {
        let page = session.query::<Customer>().order_by(Customer::ID).page_after(None, 4).await?;
        assert_eq!(page.rows.len(), 4);
        for customer in page.rows {
            assert_eq!(session.load(customer, Customer::CARTS).await?.len(), 3);
        }
    });
    Ok(())
}

#[orm_testkit::test(base = Base)]
async fn a_shop_of_any_size_takes_three_queries(engine: Engine) -> orm_core::Result<()> {
    let mut session = engine.session();
    let products: Vec<_> = (0..500_i64)
        .map(|n| session.add(Product::builder().sku(n.to_string()).title("Tea").price_cents(n)))
        .collect();
    for n in 0..1_000_usize {
        let carts = [0, 1].map(|cart| {
            let links = (0..5).map(|link| products[((2 * n + cart) * 7 + link * 13) % products.len()]);
            Cart::builder().products(links)
        });
        session.add(Customer::builder().name("c").email(n.to_string()).carts(carts));
    }
    session.commit().await?;
    let mut session = engine.session();
    assert_queries!(session, 3, {
        let path = Customer::CARTS.then(Cart::PRODUCTS);
        let customers = session.query::<Customer>().with(path).all().await?;
        let carts = session.each(&customers).flat_map(|customer| customer.related(Customer::CARTS).unwrap());
        let links: Vec<usize> = carts.map(|cart| cart.related(Cart::PRODUCTS).unwrap().len()).collect();
        assert_eq!((customers.len(), links.len(), links.iter().sum::<usize>()), (1_000, 2_000, 10_000));
    });
    Ok(())
}
