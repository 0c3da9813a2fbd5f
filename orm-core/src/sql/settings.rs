//! Values for statements that take none: COPY.
//!
//! They are bound to settings of the transaction (`set_config`), and the statement reads those: so they are never written into its text.

use super::{Param, Renderer, Select, Statement};

/// The setting that has a value.
fn setting(number: usize) -> String {
    format!("orm.p{number}")
}

/// The statement that gives settings their values, when there are some.
pub fn settings(params: Vec<Param>) -> Option<Statement> {
    if params.is_empty() {
        return None;
    }
    let mut out = Renderer::new("");
    for (number, param) in params.into_iter().enumerate() {
        out.push(if number == 0 { "SELECT set_config('" } else { ", set_config('" });
        // The type is a part of the text: a prepared statement is known by that.
        let ty = param.ty().name().to_owned();
        out.push(&setting(number)).push("', CAST(").bind(param).push("::").push(&ty).push(" AS text), true)");
    }
    out.finish().ok()
}

impl Select {
    /// The text with settings in the places of values, and the values.
    ///
    /// # Errors
    /// As [`render`](Self::render).
    pub(crate) fn render_with_settings(&self) -> Result<(String, Vec<Param>), String> {
        let mut out = Renderer::new(self.known_as()).with_settings();
        self.render_into(&mut out);
        let Statement { text, params } = out.finish()?;
        Ok((text.to_string(), params))
    }
}

impl Renderer {
    /// The setting in the place of a value; one that is not set would be an error, so `NULL` has none.
    pub(super) fn setting(&mut self, number: usize, param: &Param) -> &mut Self {
        match param.raw() {
            Ok(None) => self.push("CAST(NULL AS "),
            _ => self.push("CAST(current_setting('").push(&setting(number)).push("') AS "),
        };
        self.push(param.ty().name()).push(")")
    }
}

#[cfg(test)]
mod tests {
    use super::super::Expr;
    use super::*;

    #[test]
    fn values_are_bound_beside_the_statement() {
        let mut select = Select::new("product", &["id"][..]);
        let value = Expr::Bind(Param::of(&"it's".to_owned()));
        let (left, right) = (Box::new(Expr::Column("sku")), Box::new(value));
        select.filter.push(Expr::Binary { op: "=", left, right });
        select.limit = Some(7);
        let (text, params) = select.render_with_settings().unwrap();
        assert_eq!(
            text,
            "SELECT \"id\" FROM \"product\" WHERE \"sku\" = CAST(current_setting('orm.p0') AS text) \
             LIMIT CAST(current_setting('orm.p1') AS int8)"
        );
        let bound = settings(params).unwrap();
        assert_eq!(
            (&*bound.text, bound.params.len()),
            (
                "SELECT set_config('orm.p0', CAST($1::text AS text), true), \
                 set_config('orm.p1', CAST($2::int8 AS text), true)",
                2
            )
        );
        assert!(settings(Vec::new()).is_none());
    }
}
