//! The requests of Virtaal and Okapi, replayed to the byte, and the answers compared to the byte.
//!
//! The requests were recorded on a socket. Virtaal 1.0.0-beta1 (github.com/translate/virtaal, commit 8b0a6fb) needs Python 2 and GTK; what
//! its `support/tmclient.py` and `support/httpclient.py` set was set on PycURL 7.49 with libcurl 8.23. Okapi's
//! `net.sf.okapi.connectors.translatetoolkit.TranslateToolkitTMConnector` opens a `java.net.URL`, here of Java 17.0.21.

use std::io::{Read as _, Write as _};

use super::harness::Server;

const PAIRS: [(&str, &str); 2] = [
    ("선석을 선택한 다음 **저장**을 선택합니다.", "Select a berth, and then select **Save**."),
    ("저장/열기", "Save/open"),
];

/// `RemoteTMModel.query`: `GET`, the text percent-encoded with nothing kept.
const VIRTAAL_UNIT: &str = "GET /tmserver/en/ko/unit/Select%20a%20berth%2C%20and%20then%20select%20%2A%2ASave%2A%2A. HTTP/1.1\r\n\
    Host: localhost:8017\r\nUser-Agent: Virtaal/1.0.0-beta1 (linux2)\r\nAccept: */*\r\nAccept-Encoding: deflate, gzip, br\r\n\r\n";

/// `AmagamaTMModel.query`: the URL of its settings ends with a slash. The style is the checker that is set.
const VIRTAAL_AMAGAMA: &str = "GET /api/v1//en/ko/unit/Save%2Fopen?style=gnome HTTP/1.1\r\nHost: localhost:8017\r\n\
    User-Agent: Virtaal/1.0.0-beta1 (linux2)\r\nAccept: */*\r\nAccept-Encoding: deflate, gzip, br\r\n\r\n";

/// `RemoteTMModel.push_store`, when a file is saved: without Virtaal's own user agent, and with the media type of a form.
const VIRTAAL_STORE: &str = "POST /tmserver/en/ko/store/%2Fhome%2Fuser%2Fui.po HTTP/1.1\r\nHost: localhost:8017\r\n\
    User-Agent: PycURL/7.49.0 libcurl/8.23.0 OpenSSL/3.6.5 zlib/1.2.13 brotli/1.2.1 libpsl/0.21.5 libssh2/1.11.1_DEV nghttp2/1.70.0 \
    ngtcp2/1.25.0 nghttp3/1.18.0 mit-krb5/1.22.2\r\nAccept: */*\r\nAccept-Encoding: deflate, gzip, br\r\nContent-Length: 100\r\n\
    Content-Type: application/x-www-form-urlencoded\r\n\r\n\
    [{\"source\": \"Weigh the anchor.\", \"target\": \"\\ub2fb\\uc744 \\uc62c\\ub9bd\\ub2c8\\ub2e4.\", \"context\": \"\"}]";

/// `RemoteTMModel.upload_store`: the file as it is.
const VIRTAAL_UPLOAD: [&str; 2] = [
    "PUT /tmserver/en/ko/store/ui.po HTTP/1.1\r\nHost: localhost:8017\r\nUser-Agent: Virtaal/1.0.0-beta1 (linux2)\r\nAccept: */*\r\n\
     Accept-Encoding: deflate, gzip, br\r\nContent-Length: 90\r\n",
    "msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\\n\"\n\nmsgid \"Moor here\"\nmsgstr \"x\"\n",
];

/// `TMClient.add_unit`, which no part of Virtaal calls.
const VIRTAAL_ADD: &str = "PUT /tmserver/en/ko/unit/Aft HTTP/1.1\r\nHost: localhost:8017\r\nUser-Agent: Virtaal/1.0.0-beta1 (linux2)\r\n\
    Accept: */*\r\nAccept-Encoding: deflate, gzip, br\r\nContent-Length: 43\r\n\r\n{\"source\": \"Aft\", \"target\": \"\\uace0\\ubb3c\"}";

