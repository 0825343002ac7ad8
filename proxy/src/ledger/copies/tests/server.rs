//! What do the servers of these tests have in common: certificates, and connections that are handled one by one?

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// An authority, whose certificate is in a file, and what a server of `localhost` shows.
pub(super) struct Authority {
    pub(super) file: PathBuf,
    pub(super) acceptor: TlsAcceptor,
}

impl Authority {
    pub(super) fn new(folder: &Path, name: &str) -> Authority {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let own = parameters.self_signed(&key).unwrap();
        let file = folder.join(format!("{name}.pem"));
        std::fs::write(&file, own.pem()).unwrap();
        let issuer = Issuer::new(parameters, key);
        let server_key = KeyPair::generate().unwrap();
        let server = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let server = server.signed_by(&server_key, &issuer).unwrap();
        let key = PrivateKeyDer::try_from(server_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![server.der().clone()], key)
            .unwrap();
        Authority { file, acceptor: TlsAcceptor::from(Arc::new(config)) }
    }
}

/// A port of this machine on which `handle` is called for each connection, with its number, until it is dropped.
pub(super) struct Server {
    pub(super) port: u16,
    runtime: Option<Runtime>,
}

impl Server {
    pub(super) fn plain<F, H>(handle: H) -> Server
    where
        F: Future<Output = ()> + Send + 'static,
        H: Fn(TcpStream, usize) -> F + Send + 'static,
    {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        runtime.spawn(async move {
            for number in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(handle(stream, number));
            }
        });
        Server { port, runtime: Some(runtime) }
    }

    /// The same behind TLS; connections whose handshake fails are not handled.
    pub(super) fn tls<F, H>(authority: &Authority, handle: H) -> Server
    where
        F: Future<Output = ()> + Send + 'static,
        H: Fn(TlsStream<TcpStream>, usize) -> F + Clone + Send + Sync + 'static,
    {
        let acceptor = authority.acceptor.clone();
        Server::plain(move |stream, number| {
            let (acceptor, handle) = (acceptor.clone(), handle.clone());
            async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    handle(stream, number).await;
                }
            }
        })
    }

    /// One that takes connections and says nothing, ever.
    pub(super) fn silent() -> Server {
        Server::plain(|stream, _| async move {
            let _held = stream;
            std::future::pending::<()>().await;
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A port on which nobody listens.
pub(super) fn nobody() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
