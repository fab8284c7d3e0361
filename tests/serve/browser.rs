//! The page in headless Chromium, driven by chromedriver (W3C WebDriver). Skipped with a sentence where one of the two is missing.
//!
//! Screenshots are written to `target/screenshots`. With `AXE` as the path of `axe.min.js`, each page is also checked by axe-core.

mod webdriver;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::harness::{Server, encoded};
use crate::support::{Bitext, fixture};
use webdriver::{Browser, keys};

/// A memory with right-to-left text, a wide script, and hostile segments, beside the documents of the fixtures.
fn server() -> Server {
    let bitext = Bitext::new();
    bitext.import(fixture("docs"));
    let line = |source: &str, target: &str, locale: &str| {
        json!({"source": source, "target": target, "source_locale": "en-US", "target_locale": locale, "set": "more",
               "document": format!("guide/{locale}.md"), "workflow": "human", "handoff": "2024-05-01"})
        .to_string()
    };
    let lines = [
        line("Open the **Harbor** app.", "افتح تطبيق **Harbor** (الإصدار 2.1).", "ar-SA"),
        line("Select a berth, then press Enter.", "حدد رصيفًا، ثم اضغط على Enter.", "ar-SA"),
        line("Open the **Harbor** app.", "פתח את היישום **Harbor**.", "he-IL"),
        line(
            "<script>document.title = 'broken'</script> berth",
            "<img src=x onerror=\"document.title='broken'\"> \u{202e}선석",
            "ko-KR",
        ),
        line("Open the **Harbor** app.", "打开 **Harbor** 应用。", "zh-CN"),
    ];
    bitext.write("more.jsonl", lines.join("\n"));
    bitext.import("more.jsonl");
    Server::start(bitext, &[])
}

fn screenshots() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs axe-core, if it is at hand.
fn check_accessibility(browser: &Browser, page: &str) {
    let Ok(axe) = std::env::var("AXE") else { return };
    browser.script(&std::fs::read_to_string(axe).expect("the script of axe-core"), &[]);
    let result = browser.script_async(
        "const done = arguments[arguments.length - 1];
         axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
            .then((result) => done(result.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html + ' ' + n.failureSummary).join('; '))));",
    );
    assert_eq!(result, json!([]), "{page}");
}

#[test]
fn a_translator_types_filters_chooses_copies_and_opens_the_document() {
    let Some(browser) = Browser::start(&[]) else { return };
    let server = server();
    let address = format!("http://{}", server.address);
    let shots = screenshots();
    browser.size(1280, 900);
    browser.open(&address);
    browser.screenshot(&shots.join("start.png"));
    check_accessibility(&browser, "start");

    // Results come while one types, without a reload.
    browser.script("window.isSamePage = true", &[]);
    browser.press("Select a vessel, and then select **Save**.");
    browser.until("return document.querySelectorAll('.result').length > 0", "results");
    browser.until("return document.querySelector('#status').textContent.includes('similar')", "the status");
    assert_eq!(browser.script("return window.isSamePage", &[]), json!(true));
    assert!(browser.text("del").contains("vessel"), "{}", browser.text("del"));
    assert!(browser.url().contains("q=Select"), "{}", browser.url());
    browser.screenshot(&shots.join("search.png"));
    check_accessibility(&browser, "search");

    // A filter applies at once.
    let all = browser.script("return document.querySelectorAll('.result').length", &[]).as_u64().unwrap();
    browser.script(
        "document.querySelector('details.filters').open = true;
         const field = document.querySelector('select[name=workflow]');
         field.value = 'human'; field.dispatchEvent(new Event('change', { bubbles: true }));",
        &[],
    );
    browser.until(&format!("return document.querySelectorAll('.result').length < {all}"), "fewer results");
    assert!(browser.url().contains("workflow=human"));
    let export = browser.script("return document.getElementById('export').href", &[]);
    assert!(export.as_str().unwrap().ends_with("/v1/export.tmx?workflow=human"), "{export}");
    browser.screenshot(&shots.join("filters.png"));
    check_accessibility(&browser, "filters");

    // The address can be shared and reloaded.
    let shared = browser.url();
    let shown =
        browser.script("return document.getElementById('results').innerText.replace(/[0-9]+ ms/, '')", &[]);
    browser.open(&shared);
    browser.until("return document.querySelectorAll('.result').length > 0", "the same results");
    assert_eq!(
        browser.script("return document.getElementById('results').innerText.replace(/[0-9]+ ms/, '')", &[]),
        shown
    );
    assert_eq!(
        browser.script("return document.querySelector('select[name=workflow]').value", &[]),
        json!("human")
    );

    // Keys: into the box, to a result, copy, open.
    browser.script("document.activeElement.blur()", &[]);
    browser.press("/");
    assert_eq!(browser.script("return document.activeElement.id", &[]), json!("q"));
    browser.press(keys::DOWN);
    browser.press(keys::UP);
    assert_eq!(browser.script("return document.activeElement.id", &[]), json!("q"));
    browser.press(keys::DOWN);
    let target = browser.script("return document.activeElement.dataset.copy", &[]);
    assert_eq!(target, json!("선석을 선택한 다음 **저장**을 선택합니다."));
    browser.screenshot(&shots.join("chosen.png"));
    browser.press("c");
    browser.until("return document.querySelector('#status').textContent.startsWith('Copied')", "the copy");
    if let Some(copied) = browser.clipboard() {
        assert_eq!(Value::String(copied), target);
    }
    browser.press(keys::ENTER);
    browser.until("return location.pathname === '/document'", "the document");
    let in_view = "const row = document.getElementById('segment').getBoundingClientRect();
                   return row.top >= 0 && row.bottom <= innerHeight";
    browser.until(in_view, "the segment in view");
    assert!(browser.text("#segment").contains("선석을 선택한 다음"));
    browser.screenshot(&shots.join("document.png"));
    check_accessibility(&browser, "document");
    browser.script("document.querySelector('#segment .more a').click()", &[]);
    browser.until("return location.search.includes('others')", "other translations");
    browser.screenshot(&shots.join("others.png"));
    check_accessibility(&browser, "other translations");

    browser.open(&format!("{address}/overview"));
    browser.screenshot(&shots.join("overview.png"));
    check_accessibility(&browser, "overview");
    browser.no_errors();
}

