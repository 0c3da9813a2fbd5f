pub enum Vehicle {
    Car(Handle<Car>),
    Boat(Handle<Boat>),
}
