//! Texts and requests that are made to do harm.

use std::cell::RefCell;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::harness::{Answer, Server, encoded};

/// Texts of a translation memory that a page must show as text.
const TEXTS: [&str; 8] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "</title></textarea><h1>broken",
    "a\u{202e}txt.exe\u{2066}",
    "javascript:alert(1)",
    "' or 1=1 --",
    "{{7*7}} ${7*7}",
    "&lt;b&gt; &amp; &#x3c;",
];

#[test]
fn hostile_segments_are_shown_as_text() {
    let pairs: Vec<(String, &str)> = TEXTS.iter().map(|text| (format!("{text} 대상"), *text)).collect();
    let lines: Vec<String> = pairs
        .iter()
        .map(|(target, source)| {
            serde_json::json!({"source": source, "target": target, "target_locale": "ko-KR", "document": "a<b>\"c'.md", "set": "s<i>&"}).to_string()
        })
        .collect();
    let bitext = crate::support::Bitext::new();
    bitext.write("a.jsonl", lines.join("\n"));
    bitext.import("a.jsonl");
    let server = Server::start(bitext, &[]);
    let mut pages: Vec<String> = TEXTS.iter().map(|text| format!("/?q={}", encoded(text))).collect();
    pages.push("/overview".to_owned());
    pages.push(format!("/document?set={}&document={}", encoded("s<i>&"), encoded("a<b>\"c'.md")));
    for page in pages {
        let answer = server.get(&page);
        assert_eq!(answer.status, 200, "{page}");
        let html = answer.text();
        let allowed = html.matches("<script src=").count();
        assert_eq!((html.matches("<script").count(), allowed), (1, 1), "{page}");
        for harm in ["<img", "<h1>broken", "a<b>", "<i>", " onerror=alert(1)>", "href=\"javascript", "style="]
        {
            assert!(!html.contains(harm), "{harm} in {page}");
        }
        assert!(!html.contains('\u{202e}') || page.starts_with("/?q="), "{page}");
    }
    // What is copied and sent to programs is the text itself.
    let found = server.get(&format!("/v1/query?text={}&min=100", encoded(TEXTS[0]))).json();
    assert_eq!(found["matches"][0]["target"], "<script>alert(1)</script> 대상");
}

#[test]
fn a_segment_of_a_megabyte_makes_no_page_of_a_megabyte() {
    let long = "long ".repeat(200_000);
    let line = serde_json::json!({"source": long, "target": format!("{long}끝"), "target_locale": "ko-KR", "document": "a.md", "set": "s"});
    let bitext = crate::support::Bitext::new();
    bitext.write("a.jsonl", line.to_string());
    bitext.import("a.jsonl");
    let server = Server::start(bitext, &[]);
    for page in ["/?q=long+long", "/document?set=s&document=a.md", "/overview"] {
        let answer = server.get(page);
        assert_eq!(answer.status, 200);
        assert!(answer.body.len() < 60_000, "{page}: {}", answer.body.len());
    }
    let html = server.get("/?q=long").text().to_owned();
    let start = html.find("data-copy-from=\"").unwrap() + "data-copy-from=\"".len();
    let whole = html[start..].split('"').next().unwrap().replace("&amp;", "&");
    let whole = server.get(&whole);
    assert_eq!(whole.header("content-type"), Some("text/plain; charset=utf-8"));
    assert!(whole.text().ends_with('끝') && whole.body.len() > 999_000);
}

