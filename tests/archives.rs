//! Archives that are damaged, or made to fill the memory, the disk or the time of whoever reads them.

use std::fs;
use std::io::{Read, Write};

use crate::support::documents::document;
use crate::support::{Bitext, tree};

/// A tar archive of files, links and whatever else a header can say, with names as they are given.
fn tar(entries: &[(&str, tar::EntryType, &str)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, kind, content) in entries {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(*kind);
        header.set_mode(0o644);
        // The crate's own setters refuse what is tried here.
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        let content = if *kind == tar::EntryType::Regular {
            content.as_bytes()
        } else {
            header.as_mut_bytes()[157..157 + content.len()].copy_from_slice(content.as_bytes());
            b""
        };
        header.set_size(content.len() as u64);
        header.set_cksum();
        archive.append(&header, content).expect("an entry");
    }
    archive.into_inner().expect("an archive")
}

fn zip(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in entries {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).expect("an entry");
        archive.write_all(content.as_bytes()).expect("content");
    }
    archive.finish().expect("an archive").into_inner()
}

#[test]
fn an_archive_cannot_lead_out_of_itself() {
    use tar::EntryType::{Link, Regular, Symlink};
    let bitext = Bitext::new();
    let text = document("0a1b2", &[("저장", "Save")]);
    let names = ["../evil.md", "/evil.md", "top/../../evil.md", "top/good.md"];
    bitext.write("a.zip", zip(&names.map(|name| (name, text.as_str()))));
    let mut entries: Vec<_> = names.iter().map(|name| (*name, Regular, text.as_str())).collect();
    entries.push(("top/link.md", Symlink, "/etc/passwd"));
    entries.push(("top/hard.md", Link, "../../secret.md"));
    bitext.write("b.tar", tar(&entries));
    for archive in ["a.zip", "b.tar"] {
        let run = bitext.run(["extract", archive]).exits(0).says("leads out of the archive");
        let documents: Vec<_> =
            run.json_lines().iter().map(|line| line["document"].as_str().unwrap().to_owned()).collect();
        assert_eq!(documents, ["good.md"], "{archive}");
        bitext
            .run(["split", archive, "--target-dir", "in/target", "--source-dir", "in/source"])
            .exits(0)
            .prints_nothing()
            .says("leads out");
        assert!(!tree(&bitext.path("")).iter().any(|(name, _)| name.ends_with("evil.md")), "{archive}");
        fs::remove_dir_all(bitext.path("in")).expect("the folder that split wrote");
    }
}

#[test]
fn an_archive_that_is_none_or_cut_off_is_refused_with_its_name() {
    let bitext = Bitext::new();
    let text = document("0a1b2", &[("저장", "Save")]);
    bitext.write("text.zip", "no archive");
    bitext.write("text.tar.gz", "no archive");
    bitext.write("text.tar.zst", "no archive");
    let whole = zip(&[("a.md", text.as_str())]);
    bitext.write("cut.zip", &whole[..whole.len() / 2]);
    for name in ["text.zip", "text.tar.gz", "text.tar.zst", "cut.zip"] {
        bitext.run(["import", name]).exits(2).prints_nothing().says(name);
    }
}

/// A set of two documents with a segment each.
const NAMES: [&str; 2] = ["top/a.md", "top/b.md"];

fn two_documents() -> [String; 2] {
    ["0a1b2", "0a1b3"].map(|prefix| document(prefix, &[("저장", "Save")]))
}

fn tar_of_two() -> Vec<u8> {
    let texts = two_documents();
    let entry = |at: usize| (NAMES[at], tar::EntryType::Regular, texts[at].as_str());
    tar(&[entry(0), entry(1)])
}

fn documents_of(bitext: &Bitext) -> Vec<String> {
    bitext.sql("select path from document order by path")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(bytes).expect("memory takes any write");
    gzip.finish().expect("memory takes any write")
}

#[test]
fn a_tar_that_is_cut_off_is_refused_and_removes_nothing() {
    let bitext = Bitext::new();
    let whole = tar_of_two();
    bitext.write("set.tar", &whole);
    bitext.import("set.tar");
    let second = 1024;
    for (length, reason) in [
        (0, "it is empty or cut off"),
        (300, "failed to read entire block"),
        (600, "it is cut off in entry 1, top/a.md"),
        (second, "it is cut off after entry 1: the blocks of zeros that end an archive are missing"),
        (second + 700, "it is cut off in entry 2, top/b.md"),
        (2 * second, "it is cut off after entry 2"),
    ] {
        for name in ["set.tar", "set.tar.gz"] {
            let cut = &whole[..length];
            bitext.write(name, if name == "set.tar" { cut.to_vec() } else { gzip(cut) });
            let run = bitext.run(["import", name, "--prune"]).exits(2).prints_nothing();
            run.says(&format!("{name} is not a tar archive that can be read: ")).says(reason);
            assert_eq!(documents_of(&bitext), ["a.md", "b.md"], "{name} {length}");
        }
    }
    // One block of zeros is an end as well: nothing is missing.
    bitext.write("set.tar", &whole[..2 * second + 512]);
    bitext.run(["import", "set.tar", "--prune", "-q"]).succeeds_silently();
}

