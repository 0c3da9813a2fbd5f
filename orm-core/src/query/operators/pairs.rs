//! Values that are made of two.

/// The methods of one kind of values that give a value of this one and another: a value of the program, a column or an expression.
///
/// The body gives the value, and whether it can be `NULL` even where none of the two is. `V` is the scalar type of the first one.
macro_rules! pairs {
    ($kind:ident; $(
        $(#[$doc:meta])*
        pub fn $name:ident($this:ident, $other:ident: $operand:ty) -> $out:ty $body:block
    )*) => {
        impl<M: Source, F: ColumnType<Scalar = V>, V: $kind> Column<M, F> {
            $(
                $(#[$doc])*
                pub fn $name<J>(self, $other: impl Operand<M, $operand, J>) -> SqlExpr<M, $out> {
                    SqlExpr::from(self).$name($other)
                }
            )*
        }

        impl<M: Source, V: $kind> SqlExpr<M, V> {
            $(
                $(#[$doc])*
                pub fn $name<J>(self, $other: impl Operand<M, $operand, J>) -> SqlExpr<M, $out> {
                    let is_nullable = self.is_nullable || $other.is_nullable();
                    let ($this, $other) = (self.expr, $other.into_expr());
                    let (expr, makes_null) = $body;
                    SqlExpr::new(expr, is_nullable || makes_null)
                }
            )*
        }

        impl<S, F: ColumnType<Scalar = V>, V: $kind> Scoped<S, F> {
            $(
                $(#[$doc])*
                pub fn $name<J>(self, $other: impl Operand<S, $operand, J>) -> Scoped<S, $out> {
                    let is_nullable = self.is_nullable || $other.is_nullable();
                    let ($this, $other) = (self.expr, $other.into_expr());
                    let (expr, makes_null) = $body;
                    Scoped::new(expr, is_nullable || makes_null)
                }
            )*
        }
    };
}
pub(super) use pairs;
