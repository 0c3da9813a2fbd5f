pub struct Address {
    pub street: Option<String>,
    #[model(embed)]
    pub geo: Geo,
    #[belongs_to(column = "state")]
    pub state: BelongsTo<State>,
}
