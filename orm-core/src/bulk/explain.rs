//! Asking how the server runs a statement that writes.

use super::{Change, Delete, Insert, Matching, Update, Writer};
use crate::engine::Plan;
use crate::error::Result;
use crate::mapper::Model;
use crate::query::{Explain, Scope};

async fn explain<M: Model>(change: Change, how: Explain, writer: impl Writer) -> Result<Plan> {
    let reply = writer.change::<M>(Change { explained: Some(how), ..change }).await?;
    Explain::read(&reply)
}

macro_rules! explains {
    ($(impl[$($parameter:tt)+] $ty:ty, $model:ty;)*) => {$(
        /// ```
        /// # use orm_core::prelude::*;
        /// # use shop_models::models::{Base, Cart, Customer, Product};
        /// # #[tokio::main(flavor = "current_thread")]
        /// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        /// # let database = orm_testkit::database_of::<Base>().await?;
        /// # let engine = Engine::connect(database.url()).await?;
        /// # Product::builder().sku("T-1").title("Tea").price_cents(390).build().insert(&engine).await?;
        /// use orm_core::bulk::{delete, update};
        /// let dearer = update(select::<Product>().filter(Product::SKU.eq("T-1"))).set(Product::PRICE_CENTS.set_to(400));
        /// let plan = dearer.explain(&engine).await?;
        /// assert_eq!((&plan.root.kind[..], plan.nodes().nth(1).unwrap().index.as_deref()), ("ModifyTable", Some("uq_product_sku")));
        ///
        /// let mut session = engine.session();
        /// let plan = delete(select::<Product>()).explain_analyze(&mut session).await?; // it deletes
        /// assert_eq!(plan.nodes().nth(1).unwrap().actual.unwrap().rows, 1.0);
        /// session.rollback().await?; // and is taken back
        /// # Ok(()) }
        /// ```
        impl<$($parameter)+> $ty {
            /// How the server would run it; nothing is written.
            ///
            /// # Errors
            /// As [`execute`](Self::execute).
            pub async fn explain(self, writer: impl Writer) -> Result<Plan> {
                explain::<$model>(self.into_change()?, Explain::Plan, writer).await
            }

            /// [`explain`](Self::explain), and what happened: this writes the rows. Objects of the model that a session has are stale then.
            ///
            /// # Errors
            /// As [`execute`](Self::execute).
            pub async fn explain_analyze(self, writer: impl Writer) -> Result<Plan> {
                explain::<$model>(self.into_change()?, Explain::Analyze, writer).await
            }
        }
    )*};
}
explains! {
    impl[M: Model] Insert<M>, M;
    impl[S: Matching] Update<S>, <S as Scope>::Root;
    impl[S: Matching] Delete<S>, <S as Scope>::Root;
}
