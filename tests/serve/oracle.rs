//! tmserver of translate-toolkit 3.18.1, the last version that has one, beside `bitext serve`: both hold the same units and are asked the
//! same.
//!
//! `TMSERVER` is the folder of its programs `build_tmdb` and `tmserver`; without it, the test is skipped. Two of its traps: the language
//! in the header of a PO file wins over `-t`, and only the exact code finds units (`ko` does not find those of `ko-kr`); and without
//! `-d` each of its threads has an empty database.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::harness::{Answer, Server, encoded};

/// More than any text has matches.
const ALL: &str = "100";

struct Tmserver {
    child: Child,
    address: String,
}

impl Tmserver {
    /// Of the units in a PO file.
    fn start(programs: &Path, folder: &Path, po: &Path) -> Tmserver {
        let quiet = |name: &str| {
            let mut command = Command::new(programs.join(name));
            command.current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        let built = quiet("build_tmdb").args(["-d", "tm.db", "-s", "en-US", "-t", "ko-KR"]).arg(po).status();
        assert!(built.expect("build_tmdb starts").success());
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let port = free.port().to_string();
        let child = quiet("tmserver")
            .args(["-d", "tm.db", "-b", "127.0.0.1", "-p", &port, "--max-candidates", ALL])
            .spawn()
            .unwrap();
        let server = Tmserver { child, address: free.to_string() };
        let began = Instant::now();
        while TcpStream::connect(&server.address).is_err() {
            assert!(began.elapsed() < Duration::from_secs(60), "tmserver does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    fn exchange(&self, method: &str, path: &str) -> Vec<u8> {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        stream.write_all(head.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        bytes
    }

    fn request(&self, method: &str, path: &str) -> Answer {
        let bytes = self.exchange(method, path);
        Answer::of(&bytes).unwrap_or_else(|| panic!("{method} {path}: {:?}", String::from_utf8_lossy(&bytes)))
    }

    /// The status of an answer whose body can be incomplete: that of its errors is.
    fn status(&self, method: &str, path: &str) -> u16 {
        let answer = self.exchange(method, path);
        let status = answer.get(9..12).and_then(|status| std::str::from_utf8(status).ok()?.parse().ok());
        status.unwrap_or_else(|| panic!("{method} {path}: {:?}", String::from_utf8_lossy(&answer)))
    }

    fn look_up(&self, text: &str) -> Vec<Value> {
        let answer = self.request("GET", &format!("/tmserver/en_US/ko_KR/unit/{}", encoded(text)));
        assert_eq!(answer.status, 200);
        let found: Value = serde_json::from_str(answer.text()).unwrap();
        found.as_array().expect("an array").clone()
    }
}

impl Drop for Tmserver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The source and target texts of matches with at least this quality.
fn pairs(found: &[Value], quality: f64) -> BTreeSet<(&str, &str)> {
    let has = |found: &&Value| found["quality"].as_f64().is_some_and(|found| found >= quality);
    found
        .iter()
        .filter(has)
        .map(|found| (found["source"].as_str().unwrap(), found["target"].as_str().unwrap()))
        .collect()
}

/// The fields that a client reads, with their types. tmserver adds `context`, `bitext serve` the `rank` of amaGama.
fn check_shape(found: &[Value]) {
    let mut last = 100.0;
    for entry in found {
        let object = entry.as_object().expect("an object");
        let fields: Vec<&str> =
            object.keys().map(String::as_str).filter(|key| !["context", "rank"].contains(key)).collect();
        assert_eq!(fields, ["quality", "source", "target"], "{entry}");
        assert!(entry["source"].is_string() && entry["target"].is_string(), "{entry}");
        assert!(entry["quality"].is_f64(), "a number with a decimal point: {entry}");
        let quality = entry["quality"].as_f64().unwrap();
        assert!((1.0..=last).contains(&quality), "the best first: {found:?}");
        last = quality;
    }
}

/// The texts to look up: all source texts of the memory, and the same with a word changed, removed and added.
fn texts(server: &Server) -> Vec<String> {
    let export = server.get("/v1/export.jsonl?to=ko-KR");
    let units = export.text().lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let sources: BTreeSet<String> = units.map(|unit| unit["source"].as_str().unwrap().to_owned()).collect();
    let mut texts = Vec::new();
    for source in &sources {
        let words: Vec<&str> = source.split(' ').collect();
        texts.push(source.clone());
        texts.push([&["Now"], &words[..]].concat().join(" "));
        texts.push(words[1..].join(" "));
        texts.push([&words[..words.len() - 1], &["harbours"]].concat().join(" "));
    }
    // Of an encoded slash tmserver sees the code, so it finds no exact match; and it has no address without a text.
    texts.retain(|text| !text.contains('/') && !text.is_empty());
    texts
}

#[test]
fn tmserver_of_translate_toolkit_answers_alike() {
    let Some(programs) = std::env::var_os("TMSERVER").map(PathBuf::from) else {
        eprintln!(
            "skipped: tmserver of translate-toolkit is not at hand; TMSERVER names the folder of its programs"
        );
        return;
    };
    let server = Server::of_fixtures(&["--writable"]);
    server.bitext.run(["export", "--to", "ko-KR", "--quiet", "-o", "docs.po"]).succeeds_silently();
    let other = Tmserver::start(&programs, &server.bitext.path(""), &server.bitext.path("docs.po"));
    let look_up = |text: &str| -> Vec<Value> {
        let path =
            format!("/tmserver/en_US/ko_KR/unit/{}?min_similarity=40&max_candidates={ALL}", encoded(text));
        server.get(&path).json().as_array().expect("an array").clone()
    };
    let texts = texts(&server);
    let (mut exact, mut fuzzy, mut same_best, mut compared) = (0, 0, 0, 0);
    for text in &texts {
        let (ours, theirs) = (look_up(text), other.look_up(text));
        check_shape(&ours);
        check_shape(&theirs);
        // The same exact matches, whatever their order.
        let identical = |found: &[Value]| -> BTreeSet<(String, String)> {
            let found = pairs(found, 100.0).into_iter().filter(|(source, _)| source == text);
            found.map(|(source, target)| (source.to_owned(), target.to_owned())).collect()
        };
        assert_eq!(identical(&ours), identical(&theirs), "{text:?}");
        exact += identical(&theirs).len();
        // Its quality counts characters and the score of bitext words. What it finds at 75 is found from 40.
        for pair in pairs(&theirs, 75.0) {
            fuzzy += 1;
            assert!(pairs(&ours, 0.0).contains(&pair), "{text:?}: {pair:?} is missing in {ours:?}");
        }
        if let [first, ..] = &theirs[..] {
            let bests = pairs(&theirs, first["quality"].as_f64().unwrap());
            compared += 1;
            same_best += usize::from(
                bests.contains(&(ours[0]["source"].as_str().unwrap(), ours[0]["target"].as_str().unwrap())),
            );
        }
    }
    assert!(texts.len() > 200 && exact > 50 && fuzzy > 100, "{} {exact} {fuzzy}", texts.len());
    assert!(
        same_best * 100 >= compared * 95,
        "the best match is the same for {same_best} of {compared} texts"
    );
    // What clients send that is no look-up of a text which the memory has.
    for (path, theirs, ours) in [
        // The same.
        ("/tmserver/xx/yy/unit/Berth", (200, Some("[]")), 200),
        ("/tmserver/en_US/ko_KR/unit/qqqqqqqq", (200, Some("[]")), 200),
        ("/tmserver/", (404, None), 404),
        ("/tmserver/en_US/ko_KR/quit/a", (404, None), 404),
        // amaGama has these two.
        ("/tmserver/languages/", (404, None), 200),
        ("/tmserver/en_US/ko_KR/unit/", (404, None), 200),
    ] {
        let found = server.get(path);
        assert_eq!(found.status, ours, "{path}");
        let status = other.status("GET", path);
        assert_eq!(status, theirs.0, "{path}");
        if let Some(body) = theirs.1 {
            assert_eq!((found.text(), other.request("GET", path).text()), (body, body), "{path}");
        }
    }
    // It refuses these by a mistake of its own.
    for path in ["/tmserver/en_US/ko_KR/unit/Berth", "/tmserver/en_US/ko_KR/store/a.po"] {
        assert_eq!(other.status("DELETE", path), 500, "{path}");
        server.request("DELETE", path, &[], b"").problem(405);
    }
}
