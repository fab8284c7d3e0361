use super::*;
use crate::memory::Memory;
use crate::operations::Part;
use crate::operations::export::{Rules, Selection, export_batches};
use crate::operations::import::ImportPlan;

const DOCUMENT: &str = "# <span data-ttu-id=\"0a1b2-101\">Segel</span>\
    <span class=\"sxs-lookup\"><span data-stu-id=\"0a1b2-101\">Sail</span></span>\n\n\
    <span data-ttu-id=\"0a1b2-102\">Werfen Sie den **Anker**.</span>\
    <span class=\"sxs-lookup\"><span data-stu-id=\"0a1b2-102\">Cast the **anchor**.</span></span>\n";

#[test]
fn a_folder_a_document_and_a_memory_make_the_same_rows() {
    let folder = tempfile::tempdir().unwrap();
    let set = folder.path().join("docs");
    std::fs::create_dir(&set).unwrap();
    std::fs::write(set.join("a.md"), DOCUMENT).unwrap();
    let (source_locale, target_locale): (Locale, Locale) =
        ("en-US".parse().unwrap(), "de-DE".parse().unwrap());
    let sources = SegmentSources {
        paths: vec![set.clone()],
        files: Default::default(),
        set: None,
        source_locale: source_locale.clone(),
        target_locale: Some(target_locale.clone()),
        threads: 2,
        part: Part::default(),
    };
    let mut extracted = Vec::new();
    let keep = |batch| {
        extracted.push(batch);
        Ok(())
    };
    extract_batches(&sources, &mut (), keep).unwrap();
    assert_eq!(extracted.iter().map(RecordBatch::num_rows).sum::<usize>(), 2);

    let document = DocumentBytes {
        set: "docs",
        path: "a.md",
        bytes: DOCUMENT.as_bytes(),
        source_locale: &source_locale,
        target_locale: Some(target_locale.clone()),
    };
    let (batches, problems) = extract_document(&document).unwrap();
    assert_eq!((&batches, problems.len()), (&extracted, 0));
    let (batches, problems) = extract_document(&DocumentBytes { target_locale: None, ..document }).unwrap();
    assert!(batches.is_empty());
    assert_eq!(problems[0].reason, NO_LOCALE);

    let mut memory = Memory::open_or_create(&folder.path().join("a.db")).unwrap();
    let plan =
        ImportPlan { target_locale: Some(target_locale), ..ImportPlan::new([set.as_path()], source_locale) };
    plan.list().unwrap().import(&mut memory, &mut ()).unwrap();
    let mut exported = Vec::new();
    let keep = |batch| {
        exported.push(batch);
        Ok(())
    };
    export_batches(&memory, &Selection::default(), &Rules::default(), keep).unwrap().unwrap();
    assert_eq!(exported, extracted);
}

#[test]
fn the_parts_of_a_set_have_the_rows_and_the_problems_of_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let set = folder.path().join("docs");
    std::fs::create_dir(&set).unwrap();
    for number in 0..7 {
        // One document states no locale. It has that of most others, whichever part it is in.
        let front = if number == 0 { "" } else { "---\nms.contentlocale: de-DE\n---\n" };
        std::fs::write(set.join(format!("{number}.md")), format!("{front}{DOCUMENT}")).unwrap();
    }
    std::fs::write(set.join("bad.md"), b"<span data-ttu-id=\"0a1b2-101\">\xff").unwrap();
    let extracted = |part: Part| {
        let sources = SegmentSources {
            paths: vec![set.clone()],
            files: Default::default(),
            set: None,
            source_locale: "en-US".parse().unwrap(),
            target_locale: None,
            threads: 2,
            part,
        };
        assert_eq!(sources.list().unwrap()[0].documents, 8);
        let mut rows = Vec::new();
        let counts = extract_batches(&sources, &mut (), |batch| {
            rows.push(batch);
            Ok(())
        });
        (rows, counts.unwrap().problems)
    };
    let joined = |rows: &[RecordBatch]| {
        rows.iter().flat_map(|rows| (0..rows.num_rows()).map(|at| rows.slice(at, 1))).collect::<Vec<_>>()
    };
    let (whole, problems) = extracted(Part::default());
    assert_eq!((joined(&whole).len(), problems), (14, 1));
    for of in [2, 3, 8, 20] {
        let parts: Vec<_> = (0..of).map(|index| extracted(Part { index, of })).collect();
        let rows: Vec<_> = parts.iter().flat_map(|(rows, _)| joined(rows)).collect();
        assert_eq!(rows, joined(&whole), "{of} parts");
        assert_eq!(parts.iter().map(|(_, problems)| problems).sum::<u64>(), 1, "{of} parts");
    }
}
