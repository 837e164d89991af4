//! Certificates that are renewed on disk: each new connection uses what is in the files then.
//!
//! The driver has one configuration of TLS for all connections of a session. So that configuration
//! asks here for whom to trust and what to show; and here is where it looks for an earlier TLS
//! session to resume, which it does before all else on each connection. What has changed is read
//! then, and earlier sessions are forgotten, since they stand for certificates that were replaced.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::{ArcSwap, ArcSwapOption};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, ResolvesClientCert, Tls12ClientSessionValue,
    Tls13ClientSessionValue,
};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{DigitallySignedStruct, Error, NamedGroup, SignatureScheme};

use super::{Verifier, identity};
use crate::access::Host;
use crate::bridge::ffi::{Failure, ReportKind, Tls};

/// How many TLS sessions are kept to be resumed; as many as the library of TLS keeps by default.
const SESSIONS: usize = 256;

pub(super) struct Files {
    tls: Tls,
    provider: Arc<CryptoProvider>,
    host: Arc<dyn Host>,
    trust: ArcSwap<Verifier>,
    identity: ArcSwapOption<CertifiedKey>,
    sessions: ArcSwap<ClientSessionMemoryCache>,
    read: Mutex<Read>,
}

/// What the files were when they were last read and could be used.
struct Read {
    trust: Vec<Option<Stamp>>,
    identity: Vec<Option<Stamp>>,
}

/// What differs in a file that was written or replaced, or that a link leads to now.
type Stamp = [i64; 5];

fn stamps(files: &[&String]) -> Vec<Option<Stamp>> {
    let stamp = |file: &&String| {
        let data = fs::metadata(file).ok()?;
        let place = [data.dev().cast_signed(), data.ino().cast_signed()];
        let times = [data.mtime(), data.ctime()].map(|seconds| seconds * 1_000_000_000);
        Some([
            place[0],
            place[1],
            data.size().cast_signed(),
            times[0] + data.mtime_nsec(),
            times[1] + data.ctime_nsec(),
        ])
    };
    files.iter().map(stamp).collect()
}

impl Files {
    pub(super) fn read(
        tls: &Tls,
        provider: Arc<CryptoProvider>,
        host: Arc<dyn Host>,
    ) -> Result<Self, Failure> {
        let read = Read::now(tls); // before the contents: what changes meanwhile is read again
        let trust = Verifier::new(tls, Arc::clone(&provider))?;
        let identity = identity(tls, &provider)?;
        Ok(Self {
            tls: tls.clone(),
            provider,
            host,
            trust: ArcSwap::from_pointee(trust),
            identity: ArcSwapOption::from_pointee(identity),
            sessions: ArcSwap::from_pointee(ClientSessionMemoryCache::new(SESSIONS)),
            read: Mutex::new(read),
        })
    }

    /// Reads what has changed. What cannot be used leaves in force what was read before.
    fn look(&self) {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Read::now(&self.tls);
        let mut is_renewed = false;
        if now.trust != read.trust {
            match Verifier::new(&self.tls, Arc::clone(&self.provider)) {
                Ok(trust) => {
                    self.trust.store(Arc::new(trust));
                    read.trust = now.trust;
                    is_renewed = true;
                }
                Err(failure) => self.report(&failure),
            }
        }
        if now.identity != read.identity {
            match identity(&self.tls, &self.provider) {
                Ok(identity) => {
                    self.identity.store(identity.map(Arc::new));
                    read.identity = now.identity;
                    is_renewed = true;
                }
                Err(failure) => self.report(&failure),
            }
        }
        if is_renewed {
            let none = ClientSessionMemoryCache::new(SESSIONS);
            self.sessions.store(Arc::new(none));
        }
    }

    fn report(&self, failure: &Failure) {
        let message = format!(
            "a file of TLS has changed and cannot be used, so what it held before stays in force: {}",
            failure.message
        );
        self.host.report(ReportKind::Credentials, &message);
    }
}

impl Read {
    fn now(tls: &Tls) -> Self {
        Self {
            trust: stamps(&[&tls.ca_file]),
            identity: stamps(&[&tls.certificate_file, &tls.key_file]),
        }
    }
}

impl std::fmt::Debug for Files {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Files").finish_non_exhaustive()
    }
}

impl ResolvesClientCert for Files {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.identity.load_full()
    }

    fn has_certs(&self) -> bool {
        self.identity.load().is_some()
    }
}

impl ServerCertVerifier for Files {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let trust = self.trust.load();
        trust.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let trust = self.trust.load();
        trust.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let trust = self.trust.load();
        trust.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.trust.load().supported_verify_schemes()
    }
}

impl ClientSessionStore for Files {
    fn set_kx_hint(&self, server_name: ServerName<'static>, group: NamedGroup) {
        self.sessions.load().set_kx_hint(server_name, group);
    }

    fn kx_hint(&self, server_name: &ServerName<'_>) -> Option<NamedGroup> {
        self.sessions.load().kx_hint(server_name)
    }

    fn set_tls12_session(&self, server_name: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.sessions.load().set_tls12_session(server_name, value);
    }

    fn tls12_session(&self, server_name: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.sessions.load().tls12_session(server_name)
    }

    fn remove_tls12_session(&self, server_name: &ServerName<'static>) {
        self.sessions.load().remove_tls12_session(server_name);
    }

    fn insert_tls13_ticket(
        &self,
        server_name: ServerName<'static>,
        value: Tls13ClientSessionValue,
    ) {
        self.sessions.load().insert_tls13_ticket(server_name, value);
    }

    /// What each connection begins with.
    fn take_tls13_ticket(
        &self,
        server_name: &ServerName<'static>,
    ) -> Option<Tls13ClientSessionValue> {
        self.look();
        self.sessions.load().take_tls13_ticket(server_name)
    }
}
