//! Who is answered, and within which bounds.

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use super::harness::{Answer, Server};
use crate::support::{Bitext, fixture};

#[test]
fn only_programs_and_pages_of_this_machine_are_answered() {
    let server = Server::of_fixtures(&[]);
    let get = |headers: &[(&str, &str)]| server.request("GET", "/v1/stats", headers, b"");
    assert!(get(&[("Host", "rebound.example:8017")]).problem(421).contains("--allow-host"));
    assert!(get(&[("Origin", "https://evil.example")]).problem(403).contains("--allow-origin"));
    let own = format!("http://{}", server.address);
    assert_eq!(get(&[("Origin", &own)]).status, 200);
    let embedded = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors")];
    get(&embedded).problem(403);
    // HTTP/1.1 without a host is no request.
    let answer = Answer::of(&server.send(b"GET /v1/stats HTTP/1.1\r\nConnection: close\r\n\r\n")).unwrap();
    assert!(answer.problem(400).contains("Host"));
}

#[test]
fn a_host_and_an_origin_can_be_allowed() {
    let server =
        Server::of_fixtures(&["--allow-host", "tm.example", "--allow-origin", "https://cat.example"]);
    let headers = [("Host", "tm.example"), ("Origin", "https://cat.example")];
    let answer = server.request("GET", "/v1/stats", &headers, b"");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://cat.example"));
    let asked = [headers[0], headers[1], ("Access-Control-Request-Method", "POST")];
    let answer = server.request("OPTIONS", "/v1/query", &asked, b"");
    assert_eq!(answer.status, 204);
    assert!(answer.header("access-control-allow-methods").unwrap().contains("POST"));
}

#[test]
fn another_address_needs_a_token_or_a_word() {
    let bitext = Bitext::new();
    bitext.import(fixture("docs"));
    bitext.run(["serve", "--listen", "0.0.0.0:0"]).exits(2).prints_nothing().says("--token-file");
    bitext.write("short", "secret\n");
    let run = bitext.run(["serve", "--listen", "0.0.0.0:0", "--token-file", "short"]);
    run.exits(2).prints_nothing().says("16 or more");
    let run = bitext.run(["serve", "--listen", "nowhere"]);
    run.exits(2).prints_nothing().says("no address and port");
    bitext.write("token", "0123456789abcdef\n");
    let server = Server::start(bitext, &["--listen", "0.0.0.0:0", "--token-file", "token"]);
    let get = |headers: &[(&str, &str)]| server.request("GET", "/tmserver/en/ko/unit/Berth", headers, b"");
    let refused = get(&[]);
    assert!(refused.problem(401).contains("token"));
    assert!(refused.header("www-authenticate").unwrap().starts_with("Basic"));
    assert_eq!(get(&[("Authorization", "Bearer 0123456789abcdef")]).status, 200);
    assert_eq!(get(&[("Authorization", "Basic dzowMTIzNDU2Nzg5YWJjZGVm")]).status, 200);
    assert_eq!(get(&[("Authorization", "Bearer 0123456789abcdeX")]).status, 401);
    assert_eq!(server.get("/healthz").status, 200);
}

#[test]
fn an_address_in_use_is_told() {
    let server = Server::of_fixtures(&[]);
    let run = server.bitext.run(["serve", "--listen", &server.address]);
    run.exits(2).prints_nothing().says("cannot listen on");
}

#[test]
fn every_answer_forbids_what_no_page_does() {
    let server = Server::of_fixtures(&[]);
    for path in ["/", "/overview", "/v1/stats", "/nothing", "/tmserver/en/ko/unit/a", "/document"] {
        let answer = server.get(path);
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
    }
}

