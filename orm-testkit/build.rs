//! Finds the archive with the PostgreSQL runtime inside the package `pglite-rs-lib-<target>`.
//!
//! That package has no Rust API, and its build script does not tell where it lies, so we look where Cargo unpacks
//! packages: beside ourselves (a registry or a vendored folder), in Cargo's registry, in a `vendor` folder above.
//! `ORM_TESTKIT_RUNTIME=/path/to/pglite-runtime.tar.zst` overrides the search (for builds without Cargo's layout).
//! A missing archive is no build error: an installed PostgreSQL or a `DATABASE_URL` does as well.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

const VERSION: &str = "0.2.7";
const OVERRIDE: &str = "ORM_TESTKIT_RUNTIME";

fn main() {
    println!("cargo::rustc-check-cfg=cfg(bundled_runtime)");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={OVERRIDE}");
    if let Some(archive) = archive() {
        println!("cargo::rerun-if-changed={}", archive.display());
        println!("cargo::rustc-env=ORM_TESTKIT_ARCHIVE={}", archive.display());
        println!("cargo::rustc-cfg=bundled_runtime");
    }
}

fn archive() -> Option<PathBuf> {
    if let Some(path) = env::var_os(OVERRIDE) {
        return Some(PathBuf::from(path)).filter(|path| path.is_file());
    }
    let package = format!("pglite-rs-lib-{}", triple()?);
    let names = [format!("{package}-{VERSION}"), package];
    folders()
        .iter()
        .flat_map(|folder| names.iter().map(|name| folder.join(name)))
        .map(|package| package.join("lib").join("pglite-runtime.tar.zst"))
        .find(|archive| archive.is_file())
}

/// The triple in the package's name: one per system and processor, whatever the C library of our own target.
fn triple() -> Option<String> {
    let arch = env::var("CARGO_CFG_TARGET_ARCH").ok()?;
    let rest = match env::var("CARGO_CFG_TARGET_OS").ok()?.as_str() {
        "linux" => "unknown-linux-gnu",
        "macos" => "apple-darwin",
        "windows" => "pc-windows-gnu",
        _ => return None,
    };
    Some(format!("{arch}-{rest}"))
}

/// Folders in which Cargo may have unpacked packages.
fn folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    let manifest = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let out = env::var_os("OUT_DIR").map(PathBuf::from);
    folders.extend(manifest.as_deref().and_then(Path::parent).map(Path::to_owned));
    for home in cargo_homes() {
        folders.extend(subfolders(&home.join("registry").join("src")));
    }
    for start in [manifest, out].into_iter().flatten() {
        folders.extend(start.ancestors().map(|folder| folder.join("vendor")));
    }
    folders
}

fn cargo_homes() -> impl Iterator<Item = PathBuf> {
    let named = env::var_os("CARGO_HOME").map(PathBuf::from);
    let usual = env::home_dir().map(|home| home.join(".cargo"));
    named.into_iter().chain(usual)
}

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}
