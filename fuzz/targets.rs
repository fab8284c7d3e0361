//! What each fuzz target does with its bytes: shared by libFuzzer (`fuzz_targets/`) and by the tests on stable Rust
//! (`tests/fuzz.rs`). A target panics where a promise is broken, and not only where the code under test does.

use std::io::Cursor;

use bitext::alignment::{Side, align, in_order_of, learn, pairs_of_images, rows};
use bitext::exchange::tmx::{Damage, Entry, FormattedUnits, Inline, Profile, Settings, TmxReader, TmxWriter};
use bitext::input::{Content, DocumentSet, Limits};
use bitext::json::{BatchFormat, BatchReader, to_string};
use bitext::markup::{PieceKind, pieces, plain, plain_with_map};
use bitext::matching::concordance::{Pattern, PatternOptions, TextBlock, TextBlockBuilder, fold};
use bitext::matching::index::{Block, BlockBuilder, InMemoryIndex, IndexSearch, Scratch, TokenOrder};
use bitext::matching::{Query, token_ranges};
use bitext::model::{Score, Size, Unit, fold_line_breaks};
use bitext::segmentation::{Cuts, Language, Rules, Segmenter};
use bitext::side_by_side::{Spans, Syntax, front_matter_texts, halves, read};

/// The bytes are a clean document.
///
/// Its segments are ranges of whole characters, in order, and none is empty.
pub fn segments(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut segmenter = Segmenter::new(Rules::english());
    for syntax in [Syntax::Markdown, Syntax::Yaml, Syntax::Html] {
        let mut end = 0;
        for piece in segmenter.pieces(&text, syntax) {
            assert!(!text[piece.whole.range.clone()].is_empty(), "{piece:?}");
            for segment in &piece.sentences {
                assert!(end <= segment.range.start, "{piece:?} overlaps");
                assert!(!text[segment.range.clone()].is_empty(), "{piece:?}");
                end = segment.range.end;
            }
        }
    }
}

/// The bytes are a clean document and its translation, with a form feed between them.
///
/// Each pair is of ranges of whole characters that rise in the source; in the target no two overlap; a confidence is a probability; and the
/// rows of a review have all pairs.
pub fn alignment(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (source, target) = text.split_once('\u{c}').unwrap_or((&text, ""));
    let mut segmenter = Segmenter::new(Rules::english());
    for (syntax, locale) in [(Syntax::Markdown, "ja-JP"), (Syntax::Yaml, "de-DE"), (Syntax::Html, "th-TH")] {
        let cuts = Cuts::Candidates(Language::of_locale(locale));
        let source = Side::new(segmenter.outline(source, syntax, Cuts::Sentences), false);
        let target = Side::new(segmenter.outline(target, syntax, cuts), false);
        let target = in_order_of(&source, target);
        let documents = [(source, target)];
        let model = learn(&documents, || {});
        let [(source, target)] = &documents;
        let found = align(source, target, &model);
        let (mut end, mut targets) = (0, Vec::new());
        for bead in &found.beads {
            assert!(end <= bead.source_text.start, "{bead:?} overlaps");
            end = bead.source_text.end;
            targets.push((bead.target_text.start, bead.target_text.end));
            assert!((0.0..=1.0).contains(&bead.confidence()), "{bead:?}");
            let _ = (source.text(&bead.source_text), target.text(&bead.target_text));
        }
        targets.sort_unstable();
        assert!(targets.windows(2).all(|two| two[0].1 <= two[1].0), "{targets:?} overlap");
        for (one, other) in pairs_of_images(source, target) {
            assert!(!source.outline.text[one].is_empty() && !target.outline.text[other].is_empty());
        }
        let pairs = rows(source, target, &found).into_iter().filter(|row| row.features.is_some());
        assert_eq!(pairs.count(), found.beads.len());
        assert!((0.0..=1.0).contains(&found.fit()));
    }
    front_matter_texts(&text).iter().for_each(|found| assert!(!found.text.is_empty() && found.line > 1));
}

