//! The code that users should be able to write: models, a graph in one commit, a web handler, walking what is loaded,
//! rows without a session, a test of their own. Inside `tokio::spawn` and as a handler of axum too.

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use orm_core::ErrorKind;
use orm_core::prelude::{
    Auto, Engine, Handle, Model as _, Record as _, Session, WritableRecord as _, columns, select,
};
use orm_testkit::assert_queries;
use serde_json::{Value, json};
use shop_models::models::{Base, Cart, CartProduct, Customer, Product};
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use tower::ServiceExt as _;

/// Models and a builder.
#[orm_testkit::test(base = Base)]
async fn nothing_required_can_be_forgotten(engine: Engine) {
    let mut session = engine.session();
    let ann = session.add(Customer::builder().name("Ann").email("ann@example.org"));
    session.commit().await.unwrap();
    assert!(session[ann].id.is_set() && session[ann].created_at.is_set());
    assert_eq!(session[ann].age, None);
    let literal = Customer {
        id: Auto::Unset,
        name: "Bea".into(),
        email: "bea@example.org".into(),
        age: Some(3),
        created_at: Auto::Unset,
        carts: [Cart::builder()].into_iter().collect(),
    };
    let bea = session.add(literal);
    session.commit().await.unwrap();
    assert_eq!(session.at(bea).related(Customer::CARTS).unwrap().len(), 1);
}

/// A graph in one commit.
async fn graph(engine: Engine) -> orm_core::Result<(i64, u64, u64)> {
    let mut session = engine.session();
    let before = engine.statistics().round_trips;
    let tea = session.add(Product::builder().sku("T-1").title("Tea").price_cents(390));
    let ann = session.add(
        Customer::builder()
            .name("Ann")
            .email("ann@example.org")
            .carts([Cart::builder().products([tea]), Cart::builder()]),
    );
    session.commit().await?; // two round trips, whatever the size of the graph
    assert!(session[ann].id.is_set());
    let graph = engine.statistics().round_trips - before;

    session[ann].age = Some(41); // one column in one UPDATE
    session.commit().await?; // one round trip
    let update = engine.statistics().round_trips - before - graph;
    Ok((session[ann].id.unwrap(), graph, update))
}

#[orm_testkit::test(base = Base)]
async fn a_graph_in_one_commit(engine: Engine) {
    let (id, first, second) = graph(engine.clone()).await.unwrap();
    assert_eq!((first, second), (2, 1));
    assert_eq!(Customer::find(&engine, id).await.unwrap().unwrap().age, Some(41));
    assert_eq!(select::<CartProduct>().count(&engine).await.unwrap(), 1);
}

#[orm_testkit::test(base = Base)]
async fn everything_can_be_spawned(engine: Engine) {
    tokio::spawn(graph(engine.clone())).await.unwrap().unwrap();
    let walked = tokio::spawn({
        let engine = engine.clone();
        async move { walk(&engine).await }
    });
    assert_eq!(walked.await.unwrap().unwrap(), [("Ann".to_owned(), 390), ("Ann".to_owned(), 0)]);
    // A session moves between tasks with what it has not written.
    let mut session = engine.session();
    let bea = session.add(Customer::builder().name("Bea").email("bea@x"));
    let session = tokio::spawn(async move {
        session.flush().await?;
        Ok::<_, orm_core::Error>(session)
    });
    let mut session = session.await.unwrap().unwrap();
    assert!(session.in_transaction() && session[bea].id.is_set());
    session.commit().await.unwrap();
}

/// A web handler.
async fn put_into_cart(
    State(engine): State<Engine>,
    Path((cart, sku)): Path<(i64, String)>,
) -> Result<Json<Value>, AppError> {
    let mut session = engine.session();
    let cart = session.get::<Cart>(cart).await?.ok_or(AppError::NotFound)?;
    let product = session.query::<Product>().filter(Product::SKU.eq(&sku)).one().await?;
    session[cart].products.push(product); // not loaded? still right: one link row is added
    session.commit().await?;
    session.load(cart, Cart::PRODUCTS).await?;
    Ok(Json(session.at(cart).to_json(Cart::PRODUCTS)?))
}

enum AppError {
    NotFound,
    Orm(orm_core::Error),
}

impl From<orm_core::Error> for AppError {
    fn from(error: orm_core::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound => Self::NotFound,
            _ => Self::Orm(error),
        }
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND.into_response(),
            Self::Orm(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
        }
    }
}

/// The handler behind its route, on a shop with one cart and two products.
async fn web(engine: &Engine) -> Router {
    let mut session = engine.session();
    session.add(Customer::builder().name("Ann").email("a@x").carts([Cart::builder()]));
    for sku in ["T-1", "T-2"] {
        session.add(Product::builder().sku(sku).title("Tea").price_cents(390));
    }
    session.commit().await.unwrap();
    Router::new().route("/carts/{cart}/{sku}", post(put_into_cart)).with_state(engine.clone())
}

fn request(path: &str) -> Request<Body> {
    Request::post(path).body(Body::empty()).unwrap()
}

