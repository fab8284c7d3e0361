//! The loops that an import, a query and an export spend their time in, over texts made up from a fixed seed.
//!
//! `cargo bench` runs all; `cargo bench -- plain` those with `plain` in their names. Whole commands on real documents are measured
//! by the Python scripts beside this file.

use bitext::exchange::tmx::{FormattedUnits, Inline, Profile, Settings};
use bitext::markup::plain;
use bitext::matching::concordance::{Pattern, PatternOptions, TextBlock, TextBlockBuilder};
use bitext::matching::index::{BlockBuilder, InMemoryIndex, IndexSearch, Scratch};
use bitext::matching::{Query, folded, token_ranges};
use bitext::model::{Context, Scope, Score, Unit, Variant, Workflow};
use bitext::side_by_side::{Syntax, read};
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

/// SplitMix64 (Steele, Lea and Flood, 2014): a generator that needs no crate.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ bits >> 31) % bound as u64) as usize
    }
}

const WORDS: [&str; 24] = [
    "the",
    "of",
    "a",
    "to",
    "file",
    "select",
    "berth",
    "harbor",
    "**Save**",
    "`List<T>`",
    "in",
    "[settings](a.md)",
    "and",
    "vessel",
    "booking",
    "&amp;",
    "is",
    "for",
    "pier",
    "<xref:Harbor.Pier>",
    "월드",
    "선석을",
    "예약합니다",
    "설정",
];

/// Sentences of one to thirty words, many of them alike as sentences of a handbook are: common words come first.
fn sentences(count: usize) -> Vec<String> {
    let mut random = Random(1);
    let mut sentence = |number: usize| {
        let length = 1 + random.below(30);
        let mut words: Vec<String> = (0..length)
            .map(|_| {
                let most = 1 + random.below(WORDS.len());
                WORDS[random.below(most)].to_owned()
            })
            .collect();
        words.push(format!("{}.", number % (count / 4).max(1)));
        words.join(" ")
    };
    (0..count).map(&mut sentence).collect()
}

/// A side-by-side document of these sentences, each its own translation.
fn document(sentences: &[String]) -> String {
    let mut text = String::from("---\ntitle: A\nms.contentlocale: ko-KR\n---\n");
    for (number, sentence) in (101..).zip(sentences) {
        text += &format!(
            "- <span data-ttu-id=\"0a1b2-{number}\">{sentence}</span><span class=\"sxs-lookup\">\
             <span data-stu-id=\"0a1b2-{number}\">{sentence}</span></span>\n"
        );
    }
    text
}

#[divan::bench]
fn spans(bencher: Bencher<'_, '_>) {
    let text = document(&sentences(1000));
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| read(black_box(&text), Syntax::Markdown).segments.len());
}

#[divan::bench]
fn plain_text(bencher: Bencher<'_, '_>) {
    let texts = sentences(1000);
    let bytes: usize = texts.iter().map(String::len).sum();
    bencher
        .counter(BytesCount::new(bytes))
        .bench(|| texts.iter().map(|text| plain(black_box(text)).len()).sum::<usize>());
}

#[divan::bench]
fn tokens(bencher: Bencher<'_, '_>) {
    let texts: Vec<String> = sentences(1000).iter().map(|text| plain(text).into_owned()).collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    bencher.counter(BytesCount::new(bytes)).bench(|| {
        let tokens =
            |text: &String| token_ranges(text).map(|range| folded(&text[range]).len()).sum::<usize>();
        texts.iter().map(|text| tokens(black_box(text))).sum::<usize>()
    });
}

#[divan::bench]
fn distance(bencher: Bencher<'_, '_>) {
    let texts = sentences(1000);
    bencher.counter(ItemsCount::new(texts.len())).bench_local(|| {
        let mut query = Query::new(&texts[0]);
        texts.iter().filter_map(|text| query.compare(black_box(text), Score::EXACT)).count()
    });
}

/// The index of fuzzy matching: lists of the prefix first, then the tokens of what they do not exclude.
#[divan::bench(args = [50, 70, 90])]
fn index_search(bencher: Bencher<'_, '_>, floor: u8) {
    let texts = sentences(50_000);
    let mut builder = BlockBuilder::default();
    for (id, text) in (0..).zip(&texts) {
        builder.add(id, text, &plain(text));
    }
    let index = InMemoryIndex::new(builder.finish().collect());
    let query = Query::new(&texts[7]);
    let floor = Score::new(floor).expect("a score");
    let mut scratch = Scratch::default();
    bencher.counter(ItemsCount::new(texts.len())).bench_local(|| {
        let mut search = IndexSearch::new(&mut scratch, &query, floor, 5);
        for length in search.lengths() {
            if search.wants(length) {
                index.search(length, &mut search, 0).expect("whole lists");
            }
        }
        search.finish().1.len()
    });
}

#[divan::bench]
fn concordance(bencher: Bencher<'_, '_>) {
    let texts = sentences(20_000);
    let mut builder = TextBlockBuilder::default();
    for (id, text) in (0..).zip(&texts) {
        builder.add(id, text, &plain(text));
    }
    let blocks: Vec<TextBlock> = builder.finish().map(|block| block.compress()).collect();
    let pattern = Pattern::new("harbor vessel", PatternOptions::default()).expect("a phrase");
    let mut buffer = Vec::new();
    bencher.counter(ItemsCount::new(texts.len())).bench_local(|| {
        let mut found = 0;
        for block in &blocks {
            TextBlock::search(&block.bytes, block.texts, &pattern, &mut buffer, |_| found += 1)
                .expect("a whole block");
        }
        found
    });
}

#[divan::bench(args = [Inline::Text, Inline::Codes])]
fn tmx_formatting(bencher: Bencher<'_, '_>, inline: Inline) {
    let units: Vec<Unit> = sentences(1000).into_iter().map(unit).collect();
    bencher.counter(ItemsCount::new(units.len())).bench_local(|| {
        let mut formatted = FormattedUnits::new(Settings {
            profile: Profile::Generic,
            inline,
            source_locale: Some("en-US".parse().expect("a locale")),
            multilingual: false,
        });
        units.iter().for_each(|unit| formatted.push(black_box(unit)));
        formatted
    });
}

fn unit(text: String) -> Unit {
    let variant = Variant {
        superseded: None,
        locale: "ko-KR".parse().expect("a locale"),
        text: text.as_str().into(),
        workflow: Some(Workflow::Human),
        usage: 1,
        created: None,
        changed: None,
        last_used: None,
        creator: None,
        changer: None,
        places: Vec::new(),
        documents: 1,
        source_commit: None,
        no_loc: Vec::new(),
        confidence: None,
        labels: Vec::new(),
        properties: Vec::new(),
        notes: Vec::new(),
        shared: None,
    };
    Unit {
        source_locale: "en-US".parse().expect("a locale"),
        source: text.into(),
        context: Context::default(),
        scope: Scope::Everywhere,
        variants: vec![variant],
    }
}
