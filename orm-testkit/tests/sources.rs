//! Every source of a PostgreSQL works, as root and as an ordinary user.
#![cfg(unix)]

#[allow(dead_code, reason = "each test binary uses a part of it")]
mod support;

use std::os::unix::process::CommandExt as _;
use std::process::Command;

use orm_testkit::{Cluster, Server};
use support::{Place, User, version_of};

#[track_caller]
fn check(name: &str, set_up: impl Fn(&mut Command), expected_version: impl Fn(&str) -> bool) {
    let place = Place::new(name);
    let mut command = place.command();
    set_up(&mut command);
    let user = User::start(command);
    let version = version_of(&user.url).unwrap();
    assert!(expected_version(&version), "{version}");
    user.end();
    place.assert_clean();
}

fn is_bundled(version: &str) -> bool {
    version == "17.5"
}

#[test]
fn bundled_is_17_5() {
    let bundled = |command: &mut Command| {
        command.env("ORM_TESTKIT_POSTGRES", "bundled");
    };
    check("bundled", bundled, is_bundled);
}

#[test]
fn bundled_needs_no_path() {
    let bundled = |command: &mut Command| {
        command.env("ORM_TESTKIT_POSTGRES", "bundled").env("PATH", "/nonexistent");
    };
    check("nopath", bundled, is_bundled);
}

/// With a `PATH` that lacks it, because on Debian the server's programs are not on it.
#[test]
fn installed_comes_before_bundled() {
    let versions = std::fs::read_dir("/usr/lib/postgresql");
    let installed = versions.is_ok_and(|mut versions| versions.next().is_some());
    let plain = |command: &mut Command| {
        command.env("PATH", "/usr/bin:/bin").env_remove("ORM_TESTKIT_POSTGRES");
    };
    check("usual", plain, |version| is_bundled(version) != installed);
}

#[test]
fn ordinary_user_without_a_home_can_run_it() {
    let nobody = |command: &mut Command| {
        command.env("ORM_TESTKIT_POSTGRES", "bundled").env("HOME", "/nonexistent");
        command.env_remove("XDG_CACHE_HOME");
        if is_root() {
            command.uid(65534).gid(65534);
        }
    };
    check("nobody", nobody, is_bundled);
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout.starts_with(b"0\n")
}

#[test]
fn url_is_used_as_it_is() {
    let cluster = Cluster::private().unwrap();
    let place = Place::new("url");
    let mut command = place.command();
    command.env("DATABASE_URL", cluster.url("elsewhere"));
    let user = User::start(command);
    assert_eq!(user.url, cluster.url("elsewhere"));
    assert!(place.servers().is_empty(), "no server is started");
}

#[test]
fn missing_source_is_an_error_that_helps() {
    #[track_caller]
    fn check(choice: &str, url: &str, expected: &str) {
        let place = Place::new("error");
        let mut command = place.command();
        command.env("ORM_TESTKIT_POSTGRES", choice).env("DATABASE_URL", url);
        let output = command.output().unwrap();
        assert!(!output.status.success());
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains(expected), "{message}");
    }
    check("url", "", "`apt install postgresql`");
    check("docker", "", "ORM_TESTKIT_POSTGRES is `docker`, expected one of");
    check("", "mysql://localhost", "DATABASE_URL is no URL of the form");
}

#[test]
fn shared_server_answers_in_this_process() {
    version_of(Server::shared().unwrap().admin_url()).unwrap();
}
