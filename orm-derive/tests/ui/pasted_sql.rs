//! Values that are pasted into SQL.

use orm_core::prelude::*;
use orm_core::sql::Statement;

async fn find(engine: &Engine, name: String) -> orm_core::Result<()> {
    engine.execute_script(format!("DELETE FROM customer WHERE name = '{name}'")).await?;
    let _ = Statement::plain(format!("SELECT '{name}'"));
    Ok(())
}

fn main() {
    let _ = find;
}
