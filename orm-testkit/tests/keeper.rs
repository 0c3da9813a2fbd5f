//! The shared server comes when it is needed, is shared, and leaves nothing behind, whoever is killed.
#![cfg(unix)]

#[allow(dead_code, reason = "each test binary uses a part of it")]
mod support;

use std::fs;
use std::thread;
use std::time::Duration;

use support::{Place, User, kill9, version_of};

#[test]
fn processes_share_one_server() {
    let place = Place::new("share");
    let (one, other) = (place.user(), place.user());
    assert_eq!(one.url, other.url);
    assert_eq!(place.servers().len(), 1);
    one.end();
    thread::sleep(Duration::from_secs(3));
    version_of(&other.url).expect("the other one still uses it");
    other.end();
    place.assert_clean();
}

#[test]
fn next_test_binary_finds_the_server_of_the_last_one() {
    let place = Place::new("next");
    let first = place.user();
    let url = first.url.clone();
    first.end();
    let second = place.user();
    assert_eq!(second.url, url);
    second.end();
    place.assert_clean();
}

#[test]
fn kill_9_leaves_nothing_behind() {
    let place = Place::new("kill");
    let (one, other) = (place.user(), place.user());
    let url = one.url.clone();
    assert_eq!(place.processes().len(), 2, "a server and its keeper: {:?}", place.processes());
    one.kill9();
    other.kill9();
    place.assert_clean();
    version_of(&url).unwrap_err();
}

#[test]
fn server_without_keeper_is_replaced() {
    let place = Place::new("orphan");
    let user = place.user();
    let keeper =
        place.processes().into_iter().find(|process| process.contains("orm-testkit-keeper")).unwrap();
    kill9(keeper.split(' ').next().unwrap());
    user.kill9();
    // The keeper may have left a child of its own that reads to the end of the gate, which it has reached.
    thread::sleep(Duration::from_millis(100));
    let next = place.user();
    version_of(&next.url).unwrap();
    assert_eq!(place.servers().len(), 1, "what was left of the first one is removed");
    next.end();
    place.assert_clean();
}

#[test]
fn dead_server_is_replaced() {
    let place = Place::new("dead");
    let user = place.user();
    let file = place.servers()[0].join("data/postmaster.pid");
    kill9(fs::read_to_string(&file).unwrap().lines().next().unwrap());
    while version_of(&user.url).is_ok() {
        thread::sleep(Duration::from_millis(10));
    }
    let next = place.user();
    assert_ne!(next.url, user.url);
    version_of(&next.url).unwrap();
    drop((user, next));
    place.assert_clean();
}

#[test]
fn processes_that_start_at_once_share_one_server() {
    let place = Place::new("rush");
    let users: Vec<User> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| place.user())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(users.iter().all(|user| user.url == users[0].url));
    assert_eq!(place.servers().len(), 1);
    drop(users);
    place.assert_clean();
}

/// Users that come just when the keeper is about to end the server get one that answers, every time.
#[test]
fn users_at_the_edge_of_the_grace_get_a_server() {
    let place = Place::new("edge");
    thread::scope(|scope| {
        for lane in 0..3_u64 {
            let place = &place;
            scope.spawn(move || {
                for round in 0..3_u64 {
                    let user = place.user();
                    version_of(&user.url).unwrap();
                    thread::sleep(Duration::from_millis(100));
                    version_of(&user.url).expect("it stays as long as it is used");
                    user.kill9();
                    thread::sleep(Duration::from_millis(1990 + (lane * 3 + round) * 5));
                }
            });
        }
    });
    place.assert_clean();
}
