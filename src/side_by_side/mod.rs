//! Finds metadata and segments in one document. Knows nothing of files or SQL.