/// The bytes are a side-by-side document.
///
/// Each span lies where it says, the two halves are the document with each span replaced by one of its texts, and what is
/// written between the tags of a whole span comes out as its text.
pub fn spans(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (mut target, mut source) = (text.to_string(), text.to_string());
    let (found, errors): (Vec<_>, Vec<_>) = Spans::new(&text).partition(Result::is_ok);
    let found: Vec<_> = found.into_iter().flatten().collect();
    assert!(found.windows(2).all(|two| two[0].range.end <= two[1].range.start), "spans overlap");
    for span in found.iter().rev() {
        let whole = &text[span.range.clone()];
        assert!(whole.starts_with("<span data-ttu-id=") && whole.ends_with("</span></span>"), "{whole:?}");
        assert!(whole.contains(span.target) && whole.contains(span.source), "{span:?}");
        assert_eq!(span.line as usize, 1 + text[..span.range.start].matches('\n').count(), "{span:?}");
        target.replace_range(span.range.clone(), span.target);
        source.replace_range(span.range.clone(), span.source);
    }
    let halves = halves(&text);
    assert_eq!((&halves.target, &halves.source), (&target, &source));
    assert_eq!((halves.segments, halves.errors.len()), (found.len(), errors.len()));

    for syntax in [Syntax::Markdown, Syntax::Yaml] {
        let document = read(&text, syntax);
        assert_eq!(document.segments.len(), found.len());
        assert!(document.problems.len() >= errors.len());
    }
    read(&text, Syntax::Html);

    let once = fold_line_breaks(&text);
    assert_eq!(fold_line_breaks(&once), once, "folding twice is folding once");
    assert!(!once.contains('\n'));

    // A document of the same bytes, with tags around them that are known to be whole.
    let texts: Vec<String> = text.split('\0').map(without_span_tags).collect();
    let document: String =
        (101..).zip(texts.windows(2)).map(|(number, two)| segment(number, &two[0], &two[1])).collect();
    let document = read(&document, Syntax::Markdown);
    assert!(document.problems.is_empty(), "{:?}", document.problems);
    assert_eq!(document.segments.len(), texts.len() - 1);
    for (segment, two) in document.segments.iter().zip(texts.windows(2)) {
        assert_eq!(segment.target, fold_line_breaks(&two[0]));
        assert_eq!(segment.source, fold_line_breaks(&two[1]));
        is_found(&segment.source);
    }
}

/// A text that `extract` prints is an exact match when it is queried.
fn is_found(text: &str) {
    if !text.is_empty() {
        let found = Query::new(text).compare(text, Score::EXACT);
        assert_eq!(found.map(|found| found.score), Some(Score::EXACT), "{text:?}");
    }
}

fn segment(number: u32, target: &str, source: &str) -> String {
    format!(
        "<span data-ttu-id=\"0a1b2-{number}\">{target}</span><span class=\"sxs-lookup\">\
         <span data-stu-id=\"0a1b2-{number}\">{source}</span></span>\n"
    )
}

/// A text that neither opens nor closes a span.
fn without_span_tags(text: &str) -> String {
    let mut text = text.to_owned();
    while text.contains("<span") || text.contains("</span") {
        text = text.replace("<span", "").replace("</span", "");
    }
    text
}

/// The bytes are a segment's text.
///
/// The pieces are the text, paired codes nest, and the plain form is normalized and knows where it comes from.
pub fn markup(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let pieces = pieces(&text);
    assert_eq!(pieces.iter().map(|piece| piece.raw).collect::<String>(), text);
    let mut open = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        assert!(!piece.raw.is_empty());
        match &piece.kind {
            PieceKind::Open { code, partner } => {
                let Some(PieceKind::Close { code: closing, partner: back }) =
                    pieces.get(*partner).map(|piece| &piece.kind)
                else {
                    panic!("piece {at} of {text:?} has no closing half")
                };
                assert_eq!((code, at), (closing, *back));
                open.push(*partner);
            }
            PieceKind::Close { .. } => assert_eq!(open.pop(), Some(at), "pairs do not nest in {text:?}"),
            _ => {}
        }
    }
    assert!(open.is_empty());

    let plain = plain(&text);
    assert!(!plain.contains("  ") && plain.trim() == plain, "{plain:?}");
    let (mapped, map) = plain_with_map(&text);
    assert_eq!(mapped, plain, "{text:?}");
    let mut last = 0;
    for range in token_ranges(&plain) {
        assert!(last <= range.start && !plain[range.clone()].is_empty(), "{plain:?}");
        last = range.end;
        let raw = map.raw(range);
        assert!(text.get(raw.clone()).is_some_and(|raw| !raw.is_empty()), "{raw:?} of {text:?}");
    }
}

