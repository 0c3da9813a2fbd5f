//! Texts behind each other.

use super::call;
use crate::query::{Operand, Scoped};
use crate::sql::Expr;
use crate::types::{ColumnType, each_tuple};

/// What [`concat()`] puts together in the scope `S`: a tuple of up to twelve texts (columns, values and expressions), or a list of
/// expressions.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Customer;
/// use orm_core::query::{Texts, concat, value};
/// fn text<I>(texts: impl Texts<Customer, I>) -> String {
///     select::<Customer>().columns(concat(texts)).to_string()
/// }
/// let list = vec![value(Customer::NAME), value(Customer::EMAIL)];
/// assert_eq!(text(list), r#"SELECT concat("name", "email") FROM "customer""#);
/// assert_eq!(text((Customer::NAME, ".")), r#"SELECT concat("name", $1) FROM "customer""#);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of texts of `{S}`",
    label = "expected a tuple of up to twelve texts, or a list of expressions"
)]
pub trait Texts<S, I> {
    /// The texts.
    #[doc(hidden)]
    fn all(self) -> Vec<Expr>;
}

impl<S, F: ColumnType<Scalar = String>> Texts<S, ()> for Vec<Scoped<S, F>> {
    fn all(self) -> Vec<Expr> {
        self.into_iter().map(|text| text.expr).collect()
    }
}

macro_rules! tuples {
    ($($name:ident $index:ident)+) => {
        impl<S, $($name: Operand<S, String, $index>, $index),+> Texts<S, ($($index,)+)> for ($($name,)+) {
            fn all(self) -> Vec<Expr> {
                #[expect(non_snake_case, reason = "the names of the type parameters")]
                let ($($name,)+) = self;
                vec![$($name.into_expr()),+]
            }
        }
    };
}
each_tuple!(tuples: A IA, B IB, C IC, D ID, E IE, F IF, G IG, H IH, J IJ, K IK, L IL, M IM);

/// Texts behind each other; what is `NULL` counts as empty.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Cart, Customer};
/// use orm_core::query::concat;
/// let label = concat((Customer::NAME, " <", Customer::EMAIL, ">"));
/// let labels = select::<Cart>().join(Cart::CUSTOMER).columns(label);
/// assert!(labels.to_string().starts_with(r#"SELECT concat("customer"."name", $1, "customer"."email", $2) FROM"#));
/// ```
pub fn concat<S, I>(texts: impl Texts<S, I>) -> Scoped<S, String> {
    Scoped::new(call("concat", texts.all()))
}
