use super::*;
use crate::memory::Memory;
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
