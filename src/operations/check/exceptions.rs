//! False alarms that are silenced: the file of exceptions, `bitext-ignore.toml`.
//!
//! An exception names a finding, or a check, or documents, or a check in documents, always with a reason. It lies beside the documents,
//! not in the memory, so it is reviewed like them and stays valid after each import.

use std::path::{Path, PathBuf};
use std::{fs, io};

use globset::GlobMatcher;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use crate::check::{Check, FindingId, check_of_id};
use crate::input::shown;
use crate::operations::globs;

/// The name of the file that is looked for.
pub const FILE_NAME: &str = "bitext-ignore.toml";

/// The table of the file.
const IGNORE: &str = "ignore";

/// Exceptions, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Exceptions(Vec<Exception>);

/// What is silenced, and why.
#[derive(Clone, Debug)]
pub struct Exception {
    /// Only this finding.
    pub finding: Option<FindingId>,
    /// Only findings of this check.
    pub check: Option<&'static Check>,
    /// Only in documents whose path below their set matches.
    pub document: Option<GlobMatcher>,
    /// Only in this set.
    pub set: Option<String>,
    /// Why it is a false alarm.
    pub reason: String,
}

/// Why a file of exceptions cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ExceptionsError {
    /// It cannot be read or written.
    #[error("cannot {action} {path}: {cause}")]
    Io {
        /// `read` or `write`.
        action: &'static str,
        /// The file.
        path: String,
        /// The error of the operating system.
        cause: io::Error,
    },
    /// It says something that is no exception.
    #[error("{path}{}: {reason}", line.map_or(String::new(), |line| format!(":{line}")))]
    Content {
        /// The file.
        path: String,
        /// The 1-based line.
        line: Option<usize>,
        /// What is wrong, and what is expected.
        reason: String,
    },
}

impl Exceptions {
    /// The file that is used if none is named: that of the current folder, else of the nearest folder above it, up to the root of the
    /// Git repository. `None` if there is none.
    pub fn find(current: &Path) -> Option<PathBuf> {
        for folder in current.ancestors() {
            let file = folder.join(FILE_NAME);
            if file.is_file() {
                return Some(file);
            }
            if folder.join(".git").exists() {
                return None;
            }
        }
        None
    }

    /// Reads a file.
    ///
    /// # Errors
    /// If it cannot be read, or has an entry that is no exception: none is passed over in silence.
    pub fn read(path: &Path) -> Result<Exceptions, ExceptionsError> {
        let text = fs::read_to_string(path).map_err(|cause| ExceptionsError::Io {
            action: "read",
            path: shown(path),
            cause,
        })?;
        Exceptions::parse(&text).map_err(wrong_content(path))
    }

