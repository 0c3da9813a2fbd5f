use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base, view = "SELECT 1::bigint AS id, 'Tea' AS name")]
pub struct Best {
    #[model(primary_key)]
    pub id: i64,
    pub name: String,
}

async fn insert(engine: &Engine, mut best: Best) -> orm_core::Result<()> {
    best.insert(engine).await
}

fn main() {}
