pub struct Spent {
    pub name: String,
    #[row(column = "sum of all")]
    pub(crate) total: Option<i64>,
}
