//! Full text search.

use super::{WithOperand, bound, call};
use crate::mapper::{Column, Source};
use crate::query::scope::{Contains, placed};
use crate::query::{Operand, Predicate, Scoped, SqlExpr};
use crate::sql::Expr;
use crate::types::{ColumnType, ScalarType, TsQuery, TsVector};

/// Types whose values are documents of the full text search: [`TsVector`].
///
/// ```
/// # use orm_core::prelude::*;
/// use orm_core::query::DocumentScalar;
/// use orm_core::types::TsVector;
/// fn is_document<T: DocumentScalar>() {}
/// is_document::<TsVector>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no document of the full text search",
    label = "no document",
    note = "`.to_tsvector(\"english\")` makes one of a text"
)]
pub trait DocumentScalar: ScalarType {}

impl DocumentScalar for TsVector {}

/// The name of a configuration of the search, as the database looks it up.
pub(super) fn configuration(name: &str) -> Expr {
    Expr::Cast { value: Box::new(bound(&name.to_owned())), to: "regconfig" }
}

operators! {
    DocumentScalar;
    values {}
    conditions {}
    comparisons {
        /// Whether the document answers a question, as [`websearch_to_tsquery`] makes one of a text.
        pub fn answers(this, question: [impl Operand<S, TsQuery, J>]) {
            Expr::binary("@@", this, question)
        }
    }
}

/// A question as people write it into the field of a search engine: `"green tea" or coffee -sugar`. Any text is one.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Page {
///     #[model(primary_key)]
///     pub id: Auto<i64>,
///     pub text: String,
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// use orm_core::query::{ts_headline, ts_rank, websearch_to_tsquery};
/// for text in ["Green teas are dried.", "Tea, tea, tea!", "Coffee is roasted."] {
///     Page::builder().text(text).build().insert(&engine).await?;
/// }
/// let asked = || websearch_to_tsquery("english", "tea");
/// let document = || Page::TEXT.to_tsvector("english");
/// let found = select::<Page>()
///     .filter(document().answers(asked()))
///     .columns((ts_rank(document(), asked()), ts_headline("english", Page::TEXT, asked())))
///     .order_by(ts_rank(document(), asked()).desc());
/// let rows: Vec<(f32, String)> = engine.fetch_all(found).await?;
/// assert_eq!(rows[1].1, "Green <b>teas</b> are dried.");
/// assert!(rows[0].0 > rows[1].0);
/// # Ok(()) }
/// ```
pub fn websearch_to_tsquery<S, I, O: Operand<S, String, I>>(
    configuration: &str,
    text: O,
) -> Scoped<S, WithOperand<S, String, I, O, TsQuery>> {
    question("websearch_to_tsquery", configuration, text)
}

/// A question for documents that have all words of a text.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::query::plainto_tsquery;
/// let found = Product::TITLE.to_tsvector("simple").answers(plainto_tsquery("simple", "green tea"));
/// assert!(select::<Product>().filter(found).to_string().ends_with(
///     r#"WHERE to_tsvector(CAST($1 AS regconfig), "title") @@ plainto_tsquery(CAST($2 AS regconfig), $3)"#
/// ));
/// ```
pub fn plainto_tsquery<S, I, O: Operand<S, String, I>>(
    configuration: &str,
    text: O,
) -> Scoped<S, WithOperand<S, String, I, O, TsQuery>> {
    question("plainto_tsquery", configuration, text)
}

/// A question for documents that have the words of a text one behind the other.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::query::phraseto_tsquery;
/// let found = Product::TITLE.to_tsvector("simple").answers(phraseto_tsquery("simple", "green tea"));
/// assert!(select::<Product>().filter(found).to_string().contains("phraseto_tsquery("));
/// ```
pub fn phraseto_tsquery<S, I, O: Operand<S, String, I>>(
    configuration: &str,
    text: O,
) -> Scoped<S, WithOperand<S, String, I, O, TsQuery>> {
    question("phraseto_tsquery", configuration, text)
}

fn question<S, I, F>(function: &'static str, name: &str, text: impl Operand<S, String, I>) -> Scoped<S, F> {
    Scoped::new(call(function, vec![configuration(name), text.into_expr()]))
}

/// How well a document answers a question, as [`websearch_to_tsquery`] shows.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::query::{plainto_tsquery, ts_rank};
/// let rank = ts_rank(Product::TITLE.to_tsvector("simple"), plainto_tsquery("simple", "tea"));
/// assert!(select::<Product>().order_by(rank.desc()).to_string().contains("ORDER BY ts_rank("));
/// ```
#[expect(clippy::type_complexity, reason = "the types of both operands say whether it can be `NULL`")]
pub fn ts_rank<S, I, J, D: Operand<S, TsVector, I>, Q: Operand<S, TsQuery, J>>(
    document: D,
    question: Q,
) -> Scoped<S, WithOperand<S, TsVector, I, D, WithOperand<S, TsQuery, J, Q, f32>>> {
    Scoped::new(call("ts_rank", vec![document.into_expr(), question.into_expr()]))
}

/// The parts of a text that answer a question, with `<b>` around the words, as [`websearch_to_tsquery`] shows. The text itself is not
/// escaped: where it comes from others, a page has to do that.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::Product;
/// use orm_core::query::{plainto_tsquery, ts_headline};
/// let shown = ts_headline("simple", Product::TITLE, plainto_tsquery("simple", "tea"));
/// assert!(select::<Product>().columns(shown).to_string().starts_with("SELECT ts_headline("));
/// ```
#[expect(clippy::type_complexity, reason = "the types of both operands say whether it can be `NULL`")]
pub fn ts_headline<S, I, J, O: Operand<S, String, I>, Q: Operand<S, TsQuery, J>>(
    name: &str,
    text: O,
    question: Q,
) -> Scoped<S, WithOperand<S, String, I, O, WithOperand<S, TsQuery, J, Q, String>>> {
    let arguments = vec![configuration(name), text.into_expr(), question.into_expr()];
    Scoped::new(call("ts_headline", arguments))
}