#[test]
fn dark_mode_small_screens_and_right_to_left_text() {
    let Some(browser) = Browser::start(&[]) else { return };
    let server = server();
    let address = format!("http://{}", server.address);
    let shots = screenshots();
    browser.emulate("prefers-color-scheme", "dark");
    for (name, path) in [
        ("search", format!("/?q={}", encoded("Open the Harbor app"))),
        ("overview", "/overview".to_owned()),
        ("document", "/document?set=docs&document=berths%2Fbook-a-berth.md".to_owned()),
    ] {
        browser.size(1280, 900);
        browser.open(&format!("{address}{path}"));
        let ground = browser.script("return getComputedStyle(document.body).backgroundColor", &[]);
        assert_eq!(ground, json!("rgb(20, 25, 31)"), "dark");
        browser.screenshot(&shots.join(format!("dark-{name}.png")));
        check_accessibility(&browser, &format!("dark {name}"));
        browser.narrow(360);
        let overflow = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(browser.script(overflow, &[]), json!(0), "{name} at 360 pixels");
        assert_eq!(browser.script("return innerWidth", &[]), json!(360));
        browser.screenshot(&shots.join(format!("narrow-{name}.png")));
        check_accessibility(&browser, &format!("narrow {name}"));
        browser.wide();
    }
    browser.emulate("prefers-color-scheme", "light");
    browser.size(1280, 900);
    browser.open(&format!("{address}/?q={}", encoded("Open the Harbor app")));
    let directions = browser.script(
        "return [...document.querySelectorAll('bdi[lang]')].map((t) => [t.lang, getComputedStyle(t).direction]);",
        &[],
    );
    for (locale, direction) in [("ar-SA", "rtl"), ("he-IL", "rtl"), ("en-US", "ltr"), ("zh-CN", "ltr")] {
        assert!(
            directions.as_array().unwrap().contains(&json!([locale, direction])),
            "{locale}: {directions}"
        );
    }
    browser.screenshot(&shots.join("right-to-left.png"));
    browser.open(&format!("{address}/document?set=more&document=guide%2Far-SA.md"));
    browser.screenshot(&shots.join("right-to-left-document.png"));
    check_accessibility(&browser, "right to left");
    browser.no_errors();
}

#[test]
fn hostile_segments_run_nothing() {
    let Some(browser) = Browser::start(&[]) else { return };
    let server = server();
    for path in ["/?q=berth", "/document?set=more&document=guide%2Fko-KR.md", "/overview"] {
        browser.open(&format!("http://{}{path}", server.address));
        assert_ne!(browser.script("return document.title", &[]), json!("broken"), "{path}");
        assert_eq!(
            browser.script("return document.querySelectorAll('main img, main script').length", &[]),
            json!(0),
            "{path}"
        );
    }
    // Nothing is asked of another host.
    let hosts = browser.script(
        "return [...new Set(performance.getEntriesByType('resource').map((entry) => new URL(entry.name).host))];",
        &[],
    );
    assert_eq!(hosts, json!([server.address]));
    browser.screenshot(&screenshots().join("hostile.png"));
}

#[test]
fn without_javascript_forms_and_links_do_the_same() {
    let Some(browser) = Browser::start(&["--blink-settings=scriptEnabled=false"]) else { return };
    let server = server();
    browser.open(&format!("http://{}/", server.address));
    browser.type_into("#q", "Book a berth");
    browser.type_into("#q", keys::ENTER);
    assert!(browser.url().contains("q=Book+a+berth"), "{}", browser.url());
    assert!(browser.text("main").contains("occurrence"), "{}", browser.text("main"));
    browser.screenshot(&screenshots().join("without-javascript.png"));
    browser.click(".place");
    assert!(browser.url().contains("/document?"), "{}", browser.url());
    assert!(browser.text("main").contains("Other translations"));
}
