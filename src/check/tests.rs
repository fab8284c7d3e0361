//! Tests of all rules: each example is found, clean pairs are not, and no text makes a rule panic.

use proptest::prelude::*;

use super::{
    CHECKS, Check, Facts, Finding, Kind, Neighbour, Neighbours, Pair, Selection, Severity, check, check_of_id,
};
use crate::model::{Locale, Workflow};

fn locale(name: &str) -> Locale {
    name.parse().unwrap()
}

fn pair<'a>(
    (source, target): (&'a str, &'a str),
    (from, to): (&'a Locale, &'a Locale),
    workflow: Workflow,
) -> Pair<'a> {
    Pair {
        source,
        target,
        source_locale: from,
        target_locale: to,
        workflow: Some(workflow),
        no_loc: &[],
        neighbours: Neighbours::default(),
    }
}

/// The findings of all checks in a machine translation from English, with nothing known of its set.
fn found(source: &str, target: &str, to: &str) -> Vec<Finding> {
    found_by(source, target, to, Workflow::Machine)
}

fn found_by(source: &str, target: &str, to: &str, workflow: Workflow) -> Vec<Finding> {
    let (from, to) = (locale("en-US"), locale(to));
    check(pair((source, target), (&from, &to), workflow), &Facts::default(), &Selection::everything())
}

fn ids(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.check.id).collect()
}

/// Checks whose examples need more than the pair.
const NEED_A_SET: [&str; 6] =
    ["same_target", "inconsistent", "length", "no_loc", "slipped", "replaced_human"];

#[test]
fn every_check_finds_its_example() {
    let finds_it = |check: &&Check| {
        let example = check.example;
        ids(&found(example.source, example.target, example.locale)).contains(&check.id)
    };
    let not_found: Vec<&Check> = CHECKS
        .iter()
        .filter(|check| !NEED_A_SET.contains(&check.id))
        .filter(|check| !finds_it(check))
        .collect();
    assert!(not_found.is_empty(), "{not_found:?}");
}

#[test]
fn ids_are_unique_and_each_check_is_documented() {
    for (index, check) in CHECKS.iter().enumerate() {
        assert_eq!(check_of_id(check.id).map(|found| found.id), Some(check.id));
        assert!(CHECKS[..index].iter().all(|other| other.id != check.id), "{}", check.id);
        assert!(check.says.ends_with('.') && check.says.len() > 20, "{}", check.id);
        assert!(check.traps.is_empty() || check.traps.ends_with('.'), "{}", check.id);
        // A person's translation is never judged more harshly than a machine's.
        assert!(check.human <= check.machine, "{}", check.id);
        assert!(check.kind == Kind::Fault || check.machine == Severity::Info, "{}", check.id);
    }
}

