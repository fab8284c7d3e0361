//! Markdown and HTML inside a segment: inline codes, plain text, match key. Knows nothing of documents or of the memory.
