//! What the program does: typed plans in, counts out. Knows no command line, no terminal and no HTTP.

pub mod export;
