//! `sql!` with too few values, too many, numbers of its own and text that is put together.

use orm_core::sql;

fn main() {
    let sku = "T-1";
    let _ = sql!("SELECT * FROM product WHERE sku = {} AND title = {}", sku);
    let _ = sql!("SELECT * FROM product WHERE sku = {sku}", sku);
    let _ = sql!("SELECT * FROM product WHERE sku = $1", sku);
    let _ = sql!("SELECT * FROM product WHERE sku = {0}", sku);
    let text = format!("SELECT * FROM product WHERE sku = '{sku}'");
    let _ = sql!(text);
    let _ = sql!("SELECT * FROM product WHERE sku = {}", std::thread::current());
}
