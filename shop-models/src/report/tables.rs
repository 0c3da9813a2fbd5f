//! The report as text.

use super::{BestCustomer, BestProduct, Report};
use crate::{count, money};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets::UTF8_BORDERS_ONLY};
use std::fmt;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("Nothing was sold yet.");
        }
        writeln!(f, "Best customers by revenue\n{}\n", customers(&self.customers))?;
        writeln!(f, "Best products by quantity\n{}\n", products(&self.by_quantity))?;
        writeln!(f, "Best products by revenue\n{}\n", products(&self.by_revenue))?;
        write!(f, "Revenue of all customers at the present prices: {}", money(self.revenue_cents))
    }
}

/// A table whose columns from `numbers` on are aligned to the right.
pub(crate) fn table<const N: usize>(
    header: [&str; N],
    numbers: usize,
    rows: impl IntoIterator<Item = [String; N]>,
) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(100).set_header(header).add_rows(rows);
    for column in table.column_iter_mut().skip(numbers) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn place(at: usize) -> String {
    (at + 1).to_string()
}

fn customers(best: &[BestCustomer]) -> Table {
    let rows = best.iter().enumerate().map(|(at, customer)| {
        let (carts, revenue) = (count(customer.carts as i64), money(customer.revenue_cents));
        [place(at), customer.name.clone(), customer.email.clone(), carts, revenue]
    });
    table(["", "customer", "e-mail", "carts", "revenue"], 3, rows)
}

fn products(best: &[BestProduct]) -> Table {
    let rows = best.iter().enumerate().map(|(at, product)| {
        let (quantity, revenue) = (count(product.quantity), money(product.revenue_cents));
        [place(at), product.sku.clone(), product.title.clone(), quantity, revenue]
    });
    table(["", "SKU", "product", "sold", "revenue"], 3, rows)
}
