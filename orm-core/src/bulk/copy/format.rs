//! The text forms of COPY.

/// The form in which rows go as text: PostgreSQL's own.
///
/// ```
/// # use orm_core::prelude::*;
/// # use shop_models::models::{Base, Product};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// # Product::builder().sku("T-1").title("Tea, \"green\"").price_cents(390).build().insert(&engine).await?;
/// use orm_core::bulk::{CopyFormat, copy_out};
/// let mut texts = Vec::new();
/// for format in [CopyFormat::Csv, CopyFormat::CsvWithHeader, CopyFormat::Text] {
///     let mut text = Vec::new();
///     copy_out(columns((Product::SKU, Product::TITLE))).write(format, &mut text, &engine).await?;
///     texts.push(String::from_utf8(text)?);
/// }
/// assert_eq!(texts[0], "T-1,\"Tea, \"\"green\"\"\"\n");
/// assert_eq!(texts[1], format!("sku,title\n{}", texts[0]));
/// assert_eq!(texts[2], "T-1\tTea, \"green\"\n");
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CopyFormat {
    /// Commas between values, quotes around those that need them; `NULL` is nothing at all, an empty text is `""`.
    Csv,
    /// The same, behind a line with the names of the columns.
    CsvWithHeader,
    /// Tabs between values, and `\N` for `NULL`.
    Text,
}

impl CopyFormat {
    /// Behind `WITH`.
    pub(super) const fn sql(self) -> &'static str {
        match self {
            Self::Csv => "(FORMAT csv)",
            Self::CsvWithHeader => "(FORMAT csv, HEADER true)",
            Self::Text => "(FORMAT text)",
        }
    }
}
