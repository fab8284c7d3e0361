//! How alike two texts are, and which texts of many are alike enough. Pure: no disk, no SQL.
