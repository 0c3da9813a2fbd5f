//! A type that implements `ScalarType` by hand: stored, loaded, compared and ordered like any other.

use bytes::BytesMut;
use orm_core::ErrorKind;
use orm_core::bulk::{copy_in, update};
use orm_core::prelude::*;
use orm_core::types::{KeyScalar, SqlType, WireError};
use std::net::Ipv4Addr;
use tokio_postgres::types::Type;

orm_core::declarative_base!(pub(crate) Base);

/// A `bigint` of the database. The one of all zeros has no binary form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Address(Ipv4Addr);

impl orm_core::types::ScalarType for Address {
    const SQL: SqlType = SqlType::BigInt;

    fn to_wire(&self, out: &mut BytesMut) -> Result<(), WireError> {
        match u32::from(self.0) {
            0 => Err("no address".into()),
            number => i64::from(number).to_wire(out),
        }
    }

    fn from_wire(ty: &Type, raw: &[u8]) -> Result<Self, WireError> {
        Ok(Self(u32::try_from(i64::from_wire(ty, raw)?)?.into()))
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn to_json(&self) -> Json {
        self.0.to_string().into()
    }
}

impl KeyScalar for Address {}

#[derive(Model, Clone, Debug, PartialEq)]
#[model(base = Base)]
pub(crate) struct Host {
    #[model(primary_key)]
    pub(crate) address: Address,
    pub(crate) gateway: Option<Address>,
    pub(crate) peers: Vec<Address>,
    pub(crate) routes: Option<Vec<Option<Address>>>,
}

#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub(crate) struct Login {
    #[model(primary_key)]
    pub(crate) id: Auto<i64>,
    #[belongs_to]
    pub(crate) host: BelongsTo<Host>,
}

const EDGES: [u32; 6] = [1, 0x7fff_ffff, 0x8000_0000, 0xc0a8_0001, u32::MAX - 1, u32::MAX];

fn address(n: usize) -> Address {
    Address(EDGES[n % EDGES.len()].into())
}

fn host(n: usize) -> Host {
    Host {
        address: address(n),
        gateway: n.is_multiple_of(2).then(|| address(n + 1)),
        peers: (0..n).map(address).collect(),
        routes: (n != 1).then(|| vec![None, Some(address(n))]),
    }
}

async fn hosts(engine: &Engine) -> Vec<Host> {
    engine.fetch_all(select::<Host>().order_by(Host::ADDRESS)).await.unwrap()
}

#[orm_testkit::test(base = Base)]
async fn alone_in_batches_and_by_copy(engine: Engine) {
    let all: Vec<Host> = (0..EDGES.len()).map(host).collect();
    for host in &all {
        host.clone().insert(&engine).await.unwrap();
    }
    assert_eq!(hosts(&engine).await, all);
    engine.execute_script("DELETE FROM host").await.unwrap();
    let mut session = engine.session();
    session.add_all(all.clone());
    session.commit().await.unwrap();
    assert_eq!(hosts(&engine).await, all);
    engine.execute_script("DELETE FROM host").await.unwrap();
    copy_in(all.clone()).execute(&engine).await.unwrap();
    assert_eq!(hosts(&engine).await, all);
}

#[orm_testkit::test(base = Base)]
async fn keys_changes_and_queries(engine: Engine) {
    let mut session = engine.session();
    let added = session.add_all((0..EDGES.len()).map(host));
    session.add(Login::builder().host(added[3]));
    session.commit().await.unwrap();
    assert_eq!(session.get::<Host>(address(3)).await.unwrap(), Some(added[3]));
    session[added[0]].gateway = host(0).gateway;
    assert!(!session.is_modified(added[0]).unwrap());
    session[added[0]].gateway = None;
    session[added[1]].peers.push(address(5));
    session.commit().await.unwrap();
    let found = hosts(&engine).await;
    assert_eq!((found[0].gateway, &found[1].peers[..]), (None, &[address(0), address(5)][..]));

    let high = select::<Host>().filter(Host::ADDRESS.ge(address(2)) & Host::GATEWAY.is_null());
    let high = high.order_by(Host::ADDRESS.desc()).columns(Host::ADDRESS);
    assert_eq!(engine.fetch_all(high).await.unwrap(), [address(5), address(3)]);
    let some = Host::ADDRESS.in_any([address(1), address(4)]) & Host::PEERS.ne(vec![address(0)]);
    assert_eq!(engine.count(select::<Host>().filter(some)).await.unwrap(), 2);
    assert_eq!(engine.count(select::<Login>().filter(Login::HOST_ID.eq(address(3)))).await.unwrap(), 1);
    let high = select::<Host>().filter(Host::ADDRESS.eq(address(4)));
    let set = update(high).set(Host::GATEWAY.set_to(Some(address(2))));
    assert_eq!(set.execute(&engine).await.unwrap(), 1);
    assert_eq!(hosts(&engine).await[4].gateway, Some(address(2)));
}

#[orm_testkit::test(base = Base)]
async fn what_the_type_refuses_is_an_error_that_names_the_column(engine: Engine) {
    let nobody = Address(0.into());
    let error = Host { gateway: Some(nobody), ..host(0) }.insert(&engine).await.unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::Encode, Some("gateway")), "{error}");
    let mut session = engine.session();
    session.add_all([host(0), Host { peers: vec![address(1), nobody], ..host(1) }]);
    let error = session.commit().await.unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::Encode, Some("peers")), "{error}");
    host(0).insert(&engine).await.unwrap();
    engine.execute_script("UPDATE host SET gateway = -1").await.unwrap();
    let error = engine.fetch_all(select::<Host>()).await.unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::Decode, Some("gateway")), "{error}");
}

#[orm_testkit::test(base = Base)]
async fn a_value_of_a_condition_that_is_refused_names_the_column(engine: Engine) {
    let nobody = Address(0.into());
    orm_core::alias!(Other = Host);
    for (condition, column) in [
        (Host::GATEWAY.eq(nobody), "gateway"),
        (Host::ADDRESS.in_any([address(1), nobody]), "address"),
        (Host::PEERS.ne(vec![nobody]), "peers"),
        (Host::ADDRESS.between(address(1), nobody) & Host::GATEWAY.is_null(), "address"),
        (!Host::GATEWAY.is_distinct_from(nobody) | Host::PEERS.is_null(), "gateway"),
    ] {
        let error = engine.count(select::<Host>().filter(condition)).await.unwrap_err();
        assert_eq!((error.kind(), error.column()), (ErrorKind::Encode, Some(column)), "{error}");
        let told = error.to_string();
        assert!(told.contains(&format!(", for `{column}`,")) && told.ends_with("no address"), "{told}");
    }
    let on = Host::GATEWAY.from(Other).gt(nobody);
    let error = engine.count(select::<Host>().join_on::<Other>(on)).await.unwrap_err();
    assert_eq!(error.column(), Some("gateway"), "{error}");
    let error = engine.count(select::<Login>().filter(Login::HOST_ID.eq(nobody))).await.unwrap_err();
    assert_eq!(error.column(), Some("host_id"), "{error}");
    // Of no column is known where none stands beside the value.
    let answer = orm_core::sql!("SELECT {}", nobody).fetch::<(i64,)>(&engine).await.unwrap_err();
    assert_eq!((answer.kind(), answer.column()), (ErrorKind::Encode, None), "{answer}");
}
