#[model(base = Base, unique("home", "name"))]
pub struct Person {
    #[model(embed)]
    pub home: Address,
    #[model(primary_key)]
    pub id: Auto<i64>,
    #[model(embed, prefix = "job_", column = "job")]
    pub role: Option<Role>,
    #[model(embed, prefix = "", default)]
    pub stamps: Stamps,
}
