//! Methods that the database can compute, too.

use orm_core::prelude::*;
use orm_core::query::SqlExpr;

orm_core::declarative_base!(pub Base);

/// What counts as dear.
const DEAR: i64 = 10_000;

/// Something for sale.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Offer {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it is called.
    pub title: String,
    /// What kind of it.
    pub kind: Option<String>,
    /// What one piece costs.
    pub price_cents: i64,
    /// How many there are, where that is known.
    pub pieces: Option<i32>,
    /// Whether it can be bought.
    pub active: bool,
    /// Who sells it.
    #[belongs_to]
    pub shop: Option<BelongsTo<Shop>>,
}

/// Somebody who sells.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Shop {
    /// Its name.
    #[model(primary_key)]
    pub name: String,
    /// How many cents a parcel costs.
    pub parcel: i64,
    /// What it sells.
    #[has_many(back_populates = "shop", order_by = "id")]
    pub offers: HasMany<Offer>,
}

#[orm_core::hybrid]
impl Offer {
    /// More than most can pay.
    pub fn is_dear(&self) -> bool {
        self.price_cents > DEAR && self.active
    }

    /// The price with so many percent off.
    pub fn discounted(&self, percent: i64) -> i64 {
        self.price_cents - self.price_cents * percent / 100
    }

    /// What all pieces cost.
    pub fn total(&self) -> i64 {
        let pieces = i64::from(self.pieces.unwrap_or(1));
        self.price_cents * pieces
    }

    /// A class of prices.
    pub fn class(&self) -> &str {
        if self.is_dear() {
            "dear"
        } else if !self.active || self.price_cents % 2 == 1 {
            "odd"
        } else {
            "cheap"
        }
    }

    /// Whether it is of a kind, or of none.
    pub fn is_of(&self, kind: Option<&str>) -> bool {
        self.kind.as_deref() == kind
    }

    /// Whether there are more pieces than this.
    pub fn has_more_than(&self, pieces: i32) -> bool {
        self.pieces.is_some_and(|own| own > pieces)
    }

    /// How it is shown.
    pub fn label(&self) -> String {
        format!("{} ({})", self.title, self.class())
    }

    /// Texts and numbers.
    pub fn is_odd(&self, part: &str) -> bool {
        self.title.contains(part)
            || self.title.starts_with("50%_")
            || self.kind.is_none()
            || (-self.price_cents).abs().min(7) == self.price_cents.max(3)
    }

    /// Letters that are no letters in every language.
    pub fn is_loud(&self) -> bool {
        self.title.chars().any(|letter| letter == '!')
    }

    /// [`is_loud`](Self::is_loud), written by hand.
    pub fn is_loud_expr() -> SqlExpr<Self, bool> {
        SqlExpr::from(Self::TITLE.like("%!%")).assume_not_null()
    }

    /// Not about an expression at all.
    pub fn raise(&mut self, cents: i64) {
        self.price_cents += cents;
    }
}
