//! Values that the program gives for a column or a placeholder.

use super::ScalarType;

/// What can be given where a value of scalar type `T` goes: the type itself, borrowed or not, `&str` for text, and an
/// `Option` of those, whose `None` is `NULL`.
///
/// ```
/// use orm_core::types::IntoScalar;
/// fn given(value: impl IntoScalar<String>) -> Option<String> {
///     value.into_scalar()
/// }
/// let tea = "Tea".to_owned();
/// assert_eq!([given("Tea"), given(&tea), given(Some("Tea"))], [(); 3].map(|()| Some(tea.clone())));
/// assert_eq!(given(None::<&str>), None);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no value of the column type `{T}`",
    label = "expected `{T}`, a reference to it, or an `Option` of them"
)]
pub trait IntoScalar<T> {
    /// The value; `None` is `NULL`.
    fn into_scalar(self) -> Option<T>;
}

#[diagnostic::do_not_recommend]
impl<T: ScalarType> IntoScalar<T> for T {
    fn into_scalar(self) -> Option<T> {
        Some(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: ScalarType> IntoScalar<T> for &T {
    fn into_scalar(self) -> Option<T> {
        Some(self.clone())
    }
}

#[diagnostic::do_not_recommend]
impl IntoScalar<String> for &str {
    fn into_scalar(self) -> Option<String> {
        Some(self.to_owned())
    }
}

#[diagnostic::do_not_recommend]
impl<T: ScalarType, V: IntoScalar<T>> IntoScalar<T> for Option<V> {
    fn into_scalar(self) -> Option<T> {
        self.and_then(V::into_scalar)
    }
}