/// The bytes are a TMX file.
///
/// Reading ends, after the first error at the latest; a strict XML reader finds no fault that is not reported; and what was read
/// is the same after it was written and read again.
pub fn tmx_reader(data: &[u8]) {
    let Ok(reader) = TmxReader::new(Cursor::new(data.to_vec()), None) else { return };
    let (mut units, mut errors, mut line) = (Vec::new(), 0, 0);
    for (number, entry) in reader.enumerate() {
        // Nothing shorter than `<tu/>` makes one.
        assert!(number <= data.len() / 5 && errors == 0, "reading does not end");
        match entry {
            Ok(entry) => {
                assert!(entry.line >= line, "lines run backward");
                line = entry.line;
                units.extend(entry.unit);
            }
            Err(_) => errors += 1,
        }
    }
    read_strictly(data);
    let first = tmx(&units);
    let again: Vec<Unit> = TmxReader::new(Cursor::new(first.clone()), None)
        .expect("its own header")
        .filter_map(|entry| entry.expect("its own units").unit)
        .collect();
    let second = tmx(&again);
    assert_eq!(String::from_utf8_lossy(&first), String::from_utf8_lossy(&second));
}

/// A well-formed TMX with every kind of markup.
const WELL_FORMED: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<!DOCTYPE tmx SYSTEM \"tmx14.dtd\">
<!-- a comment -->
<tmx version=\"1.4\">
<header creationtool='t' srclang=\"en-US\" datatype=\"plaintext\"><note>n &amp; m</note></header>
<body>
<?tool some data?>
<tu tuid=\"1\"><prop type=\"x-a\">p</prop><note>n</note><tuv xml:lang=\"en-US\"><seg>Save &lt;b> <bpt i=\"1\">**</bpt>a</seg></tuv>
<tuv xml:lang=\"ko-KR\" changeid=\"K &gt; L\"><seg>저장 &#xAC00;<![CDATA[<x>]]>&quot;q&quot;</seg></tuv></tu>
<!-- between -->
<tu ><tuv xml:lang='en-US'><seg>Open</seg></tuv><tuv xml:lang=\"ko-KR\"
><seg>열기<ph x=\"1\"/>
 once</seg></tuv></tu>
</body>
</tmx>
";

/// Parts of XML, most of them with a fault wherever they are.
const PARTS: [&str; 72] = [
    "",
    " ",
    "\n",
    "\r",
    "\t",
    "<",
    ">",
    "&",
    "\"",
    "'",
    "=",
    ";",
    "/",
    "!",
    "?",
    "-",
    "--",
    "]",
    "]]>",
    "<!--",
    "-->",
    "<!-- a -- b -->",
    "<!-- --->",
    "<!-- a -->",
    "<?",
    "?>",
    "<?a?>",
    "<?a b?>",
    "<?1?>",
    "<? a?>",
    "<?XML a?>",
    "<?xml version=\"1.0\"?>",
    "<![CDATA[",
    "<![CDATA[a]]>",
    "<!DOCTYPE tmx>",
    "<!doctype tmx>",
    "&#x1b;",
    "&#0;",
    "&#xD800;",
    "&#;",
    "&#x;",
    "&#X41;",
    "&#65;",
    "&nbsp;",
    "&amp;",
    "&amp",
    "& ",
    "\0",
    "\u{1b}",
    "\u{b}",
    "\u{fffe}",
    "\u{ffff}",
    "\u{feff}",
    "\u{85}",
    "\u{a0}",
    "×",
    "한",
    " a=\"1\"",
    " a=\"1\" a=\"2\"",
    " a=\"1\"b=\"2\"",
    " a=1",
    " a",
    " 1=\"a\"",
    " a=\"<\"",
    " a=\"&b;\"",
    " a=\"&#1;\"",
    "<a/>",
    "<-/>",
    "</a>",
    "<tmx/>",
    "text",
    "</seg>",
];

/// The bytes are changes to a well-formed TMX, three for each: where it is, and what is inserted or replaces a character.
///
/// Each change alone, and all together, are read as a strict XML reader reads them.
pub fn tmx_xml(data: &[u8]) {
    let changes: Vec<_> = data.chunks_exact(3).take(32).map(|three| [three[0], three[1], three[2]]).collect();
    let mut all = WELL_FORMED.to_owned();
    for &change in &changes {
        let mut alone = WELL_FORMED.to_owned();
        make(change, &mut alone);
        read_strictly(alone.as_bytes());
        make(change, &mut all);
    }
    read_strictly(all.as_bytes());
}

