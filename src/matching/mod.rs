//! How alike two texts are, and which texts of many are alike enough. Pure: no disk, no SQL.

pub mod distance;
pub mod index;
pub mod score;
pub mod token;

pub use distance::{ABSENT, Pattern};
pub use token::{folded, token_ranges};
