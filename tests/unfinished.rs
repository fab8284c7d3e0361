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

/// An export that is stopped in the middle, with its hidden file in `out`.
fn stopped_export(bitext: &Bitext) -> Child {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(60) {
        let mut command = bitext.command(["export", "-q", "-o", "out/memory.tmx"]);
        let mut child = command.stdout(Stdio::null()).spawn().expect("the program starts");
        while unfinished(&bitext.path("out")).is_empty() && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        let stop = Command::new("kill").args(["-STOP", &child.id().to_string()]).status();
        if stop.is_ok_and(|status| status.success()) && !unfinished(&bitext.path("out")).is_empty() {
            return child;
        }
        child.kill().expect("a process to kill");
        child.wait().expect("a process");
    }
    panic!("no export could be stopped before its end");
}

#[test]
fn the_file_of_a_killed_export_is_removed_by_the_next_one_and_that_of_a_living_one_is_not() {
    let bitext = Bitext::new();
    write_set(&bitext, "set", 400);
    bitext.import("set");
    fs::create_dir(bitext.path("out")).unwrap();
    let mut child = stopped_export(&bitext);
    let file = unfinished(&bitext.path("out"));
    assert_eq!(file.len(), 1, "{file:?}");

    bitext.run(["export", "-q", "-o", "out/other.tmx"]).succeeds_silently();
    assert_eq!(unfinished(&bitext.path("out")), file, "its process lives");

    child.kill().expect("a process to kill");
    child.wait().expect("a process");
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