/// Okapi keeps `*` and `.` as `java.net.URLEncoder` does, and the connection.
const OKAPI: [&str; 2] = [
    "GET /tmserver/en_US/ko_KR/unit/Select%20a%20berth%2C%20and%20then%20select%20**Save**. HTTP/1.1\r\nUser-Agent: Java/17.0.21.1\r\n\
     Host: localhost:8017\r\nAccept: text/html, image/gif, image/jpeg, */*; q=0.2\r\nConnection: keep-alive\r\n\r\n",
    "GET /tmserver/en_US/ko_KR/unit/%EC%A0%80%EC%9E%A5%2F%EC%97%B4%EA%B8%B0%20100%25%20a%2Bb%3F HTTP/1.1\r\nUser-Agent: Java/17.0.21.1\r\n\
     Host: localhost:8017\r\nAccept: text/html, image/gif, image/jpeg, */*; q=0.2\r\nConnection: keep-alive\r\n\r\n",
];

const SAVE: &str = "[{\"source\":\"Select a berth, and then select **Save**.\",\"target\":\"선석을 선택한 다음 **저장**을 선택합니다.\",\
    \"quality\":100.0,\"rank\":100.0}]";

/// The answer to the byte, but for the date.
fn answer(media_type: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {media_type}\r\n\
         content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'\r\nx-content-type-options: nosniff\r\nreferrer-policy: no-referrer\r\n\
         cache-control: no-cache\r\ncontent-length: {}\r\ndate: \r\n\r\n{body}",
        body.len()
    )
}

fn json(body: &str) -> String {
    answer("application/json", body)
}

fn text(body: &str) -> String {
    answer("text/plain; charset=utf-8", body)
}

/// Sends requests on one connection, each after the answer to the one before. Returns the answers without their dates.
fn exchange(server: &Server, requests: &[&str]) -> Vec<String> {
    let mut stream = server.connect();
    let receive = |request: &&str| {
        stream.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        let mut byte = [0];
        while !bytes.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte).unwrap();
            bytes.push(byte[0]);
        }
        let head = String::from_utf8(bytes).unwrap();
        let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        stream.read_exact(&mut body).unwrap();
        let (before, after) = head.split_once("date: ").unwrap_or((&head, ""));
        let rest = after.find("\r\n").map_or("", |end| &after[end..]);
        let date = if after.is_empty() { "" } else { "date: " };
        format!("{before}{date}{rest}{}", String::from_utf8(body).unwrap())
    };
    requests.iter().map(receive).collect()
}

#[test]
fn virtaal_looks_up() {
    let server = Server::of_pairs(&PAIRS, &[]);
    assert_eq!(exchange(&server, &[VIRTAAL_UNIT]), [json(SAVE)]);
    let found = "[{\"source\":\"Save/open\",\"target\":\"저장/열기\",\"quality\":100.0,\"rank\":100.0}]";
    assert_eq!(exchange(&server, &[VIRTAAL_AMAGAMA]), [json(found)]);
}

#[test]
fn virtaal_stores_when_it_saves_and_uploads() {
    let server = Server::of_pairs(&PAIRS, &["--writable"]);
    let [head, body] = VIRTAAL_UPLOAD;
    let upload = format!("{head}\r\n{body}");
    let expected = [
        text("added 1 unit from /home/user/ui.po"),
        text("added 1 unit from ui.po"),
        text("added 1 unit from units"),
    ];
    assert_eq!(exchange(&server, &[VIRTAAL_STORE, &upload, VIRTAAL_ADD]), expected);
    for (source, target) in
        [("Weigh%20the%20anchor.", "닻을 올립니다."), ("Moor%20here", "x"), ("Aft", "고물")]
    {
        let found = server.get(&format!("/tmserver/en/ko/unit/{source}?min_similarity=100")).json();
        assert_eq!(found[0]["target"], target, "{found}");
    }
}

/// libcurl asked before each upload, until version 7.62 or so. It waits a second for the answer.
#[test]
fn an_upload_that_asks_first_is_told_to_go_on() {
    let server = Server::of_pairs(&PAIRS, &["--writable"]);
    let [head, body] = VIRTAAL_UPLOAD;
    let asking = format!("{head}Expect: 100-continue\r\n\r\n");
    let expected = ["HTTP/1.1 100 Continue\r\n\r\n".to_owned(), text("added 1 unit from ui.po")];
    assert_eq!(exchange(&server, &[&asking, body]), expected);
}

#[test]
fn okapi_looks_up_on_one_connection() {
    let server = Server::of_pairs(&PAIRS, &[]);
    assert_eq!(exchange(&server, &OKAPI), [json(SAVE), json("[]")]);
}
