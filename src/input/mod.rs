//! Where documents come from: folders, files and archives; bytes with a name. Knows nothing of what is in them.