/// Makes one change to a text.
fn make([low, high, what]: [u8; 3], text: &mut String) {
    let mut at = usize::from(u16::from_le_bytes([low, high])) % (text.len() + 1);
    // Every other change is where markup begins or ends.
    if what % 2 == 0 {
        at += text.as_bytes()[at..].iter().position(|byte| b"<>\"'=&;?".contains(byte)).unwrap_or(0);
        at += usize::from(high % 2);
    }
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let length = if what < 50 { text[at..].chars().next().map_or(0, char::len_utf8) } else { 0 };
    text.replace_range(at..at + length, PARTS[usize::from(low ^ what) % PARTS.len()]);
}

/// What a strict XML reader refuses in a TMX is an error, or is damage with a problem; and where both find no fault, both read
/// the same texts.
fn read_strictly(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // The other reader does not decode.
    if text.get(..200).unwrap_or(text).replace("encoding=\"UTF-8\"", "").contains("encoding") {
        return;
    }
    let entries: Result<Vec<Entry>, _> =
        TmxReader::new(Cursor::new(data.to_vec()), None).and_then(|reader| reader.collect());
    let mut faulty = entries.is_err();
    for entry in entries.iter().flatten() {
        assert!(entry.damage == Damage::None || !entry.problems.is_empty(), "damage without a problem");
        faulty |= entry.damage != Damage::None;
    }
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let strict = match roxmltree::Document::parse_with_options(text, options) {
        Ok(strict) => strict,
        Err(error) => {
            assert!(faulty || is_of_namespaces(&error, text), "{error} is not reported");
            return;
        }
    };
    let Ok(entries) = entries else { return };
    // The other reader keeps a CR that is followed by a reference; XML makes a line feed of it (section 2.11).
    if faulty || text.replace("\r\n", "").contains('\r') {
        return;
    }
    let units: Vec<_> = strict.descendants().filter(|node| node.has_tag_name("tu")).collect();
    assert_eq!(entries.len(), units.len());
    for (entry, unit) in entries.iter().zip(units) {
        let Some(read) = entry.unit.as_ref().filter(|_| entry.problems.is_empty()) else { continue };
        let mut read: Vec<&str> =
            read.variants.iter().map(|variant| &*variant.text).chain([&*read.source]).collect();
        let mut expected: Vec<String> =
            unit.children().filter(|node| node.has_tag_name("tuv")).map(text_of_variant).collect();
        read.sort_unstable();
        expected.sort_unstable();
        assert_eq!(read, expected);
    }
}

/// The text of a `tuv` as the strict reader has it.
fn text_of_variant(variant: roxmltree::Node<'_, '_>) -> String {
    let segment = variant.children().rfind(|node| node.has_tag_name("seg"));
    let parts = segment.iter().flat_map(|segment| segment.descendants()).filter(|node| node.is_text());
    fold_line_breaks(&parts.filter_map(|part| part.text()).collect::<String>()).into_owned()
}

/// Whether an error is of XML's namespaces, which TMX does not use.
fn is_of_namespaces(error: &roxmltree::Error, text: &str) -> bool {
    use roxmltree::Error::*;
    matches!(
        error,
        InvalidXmlPrefixUri(_)
            | UnexpectedXmlUri(_)
            | UnexpectedXmlnsUri(_)
            | InvalidElementNamePrefix(_)
            | DuplicatedNamespace(..)
            | UnknownNamespace(..)
    ) || matches!(error, InvalidName(_)) && text.replace(" xml:lang=", "").contains(':')
}

fn tmx(units: &[Unit]) -> Vec<u8> {
    let settings =
        Settings { profile: Profile::Generic, inline: Inline::Text, source_locale: None, multilingual: true };
    let mut writer = TmxWriter::new(Vec::new(), &settings).expect("memory takes any write");
    let mut formatted = FormattedUnits::new(settings);
    units.iter().for_each(|unit| formatted.push(unit));
    writer.write(&formatted).expect("memory takes any write");
    writer.finish().expect("memory takes any write").0
}

