//! Relations that are only looked at: parts of others, and joined by columns of their own.

use orm_core::prelude::*;
use orm_core::query::Predicate;

orm_core::declarative_base!(pub Base);

/// Somebody who gets mail.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Member {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// Where mail comes to; several may share one.
    pub address: Option<String>,
    /// The city.
    pub city: String,
    /// What the member filed.
    #[has_many(back_populates = "owner", order_by = "subject desc")]
    pub mails: HasMany<Mail>,
    /// Of these, those that nobody read.
    #[view(of = "mails", filter = unread)]
    pub unread: View<Mail>,
    /// Everything that came to the address.
    #[view(on("address" = "sent_to"), order_by = "id desc")]
    pub received: View<Mail>,
    /// What came to the address from the same city and is unread.
    #[view(on("address" = "sent_to", "city" = "sent_from"), filter = unread)]
    pub local: View<Mail>,
    /// The topics that the member likes.
    #[many_to_many(secondary = "likes", order_by = "word")]
    pub topics: ManyToMany<Topic>,
    /// Of these, those with a short word.
    #[view(of = "topics", filter = short)]
    pub short_topics: View<Topic>,
    /// Others in the same city.
    #[view(on("city" = "city"))]
    pub neighbours: View<Member>,
}

/// Came to an address.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Mail {
    /// Given by the database.
    #[model(primary_key)]
    pub id: Auto<i64>,
    /// What it is about.
    pub subject: String,
    /// Whether somebody read it.
    #[model(default = false)]
    pub read: bool,
    /// An address.
    #[model(default = String::new())]
    pub sent_to: String,
    /// A city.
    #[model(default = String::new())]
    pub sent_from: String,
    /// Who filed it.
    #[belongs_to(back_populates = "mails")]
    pub owner: Option<BelongsTo<Member>>,
}

/// Something to write about.
#[derive(Model, Clone, Debug)]
#[model(base = Base)]
pub struct Topic {
    /// The word.
    #[model(primary_key)]
    pub word: String,
}

fn unread() -> Predicate<Mail> {
    Mail::READ.eq(false)
}

fn short() -> Predicate<Topic> {
    Topic::WORD.like("___")
}
