//! The translation memory: one SQLite file. The only module that speaks SQL.
