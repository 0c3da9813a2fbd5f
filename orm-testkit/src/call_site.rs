//! Which line of a program is at work, read from a stack.

/// Crates whose functions stand between a program and the server.
const LIBRARIES: [&str; 12] = [
    "orm_core",
    "orm_testkit",
    "std",
    "core",
    "alloc",
    "tokio",
    "tokio_postgres",
    "futures_util",
    "futures_core",
    "futures_channel",
    "bb8",
    "tracing",
];

/// Folders of their sources: what the compiler inlined has lost the name of its crate.
const FOLDERS: [&str; 4] = ["/rustc/", "/library/core/src/", "/registry/src/", "/orm-core/src/"];

/// The innermost place outside of the libraries, as `file:line:column`.
pub(crate) fn call_site(backtrace: &str) -> Option<String> {
    let mut lines = backtrace.lines().map(str::trim).peekable();
    while let Some(line) = lines.next() {
        let Some(place) = lines.next_if(|line| line.starts_with("at ")) else { continue };
        let function = line.split_once(": ").filter(|(number, _)| number.parse::<u32>().is_ok());
        let place = &place["at ".len()..];
        let is_inlined = FOLDERS.iter().any(|folder| place.contains(folder));
        if !is_inlined && !is_of_libraries(function.map_or(line, |(_, function)| function)) {
            return Some(place.to_owned());
        }
    }
    None
}

/// Whether a function is of a library, or implements a trait of one: `core::f`, `<T as core::Trait>::f`.
fn is_of_libraries(function: &str) -> bool {
    let parts = function.trim_start_matches('<').split(" as ");
    let crates = parts.map(|part| part.trim_start_matches(['<', '&', '*']).split("::").next());
    crates.flatten().any(|name| LIBRARIES.contains(&name) || name == "__rustc")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_place_outside_of_the_libraries() {
        let stack = "   0: orm_testkit::count::Recorder::start::{{closure}}
             at /orm-testkit/src/count.rs:1:1
      for_each<alloc::sync::Arc<T>>
             at /rustc/5980/library/core/src/slice/iter/macros.rs:301:21
   1: <orm_core::engine::Engine as orm_core::Executor>::run::{{closure}}
             at /orm-core/src/engine/executor.rs:1:1
   2: <shop::Customer as orm_core::record::Record>::find::{{closure}}
             at /orm-core/src/record.rs:1:1
      orm_core::session::query::<impl orm_core::session::Session>::get::{{closure}}
             at /orm-core/src/session/query.rs:1:1
   3: shop::without_debug_information
   4: shop::carts_of::{{closure}}
             at ./src/carts.rs:33:59
   5: shop::main::{{closure}}
             at ./src/main.rs:7:3";
        assert_eq!(call_site(stack).as_deref(), Some("./src/carts.rs:33:59"));
        assert_eq!(call_site("   0: core::f\n      at /x.rs:1:1\n   1: shop::main"), None);
    }
}
