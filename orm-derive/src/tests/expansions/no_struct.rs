pub enum Payment<'a> {
    Card(&'a str),
    Cash,
}