/// Four bytes say how many tokens and texts a block of the fuzzy index has; the rest is its records, and also its lists, and also a
/// block of the concordance index, and also a text whose lines, with their ends trimmed as those of a memory are, are made into both.
///
/// Damaged blocks are refused or searched, without more ado; whole ones lose nothing.
pub fn index_blocks(data: &[u8]) {
    let Some((&[a, b, count, wanted], rest)) = data.split_first_chunk() else { return };
    let length = usize::from(u16::from_le_bytes([a, b])) % 1200;
    let text = String::from_utf8_lossy(rest);
    let lines: Vec<_> = text.lines().take(50).map(fold_line_breaks).collect();
    let asked = lines.first().map(|line| &**line).unwrap_or_default();

    let mut bytes = rest.to_vec();
    bytes.resize(usize::from(count) * bytes_of_a_text(length), 0);
    let block = Block::from_bytes(length, usize::from(count), &bytes).expect("as many bytes as belong there");
    assert_eq!(block.as_bytes(), bytes);
    if count > 0 {
        assert!(Block::from_bytes(length, usize::from(count), &bytes[1..]).is_err());
    }
    let floor = Score::new(50 + wanted % 51).expect("a score");
    let query = Query::new(asked);
    let mut scratch = Scratch::default();
    let mut look_up = |index: &InMemoryIndex, wanted: usize| {
        let mut search = IndexSearch::new(&mut scratch, &query, floor, wanted);
        for length in search.lengths() {
            if search.wants(length) && index.search(length, &mut search, 0).is_err() {
                return Vec::new();
            }
        }
        search.finish().1
    };
    let mut index = InMemoryIndex::new(vec![block]);
    for hit in look_up(&index, usize::from(wanted) + 1) {
        assert!(hit.at_most <= 100);
    }
    let _ = TokenOrder::from_bytes(rest);
    if index.replace_lists(rest).is_ok() {
        look_up(&index, usize::from(wanted) + 1);
    }

    let (mut builder, mut texts) = (BlockBuilder::default(), TextBlockBuilder::default());
    for (id, line) in (0..).zip(&lines) {
        builder.add(id, line, &plain(line));
        texts.add(id, line, &plain(line));
    }
    let hits = look_up(&InMemoryIndex::new(builder.finish().collect()), usize::MAX);
    for (id, line) in (0..).zip(&lines) {
        let same = plain(line) == plain(asked) && token_ranges(&plain(line)).next().is_some();
        assert!(!same || hits.iter().any(|hit| hit.id == id && hit.at_most == 100), "{line:?} is lost");
    }

    let Ok(pattern) = Pattern::new(asked, PatternOptions::default()) else { return };
    let _ = TextBlock::search(rest, u32::from(count), &pattern, &mut Vec::new(), |_| {});
    let mut found = Vec::new();
    for block in texts.finish().map(|block| block.compress()) {
        let keep = |text: bitext::matching::concordance::Found<'_>| found.push(text.id);
        TextBlock::search(&block.bytes, block.texts, &pattern, &mut Vec::new(), keep)
            .expect("a block as it was made");
    }
    for (id, line) in (0..).zip(&lines) {
        let has = fold(&plain(line)).contains(&fold(asked)) || fold(line).contains(&fold(asked));
        assert!(!has || found.contains(&id), "{asked:?} is not found in {line:?}");
    }
}

/// The bytes that a text of so many tokens takes in a block.
fn bytes_of_a_text(length: usize) -> usize {
    let text = vec!["a"; length].join(" ");
    let mut builder = BlockBuilder::default();
    builder.add(0, &text, &text);
    builder.finish().map(|block| block.as_bytes().len()).sum()
}

