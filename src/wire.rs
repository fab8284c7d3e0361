//! The JSON that is promised to the outside.
