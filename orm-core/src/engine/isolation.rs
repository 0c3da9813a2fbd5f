//! How much a transaction sees of others.

/// The isolation of a transaction.
///
/// ```
/// # use shop_models::models::Base;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = orm_core::Engine::connect(database.url()).await?;
/// use orm_core::Isolation;
/// let mut connection = engine.connection().await?;
/// connection.begin_with(Isolation::Serializable).await?;
/// connection.commit().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Isolation {
    /// What the server is set to; READ COMMITTED unless somebody changed it.
    #[default]
    Server,
    /// Each statement sees what was committed before it.
    ReadCommitted,
    /// All statements see what was committed before the first one.
    RepeatableRead,
    /// As if transactions ran one after the other; some fail with 40001 and have to run again.
    Serializable,
}

impl Isolation {
    pub(super) const fn begin(self) -> &'static str {
        match self {
            Self::Server => "BEGIN",
            Self::ReadCommitted => "BEGIN ISOLATION LEVEL READ COMMITTED",
            Self::RepeatableRead => "BEGIN ISOLATION LEVEL REPEATABLE READ",
            Self::Serializable => "BEGIN ISOLATION LEVEL SERIALIZABLE",
        }
    }
}