/// The bytes are a batch of queries.
///
/// A line is a query or an error. A text is looked up as it is written, an object only if it is whole; and any text can be sent
/// as an object.
pub fn batch_lines(data: &[u8]) {
    let read = |format| {
        let mut reader = BatchReader::new(format);
        data.split(|&byte| byte == b'\n').map(|line| reader.read(line).ok()).collect::<Vec<_>>()
    };
    let (guessed, texts, objects) =
        (read(None), read(Some(BatchFormat::Text)), read(Some(BatchFormat::Json)));
    for (number, line) in data.split(|&byte| byte == b'\n').enumerate() {
        let written = std::str::from_utf8(line).ok();
        let written = written.map(|text| match number {
            0 => text.strip_prefix('\u{feff}').unwrap_or(text),
            _ => text,
        });
        let looked_up = texts[number].as_ref().map(|query| query.text.as_str());
        assert_eq!(looked_up, written.map(|text| text.trim_end_matches('\r')), "line {number}");
        let found = &guessed[number];
        assert!(found.is_none() || *found == texts[number] || *found == objects[number], "{found:?}");
        assert!(
            objects[number].is_none()
                || written.is_some_and(|text| text.trim_start().starts_with(['{', '[']))
        );
        if let Some(text) = written {
            let object = format!("{{\"text\": {}}}", to_string(text).expect("a text is JSON"));
            let query = BatchReader::new(None).read(object.as_bytes()).expect("a whole object");
            assert_eq!((query.text.as_str(), query.before, query.after), (text, None, None));
        }
    }
}

/// The first byte chooses the kind of archive, the rest is its content.
///
/// Paths lead nowhere else, come in order and once each, and reading a document ends; nothing is written beside the archive.
pub fn archives(data: &[u8]) {
    let Some((&kind, content)) = data.split_first() else { return };
    let names = ["a.zip", "a.tar", "a.tar.gz", "a.tar.zst"];
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join(names[usize::from(kind) % names.len()]);
    std::fs::write(&path, content).expect("a file in the temporary folder");
    if let Ok(set) = DocumentSet::open(&path, None, Limits::default(), |_| true) {
        assert!(set.entries.windows(2).all(|two| two[0].path < two[1].path), "{:?}", set.entries);
        let mut reader = set.reader().expect("the archive is still there");
        for entry in &set.entries {
            let stays = entry.path.split('/').all(|part| !part.is_empty() && part != ".." && part != ".");
            assert!(stays && !entry.path.contains(['\\', '\0']), "{:?} leads out", entry.path);
            let _ = reader.read(entry, 1 << 20);
        }
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("the temporary folder").count(), 1);
}

/// Small bounds, so that a test of a few bytes can exceed them.
const SMALL: Limits = Limits { document: Size(16 << 10), unpacked: Size(64 << 10) };

/// The bytes are a tar archive. The checksums of its headers are made right first: else a changed header is refused at once.
///
/// What is listed lies in the file, and what a header claims is neither allocated nor believed.
pub fn tar_headers(data: &[u8]) {
    let mut bytes = data.to_vec();
    let mut at = 0;
    while let Some(header) = bytes.get_mut(at..at + 512) {
        let size =
            std::str::from_utf8(&header[124..135]).ok().and_then(|size| usize::from_str_radix(size, 8).ok());
        if header.iter().any(|&byte| byte != 0) {
            header[148..156].fill(b' ');
            let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
            header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
        at = at.saturating_add(512).saturating_add(size.unwrap_or(0).next_multiple_of(512));
    }
    let documents = read_within_bounds("a.tar", &bytes);
    // A header and its content each take their bytes.
    assert!(documents.iter().map(|bytes| 512 + bytes).sum::<usize>() <= bytes.len(), "{documents:?}");
}

/// The bytes are a zip archive.
///
/// Its documents unpack to no more than is allowed, whatever their headers claim.
pub fn zip_headers(data: &[u8]) {
    let documents = read_within_bounds("a.zip", data);
    assert!(documents.iter().sum::<usize>() as u64 <= SMALL.unpacked.0, "{documents:?}");
}

/// The lengths of the documents of an archive that can be read.
fn read_within_bounds(name: &str, archive: &[u8]) -> Vec<usize> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join(name);
    std::fs::write(&path, archive).expect("a file in the temporary folder");
    let Ok(set) = DocumentSet::open(&path, None, SMALL, |_| true) else { return Vec::new() };
    // An entry of a tar takes 512 bytes, one of a zip takes 46 in the directory alone.
    assert!((set.entries.len() + set.problems.len()) * 46 <= archive.len(), "more files than fit");
    let mut reader = set.reader().expect("the archive is still there");
    let mut lengths = Vec::new();
    for entry in &set.entries {
        if let Ok(content) = reader.read(entry, SMALL.document.0) {
            let Content::Whole(bytes) = content else { panic!("a larger document is no entry") };
            assert!(bytes.len() as u64 <= SMALL.document.0);
            lengths.push(bytes.len());
        }
    }
    lengths
}
