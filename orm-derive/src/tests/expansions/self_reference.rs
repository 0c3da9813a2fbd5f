#[model(base = Base)]
pub(crate) struct Category {
    #[model(primary_key)]
    pub(crate) id: Uuid,
    #[belongs_to(column = "parent", back_populates = "children", index)]
    pub(crate) parent_category: Option<BelongsTo<Category>>,
    #[has_many(back_populates = "parent_category")]
    pub(crate) children: HasMany<Category>,
    #[has_one]
    pub(crate) r#type: HasOne<Type>,
}
