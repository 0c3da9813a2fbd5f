//! Values that are made of two.

/// The methods of one kind of values that give a value of this one and another: a value of the program, a column or an expression.
///
/// The value is an `Option` where one of the two can be `NULL`, and where `$out` is one. `V` is the scalar type of the first one.
macro_rules! pairs {
    ($kind:ident; $(
        $(#[$doc:meta])*
        pub fn $name:ident($this:ident, $other:ident: $operand:ty) -> $out:ty $body:block
    )*) => {
        impl<M: Source, F: ColumnType<Scalar = V>, V: $kind> Column<M, F> {
            $(
                $(#[$doc])*
                pub fn $name<J, O, Q: Takes<O, $operand, J>>(
                    self,
                    $other: O,
                ) -> SqlExpr<M, F::With<WithTaken<Q, $operand, J, O, $out>>>
                where
                    M: Is<Q>,
                {
                    let ($this, $other) = (self.expr(), Q::expression($other));
                    SqlExpr::new($body)
                }
            )*
        }

        impl<M: Source, F: ColumnType<Scalar = V>, V: $kind> SqlExpr<M, F> {
            $(
                $(#[$doc])*
                pub fn $name<J, O, Q: Takes<O, $operand, J>>(
                    self,
                    $other: O,
                ) -> SqlExpr<M, F::With<WithTaken<Q, $operand, J, O, $out>>>
                where
                    M: Is<Q>,
                {
                    let ($this, $other) = (self.expr, Q::expression($other));
                    SqlExpr::new($body)
                }
            )*
        }

        impl<S, F: ColumnType<Scalar = V>, V: $kind> Scoped<S, F> {
            $(
                $(#[$doc])*
                pub fn $name<J, O, Q: Takes<O, $operand, J>>(
                    self,
                    $other: O,
                ) -> Scoped<S, F::With<WithTaken<Q, $operand, J, O, $out>>>
                where
                    S: Is<Q>,
                {
                    let ($this, $other) = (self.expr, Q::expression($other));
                    Scoped::new($body)
                }
            )*
        }
    };
}
pub(super) use pairs;
