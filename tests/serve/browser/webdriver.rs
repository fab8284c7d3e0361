//! The part of W3C WebDriver that the tests need. <https://www.w3.org/TR/webdriver2/>

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};

/// Keys, by their code points in WebDriver.
pub mod keys {
    pub const DOWN: &str = "\u{e015}";
    pub const UP: &str = "\u{e013}";
    pub const ENTER: &str = "\u{e007}";
}

/// A browser with one window.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
}

impl Browser {
    /// Starts chromedriver and Chromium; `None`, with a sentence, where they are missing.
    pub fn start(options: &[&str]) -> Option<Browser> {
        let chromium =
            ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|name| is_there(name));
        let (Some(chromium), true) = (chromium, is_there("chromedriver")) else {
            eprintln!("skipped: chromium or chromedriver is not installed");
            return None;
        };
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| {
                line.split("started successfully on port ").nth(1)?.trim_end_matches('.').parse().ok()
            })
            .expect("the port of chromedriver");
        // What it prints later must not block it.
        std::thread::spawn(move || lines.for_each(drop));
        let mut arguments = vec![
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
        ];
        arguments.extend(options);
        let path =
            Command::new("sh").args(["-c", &format!("command -v {chromium}")]).output().unwrap().stdout;
        let binary = String::from_utf8(path).unwrap().trim().to_owned();
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": arguments, "binary": binary},
            "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let mut browser = Browser { driver, port, session: String::new() };
        let started = browser.send("POST", "/session", &capabilities);
        browser.session = started["sessionId"].as_str().unwrap_or_else(|| panic!("{started}")).to_owned();
        Some(browser)
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let body = if method == "POST" { body.to_string() } else { String::new() };
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
        );
        stream.write_all((head + &body).as_bytes()).unwrap();
        let mut answer = String::new();
        // Chromedriver may keep the connection, so the length says where the answer ends.
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        reader.take(length).read_to_string(&mut answer).unwrap();
        let value: Value = serde_json::from_str(&answer).unwrap();
        let value = value["value"].clone();
        assert!(value.get("error").is_none(), "{method} {path}: {value:#}");
        value
    }

    fn post(&self, command: &str, body: &Value) -> Value {
        self.send("POST", &format!("/session/{}/{command}", self.session), body)
    }

    fn get(&self, command: &str) -> Value {
        self.send("GET", &format!("/session/{}/{command}", self.session), &Value::Null)
    }

    pub fn open(&self, url: &str) {
        self.post("url", &json!({ "url": url }));
    }

    pub fn url(&self) -> String {
        self.get("url").as_str().unwrap().to_owned()
    }

    pub fn script(&self, script: &str, arguments: &[Value]) -> Value {
        self.post("execute/sync", &json!({ "script": script, "args": arguments }))
    }

    pub fn script_async(&self, script: &str) -> Value {
        self.post("execute/async", &json!({ "script": script, "args": [] }))
    }

    /// Waits until a script returns true.
    #[track_caller]
    pub fn until(&self, script: &str, what: &str) {
        let began = Instant::now();
        while self.script(script, &[]) != json!(true) {
            let text = || self.script("return document.body.innerText", &[]);
            assert!(began.elapsed() < Duration::from_secs(20), "waited in vain for {what}: {}", text());
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    /// Presses keys, into what has the focus.
    pub fn press(&self, text: &str) {
        let actions: Vec<Value> = text
            .chars()
            .flat_map(|key| {
                ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key.to_string() }))
            })
            .collect();
        self.post("actions", &json!({ "actions": [{ "type": "key", "id": "keys", "actions": actions }] }));
    }

    fn element(&self, selector: &str) -> String {
        let found = self.post("element", &json!({ "using": "css selector", "value": selector }));
        found.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned()
    }

    pub fn type_into(&self, selector: &str, text: &str) {
        let element = self.element(selector);
        self.post(&format!("element/{element}/value"), &json!({ "text": text }));
    }

    pub fn click(&self, selector: &str) {
        let element = self.element(selector);
        self.post(&format!("element/{element}/click"), &json!({}));
    }

    pub fn text(&self, selector: &str) -> String {
        let element = self.element(selector);
        self.get(&format!("element/{element}/text")).as_str().unwrap().to_owned()
    }

    pub fn size(&self, width: u32, height: u32) {
        self.post("window/rect", &json!({ "width": width, "height": height }));
    }

    /// A command of the developer tools.
    fn tools(&self, command: &str, parameters: &Value) -> Value {
        self.post("goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// A screen of so many pixels, narrower than a window can be.
    pub fn narrow(&self, width: u32) {
        let screen = json!({ "width": width, "height": 780, "deviceScaleFactor": 2, "mobile": false });
        self.tools("Emulation.setDeviceMetricsOverride", &screen);
    }

    pub fn wide(&self) {
        self.tools("Emulation.clearDeviceMetricsOverride", &json!({}));
    }

    pub fn emulate(&self, feature: &str, value: &str) {
        self.tools(
            "Emulation.setEmulatedMedia",
            &json!({ "features": [{ "name": feature, "value": value }] }),
        );
    }

    /// What was copied; `None` if this browser does not let it be read.
    pub fn clipboard(&self) -> Option<String> {
        let origin = self.script("return location.origin", &[]);
        self.tools(
            "Browser.grantPermissions",
            &json!({ "origin": origin, "permissions": ["clipboardReadWrite"] }),
        );
        let read = self.script_async(
            "const done = arguments[arguments.length - 1];
             navigator.clipboard.readText().then(done, () => done(null));",
        );
        read.as_str().map(str::to_owned)
    }

    /// The browser has logged no error: none of a script, and none of the page's policy.
    pub fn no_errors(&self) {
        let log = self.post("se/log", &json!({ "type": "browser" }));
        let errors: Vec<&Value> =
            log.as_array().unwrap().iter().filter(|entry| entry["level"] == "SEVERE").collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }

    pub fn screenshot(&self, path: &Path) {
        let picture = self.get("screenshot");
        std::fs::write(path, BASE64_STANDARD.decode(picture.as_str().unwrap()).unwrap()).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() && !std::thread::panicking() {
            self.send("DELETE", &format!("/session/{}", self.session), &Value::Null);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn is_there(program: &str) -> bool {
    Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .output()
        .is_ok_and(|found| found.status.success())
}
