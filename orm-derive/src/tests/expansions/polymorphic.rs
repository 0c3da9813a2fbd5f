#[polymorphic(base = Employee, on = "kind")]
pub enum Staff {
    Manager(Handle<Manager>),
    #[polymorphic(tag = "eng")]
    Engineer(Handle<Engineer>),
    #[polymorphic(base)]
    Other(Handle<Employee>),
}