    fn parse(text: &str) -> Result<Exceptions, (Option<usize>, String)> {
        let line_of = |at: usize| Some(text[..at.min(text.len())].matches('\n').count() + 1);
        let document = toml_edit::Document::parse(text).map_err(|error| {
            (error.span().and_then(|span| line_of(span.start)), error.message().to_owned())
        })?;
        let mut exceptions = Vec::new();
        for (key, item) in document.iter() {
            let line = item.span().and_then(|span| line_of(span.start));
            let tables = item.as_array_of_tables().filter(|_| key == IGNORE);
            let tables = tables.ok_or_else(|| {
                (line, format!("{key} is no exception; each one is a table with the heading [[{IGNORE}]]"))
            })?;
            for table in tables {
                let line = table.span().and_then(|span| line_of(span.start));
                exceptions.push(exception(table).map_err(|reason| (line, reason))?);
            }
        }
        Ok(Exceptions(exceptions))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The exception for a finding of a check in a document of a set. `finding` is called only if an exception names a finding.
    pub fn of(
        &self,
        check: &Check,
        finding: &dyn Fn() -> FindingId,
        (set, document): (&str, &str),
    ) -> Option<&Exception> {
        self.0.iter().find(|exception| {
            exception.check.is_none_or(|of| of == check)
                && exception.set.as_ref().is_none_or(|of| of == set)
                && exception.document.as_ref().is_none_or(|glob| glob.is_match(document))
                && exception.finding.is_none_or(|id| id == finding())
        })
    }

    /// The findings that exceptions name.
    pub fn findings(&self) -> impl Iterator<Item = FindingId> {
        self.0.iter().filter_map(|exception| exception.finding)
    }
}

/// What is wrong in a file, with its line.
fn wrong_content(path: &Path) -> impl Fn((Option<usize>, String)) -> ExceptionsError {
    move |(line, reason)| ExceptionsError::Content { path: shown(path), line, reason }
}

fn exception(table: &Table) -> Result<Exception, String> {
    const KEYS: [&str; 5] = ["finding", "check", "document", "set", "reason"];
    if let Some((key, _)) = table.iter().find(|(key, _)| !KEYS.contains(key)) {
        return Err(format!("{key} is no key of an exception; the keys are {}", KEYS.join(", ")));
    }
    let text = |key: &str| match table.get(key) {
        None => Ok(None),
        Some(item) => item.as_str().map(Some).ok_or_else(|| format!("{key} must be a text in quotes")),
    };
    let finding = text("finding")?.map(str::parse::<FindingId>).transpose()?;
    let check = text("check")?
        .map(|id| {
            check_of_id(id).ok_or_else(|| format!("there is no check {id}; `bitext check --list` lists them"))
        })
        .transpose()?;
    let document = text("document")?.map(glob).transpose()?;
    let set = text("set")?.map(str::to_owned);
    let reason = text("reason")?.filter(|reason| !reason.trim().is_empty());
    let reason = reason.ok_or("an exception needs a reason = \"…\"")?.to_owned();
    if finding.is_none() && check.is_none() && document.is_none() {
        return Err("an exception needs a finding, a check or a document".to_owned());
    }
    Ok(Exception { finding, check, document, set, reason })
}

/// The matcher of a glob, as on the command line.
///
/// # Errors
/// A sentence, if it is none.
pub fn glob(glob: &str) -> Result<GlobMatcher, String> {
    globs::glob(glob).map(|glob| glob.compile_matcher()).map_err(|error| error.to_string())
}

/// An exception to be written.
#[derive(Clone, Debug, Default)]
pub struct NewException {
    /// As [`Exception::finding`].
    pub finding: Option<FindingId>,
    /// As [`Exception::check`].
    pub check: Option<&'static Check>,
    /// The glob.
    pub document: Option<String>,
    /// As [`Exception::set`].
    pub set: Option<String>,
    /// As [`Exception::reason`].
    pub reason: String,
    /// Lines that say what is silenced, for those who review the file.
    pub comment: Vec<String>,
}

/// Appends exceptions to a file, which is made if it does not exist. All that is in it stays as it is.
///
/// # Errors
/// If it cannot be read or written, or is no file of exceptions.
pub fn append(path: &Path, new: &[NewException]) -> Result<(), ExceptionsError> {
    let failed = |action| move |cause| ExceptionsError::Io { action, path: shown(path), cause };
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(failed("read")(error)),
    };
    // What is wrong is reported before anything is added to it.
    Exceptions::parse(&text).map_err(wrong_content(path))?;
    let content = |reason: String| wrong_content(path)((None, reason));
    let mut document: DocumentMut =
        text.parse().map_err(|error: toml_edit::TomlError| content(error.to_string()))?;
    if text.is_empty() {
        document.decor_mut().set_prefix(
            "# False alarms of `bitext check`. Each has a finding, a check or a document (a glob), and a reason.\n\n",
        );
    }
    let tables = document.entry(IGNORE).or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    let tables =
        tables.as_array_of_tables_mut().ok_or_else(|| content(format!("{IGNORE} is no list of tables")))?;
    for exception in new {
        let mut table = Table::new();
        let texts = [
            ("finding", exception.finding.map(|id| id.to_string())),
            ("check", exception.check.map(|check| check.id.to_owned())),
            ("document", exception.document.clone()),
            ("set", exception.set.clone()),
            ("reason", Some(exception.reason.clone())),
        ];
        for (key, text) in texts {
            if let Some(text) = text {
                table.insert(key, value(text));
            }
        }
        // A comment holds texts of documents: one line each, and no character that TOML forbids in a comment.
        let comments = exception.comment.iter().map(|line| {
            let line: String = line
                .chars()
                .map(|c| if c.is_control() || crate::model::is_unsafe_to_show(c) { '\u{fffd}' } else { c })
                .collect();
            format!("# {line}\n")
        });
        let is_first = tables.is_empty() && text.is_empty();
        table.decor_mut().set_prefix(format!(
            "{}{}",
            if is_first { "" } else { "\n" },
            comments.collect::<String>()
        ));
        tables.push(table);
    }
    // A temporary file in the same folder, so that a full disk loses nothing.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        io::Write::write_all(&mut file, document.to_string().as_bytes())?;
        if let Ok(metadata) = fs::metadata(path) {
            file.as_file().set_permissions(metadata.permissions())?;
        }
        file.persist(path)?;
        Ok(())
    };
    write().map_err(failed("write"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::CHECKS;

    #[test]
    fn a_file_says_what_is_silenced_where_and_why() {
        let text = "# why\n[[ignore]]\nfinding = \"0123456789ab\"\nreason = \"renamed\"\n\n\
                    [[ignore]]\ncheck = \"link\"\ndocument = \"berths/*\"\nreason = \"r\"\n";
        let exceptions = Exceptions::parse(text).unwrap();
        let (link, other) = (check_of_id("link").unwrap(), check_of_id("code").unwrap());
        let is_silenced = |check, id: &str, document| {
            exceptions.of(check, &|| id.parse().unwrap(), ("docs", document)).is_some()
        };
        assert!(is_silenced(other, "0123456789ab", "a.md"));
        assert!(!is_silenced(other, "0123456789ac", "berths/a.md"));
        assert!(is_silenced(link, "0123456789ac", "berths/a.md"));
        assert!(!is_silenced(link, "0123456789ac", "berths/deep/a.md"), "* stays within a folder");
    }

    #[test]
    fn what_is_no_exception_is_refused_with_its_line() {
        for (text, line, reason) in [
            ("[[ignore]]\ncheck = \"link\"\n", 1, "reason"),
            ("\n[[ignore]]\nreason = \"x\"\n", 2, "needs a finding"),
            ("[[ignore]]\ncheck = \"lnk\"\nreason = \"x\"\n", 1, "no check lnk"),
            ("[[ignore]]\nfinding = \"12\"\nreason = \"x\"\n", 1, "12 hexadecimal digits"),
            ("[[ignore]]\nfinding = 12\nreason = \"x\"\n", 1, "a text in quotes"),
            ("[[ignore]]\npath = \"a\"\nreason = \"x\"\n", 1, "path is no key"),
            ("[[ignore]]\ndocument = \"a[\"\nreason = \"x\"\n", 1, "a["),
            ("\n\nx = 1\n", 3, "[[ignore]]"),
            ("[[ignore]\n", 1, ""),
        ] {
            let (at, message) = Exceptions::parse(text).unwrap_err();
            assert_eq!(at, Some(line), "{text}: {message}");
            assert!(message.contains(reason), "{text}: {message}");
        }
    }

    #[test]
    fn what_is_appended_is_read_and_what_was_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        let written = "# mine\n[[ignore]]\ncheck = 'quotes' # ours\nreason = \"\"\"house style\"\"\"\n";
        for before in ["", written] {
            fs::write(&path, before).unwrap();
            let new = NewException {
                finding: Some("0123456789ab".parse().unwrap()),
                reason: "a \"b\"\n[[ignore]]\u{1b}".into(),
                comment: vec!["link: x\n[[ignore]]\u{1b}[31m\u{202e}".into()],
                ..NewException::default()
            };
            append(&path, &[new.clone(), new]).unwrap();
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.starts_with(before) && !text.contains(['\u{1b}', '\u{202e}']), "{text}");
            let read = Exceptions::read(&path).unwrap();
            assert_eq!(read.0.len(), 2 + usize::from(!before.is_empty()), "{text}");
            let last = read.0.last().unwrap();
            assert_eq!(last.reason, "a \"b\"\n[[ignore]]\u{1b}");
            assert!(read.of(&CHECKS[0], &|| "0123456789ab".parse().unwrap(), ("", "")).is_some());
        }
        fs::write(&path, "x = 1").unwrap();
        assert!(append(&path, &[]).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "x = 1");
    }

    #[test]
    fn the_nearest_file_is_used_up_to_the_root_of_the_repository() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("repository/docs/a");
        fs::create_dir_all(&deep).unwrap();
        fs::create_dir(folder.path().join("repository/.git")).unwrap();
        fs::write(folder.path().join(FILE_NAME), "").unwrap();
        assert_eq!(Exceptions::find(&deep), None, "one outside the repository is not used");
        let of_repository = folder.path().join("repository").join(FILE_NAME);
        fs::write(&of_repository, "").unwrap();
        assert_eq!(Exceptions::find(&deep), Some(of_repository));
        fs::write(deep.join(FILE_NAME), "").unwrap();
        assert_eq!(Exceptions::find(&deep), Some(deep.join(FILE_NAME)));
    }
}
