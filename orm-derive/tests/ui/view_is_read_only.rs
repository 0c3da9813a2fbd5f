use orm_core::prelude::*;

orm_core::declarative_base!(pub Base);

#[derive(Model, Clone, Debug)]
#[model(base = Base, view = "SELECT 1::bigint AS id, 'Tea' AS name")]
pub struct Best {
    #[model(primary_key)]
    pub id: i64,
    pub name: String,
}

fn add(session: &mut Session, best: Best) {
    session.add(best);
}

fn change(session: &mut Session, best: Handle<Best>) {
    session[best].name = "Coffee".to_owned();
}

fn main() {}