#[test]
fn bounds_are_told() {
    let server = Server::of_fixtures(&[]);
    let batch: Vec<String> = (0..1001).map(|_| "{\"text\": \"a\"}".to_owned()).collect();
    let body = format!("{{\"queries\": [{}]}}", batch.join(","));
    assert!(server.post("/v1/query", &body).problem(413).contains("1000"));
    let body = format!("{{\"text\": \"{}\"}}", "a".repeat(5 << 20));
    assert!(server.post("/v1/query", &body).problem(413).contains("4 MiB"));
    let body = format!("{{\"text\": \"{}\"}}", "a".repeat((1 << 20) + 1));
    assert!(server.post("/v1/query", &body).problem(413).contains("1048576"));
    assert!(server.get(&format!("/v1/search?pattern={}", "a".repeat(10_001))).problem(413).contains("10000"));
    assert!(server.get("/v1/query?text=a&limit=0").problem(400).contains("from 1 to"));
    let long = format!(
        "GET /{} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        "a".repeat(70_000),
        server.address
    );
    assert_eq!(Answer::of(&server.send(long.as_bytes())).unwrap().status, 414);
}

#[test]
fn silent_clients_and_slow_readers_do_not_hold_up_others() {
    let server = Server::of_fixtures(&[]);
    let mut silent: Vec<_> = (0..200).map(|_| server.connect()).collect();
    for (number, stream) in silent.iter_mut().enumerate() {
        // Half a request, or half a body.
        let half: &[u8] = match number % 2 {
            0 => b"GET / HT",
            _ => b"POST /v1/query HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
        };
        stream.write_all(half).unwrap();
    }
    // They ask for much, and read nothing of it.
    let mut slow: Vec<_> = (0..50).map(|_| server.connect()).collect();
    for stream in &mut slow {
        for _ in 0..50 {
            let request =
                format!("GET /v1/search?pattern=e&limit=1000 HTTP/1.1\r\nHost: {}\r\n\r\n", server.address);
            let _ = stream.write_all(request.as_bytes());
        }
    }
    for _ in 0..20 {
        let began = Instant::now();
        assert_eq!(server.get("/tmserver/en/ko/unit/Berth").status, 200);
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
}

#[cfg(unix)]
#[test]
fn a_server_that_is_asked_to_end_finishes_what_is_under_way() {
    let server = Server::of_fixtures(&[]);
    let mut stream = server.connect();
    let body = "{\"text\": \"Berth\"}";
    let head = format!(
        "POST /v1/query HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n\r\n",
        server.address,
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&body.as_bytes()[..5]).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    std::thread::scope(|scope| {
        let ended = scope.spawn(move || server.terminate());
        std::thread::sleep(Duration::from_millis(300));
        stream.write_all(&body.as_bytes()[5..]).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = Answer::of(&answer).unwrap();
        assert_eq!(answer.json()["query"], "Berth");
        assert_eq!(answer.header("connection"), Some("close"));
        assert_eq!(ended.join().unwrap(), 0);
    });
}

#[test]
fn the_log_has_a_line_for_each_request_and_no_text_of_users() {
    let server = Server::of_fixtures(&["--writable"]);
    server.get("/tmserver/en/ko/unit/xyzzy-secret");
    server.get("/v1/query?text=xyzzy-secret");
    server.get("/?q=xyzzy-secret");
    server.post("/tmserver/en/ko/store/xyzzy-secret", "[{\"source\": \"xyzzy-secret\", \"target\": \"x\"}]");
    server.get("/xyzzy-secret");
    let log = server.log();
    assert!(!log.contains("xyzzy"), "{log}");
    for line in
        ["GET tmserver 200", "GET query 200", "GET page 200", "POST tmserver_store 200", "GET other 404"]
    {
        assert!(log.contains(line), "{line} in {log}");
    }
    let metrics = server.get("/metrics");
    assert!(metrics.header("content-type").unwrap().starts_with("text/plain; version=0.0.4"));
    for line in [
        "bitext_http_requests_total{route=\"tmserver\",status=\"200\"} 1",
        "bitext_http_request_duration_seconds_count{route=\"query\"} 1",
        "bitext_stored_units_total 1",
    ] {
        assert!(metrics.text().lines().any(|found| found == line), "{line}\n{}", metrics.text());
    }
    assert!(metrics.text().contains("bitext_memory_age_seconds "));
}
