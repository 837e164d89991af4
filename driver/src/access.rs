//! By what a session is let in: who it is, and its certificates.

use std::sync::Arc;

use rustls::ClientConfig;

use crate::bridge::ffi::{Config, Failure, ReportKind};
use crate::login::Login;
use crate::tls;

pub(crate) type TlsClient = Option<Arc<ClientConfig>>;

/// What a session asks of whoever made it, and tells them. On any thread.
pub(crate) trait Host: Send + Sync {
    /// The user and the password, or why they are not known. It may block.
    fn credentials(&self) -> Result<(String, String), String>;
    /// Tells the operator. It does not block.
    fn report(&self, kind: ReportKind, message: &str);
}

/// One for all connections that a session ever makes. Cheap to copy.
#[derive(Clone)]
pub(crate) struct Access {
    pub(crate) tls: TlsClient,
    pub(crate) login: Arc<Login>,
    pub(crate) host: Arc<dyn Host>,
}

impl Access {
    pub(crate) fn new(config: &Config, host: Arc<dyn Host>) -> Result<Self, Failure> {
        let tls = match config.tls.enabled {
            true => Some(tls::client_config(&config.tls, Arc::clone(&host))?),
            false => None,
        };
        let shows_certificate = !config.tls.certificate_file.is_empty();
        let login = match (config.asks_for_credentials, shows_certificate) {
            (true, _) => Login::asked_of(Arc::clone(&host)),
            (false, true) if config.username.is_empty() => Login::Certificate,
            (false, _) => Login::fixed(&config.username, &config.password),
        };
        Ok(Self {
            tls,
            login: Arc::new(login),
            host,
        })
    }

    /// The same, but nobody logs in.
    pub(crate) fn without_login(&self) -> Self {
        Self {
            login: Arc::new(Login::fixed("", "")),
            ..self.clone()
        }
    }
}