/// Source, target, locale, and the checks that find something, all of them, in order.
const TABLE: &[(&str, &str, &str, &[&str])] = &[
    // What is right.
    ("See [Berths](../berths.md).", "[선석](../berths.md)을 참조하세요.", "ko-KR", &[]),
    ("Select **Save** (the disk).", "**저장**(디스크)을 선택합니다.", "ko-KR", &[]),
    ("Use `Moor` and `Sail`.", "`Moor` 및 `Sail`을 사용합니다.", "ko-KR", &[]),
    ("Select \"Save\".", "Wählen Sie „Speichern“ aus.", "de-DE", &[]),
    ("On 06/10/2019 at 5 PM", "Am 10.06.2019 um 17:00 Uhr", "de-DE", &[]),
    ("More than 1,000,000 vessels", "100만 척이 넘는 선박", "ko-KR", &[]),
    ("See https://example.com/en-us/a.", "https://example.com/ko-kr/a를 참조하세요.", "ko-KR", &[]),
    ("Press <kbd>Enter</kbd>.", "<kbd>Enter</kbd> 키를 누릅니다.", "ko-KR", &[]),
    ("Run `a(b` now", "지금 `a(b`를 실행합니다", "ko-KR", &[]),
    // A broken source is no reason to blame the target.
    ("[Next]tides.md)", "[다음](tides.md)", "ko-KR", &[]),
    ("(the first part", "첫 번째 부분(", "ko-KR", &[]),
    // What is wrong.
    ("See [Berths](berths.md).", "[선석](birth.md)을 참조하세요.", "ko-KR", &["link"]),
    ("See [Berths](berths.md).", "[선석] (berths.md)을 참조하세요.", "ko-KR", &["link_space", "link"]),
    ("Use `Moor` and `Sail`.", "`Moor`을 사용합니다.", "ko-KR", &["code"]),
    ("See <xref:A.B>.", "다음을 참조하세요.", "ko-KR", &["markup"]),
    ("> [!NOTE]", "> [!참고]", "ko-KR", &["markup"]),
    ("**Bold** text", "굵은 텍스트", "ko-KR", &["bold_lost"]),
    ("**Bold** text", "[굵은] 텍스트", "ko-KR", &[]),
    ("Depth 1042 m", "수심 1024 m", "ko-KR", &["number"]),
    ("Use the TideTable class.", "tidetable 클래스를 사용합니다.", "ko-KR", &["name_case"]),
    ("Use max_depth here.", "여기서 최대_깊이를 사용합니다.", "ko-KR", &["name_lost"]),
    ("Tax (VAT) data", "增值税) 数据 (", "zh-CN", &["brackets", "cut"]),
    ("The lock", "锁 (", "zh-CN", &["brackets", "cut"]),
    ("The lock opens.", "锁。5。0", "zh-CN", &["residue"]),
    ("Is &#182; shown?", "&#182；가 표시됩니까?", "ko-KR", &["entity"]),
    ("Print the chart.", "차트를 인쇄??? 합니다.", "ko-KR", &["residue"]),
    (
        "Pay the tenant or the supplier.",
        "테 넌 트 또는 공급자에 대 한 새 값을 지불합니다.",
        "ko-KR",
        &["split_word"],
    ),
    ("The harbor of the new row", "새 행 및 열 수 있 는 항구", "ko-KR", &[]),
    ("Choose **Tides** now.", "[조석]을 지금 **선택합니다**.", "ko-KR", &["bold_moved"]),
    ("**Select the tide** now.", "지금 **조석을 선택합니다**.", "ko-KR", &[]),
    ("The AIS of a vessel", "선박의 ais", "ko-KR", &["abbreviation"]),
    ("The AIS file has the ending ais.", "AIS 파일의 끝은 ais입니다.", "ko-KR", &[]),
    (
        "Harbors - and the long names of harbors (all)",
        "Harbors – and the long names of harbors (all) (Häfen – and the long names of harbors (all))",
        "de-DE",
        &[],
    ),
    (
        "See sb://a.b/c,sb://d.e/f now.",
        "sb://a.b/c , sb://d.e/f를 지금 참조하세요.",
        "ko-KR",
        &["space_before"],
    ),
    ("**✓** ok", "** ✓** 확인", "ko-KR", &["emphasis", "bold_lost"]),
];

