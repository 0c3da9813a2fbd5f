//! Models beyond the shop, one base an area: each shape of key and relation that the tests need.

pub mod articles;
pub mod books;
pub mod circle;
pub mod clubs;
pub mod desks;
pub mod drawers;
pub mod embedded;
pub mod folders;
pub mod guild;
pub mod houses;
pub mod keys;
pub mod keywords;
pub mod library;
pub mod mailbox;
pub mod mixins;
pub mod network;
pub mod offers;
pub mod people;
pub mod playlists;
pub mod settings;
pub mod staff;
pub mod subjects;
pub mod tree;
pub mod values;
pub mod versions;
pub mod volumes;
