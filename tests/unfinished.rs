//! What an export leaves behind when it is killed.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::Bitext;
use crate::support::documents::write_set;

/// The hidden files of exports in a folder.
fn unfinished(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with(".bitext-")).collect()
}

/// Whether a process holds the lock of the one hidden file in a folder. An export creates the file first and locks it then.
fn is_locked(folder: &Path) -> bool {
    let names = unfinished(folder);
    let file = names.first().map(|name| fs::File::options().write(true).open(folder.join(name)));
    let Some(Ok(file)) = file else { return false };
    names.len() == 1 && matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock))
}

/// A process that does not outlive the test, also if the test fails.
struct Stopped(Child);

impl Drop for Stopped {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An export that is stopped in the middle, with its hidden file in `out`.
fn stopped_export(bitext: &Bitext) -> Stopped {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(60) {
        let mut command = bitext.command(["export", "-q", "-o", "out/memory.tmx"]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
        let mut child = Stopped(child);
        let mut lives = true;
        while lives && !is_locked(&bitext.path("out")) {
            std::thread::yield_now();
            lives = child.0.try_wait().unwrap().is_none();
        }
        if lives {
            let stop = Command::new("kill").args(["-STOP", &child.0.id().to_string()]).status();
            if stop.is_ok_and(|status| status.success()) && is_locked(&bitext.path("out")) {
                return child;
            }
        }
    }
    panic!("no export could be stopped before its end");
}

#[test]
fn the_file_of_a_killed_export_is_removed_by_the_next_one_and_that_of_a_living_one_is_not() {
    let bitext = Bitext::new();
    write_set(&bitext, "set", 400);
    bitext.import("set");
    fs::create_dir(bitext.path("out")).unwrap();
    let child = stopped_export(&bitext);
    let file = unfinished(&bitext.path("out"));
    assert_eq!(file.len(), 1, "{file:?}");

    bitext.run(["export", "-q", "-o", "out/other.tmx"]).succeeds_silently();
    assert_eq!(unfinished(&bitext.path("out")), file, "its process lives");

    drop(child);
    assert_eq!(unfinished(&bitext.path("out")), file, "a killed process cannot tidy up");
    bitext.run(["export", "-q", "-o", "out/memory.tmx"]).succeeds_silently();
    assert_eq!(unfinished(&bitext.path("out")), Vec::<String>::new());
    assert_eq!(
        fs::read(bitext.path("out/memory.tmx")).unwrap(),
        fs::read(bitext.path("out/other.tmx")).unwrap()
    );
}

#[test]
fn an_export_into_folders_removes_the_abandoned_files_in_each() {
    let bitext = Bitext::new();
    write_set(&bitext, "set", 2);
    bitext.import("set");
    bitext.run(["export", "-q", "-f", "xliff", "-o", "out/"]).succeeds_silently();
    let folder = bitext.path("out/ko-KR/set/part-01");
    assert!(folder.is_dir());
    fs::write(folder.join(".bitext-Ab3dEf.part"), "half").unwrap();
    bitext.run(["export", "-q", "-f", "xliff", "-o", "out/"]).succeeds_silently();
    assert_eq!(unfinished(&folder), Vec::<String>::new());
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
}
