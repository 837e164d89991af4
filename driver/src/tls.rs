//! TLS by rustls, with a verifier that knows what the driver cannot: it passes nothing but the
//! addresses of nodes, and most certificates name hosts.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use crate::access::Host;
use crate::bridge::ffi::{Code, Failure, Tls, TlsVerify};
use crate::failure;
use files::Files;

mod files;

pub(crate) fn client_config(tls: &Tls, host: Arc<dyn Host>) -> Result<Arc<ClientConfig>, Failure> {
    if tls.certificate_file.is_empty() != tls.key_file.is_empty() {
        return Err(refuse("a client certificate and its key come together"));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let files = Arc::new(Files::read(tls, Arc::clone(&provider), host)?);
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(refuse)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&files) as Arc<_>);
    let mut config = match tls.certificate_file.is_empty() {
        true => builder.with_no_client_auth(),
        false => builder.with_client_cert_resolver(Arc::clone(&files) as Arc<_>),
    };
    config.resumption = Resumption::store(files);
    Ok(Arc::new(config))
}

/// The client's own certificate; none if it has none.
fn identity(tls: &Tls, provider: &CryptoProvider) -> Result<Option<CertifiedKey>, Failure> {
    let (certificate, key_file) = (&tls.certificate_file, &tls.key_file);
    if certificate.is_empty() {
        return Ok(None);
    }
    let key = PrivateKeyDer::from_pem_file(key_file)
        .map_err(|error| refuse(format!("cannot read the key in {key_file}: {error}")))?;
    let both = CertifiedKey::from_der(certificates(certificate)?, key, provider);
    both.map(Some).map_err(|error| {
        refuse(format!(
            "cannot use the certificate in {certificate}: {error}"
        ))
    })
}

fn refuse(message: impl std::fmt::Display) -> Failure {
    failure::of_request(Code::BadArgument, message)
}

fn certificates(file: &str) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let unreadable = |error| refuse(format!("cannot read the certificates in {file}: {error}"));
    let certificates: Vec<_> = CertificateDer::pem_file_iter(file)
        .map_err(unreadable)?
        .collect::<Result<_, _>>()
        .map_err(unreadable)?;
    if certificates.is_empty() {
        return Err(refuse(format!("there is no certificate in {file}")));
    }
    Ok(certificates)
}

fn host_name(name: &str) -> Result<ServerName<'static>, Failure> {
    ServerName::try_from(name.to_owned())
        .map_err(|_| refuse(format!("\"{name}\" is not the name of a host")))
}

/// Whom a server's certificate must name. It must chain up to the CA file in any case.
#[derive(Debug)]
enum Identity {
    Address,
    Name(ServerName<'static>),
    Anybody,
}

#[derive(Debug)]
struct Verifier {
    chain: Arc<WebPkiServerVerifier>,
    roots: Arc<RootCertStore>,
    provider: Arc<CryptoProvider>,
    identity: Identity,
}

impl Verifier {
    fn new(tls: &Tls, provider: Arc<CryptoProvider>) -> Result<Self, Failure> {
        if tls.ca_file.is_empty() {
            return Err(refuse("TLS needs a CA file"));
        }
        let mut roots = RootCertStore::empty();
        for certificate in certificates(&tls.ca_file)? {
            roots.add(certificate).map_err(|error| {
                refuse(format!(
                    "{} holds a CA that cannot be used: {error}",
                    tls.ca_file
                ))
            })?;
        }
        let roots = Arc::new(roots);
        let chain =
            WebPkiServerVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(&provider))
                .build()
                .map_err(refuse)?;
        let identity = match tls.verify {
            TlsVerify::Name => Identity::Name(host_name(&tls.name)?),
            TlsVerify::Chain => Identity::Anybody,
            _ => Identity::Address,
        };
        Ok(Self {
            chain,
            roots,
            provider,
            identity,
        })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let name = match &self.identity {
            Identity::Address => server_name,
            Identity::Name(name) => name,
            Identity::Anybody => {
                verify_server_cert_signed_by_trust_anchor(
                    &ParsedCertificate::try_from(end_entity)?,
                    &self.roots,
                    intermediates,
                    now,
                    self.provider.signature_verification_algorithms.all,
                )?;
                return Ok(ServerCertVerified::assertion());
            }
        };
        self.chain
            .verify_server_cert(end_entity, intermediates, name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}
