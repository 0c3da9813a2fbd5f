//! Relations through the objects of an association model.

use crate::mapper::{DeclarativeBase, Model, Relation, arity};
use crate::query::exists_in;
use crate::query::{Filter, IntoPath, Path, Predicate, Step, Steps};
use crate::sql::Expr;
use std::fmt;
use std::marker::PhantomData;

/// The objects of `T` that objects of an association model `A` connect with a `M`: `user.keywords` through `user.user_keywords`.
///
/// A constant of the program's own, made of two relations. [`Entity::through`](crate::session::Entity::through) reads it,
/// [`any`](Self::any) asks it, `with` and `load` load it, and [`link_through`](crate::Session::link_through) writes it.
///
/// ```
/// # use orm_core::prelude::*;
/// # orm_core::declarative_base!(pub Base);
/// use orm_core::query::Proxy;
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct User {
///     #[model(primary_key)]
///     pub name: String,
///     #[has_many(cascade = "all, delete-orphan")]
///     pub user_keywords: HasMany<UserKeyword>,
/// }
///
/// impl User {
///     pub const KEYWORDS: Proxy<User, UserKeyword, Keyword> = User::USER_KEYWORDS.proxy(UserKeyword::KEYWORD);
/// }
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct UserKeyword {
///     #[model(primary_key)]
///     #[belongs_to(columns("user_name"))]
///     pub user: BelongsTo<User>,
///     #[model(primary_key)]
///     #[belongs_to(columns("keyword_word"))]
///     pub keyword: BelongsTo<Keyword>,
///     #[model(default = 0)]
///     pub weight: i32,
/// }
///
/// #[derive(Model, Clone, Debug)]
/// #[model(base = Base)]
/// pub struct Keyword {
///     #[model(primary_key)]
///     pub word: String,
///     #[has_many]
///     pub user_keywords: HasMany<UserKeyword>,
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// # let database = orm_testkit::database_of::<Base>().await?;
/// # let engine = Engine::connect(database.url()).await?;
/// let mut session = engine.session();
/// let ann = session.add(User::builder().name("Ann"));
/// let tea = session.add(Keyword::builder().word("tea"));
/// session.link_through(ann, User::KEYWORDS, tea, |tea| UserKeyword::builder().keyword(tea).weight(7))?;
/// session.commit().await?;
///
/// let mut session = engine.session();
/// let likes_tea = User::KEYWORDS.any(Keyword::WORD.eq("tea")) & !User::KEYWORDS.is_empty();
/// let ann = session.query::<User>().filter(likes_tea).with(User::KEYWORDS).one().await?;
/// let words: Vec<&str> = session.at(ann).through(User::KEYWORDS)?.map(|keyword| &keyword.get().word[..]).collect();
/// assert_eq!(words, ["tea"]);
/// session.load(ann, User::KEYWORDS.then(Keyword::USER_KEYWORDS)).await?; // a path goes on from them
/// # Ok(()) }
/// ```
pub struct Proxy<M, A, T> {
    first: usize,
    second: usize,
    #[expect(clippy::type_complexity, reason = "a marker")]
    models: PhantomData<fn() -> (M, A, T)>,
}

impl<M, A> Relation<M, A, arity::Many> {
    /// The objects to which a relation of the members leads: see [`Proxy`].
    pub const fn proxy<T, B>(self, then: Relation<A, T, B>) -> Proxy<M, A, T> {
        Proxy { first: self.index(), second: then.index(), models: PhantomData }
    }
}

impl<M: Model, A: Model, T: Model> Proxy<M, A, T> {
    /// The relation to the association model.
    pub(crate) const fn first(self) -> Relation<M, A, arity::Many> {
        Relation::new(self.first)
    }

    /// The relation of the association model.
    pub(crate) const fn second(self) -> usize {
        self.second
    }

    /// Goes on from the objects at its end: the path begins here.
    pub fn then<U: Model>(self, next: impl IntoPath<T, Target = U>) -> Path<M, U> {
        Path::<M, T>::new(self.into_steps()).then(next)
    }

    /// Whether one of the objects meets the condition.
    pub fn any(self, filter: impl Filter<T>) -> Predicate<M> {
        self.exists(Some(filter.into_predicate().expr))
    }

    /// Whether there is none.
    pub fn is_empty(self) -> Predicate<M> {
        !self.exists(None)
    }

    fn exists(self, filter: Option<Expr>) -> Predicate<M> {
        let resolved = M::Base::registry().and_then(|registry| {
            let (near, through) = (registry.mapper(M::def())?, registry.mapper(A::def())?);
            Ok((registry, near, through))
        });
        Predicate::new(match resolved {
            Ok((registry, near, through)) => {
                let far = exists_in(registry, through, self.second, filter);
                exists_in(registry, near, self.first, Some(far))
            }
            Err(error) => Expr::Invalid(error.to_string()),
        })
    }
}

impl<M: Model, A: Model, T: Model> IntoPath<M> for Proxy<M, A, T> {
    type Target = T;

    fn into_steps(self) -> Steps {
        Steps(vec![Step::new(self.first), Step::new(self.second)])
    }
}

impl<M, A, T> Clone for Proxy<M, A, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, A, T> Copy for Proxy<M, A, T> {}

impl<M: Model, A: Model, T> fmt::Debug for Proxy<M, A, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (near, through) = (M::def(), A::def());
        write!(
            f,
            "{}::{} → {}::{}",
            near.name, near.relations[self.first].name, through.name, through.relations[self.second].name
        )
    }
}