#[test]
fn archives_after_the_end_of_a_tar_are_named() {
    let bitext = Bitext::new();
    let other = document("0a1b4", &[("열기", "Open")]);
    let appended = tar(&[("top/c.md", tar::EntryType::Regular, &other)]);
    let padded = [tar_of_two(), vec![0; 10_240]].concat();
    bitext.write("padded.tar", &padded);
    bitext.run(["import", "padded.tar", "-q"]).succeeds_silently();
    bitext.write("set.tar", [padded, appended].concat());
    let run =
        bitext.run(["extract", "set.tar"]).exits(0).says("set.tar: more bytes follow the end of the archive");
    assert_eq!(run.json_lines().len(), 2);
    bitext.run(["extract", "set.tar", "--strict"]).exits(2).prints("Save").says("tar --ignore-zeros -xf");
}

/// An entry in the old GNU format: a map of where the bytes are in its header.
fn gnu_sparse(name: &str, content: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_path(name).unwrap();
    header.set_entry_type(tar::EntryType::GNUSparse);
    header.set_mode(0o644);
    header.set_size(content.len() as u64);
    let gnu = header.as_gnu_mut().unwrap();
    let octal = |number: usize| format!("{number:011o}\0").into_bytes();
    gnu.sparse[0].offset.copy_from_slice(&octal(0));
    gnu.sparse[0].numbytes.copy_from_slice(&octal(content.len()));
    gnu.realsize.copy_from_slice(&octal(content.len()));
    header.set_cksum();
    let mut bytes = [header.as_bytes(), content].concat();
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

/// An entry in a PAX format: its map is in the extensions or before its bytes, its type is that of a regular file.
fn pax_sparse(name: &str, extensions: &[(&str, &str)], content: &[u8]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_pax_extensions(extensions.iter().map(|(key, value)| (*key, value.as_bytes()))).unwrap();
    let mut header = tar::Header::new_ustar();
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    archive.append_data(&mut header, name, content).unwrap();
    let mut bytes = archive.into_inner().unwrap();
    bytes.truncate(bytes.len() - 1024);
    bytes
}

#[test]
fn a_sparse_file_in_a_tar_is_named_and_never_read_as_text() {
    let bitext = Bitext::new();
    let text = document("0a1b4", &[("열기", "Open")]);
    let size = text.len().to_string();
    let map = format!("0,{size}");
    let mut with_map = format!("1\n0\n{size}\n").into_bytes();
    with_map.resize(512, 0);
    with_map.extend_from_slice(text.as_bytes());
    let pax_1 = [
        ("GNU.sparse.major", "1"),
        ("GNU.sparse.minor", "0"),
        ("GNU.sparse.name", "top/sparse.md"),
        ("GNU.sparse.realsize", &size),
    ];
    let pax_0 = [("GNU.sparse.size", size.as_str()), ("GNU.sparse.numblocks", "1"), ("GNU.sparse.map", &map)];
    for (format, entry) in [
        ("GNU", gnu_sparse("top/sparse.md", text.as_bytes())),
        ("PAX 0.1", pax_sparse("top/sparse.md", &pax_0, text.as_bytes())),
        ("PAX 1.0", pax_sparse("top/GNUSparseFile.1/sparse.md", &pax_1, &with_map)),
    ] {
        bitext.write("set.tar", [entry, tar_of_two()].concat());
        let run = bitext.run(["extract", "set.tar"]).exits(0);
        let run = run
            .says("set.tar/sparse.md: packed as a sparse file, which is not read; pack it without --sparse");
        assert_eq!(run.json_lines().len(), 2, "{format}");
    }
}

#[test]
fn links_and_other_entries_of_an_archive_are_named() {
    use tar::EntryType::{Fifo, Link, Regular, Symlink};
    let bitext = Bitext::new();
    let [text, _] = two_documents();
    let entries = [
        ("a.md", Regular, &*text),
        ("hard.md", Link, "a.md"),
        ("soft.md", Symlink, "a.md"),
        ("f.md", Fifo, ""),
    ];
    bitext.write("set.tar", tar(&entries));
    bitext.run(["extract", "set.tar"]).exits(0).prints("a.md").says_all(
        "set.tar/f.md: not a file but another kind of entry, which is not read\n\
         set.tar/hard.md: a link in an archive is not followed; unpack the archive, and name the folder\n\
         set.tar/soft.md: a link in an archive is not followed; unpack the archive, and name the folder\n\
         bitext: 3 problems\n",
    );
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive.start_file("a.md", options).unwrap();
    archive.write_all(text.as_bytes()).unwrap();
    archive.add_symlink("soft.md", "a.md", options).unwrap();
    bitext.write("set.zip", archive.finish().unwrap().into_inner());
    bitext.run(["extract", "set.zip"]).exits(0).prints("a.md").says_all(
        "set.zip/soft.md: a link in an archive is not followed; unpack the archive, and name the folder\n\
         bitext: 1 problem\n",
    );
}

/// A zip in which two files have one name, which no writer makes: the name of the second is changed afterwards.
fn zip_with_a_name_twice(first: &str, second: &str, name: &str) -> Vec<u8> {
    let other: String = name.replacen("a.", "b.", 1);
    let mut bytes = zip(&[(name, first), (&other, second)]);
    let places: Vec<usize> =
        (0..bytes.len() - name.len()).filter(|&at| bytes[at..].starts_with(other.as_bytes())).collect();
    assert_eq!(places.len(), 2, "in the file and in the directory");
    places.iter().for_each(|&at| bytes[at..at + name.len()].copy_from_slice(name.as_bytes()));
    bytes
}

#[test]
fn two_files_of_one_name_in_a_zip_are_named_and_the_last_counts() {
    let bitext = Bitext::new();
    let [first, _] = two_documents();
    let second = document("0a1b4", &[("열기", "Open")]);
    bitext.write("set.zip", zip_with_a_name_twice(&first, &second, "a.md"));
    bitext
        .run(["extract", "set.zip"])
        .exits(0)
        .prints("\"source\":\"Open\"")
        .says_all("set.zip/a.md: this path occurs twice; the last one counts\nbitext: 1 problem\n");
}

#[test]
fn a_zip_whose_files_share_bytes_is_refused() {
    let bitext = Bitext::new();
    let [first, second] = two_documents();
    let mut bytes = zip(&[("a.md", &first), ("b.md", &second)]);
    // The second entry of the directory states the offset of the first file.
    let directory = (0..bytes.len()).rev().find(|&at| bytes[at..].starts_with(b"PK\x01\x02")).unwrap();
    bytes[directory + 42..directory + 46].fill(0);
    bitext.write("set.zip", bytes);
    let run = bitext.run(["extract", "set.zip"]).exits(2).prints_nothing();
    run.says("set.zip is not a zip archive that can be read: a.md and b.md share bytes of it");
}

#[test]
fn an_archive_unpacks_to_no_more_than_allowed() {
    let bitext = Bitext::new();
    let mut zeros = Vec::new();
    std::io::repeat(b' ').take(3 << 20).read_to_end(&mut zeros).unwrap();
    let long = [document("0a1b2", &[("저장", "Save")]).as_bytes(), &zeros].concat();
    let long = String::from_utf8(long).unwrap();
    let whole = tar(&[("a.md", tar::EntryType::Regular, &long)]);
    bitext.write("set.tar.gz", gzip(&whole));
    bitext.write("set.tar.zst", zstd::encode_all(whole.as_slice(), 1).unwrap());
    bitext.write("set.zip", zip(&[("a.md", &long)]));
    for name in ["set.tar.gz", "set.tar.zst", "set.zip"] {
        let run = bitext.run(["extract", name, "--max-unpacked", "2MiB"]).exits(2).prints_nothing();
        run.says(name).says("it unpacks to more than 2 MiB; --max-unpacked SIZE unpacks more");
        bitext.run(["extract", name, "--max-unpacked", "4MiB"]).exits(0).prints("Save").says_nothing();
    }
}

#[test]
fn without_a_folder_for_temporary_files_the_folder_is_named() {
    let bitext = Bitext::new();
    bitext.write("set.tar.gz", gzip(&tar_of_two()));
    bitext.write("set.tar.zst", zstd::encode_all(tar_of_two().as_slice(), 1).unwrap());
    for name in ["set.tar.gz", "set.tar.zst"] {
        let mut command = bitext.command(["extract", name]);
        for variable in ["TMPDIR", "TMP", "TEMP"] {
            command.env(variable, bitext.path("nowhere"));
        }
        let output = command.output().expect("the program starts");
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(
            message.starts_with(&format!("bitext: cannot unpack {name} in the folder for temporary files, "))
        );
        assert!(message.contains("nowhere: ") && message.contains("name another with T"), "{message}");
        assert!(output.stdout.is_empty());
    }
}
