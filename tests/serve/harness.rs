//! A running server, and a client that sends what it is told, to the byte.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::documents::document;
use crate::support::{Bitext, fixture};

/// A server of the memory in its folder.
pub struct Server {
    pub bitext: Bitext,
    child: Option<Child>,
    pub address: String,
    log: Arc<Mutex<String>>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

impl Server {
    /// Of the documents in `fixtures/docs`.
    pub fn of_fixtures(options: &[&str]) -> Server {
        let bitext = Bitext::new();
        bitext.import(fixture("docs"));
        Server::start(bitext, options)
    }

    /// Of pairs of target and source text.
    pub fn of_pairs(pairs: &[(&str, &str)], options: &[&str]) -> Server {
        let bitext = Bitext::new();
        bitext.write("set/a.md", document("aaaaa", pairs));
        bitext.import("set");
        Server::start(bitext, options)
    }

    pub fn start(bitext: Bitext, options: &[&str]) -> Server {
        let mut arguments = vec!["serve"];
        if !options.contains(&"--listen") {
            arguments.extend(["--listen", "127.0.0.1:0"]);
        }
        arguments.extend(options);
        let mut child =
            bitext.command(arguments).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let first = lines.next().expect("a line").unwrap();
        let address = first.split("http://").nth(1).unwrap_or_else(|| panic!("no address in {first:?}"));
        let address = address.split('/').next().unwrap().replace("0.0.0.0", "127.0.0.1");
        let log = Arc::new(Mutex::new(String::new()));
        let written = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                *written.lock().unwrap() += &(line + "\n");
            }
        });
        Server { bitext, child: Some(child), address, log }
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        // The thread that reads the log is a little later than the answer.
        std::thread::sleep(Duration::from_millis(100));
        self.log.lock().unwrap().clone()
    }

    pub fn process(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// Kills it at once, and returns its folder.
    pub fn kill(mut self) -> Bitext {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        std::mem::replace(&mut self.bitext, Bitext::new())
    }

    /// Asks it to end, by SIGTERM, and waits. Returns its exit code.
    #[cfg(unix)]
    pub fn terminate(mut self) -> i32 {
        let mut child = self.child.take().unwrap();
        let killed = std::process::Command::new("kill").arg(child.id().to_string()).status().unwrap();
        assert!(killed.success());
        child.wait().unwrap().code().unwrap_or(-1)
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    }

    /// Sends bytes, and reads until the server closes the connection.
    pub fn send(&self, bytes: &[u8]) -> Vec<u8> {
        self.send_and_wait(bytes, Duration::from_secs(60))
    }

    /// The same. If no answer comes within `patience`, tells the server that nothing more will be sent.
    pub fn send_and_wait(&self, bytes: &[u8], patience: Duration) -> Vec<u8> {
        let mut stream = self.connect();
        // The server may refuse a request before it has read it.
        let _ = stream.write_all(bytes);
        let mut answer = vec![0];
        stream.set_read_timeout(Some(patience)).unwrap();
        match stream.read(&mut answer) {
            Ok(read) => answer.truncate(read),
            Err(_) => {
                answer.clear();
                let _ = stream.shutdown(std::net::Shutdown::Write);
            }
        }
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let _ = stream.read_to_end(&mut answer);
        answer
    }

    /// A request with these headers.
    pub fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "Host") {
            head += &format!("Host: {}\r\n", self.address);
        }
        if !body.is_empty() {
            head += &format!("Content-Length: {}\r\n", body.len());
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        let bytes = [head.as_bytes(), b"\r\n", body].concat();
        Answer::of(&self.send(&bytes)).unwrap_or_else(|| panic!("no answer to {method} {path}"))
    }

    pub fn get(&self, path: &str) -> Answer {
        self.request("GET", path, &[], b"")
    }

    pub fn post(&self, path: &str, body: &str) -> Answer {
        self.request("POST", path, &[], body.as_bytes())
    }

    /// Repeats a request until its answer is as wanted, for what happens a little later.
    #[track_caller]
    pub fn until(&self, path: &str, is_wanted: impl Fn(&Answer) -> bool) -> Answer {
        let began = Instant::now();
        loop {
            let answer = self.get(path);
            if is_wanted(&answer) {
                return answer;
            }
            assert!(began.elapsed() < Duration::from_secs(20), "{path}: {answer:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Answer {
    /// Reads an answer of HTTP/1.1; `None` if it is none, or not complete.
    pub fn of(bytes: &[u8]) -> Option<Answer> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let mut answer = Answer { status, head, body: bytes[end + 4..].to_vec() };
        if answer.header("transfer-encoding") == Some("chunked") {
            answer.body = unchunked(&answer.body)?;
        } else if let Some(length) = answer.header("content-length")
            && !bytes.is_empty()
            && answer.body.len() != length.parse::<usize>().ok()?
            && !answer.body.is_empty()
        {
            return None;
        }
        Some(answer)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/json"));
        serde_json::from_str(self.text()).unwrap()
    }

    /// The sentence of an error.
    #[track_caller]
    pub fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{} {}", self.head, self.text());
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.head);
        let problem: Value = serde_json::from_str(self.text()).unwrap();
        assert_eq!(problem["status"], status);
        problem["detail"].as_str().unwrap().to_owned()
    }
}

/// The body of chunks; `None` if the last one is missing.
fn unchunked(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = bytes.windows(2).position(|window| window == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).ok()?, 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend(bytes.get(end + 2..end + 2 + size)?);
        bytes = bytes.get(end + 4 + size..)?;
    }
}

/// A text percent-encoded with nothing kept, as clients of tmserver do.
pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}