/// Parts that requests are made of: those that mean something, and any bytes.
fn part() -> impl Strategy<Value = Vec<u8>> {
    let words: Vec<&'static [u8]> = vec![
        b"GET ",
        b"POST ",
        b"PUT ",
        b"HEAD ",
        b"OPTIONS ",
        b"BREW ",
        b"/",
        b"//",
        b"/tmserver",
        b"/api/v1",
        b"/v1/query",
        b"/v1/search",
        b"/v1/document",
        b"/v1/documents",
        b"/v1/export.tmx",
        b"/v1/export.jsonl",
        b"/document",
        b"/text",
        b"/overview",
        b"/en/ko/unit/",
        b"/en/ko/store/a.po",
        b"/languages/",
        b"?",
        b"&",
        b"=",
        b"text=",
        b"pattern=",
        b"q=",
        b"regex",
        b"limit=",
        b"min=",
        b"from=",
        b"to=",
        b"set=",
        b"document=",
        b"since=",
        b"match=",
        b"99999999999999999999",
        b"-1",
        b"NaN",
        b"(a+)+$",
        b"[",
        b"(?i)",
        b"\\",
        b"%",
        b"%00",
        b"%FF",
        b"%2F",
        b"%ED%A0%80",
        b"+",
        b" ",
        b" HTTP/1.1\r\n",
        b" HTTP/1.0\r\n",
        b" HTTP/9.9\r\n",
        b"\r\n",
        b"\n",
        b"Host: localhost\r\n",
        b"Host: \xff\r\n",
        b"Connection: close\r\n",
        b"Content-Length: 3\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 99999999999\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Origin: null\r\n",
        b"Authorization: Basic \xf0\r\n",
        b"Expect: 100-continue\r\n",
        b"Range: bytes=0-\r\n",
        b"X: ",
        b"{\"text\": ",
        b"{\"queries\": [",
        b"[{\"source\": ",
        b"\"a\"",
        b"}",
        b"]",
        b"null",
        b"1e999",
        b"0\r\n\r\n",
        b"ffffffffffffffff\r\n",
        "선석".as_bytes(),
        b"\xe2\x80\xae",
        b"\0",
    ];
    prop_oneof![
        8 => proptest::sample::select(words).prop_map(<[u8]>::to_vec),
        1 => proptest::collection::vec(any::<u8>(), 0..40),
    ]
}

/// A request: mostly a whole one with strange parts, else any parts.
fn request() -> impl Strategy<Value = Vec<u8>> {
    let parts = || proptest::collection::vec(part(), 0..8).prop_map(|parts| parts.concat());
    let line = prop_oneof![Just("GET "), Just("POST "), Just("PUT ")];
    let headers = "Host: localhost\r\nConnection: close\r\n";
    let whole = (line, parts(), parts(), parts()).prop_map(move |(method, path, header, body)| {
        let path: Vec<u8> = path.into_iter().filter(|byte| !b" \r\n\0".contains(byte)).collect();
        let length = format!("Content-Length: {}\r\n", body.len());
        let header: Vec<u8> = header.into_iter().filter(|byte| !b"\r\n\0".contains(byte)).collect();
        let head = [
            method.as_bytes(),
            b"/",
            &path,
            b" HTTP/1.1\r\n",
            headers.as_bytes(),
            length.as_bytes(),
            b"X-A: ",
            &header,
            b"\r\n\r\n",
        ];
        [&head.concat()[..], &body].concat()
    });
    prop_oneof![3 => whole, 1 => parts()]
}

fn resident(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn ten_thousand_malformed_requests_do_no_harm() {
    let server = Server::of_fixtures(&["--writable", "--log", "error"]);
    let mut runner =
        TestRunner::new(Config { cases: 10_000, failure_persistence: None, ..Config::default() });
    let statuses = RefCell::new(std::collections::BTreeMap::<u16, u64>::new());
    let mut first = None;
    let count = RefCell::new(0_u32);
    let early = RefCell::new(&mut first);
    runner
        .run(&request(), |request| {
            let answer = server.send_and_wait(&request, Duration::from_millis(15));
            if let Some(answer) = Answer::of(&answer) {
                *statuses.borrow_mut().entry(answer.status).or_default() += 1;
                prop_assert!(
                    answer.status < 500,
                    "{}: {:?}",
                    answer.text(),
                    String::from_utf8_lossy(&request)
                );
            }
            let mut count = count.borrow_mut();
            *count += 1;
            if *count == 2_000 {
                **early.borrow_mut() = resident(server.process());
            }
            Ok(())
        })
        .unwrap();
    // It still answers, has not panicked, and has not grown.
    assert_eq!(server.get("/tmserver/en/ko/unit/Berth").status, 200);
    assert!(!server.log().contains("panicked"), "{}", server.log());
    let statuses = statuses.into_inner();
    assert!(
        statuses.keys().filter(|status| **status != 200).count() > 2 && statuses[&200] > 100,
        "{statuses:?}"
    );
    if let (Some(early), Some(late)) = (first, resident(server.process())) {
        assert!(late < early + 30_000, "{early} kB, then {late} kB");
    }
}
