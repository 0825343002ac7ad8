//! How does a test get its own server of NATS, and what is in a stream?

use crate::harness::certificate::Certificate;
use crate::harness::{eventually, free_port, signal};
use async_nats::ConnectOptions;
use async_nats::jetstream::{self, Message};
use futures_util::StreamExt as _;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::runtime::Runtime;

/// Who may publish below `dragoman`, and nothing else.
pub const USER: &str = "gateway";
/// Their password.
pub const PASSWORD: &str = "own-words-4821";
/// Who reads, and looks after streams.
const ANALYST: &str = "analyst";

/// A server of NATS with JetStream, of Debian's package.
pub struct Nats {
    /// Its port on 127.0.0.1; stays the same over a restart.
    pub port: u16,
    /// Its settings, what it keeps, its log.
    pub folder: tempfile::TempDir,
    process: Option<Child>,
    tls: Option<Certificate>,
    runtime: Runtime,
}

fn program() -> PathBuf {
    let found = ["/usr/sbin/nats-server", "/usr/bin/nats-server", "/usr/local/bin/nats-server"];
    let found = found.map(PathBuf::from).into_iter().find(|path| path.exists());
    found.expect("no nats-server: run make setup-test")
}

impl Nats {
    /// Starts one, with TLS or without.
    pub fn start(with_tls: bool) -> Nats {
        let folder = tempfile::tempdir().unwrap();
        let tls = with_tls.then(|| Certificate::make(folder.path()));
        let port = free_port();
        let lines = tls.as_ref().map(|tls| {
            format!("tls {{ cert_file: '{}', key_file: '{}' }}", tls.certificate.display(), tls.key.display())
        });
        let settings = format!(
            "host: 127.0.0.1\nport: {port}\njetstream {{ store_dir: '{store}' }}\n{tls}\nauthorization {{ users: [\n\
             {{ user: {USER}, password: '{PASSWORD}', permissions: {{ publish: ['dragoman.>'], subscribe: ['_INBOX.>'] }} }}\n\
             {{ user: {ANALYST}, password: '{PASSWORD}' }}\n] }}\n",
            store = folder.path().join("store").display(),
            tls = lines.unwrap_or_default(),
        );
        fs::write(folder.path().join("nats.conf"), settings).unwrap();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let mut nats = Nats { port, folder, process: None, tls, runtime };
        nats.start_again();
        nats
    }

    pub fn start_again(&mut self) {
        let log = File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        let mut command = Command::new(program());
        command.arg("-c").arg(self.folder.path().join("nats.conf"));
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        self.process = Some(command.spawn().unwrap());
        eventually("the server of NATS is there", || {
            std::net::TcpStream::connect(("127.0.0.1", self.port)).ok()
        });
    }

    /// Without a warning.
    pub fn kill(&mut self) {
        let mut process = self.process.take().unwrap();
        signal(process.id(), "KILL");
        process.wait().unwrap();
    }

    /// How settings name it.
    pub fn address(&self) -> String {
        let scheme = if self.tls.is_some() { "nats+tls" } else { "nats" };
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    /// Lines of settings that name it, its authority and who logs in; the password is in a file.
    pub fn lines(&self) -> String {
        let secret = self.folder.path().join("password");
        fs::write(&secret, PASSWORD).unwrap();
        let ca = self.tls.as_ref().map(|tls| format!("ca = '{}'\n", tls.authority.display()));
        format!(
            "to = '{}'\n{}user = '{USER}'\npassword = {{ file = '{}' }}",
            self.address(),
            ca.unwrap_or_default(),
            secret.display()
        )
    }

    async fn context(&self) -> jetstream::Context {
        let mut options = ConnectOptions::new().user_and_password(ANALYST.to_owned(), PASSWORD.to_owned());
        if let Some(tls) = &self.tls {
            let config = rustls::ClientConfig::clone(&tls.client_config(&[]));
            options = options.require_tls(true).tls_client_config(config);
        }
        let client = options.connect(format!("127.0.0.1:{}", self.port)).await.unwrap();
        jetstream::new(client)
    }

    /// Makes a stream of what is published below a subject.
    pub fn make(&self, name: &str, subject: &str) {
        self.runtime.block_on(async {
            let subjects = vec![format!("{subject}.>")];
            let config = jetstream::stream::Config { name: name.to_owned(), subjects, ..Default::default() };
            self.context().await.create_stream(config).await.unwrap();
        });
    }

    /// All that is in a stream, in its order.
    pub fn all(&self, name: &str) -> Vec<Message> {
        self.runtime.block_on(async {
            let context = self.context().await;
            let mut stream = context.get_stream(name).await.unwrap();
            let count = usize::try_from(stream.info().await.unwrap().state.messages).unwrap();
            let ack_policy = jetstream::consumer::AckPolicy::None;
            let config = jetstream::consumer::pull::Config { ack_policy, ..Default::default() };
            let consumer = stream.create_consumer(config).await.unwrap();
            if count == 0 {
                return Vec::new();
            }
            let coming = consumer.messages().await.unwrap().take(count).map(Result::unwrap).collect();
            tokio::time::timeout(Duration::from_secs(30), coming).await.expect("all messages in time")
        })
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
