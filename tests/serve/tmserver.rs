//! The protocol of tmserver and amaGama, as its clients use it.

use serde_json::{Value, json};

use super::harness::{Answer, Server, encoded};

const SAVE: &str = "Select a vessel, and then select **Save**.";

fn matches(answer: &Answer) -> Vec<(f64, String)> {
    let json = answer.json();
    let all = json.as_array().expect("an array");
    all.iter()
        .map(|found| (found["quality"].as_f64().unwrap(), found["target"].as_str().unwrap().to_owned()))
        .collect()
}

/// The requests of Weblate 5.14 when its form is saved, and for one segment.
#[test]
fn weblate_can_save_its_form_and_look_up() {
    let server = Server::of_fixtures(&[]);
    for prefix in ["/tmserver", "/api/v1"] {
        let headers = [
            ("User-Agent", "Weblate/5.14.3"),
            ("Accept", "application/json; charset=utf-8"),
            ("Referer", "https://weblate.example/"),
        ];
        let get = |path: &str| server.request("GET", &format!("{prefix}/{path}"), &headers, b"");
        let languages = get("languages/").json();
        for (list, code) in [
            ("sourceLanguages", "en"),
            ("sourceLanguages", "en_us"),
            ("targetLanguages", "ko"),
            ("targetLanguages", "ko_kr"),
            ("targetLanguages", "ja"),
            ("targetLanguages", "zh_hans"),
            ("targetLanguages", "zh"),
        ] {
            assert!(languages[list].as_array().unwrap().contains(&json!(code)), "{code} in {languages}");
        }
        let list = languages["sourceLanguages"].as_array().unwrap();
        let mut sorted = list.clone();
        sorted.sort_by_key(Value::to_string);
        sorted.dedup();
        assert_eq!(&sorted, list, "in order, each once");
        // The form looks up from English to German, which this memory does not have.
        assert_eq!(get("en/de/unit/test").json(), json!([]));
        let found = matches(&get(&format!("en/ko/unit/{}", encoded(SAVE))));
        assert_eq!(found[0], (88.0, "선석을 선택한 다음 **저장**을 선택합니다.".to_owned()));
        assert_eq!(matches(&get(&format!("en_us/ko_kr/unit/{}", encoded(SAVE)))), found);
        assert_eq!(matches(&get("en/zh_hans/unit/Book%20a%20berth"))[0].0, 100.0);
    }
}

#[test]
fn a_quality_has_a_decimal_point_and_an_entry_the_fields_of_both_servers() {
    let server = Server::of_fixtures(&[]);
    // Okapi: POSIX locales, and a reader of JSON that tells 88 from 88.0.
    let answer = server.get(&format!("/tmserver/en_US/ko_KR/unit/{}", encoded(SAVE)));
    let text = answer.text().to_owned();
    assert!(text.contains("\"quality\":88.0,\"rank\":88.0"), "{text}");
    let first = &answer.json()[0];
    assert_eq!(first["source"], "Select a berth, and then select **Save**.");
    assert_eq!(answer.header("content-length"), Some(text.len().to_string().as_str()));
}

#[test]
fn virtaal_sends_two_slashes_and_a_style() {
    let server = Server::of_fixtures(&[]);
    let path = format!("/api/v1//en/ko/unit/{}?style=", encoded("Book a berth"));
    assert_eq!(matches(&server.get(&path))[0].0, 100.0);
}

#[test]
fn a_text_is_the_rest_of_the_path_with_slashes_and_all() {
    let texts = [
        "a/b",
        "Read/write access?",
        "100 % of A+B",
        "x\ny",
        "#1 & 2",
        "..",
        "한국어/日本語",
        "a//b/",
        "%2F",
    ];
    let pairs: Vec<(String, String)> = texts
        .iter()
        .map(|text| (format!("대상 {}", text.replace('\n', " ")), text.replace('\n', " ")))
        .collect();
    let pairs: Vec<(&str, &str)> =
        pairs.iter().map(|(target, source)| (target.as_str(), source.as_str())).collect();
    let server = Server::of_pairs(&pairs, &[]);
    for text in texts {
        let found =
            matches(&server.get(&format!("/tmserver/en/ko/unit/{}?min_similarity=100", encoded(text))));
        assert_eq!(found, [(100.0, format!("대상 {}", text.replace('\n', " ")))], "{text:?}");
    }
    for (path, expected) in
        [("a/b", 1), ("Read/write%20access%3F", 1), ("a//b/", 1), ("100%20%25%20of%20A+B", 1)]
    {
        let found = matches(&server.get(&format!("/tmserver/en/ko/unit/{path}?min_similarity=100")));
        assert_eq!(found.len(), expected, "{path}");
    }
    let found = matches(&server.get("/api/v1/en/ko/unit/?source=a%2Fb&min_similarity=100"));
    assert_eq!(found.len(), 1);
}

#[test]
fn options_bound_the_score_and_the_number() {
    let server = Server::of_fixtures(&[]);
    let count =
        |query: &str| matches(&server.get(&format!("/tmserver/en/ko/unit/{}?{query}", encoded(SAVE)))).len();
    let all = count("min_similarity=30&max_candidates=100");
    assert_eq!(all, 4);
    assert_eq!(count("min_similarity=30&max_candidates=3"), 3);
    assert_eq!(count(""), 2);
    assert_eq!(count("min_similarity=30&max_candidates=1"), 1);
    assert_eq!(count("min_similarity=100"), 0);
    let refused = server.get("/tmserver/en/ko/unit/a?min_similarity=all");
    assert!(refused.problem(400).contains("min_similarity"));
}

#[test]
fn what_the_memory_does_not_have_is_an_empty_list() {
    let server = Server::of_fixtures(&[]);
    for path in [
        "xx/ko/unit/Berth",
        "en/xx/unit/Berth",
        "en/en/unit/Berth",
        "sr@latin/ko/unit/Berth",
        "no%20code/ko/unit/Berth",
        "en/ko/unit/",
        "en/ko/unit/%20",
        "en/ko/unit/qqqq",
    ] {
        assert_eq!(server.get(&format!("/tmserver/{path}")).json(), json!([]), "{path}");
    }
}

#[test]
fn the_two_languages_can_be_any_of_the_memory() {
    let server = Server::of_fixtures(&[]);
    assert_eq!(
        matches(&server.get(&format!("/tmserver/ko/ja/unit/{}", encoded("선석 예약")))),
        [(100.0, "バースの予約".into())]
    );
    assert_eq!(
        matches(&server.get(&format!("/tmserver/ko/en/unit/{}", encoded("선석 예약"))))[0].1,
        "Book a berth"
    );
}

#[test]
fn an_address_that_is_none_is_a_complete_404() {
    let server = Server::of_fixtures(&[]);
    for path in [
        "/tmserver",
        "/tmserver/",
        "/tmserver/en/ko",
        "/api/v1/en/ko/quit/a",
        "/tmserver/en/ko/store/",
        "/nothing",
    ] {
        let answer = server.get(path);
        answer.problem(404);
        assert_eq!(answer.header("content-length"), Some(answer.body.len().to_string().as_str()), "{path}");
    }
    let answer = server.request("DELETE", "/tmserver/en/ko/unit/a", &[], b"");
    answer.problem(405);
    assert_eq!(answer.header("allow"), Some("GET, HEAD, POST, PUT"));
    assert!(server.get("/tmserver/en/ko/unit/%ff").problem(400).contains("UTF-8"));
    assert!(
        server.get(&format!("/tmserver/en/ko/unit/{}", "a".repeat(20_001))).problem(413).contains("20000")
    );
}