async fn body(response: Response) -> Value {
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[orm_testkit::test(base = Base)]
async fn a_handler_puts_a_product_into_a_cart(engine: Engine) {
    let app = web(&engine).await;
    for expected in [json!(["T-1"]), json!(["T-1"])] {
        let response = app.clone().oneshot(request("/carts/1/T-1")).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let cart = body(response).await;
        assert_eq!((&cart["id"], &cart["customer_id"]), (&json!(1), &json!(1)));
        let skus: Value = cart["products"].as_array().unwrap().iter().map(|p| p["sku"].clone()).collect();
        assert_eq!(skus, expected, "twice is once");
    }
    for path in ["/carts/2/T-1", "/carts/1/none"] {
        let response = app.clone().oneshot(request(path)).await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
    }
    assert_eq!(select::<CartProduct>().count(&engine).await.unwrap(), 1);
}

/// Polls a future so many times at most, then drops it.
async fn poll_times<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut done = 0;
    poll_fn(|cx| {
        done += 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if done == polls => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// A client that hangs up in the middle leaves the database whole and the pool clean.
#[orm_testkit::test(base = Base)]
async fn a_client_may_hang_up(engine: Engine) {
    let app = web(&engine).await;
    let mut dropped = 0;
    for polls in 1.. {
        let request = app.clone().oneshot(request("/carts/1/T-2"));
        let finished = poll_times(request, polls).await;
        if let Some(response) = finished {
            assert_eq!(response.unwrap().status(), StatusCode::OK);
            break;
        }
        dropped += 1;
        // All connections of the pool, at once.
        let all = (0..10).map(|_| engine.connection());
        for connection in futures_util::future::try_join_all(all).await.unwrap() {
            assert!(!connection.in_transaction());
        }
    }
    assert!(dropped >= 4, "get, query, commit and load each wait at least once: {dropped}");
    assert_eq!(select::<CartProduct>().count(&engine).await.unwrap(), 1);
}

/// Walking what is loaded.
async fn walk(engine: &Engine) -> orm_core::Result<Vec<(String, i64)>> {
    let mut session = engine.session();
    let best: Vec<Handle<Customer>> = session
        .query::<Customer>()
        .filter(Customer::AGE.ge(18) & Customer::CARTS.any(Cart::PRODUCTS.any(Product::PRICE_CENTS.gt(100))))
        .order_by((Customer::NAME, Customer::ID.desc()))
        .with(Customer::CARTS.then(Cart::PRODUCTS))
        .limit(20)
        .all()
        .await?;

    let mut found = Vec::new();
    for customer in session.each(&best) {
        for cart in customer.related(Customer::CARTS)? {
            let total: i64 = cart.related(Cart::PRODUCTS)?.map(|p| p.price_cents).sum();
            found.push((customer.name.clone(), total));
        }
    }
    Ok(found)
}

#[orm_testkit::test(base = Base)]
async fn walking_needs_no_more_statements(engine: Engine) {
    graph(engine.clone()).await.unwrap();
    let mut other = engine.session();
    let tea = other.query::<Product>().one().await.unwrap();
    let cart = Cart::builder().products([tea]);
    other.add(Customer::builder().name("too young").email("y@x").age(17).carts([cart]));
    other.add(Customer::builder().name("without carts").email("w@x").age(70));
    other.commit().await.unwrap();
    let found = assert_queries!(engine, 3, { walk(&engine).await.unwrap() });
    assert_eq!(found, [("Ann".to_owned(), 390), ("Ann".to_owned(), 0)]);
}

/// Without a session.
#[orm_testkit::test(base = Base)]
async fn without_a_session(engine: Engine) {
    graph(engine.clone()).await.unwrap();
    let mut bea = Customer::builder().name("Bea").email("b@x").build();
    bea.insert(&engine).await.unwrap();
    let names: Vec<(i64, String)> = engine
        .fetch_all(columns((Customer::ID, Customer::NAME)).filter(Customer::AGE.is_null()))
        .await
        .unwrap();
    assert_eq!(names, [(2, "Bea".to_owned())]);
    let all: Vec<Customer> = engine.fetch_all(select::<Customer>()).await.unwrap();
    assert_eq!(all.len(), 2);
    let mut ann = Customer::find(&engine, 1).await.unwrap().unwrap();
    ann.name.push('e');
    ann.update(&engine).await.unwrap();
    assert_eq!(Customer::find(&engine, 1).await.unwrap().unwrap().name, "Anne");
    bea.delete(&engine).await.unwrap();
    assert_eq!(Customer::find(&engine, 2).await.unwrap().map(|c| c.name), None);
}

/// A test of the program's own.
#[orm_testkit::test(base = Base)]
async fn carts_are_counted(engine: Engine) {
    let mut session: Session = engine.session();
    let ann = session.add(Customer::builder().name("Ann").email("a@x").carts([Cart::builder()]));
    session.commit().await.unwrap();
    assert_queries!(session, 1, {
        assert_eq!(session.load(ann, Customer::CARTS).await.unwrap().len(), 1);
        assert_eq!(session.query::<Cart>().count().await.unwrap(), 1);
    });
    assert!(session[ann].key().is_some());
}
