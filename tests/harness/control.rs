//! How does a test run control planes by themselves, and ask them?

use super::{eventually, signal};
use reqwest::blocking::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The first admin's.
pub const PASSWORD: &str = "four-words-nobody-says-4831";
/// What data planes show.
pub const TOKEN: &str = "a-token-that-both-planes-know-7391";

/// Somebody who asks the API.
#[derive(Clone)]
pub struct Caller {
    /// Without a proxy, and with a bound on what it waits.
    pub http: Client,
    /// Of the node that is asked.
    pub url: String,
    /// What shows who asks.
    pub cookie: String,
    csrf: String,
}

impl Caller {
    /// Becomes the first admin by the link that the program printed.
    pub fn first(url: &str, log: impl Fn() -> String) -> Caller {
        let link = eventually("the set-up link is printed", || {
            let log = log();
            let at = log.find("/setup#")?;
            log[at + 7..].split_whitespace().next().map(ToOwned::to_owned)
        });
        let http = Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
        let person = json!({ "email": "root@example.com", "name": "Root", "password": PASSWORD });
        let response =
            http.post(format!("{url}/api/v1/setup")).json(&json!({ "token": link, "person": person }));
        let response = response.send().unwrap();
        let cookie = response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let csrf = body(response, 201)["csrf_token"].as_str().unwrap().to_owned();
        Caller { http, url: url.to_owned(), cookie, csrf }
    }

    /// The same person, asking another node.
    #[must_use]
    pub fn at(&self, url: &str) -> Caller {
        Caller { url: url.to_owned(), ..self.clone() }
    }

    /// What is at `path`.
    pub fn get(&self, path: &str) -> Value {
        body(self.http.get(format!("{}{path}", self.url)).header("cookie", &self.cookie).send().unwrap(), 200)
    }

    /// Makes something.
    pub fn post(&self, path: &str, draft: &Value, status: u16) -> Value {
        let request = self.http.post(format!("{}{path}", self.url)).header("cookie", &self.cookie);
        body(request.header("x-csrf-token", &self.csrf).json(draft).send().unwrap(), status)
    }

    /// Sends `draft` to `path` of the version that is there now, and whose `etag` is at `read`; `"0"` where nothing is.
    pub fn change(&self, method: &str, path: &str, read: &str, draft: &Value) -> Value {
        let shown =
            self.http.get(format!("{}{read}", self.url)).header("cookie", &self.cookie).send().unwrap();
        let version = shown.headers().get("etag").map_or("\"0\"", |etag| etag.to_str().unwrap()).to_owned();
        let method = method.parse().unwrap();
        let request: RequestBuilder = self.http.request(method, format!("{}{path}", self.url));
        let request = request.header("cookie", &self.cookie).header("x-csrf-token", &self.csrf);
        body(request.header("if-match", version).json(draft).send().unwrap(), 200)
    }

    /// The calls of the statements with `words` that the traffic knows, asked no more often than anybody may.
    pub fn calls(&self, words: &str) -> u64 {
        std::thread::park_timeout(Duration::from_millis(50));
        let top = self.get(&format!("/api/v1/workspaces/default/traffic/top?words={words}"));
        top["total"]["calls"].as_u64().unwrap()
    }
}

/// The answer, which has to have this status.
#[track_caller]
pub fn body(response: Response, status: u16) -> Value {
    let (found, text) = (response.status().as_u16(), response.text().unwrap());
    assert_eq!(found, status, "{text}");
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// The settings of a control plane on `port`.
pub fn admin_table(port: u16) -> String {
    format!("listen = \"127.0.0.1:{port}\"\ndata_directory = \"control\"")
}

/// A control plane by itself, in a folder of the test.
pub struct Control {
    process: Child,
    /// Its settings, its key, its log.
    pub folder: tempfile::TempDir,
    /// Where it is asked, on 127.0.0.1.
    pub port: u16,
}

impl Control {
    /// Starts one that keeps its state in `folder`.
    pub fn start(port: u16, folder: tempfile::TempDir) -> Control {
        Control::start_with(port, folder, "", "")
    }

    /// The same with more lines of `[admin]`, and more tables.
    pub fn start_with(port: u16, folder: tempfile::TempDir, admin: &str, tables: &str) -> Control {
        fs::write(folder.path().join("token"), TOKEN).unwrap();
        let admin = format!("{}\n{admin}", admin_table(port));
        let text = format!("[admin]\n{admin}\n[admin.link]\ntoken = {{ file = \"token\" }}\n{tables}\n");
        fs::write(folder.path().join("control.toml"), text).unwrap();
        let log = File::options().create(true).append(true).open(folder.path().join("log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_dragoman"));
        command.args(["serve", "--plane", "control", "--config"]).arg(folder.path().join("control.toml"));
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let control = Control { process: command.spawn().unwrap(), folder, port };
        eventually("the control plane answers", || {
            reqwest::blocking::get(format!("{}/api/v1/health", control.url()))
                .ok()
                .filter(|one| one.status() == 200)
        });
        control
    }

    /// Where it is asked.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// All it has said.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Asks it to end, and waits until it has.
    pub fn stop(mut self) -> tempfile::TempDir {
        signal(self.process.id(), "TERM");
        assert!(self.process.wait().unwrap().success(), "{}", self.log());
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }

    /// Ends it at once, as a crash would; its folder stays.
    pub fn kill(mut self) -> tempfile::TempDir {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
