//! Characters of the other Chinese script.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::{Check, Example, Facts, Hits, Kind, Severity, Subject, quoted};

pub(in crate::check) const CHECK: Check = Check {
    id: "wrong_han",
    kind: Kind::Fault,
    machine: Severity::Warning,
    human: Severity::Warning,
    says: "Simplified Chinese with a traditional character, or traditional Chinese with simplified ones.",
    example: Example { locale: "zh-CN", source: "The lock is closed.", target: "船閘已關闭。" },
    traps: "Names of languages in both scripts are left out, where the source has the character.",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { pair, source, target, .. } = subject;
    if pair.target_locale.language() != "zh"
        || source.text.contains("Traditional")
        || source.text.contains("Simplified")
    {
        return;
    }
    let locale = pair.target_locale.as_str();
    let is_traditional =
        ["Hant", "TW", "HK", "MO"].iter().any(|part| locale.split('-').any(|subtag| subtag == *part));
    let (wrong, name) =
        if is_traditional { (&*SIMPLIFIED, "simplified") } else { (&*TRADITIONAL, "traditional") };
    let known: HashSet<char> = source.text.chars().filter(|c| !c.is_ascii()).collect();
    let found: Vec<_> = target
        .prose
        .char_indices()
        .filter(|(_, c)| wrong.contains(c) && !known.contains(c))
        .map(|(at, c)| at..at + c.len_utf8())
        .collect();
    // In traditional Chinese, a single simplified form can be a variant.
    if found.len() > usize::from(is_traditional) {
        let reason = format!("{name} characters: {}", quoted(target.at(&found[0])));
        hits.add(Vec::new(), found, reason);
    }
}

static TRADITIONAL: LazyLock<HashSet<char>> = LazyLock::new(|| PAIRS.chars().step_by(2).collect());
static SIMPLIFIED: LazyLock<HashSet<char>> = LazyLock::new(|| PAIRS.chars().skip(1).step_by(2).collect());

/// A traditional character and its simplified form, in turn: frequent ones whose forms are used in one script only.
const PAIRS: &str = "這这個个們们來来時时說说對对會会國国學学發发開开關关動动還还應应實实現现點点過过將将從从為为無无與与據据數数檔档請请選选擇择\
    設设計计許许資资訊讯體体檢检視视錯错誤误連连線线網网單单雙双處处務务類类種种組组織织結结給给統统級级維维護护權权標标記记號号碼码編编輯辑\
    題题頁页項项預预顯显變变讀读寫写轉转換换傳传輸输執执階阶層层隊队際际險险難难離离電电環环產产業业東东車车門门問问間间閉闭閱阅風风飛飞\
    馬马驗验驅驱圖图團团塊块壓压壞坏夠够奪夺寶宝專专尋寻導导屬属帶带幫帮庫库廣广廠厂張张強强彈弹後后";
