//! Units that translation tools store.

use std::time::Duration;

use serde_json::json;

use super::harness::{Server, encoded};
use crate::support::{Bitext, fixture, integrity, rows};

const LIST: &str = r#"[{"source": "Weigh the anchor.", "target": "닻을 올립니다.", "context": ""},
                       {"source": "Drop the anchor.", "target": "닻을 내립니다."}]"#;

fn target(server: &Server, text: &str) -> Vec<String> {
    let answer = server.get(&format!("/tmserver/en/ko/unit/{}?min_similarity=100", encoded(text))).json();
    answer.as_array().unwrap().iter().map(|found| found["target"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_server_that_only_answers_says_so() {
    let server = Server::of_fixtures(&[]);
    let before = rows(&server.bitext.path("bitext.db"), "select count(*) from segment");
    for method in ["POST", "PUT"] {
        let answer = server.request(method, "/tmserver/en/ko/store/a.po", &[], LIST.as_bytes());
        assert!(answer.problem(403).contains("--writable"));
        let answer =
            server.request(method, "/api/v1/en/ko/unit/Save", &[], b"{\"source\":\"a\",\"target\":\"b\"}");
        assert!(answer.problem(403).contains("--writable"));
    }
    assert_eq!(rows(&server.bitext.path("bitext.db"), "select count(*) from segment"), before);
}

#[test]
fn stored_units_are_found_by_the_next_query_and_form_a_set_with_date_and_origin() {
    let server = Server::of_fixtures(&["--writable"]);
    assert!(target(&server, "Weigh the anchor.").is_empty());
    let headers = [("User-Agent", "Virtaal/1.0 (Linux)")];
    let answer = server.request("POST", "/tmserver/en/ko/store/harbour%2Fui.po", &headers, LIST.as_bytes());
    assert_eq!((answer.status, answer.text()), (200, "added 2 units from harbour/ui.po"));
    assert_eq!(target(&server, "Weigh the anchor."), ["닻을 올립니다."]);
    let found = server.get("/v1/query?text=Drop%20the%20anchor.&to=ko-KR&min=100").json();
    let found = &found["matches"][0];
    assert_eq!((&found["set"], &found["document"]), (&json!("stored"), &json!("harbour/ui.po")));
    // In the locales that the memory has.
    assert_eq!((&found["source_locale"], &found["target_locale"]), (&json!("en-US"), &json!("ko-KR")));
    assert!(found["handoff"].as_str().unwrap().starts_with("20"), "{found}");
    let lines = server.get("/v1/search?pattern=anchor&set=stored").json();
    assert_eq!(lines["lines"].as_array().unwrap().len(), 2);
    let origin =
        rows(&server.bitext.path("bitext.db"), "select distinct json_extract(rest, '$.creator') from origin");
    assert_eq!(origin, ["Virtaal/1.0"]);
}

#[test]
fn a_unit_replaces_the_one_with_the_same_source_and_context_only() {
    let server = Server::of_fixtures(&["--writable"]);
    let post = |body: &str| assert_eq!(server.post("/api/v1/en/ko/store/a", body).status, 200);
    post(
        r#"[{"source": "Open", "target": "열기", "context": "verb"}, {"source": "Open", "target": "열림", "context": "state"}]"#,
    );
    let mut found = target(&server, "Open");
    found.sort();
    assert_eq!(found, ["열기", "열림"]);
    post(r#"[{"source": "Open", "target": "열어 두기", "context": "verb"}]"#);
    let mut found = target(&server, "Open");
    found.sort();
    assert_eq!(found, ["열림", "열어 두기"]);
    // The same again changes nothing.
    post(r#"[{"source": "Open", "target": "열어 두기", "context": "verb"}]"#);
    let count = "select count(*) from segment join document on document.id = document_id where path = 'a'";
    assert_eq!(rows(&server.bitext.path("bitext.db"), count), ["2"]);
}

#[test]
fn a_file_that_is_put_replaces_its_store() {
    let server = Server::of_fixtures(&["--writable"]);
    let po = "msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\\n\"\n\nmsgid \"Moor here\"\nmsgstr \"여기에 묶기\"\n";
    let put = |name: &str, body: &str| {
        server.request("PUT", &format!("/tmserver/en/ko/store/{name}"), &[], body.as_bytes())
    };
    assert_eq!(put("ui.po", po).text(), "added 1 unit from ui.po");
    assert_eq!(target(&server, "Moor here"), ["여기에 묶기"]);
    assert_eq!(put("ui.po", &po.replace("Moor here", "Moor there")).status, 200);
    assert!(target(&server, "Moor here").is_empty());
    assert_eq!(target(&server, "Moor there"), ["여기에 묶기"]);
    let tmx = "<tmx version=\"1.4\"><header srclang=\"en\"/><body><tu><tuv xml:lang=\"en\"><seg>Aft</seg></tuv>\
               <tuv xml:lang=\"ko\"><seg>고물</seg></tuv></tu></body></tmx>";
    assert_eq!(put("a.tmx", tmx).text(), "added 1 unit from a.tmx");
    assert_eq!(target(&server, "Aft"), ["고물"]);
    assert!(put("a.odt", "?").problem(415).contains(".po"));
    assert!(put("b.tmx", "<tmx").problem(400).contains("nothing of it was stored"));
    assert_eq!(put("ui.po", "[]").status, 200);
    assert!(target(&server, "Moor there").is_empty());
}

#[test]
fn a_body_that_is_no_list_of_units_stores_nothing() {
    let server = Server::of_fixtures(&["--writable"]);
    for body in [
        "",
        "{",
        "[1]",
        r#"[{"source": "a"}]"#,
        r#"[{"source": 1, "target": "b"}]"#,
        "[{\"source\": \"a\", \"target\": \"b\"}, 2]",
    ] {
        let answer = server.post("/tmserver/en/ko/store/a", body);
        assert!([400, 415].contains(&answer.status), "{body}: {answer:?}");
    }
    let long = format!(
        r#"[{{"source": "ok", "target": "b"}}, {{"source": "{}", "target": "b"}}]"#,
        "a".repeat((1 << 20) + 1)
    );
    assert!(server.post("/tmserver/en/ko/store/a", &long).problem(413).contains("1048576"));
    assert!(server.post("/tmserver/en/en/store/a", LIST).problem(400).contains("same language"));
    assert!(server.post("/tmserver/en/not%20one/store/a", LIST).problem(400).contains("language code"));
    assert!(target(&server, "ok").is_empty());
    // An empty text is no unit.
    let answer = server.post("/tmserver/en/ko/store/a", r#"[{"source": "x", "target": " "}]"#);
    assert_eq!(answer.text(), "added 0 units from a");
}

#[test]
fn one_unit_is_stored_at_its_own_address() {
    let server = Server::of_fixtures(&["--writable"]);
    let answer = server.request(
        "PUT",
        "/tmserver/en/ko/unit/Keel",
        &[],
        "{\"source\": \"Keel\", \"target\": \"용골\"}".as_bytes(),
    );
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(target(&server, "Keel"), ["용골"]);
}

/// What was answered is in the file, and the file is whole, whenever the process dies.
#[test]
fn a_server_that_is_killed_while_it_stores_keeps_what_it_has_answered() {
    let bitext = Bitext::new();
    bitext.import(fixture("docs"));
    let mut bitext = bitext;
    let mut answered = 0;
    for round in 0..6 {
        let server = Server::start(bitext, &["--writable"]);
        let deadline = Duration::from_millis(40 + 60 * round);
        let began = std::time::Instant::now();
        std::thread::scope(|scope| {
            let stored: Vec<_> = (0..3)
                .map(|client| {
                    let server = &server;
                    scope.spawn(move || {
                        let mut stored = 0;
                        while began.elapsed() < deadline {
                            let body = format!(
                                r#"[{{"source": "Unit {round} {client} {stored}", "target": "단위"}}]"#
                            );
                            let answer =
                                server.post(&format!("/tmserver/en/ko/store/{round}-{client}"), &body);
                            assert_eq!(answer.status, 200, "{answer:?}");
                            stored += 1;
                        }
                        stored
                    })
                })
                .collect();
            answered += stored.into_iter().map(|thread| thread.join().unwrap()).sum::<u64>();
        });
        // Others are under way when it dies.
        std::thread::scope(|scope| {
            for client in 0..3 {
                let address = server.address.clone();
                scope.spawn(move || {
                    use std::io::Write as _;
                    let body = format!(r#"[{{"source": "Last {round} {client}", "target": "단위"}}]"#);
                    let request = format!(
                        "POST /tmserver/en/ko/store/last HTTP/1.1\r\nHost: {address}\r\nContent-Length: {}\r\n\r\n{body}",
                        body.len()
                    );
                    let _ = std::net::TcpStream::connect(&address).and_then(|mut stream| stream.write_all(request.as_bytes()));
                });
            }
        });
        bitext = server.kill();
        let memory = bitext.path("bitext.db");
        bitext.run(["stats", "--json"]).exits(0).says_nothing().json();
        assert_eq!(integrity(&memory), "ok");
        let count = "select count(*) from unit where text like 'Unit %'";
        assert_eq!(rows(&memory, count), [answered.to_string()]);
    }
    assert!(answered > 10, "{answered}");
}

/// The client does not repeat what was answered with 200, and does what was not. So neither may happen to be otherwise.
#[test]
fn a_store_that_waits_for_another_writer_is_either_stored_or_refused() {
    let server = Server::of_fixtures(&["--writable"]);
    let memory = server.bitext.path("bitext.db");
    // From here on the memory has a log, as during an import, so that reading goes on.
    assert_eq!(server.post("/tmserver/en/ko/store/a", LIST).status, 200);
    let unit = |source: &str| format!(r#"[{{"source": "{source}", "target": "단위"}}]"#);
    let locked = |holder: &rusqlite::Connection| holder.execute_batch("begin immediate").unwrap();
    let holder = rusqlite::Connection::open(&memory).unwrap();
    locked(&holder);
    std::thread::scope(|scope| {
        let answer = scope.spawn(|| server.post("/tmserver/en/ko/store/a", &unit("After a second")));
        std::thread::sleep(Duration::from_secs(1));
        assert!(!answer.is_finished());
        holder.execute_batch("rollback").unwrap();
        assert_eq!(answer.join().unwrap().status, 200);
    });
    assert_eq!(target(&server, "After a second"), ["단위"]);
    locked(&holder);
    std::thread::scope(|scope| {
        // The second one waits for the first as well.
        let answers = ["Too late", "Too late too"].map(|source| {
            let (server, unit) = (&server, unit(source));
            scope.spawn(move || server.post("/tmserver/en/ko/store/a", &unit))
        });
        for answer in answers {
            let answer = answer.join().unwrap();
            assert!(answer.problem(503).contains("nothing was stored"));
            assert_eq!(answer.header("retry-after"), Some("1"));
        }
        // Look-ups do not wait.
        assert_eq!(target(&server, "After a second"), ["단위"]);
    });
    holder.execute_batch("rollback").unwrap();
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(rows(&memory, "select count(*) from unit where text like 'Too late%'"), ["0"]);
    assert_eq!(server.post("/tmserver/en/ko/store/a", &unit("Too late")).status, 200);
}
