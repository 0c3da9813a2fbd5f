//! The declarative base of the shop.

orm_core::declarative_base!(pub Base);