#[test]
fn pairs_have_the_findings_of_the_table() {
    let mut wrong = Vec::new();
    for (source, target, to, expected) in TABLE {
        let mut faults = ids(&found(source, target, to));
        faults.retain(|id| check_of_id(id).unwrap().kind == Kind::Fault);
        if faults != *expected {
            wrong.push(format!("{source} | {target}: {faults:?} instead of {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn places_are_marked_and_reasons_name_what_is_wrong() {
    let findings = found("Run `Get-Tide -Verbose` now.", "지금 `Get-Tide -자세한`을 실행합니다.", "ko-KR");
    assert_eq!(ids(&findings), ["code"]);
    assert_eq!(findings[0].reason, "the code `Get-Tide -Verbose` is missing");
    assert_eq!((findings[0].source[0].clone(), findings[0].source.len()), (5..22, 1));
    assert!(findings[0].target.is_empty());
}

#[test]
fn a_human_translation_is_judged_more_mildly() {
    let (source, target) = ("The lock holds 1042 vessels.", "갑문에는 104척이 들어갑니다.");
    assert_eq!(found_by(source, target, "ko-KR", Workflow::Machine)[0].severity, Severity::Warning);
    assert_eq!(found_by(source, target, "ko-KR", Workflow::Human)[0].severity, Severity::Info);
    let (from, to) = (locale("en-US"), locale("ko-KR"));
    let human = pair((source, target), (&from, &to), Workflow::Human);
    assert_eq!(check(human, &Facts::default(), &Selection::default()), []);
    let unknown = Pair { workflow: None, ..human };
    assert_eq!(check(unknown, &Facts::default(), &Selection::default()), []);
}

#[test]
fn people_who_replace_bold_have_a_habit() {
    let (from, to) = (locale("en-US"), locale("zh-CN"));
    let sources: Vec<String> = (0..40).map(|number| format!("Select **Berth {number}**.")).collect();
    let targets: Vec<String> = (0..40).map(|number| format!("选择\u{201c}泊位 {number}\u{201d}。")).collect();
    let pairs: Vec<Pair<'_>> = sources
        .iter()
        .zip(&targets)
        .map(|(source, target)| pair((source, target), (&from, &to), Workflow::Human))
        .collect();
    let facts = Facts::learn(pairs.iter().copied(), &Selection::everything());
    let plain = pair(("Select **Save**.", "选择保存。"), (&from, &to), Workflow::Human);
    let finds =
        |facts: &Facts<'_>, pair| ids(&check(pair, facts, &Selection::default())).contains(&"bold_lost");
    assert!(finds(&Facts::default(), plain) && !finds(&facts, plain));
    let machine = Pair { workflow: Some(Workflow::Machine), ..plain };
    assert!(finds(&facts, machine), "a machine has no habits");
}

#[test]
fn what_is_learned_in_parts_is_what_is_learned_at_once() {
    let (from, to) = (locale("en-US"), locale("ko-KR"));
    let texts: Vec<(String, String)> =
        (0..9).map(|n| (format!("The TideTable {}", n % 4), format!("TideTable {}", n % 3))).collect();
    let all: Vec<Pair<'_>> =
        texts.iter().map(|(source, target)| pair((source, target), (&from, &to), Workflow::Human)).collect();
    let whole = Facts::learn(all.iter().copied(), &Selection::everything());
    let mut parts = Facts::default();
    all.chunks(2).for_each(|part| parts.merge(Facts::learn(part.iter().copied(), &Selection::everything())));
    for pair in &all {
        let of = |facts: &Facts<'_>| check(*pair, facts, &Selection::everything());
        assert_eq!(of(&whole), of(&parts));
    }
}

#[test]
fn checks_that_need_the_set_find_what_it_shows() {
    let (from, to) = (locale("en-US"), locale("ko-KR"));
    let of = |texts| pair(texts, (&from, &to), Workflow::Machine);
    let all = [
        of(("Open the upper lock.", "갑문을 엽니다.")),
        of(("Close the upper lock.", "갑문을 엽니다.")),
        of(("Berth", "선석")),
        of(("Berth", "부두")),
    ];
    let facts = Facts::learn(all, &Selection::everything());
    let learned = facts;
    let ids = |pair| ids(&check(pair, &learned, &Selection::everything()));
    assert_eq!(ids(all[0]), ["same_target"]);
    assert_eq!(ids(all[3]), ["inconsistent"]);
    let next = Neighbour {
        source: "Wait for the `crane` at berth 27.",
        target: "부두 14는 `tide`가 오를 때까지 닫힙니다.",
    };
    let of_next = of(("Berth 14 is closed until the `tide` rises.", "부두 27에서 `crane`을 기다립니다."));
    let slipped = Pair { neighbours: Neighbours { next: Some(next), ..Neighbours::default() }, ..of_next };
    assert!(ids(slipped).contains(&"slipped") && !ids(of_next).contains(&"slipped"));
    let mut facts = Facts::default();
    facts.add_human_before("The berth is free.", "선석이 비어 있습니다.");
    let replaced = of(("The berth is free.", "침대는 무료입니다."));
    let found = check(replaced, &facts, &Selection::everything());
    assert_eq!(found[0].reason, "a person had translated `선석이 비어 있습니다.`");
    let terms = ["Harbor Light".to_owned()];
    let pair = Pair { no_loc: &terms, ..of(("Harbor Light shines.", "항구 등불이 빛납니다.")) };
    assert_eq!(ids(pair), ["no_loc"]);
}

#[test]
fn a_selection_chooses_by_id_and_severity() {
    let of = |id| check_of_id(id).unwrap();
    let machine = Some(Workflow::Machine);
    let default = Selection::default();
    assert!(default.has(of("link"), machine) && !default.has(of("doubled"), machine));
    assert!(!default.has(of("copied"), machine) && !default.has(of("number"), None));
    let only = Selection { only: vec![of("doubled"), of("copied")], ..Selection::default() };
    assert!(
        only.has(of("doubled"), machine) && only.has(of("copied"), machine) && !only.has(of("link"), machine)
    );
    let errors = Selection { min_severity: Some(Severity::Error), ..Selection::default() };
    assert!(errors.has(of("link"), machine) && !errors.has(of("brackets"), machine));
    let without = Selection { skip: vec![of("link")], ..Selection::default() };
    assert!(!without.has(of("link"), machine));
}

/// Pieces of texts that rules look at.
const PIECES: [&str; 44] = [
    "**",
    "*",
    "`",
    "``",
    "[",
    "](",
    ")",
    "] (a.md)",
    "<",
    ">",
    "&amp;",
    "&",
    ";",
    "\\",
    "{",
    "}",
    "%",
    "\"",
    "\u{201e}",
    "(",
    "（",
    "「",
    "」",
    "。",
    "5。0",
    "# B1",
    "<c4>",
    "n a m e",
    "가",
    "를 ",
    " 및 를 ",
    "クラウド",
    "é",
    "Ã©",
    "\u{200b}",
    "\u{202b}",
    "a@b.cd",
    "https://a.b/c",
    "Get-Tide",
    "--opt",
    "-Name",
    "TideTable",
    "12,345.6",
    "\u{1}",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_is_checked_and_ranges_are_within_it(
        source in proptest::collection::vec(prop_oneof![proptest::sample::select(&PIECES[..]).prop_map(str::to_owned), "\\PC{0,6}"], 0..14),
        target in proptest::collection::vec(prop_oneof![proptest::sample::select(&PIECES[..]).prop_map(str::to_owned), "\\PC{0,6}"], 0..14),
        to in proptest::sample::select(&["ko-KR", "ja-JP", "zh-CN", "zh-TW", "de-DE", "ar-SA", "fr-FR", "x-y"][..]),
    ) {
        let (source, target) = (source.concat(), target.concat());
        let to: Locale = to.parse().unwrap_or_else(|_| locale("tr-TR"));
        let from = locale("en-US");
        let machine = pair((&source, &target), (&from, &to), Workflow::Machine);
        let reverse = pair((&target, &source), (&from, &to), Workflow::Human);
        let facts = Facts::learn([machine, reverse], &Selection::everything());
        for pair in [machine, reverse] {
            for finding in check(pair, &facts, &Selection::everything()) {
                prop_assert!(!finding.reason.is_empty());
                for (text, ranges) in [(pair.source, &finding.source), (pair.target, &finding.target)] {
                    for range in ranges {
                        prop_assert!(text.get(range.clone()).is_some(), "{} {range:?} of {text:?}", finding.check.id);
                    }
                }
            }
        }
    }
}
