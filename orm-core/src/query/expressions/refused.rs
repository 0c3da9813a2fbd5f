//! Calls that mean nothing, so that the compiler says why, and what to write, in place of "no method".

use crate::error::Result;
use crate::mapper::Relation;
use crate::query::{Grouped, Predicate, Windowed};
use std::future::Ready;

/// A scope whose conditions can ask window functions: there is none.
#[diagnostic::on_unimplemented(
    message = "a condition cannot ask a window function, whose value the database computes after the conditions",
    label = "select it into a `#[derive(Row)]` struct, and filter the rows of `select_from(…)`"
)]
#[doc(hidden)]
pub trait AsksWindows {}

/// A model that is compared as a value: there is none.
#[diagnostic::on_unimplemented(
    message = "a relation to `{Self}` is no value that can be compared",
    label = "compare its column, `…_ID.eq(key)`, or ask of its rows, with `.has(…)` or `.any(…)`"
)]
#[doc(hidden)]
pub trait ComparedAsValue {}

// The bounds are those of the methods: one of the implementation would only be a reason that there is no such method.
macro_rules! refused {
    ([$($generics:tt)*] $ty:ty, $bound:tt -> $scope:ty) => {
        impl<$($generics)*> $ty {
            refused!(@with $bound -> $scope: eq ne lt le gt ge in_any not_in);
            refused!(@alone $bound -> $scope: is_null is_not_null);
        }
    };
    (@with $bound:tt -> $scope:ty: $($name:ident)*) => {
        $(refused!(@method $bound -> $scope: $name(_: impl Sized));)*
    };
    (@alone $bound:tt -> $scope:ty: $($name:ident)*) => {
        $(refused!(@method $bound -> $scope: $name());)*
    };
    (@method [$($bound:tt)*] -> $scope:ty: $name:ident($($value:tt)*)) => {
        #[doc(hidden)]
        pub fn $name(self, $($value)*) -> Predicate<$scope>
        where
            $($bound)*
        {
            unreachable!("nothing can call it")
        }
    };
}
refused!([S, F] Windowed<S, F>, [S: AsksWindows] -> S);
refused!([M, T, A] Relation<M, T, A>, [T: ComparedAsValue] -> M);

/// Groups that are rows: there are none.
#[diagnostic::on_unimplemented(
    message = "groups of `{Self}` are no rows before it is said what they give",
    label = "`.columns(|keys| …)` says it; conditions on groups: `.having(|keys| …)`"
)]
#[doc(hidden)]
pub trait GroupsAreRows {}

macro_rules! no_rows {
    ($bound:tt $($name:ident -> $result:ty),*) => {
        impl<S, K> Grouped<S, K> {
            $(no_rows!(@method $bound $name -> $result);)*
        }
    };
    (@method [$($bound:tt)*] $name:ident -> $result:ty) => {
        #[doc(hidden)]
        pub fn $name(self, _: impl Sized) -> $result
        where
            $($bound)*
        {
            unreachable!("nothing can call it")
        }
    };
}
no_rows!([S: GroupsAreRows] filter -> Self, count -> Ready<Result<i64>>, exists -> Ready<Result<bool>>);
no_rows!([S: GroupsAreRows] fetch_all -> Ready<Result<Vec<K>>>, fetch_one -> Ready<Result<K>>);
no_rows!([S: GroupsAreRows] fetch_first -> Ready<Result<Option<K>>>, fetch_optional -> Ready<Result<Option<K>>>);
