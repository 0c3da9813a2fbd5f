//! orm-testkit
