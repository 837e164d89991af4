//! Who logs in, on each new connection.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use scylla::authentication::{AuthError, AuthenticatorProvider, AuthenticatorSession};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use crate::access::Host;
use crate::bridge::ffi::ReportKind;

/// The least time between two times that the credentials are asked for.
const PAUSE: Duration = Duration::from_secs(2);

/// How long a login waits for new credentials where it could use those that are known.
const PATIENCE: Duration = Duration::from_secs(1);

/// What logs in with user and password (RFC 4616). Never shown.
pub(crate) type Token = Arc<[u8]>;

/// Gives each new connection its user and password. Those that come from outside are asked for again
/// and again, since they may have been renewed.
pub(crate) enum Login {
    /// None: nobody logs in.
    Fixed(Option<Token>),
    /// The certificate of the connection tells who it is.
    Certificate,
    Asked(Arc<Asked>),
}

impl Login {
    /// An empty `username` is none.
    pub(crate) fn fixed(username: &str, password: &str) -> Self {
        Self::Fixed((!username.is_empty()).then(|| token_of(username, password)))
    }

    pub(crate) fn asked_of(host: Arc<dyn Host>) -> Self {
        Self::Asked(Arc::new(Asked {
            host,
            answer: Mutex::default(),
            ended: Notify::new(),
        }))
    }

    /// None: nobody logs in.
    pub(crate) async fn token(&self) -> Result<Option<Token>, String> {
        match self {
            Self::Fixed(token) => Ok(token.clone()),
            Self::Certificate => Ok(Some(Arc::default())),
            Self::Asked(asked) => asked.token().await.map(Some),
        }
    }
}

fn token_of(username: &str, password: &str) -> Token {
    format!("\0{username}\0{password}").into_bytes().into()
}

#[async_trait]
impl AuthenticatorProvider for Login {
    async fn start_authentication_session(
        &self,
        authenticator: &str,
    ) -> Result<(Option<Vec<u8>>, Box<dyn AuthenticatorSession>), AuthError> {
        match self.token().await? {
            Some(token) if !token.is_empty() || !wants_password(authenticator) => {
                Ok((Some(token.to_vec()), Box::new(OneAnswer)))
            }
            _ => Err("the server asks for a user and a password".into()),
        }
    }
}

/// Those that look at the certificate take any answer, also an empty one; this does not.
fn wants_password(authenticator: &str) -> bool {
    authenticator.ends_with(".PasswordAuthenticator")
}

/// Of a login that has said all in its first answer.
struct OneAnswer;

#[async_trait]
impl AuthenticatorSession for OneAnswer {
    async fn evaluate_challenge(&mut self, _: Option<&[u8]>) -> Result<Option<Vec<u8>>, AuthError> {
        Err("the server asks for more than a user and a password".into())
    }

    async fn success(&mut self, _: Option<&[u8]>) -> Result<(), AuthError> {
        Ok(())
    }
}

/// Credentials of the host. One thread at a time asks for them, and no thread that drives the runtime.
pub(crate) struct Asked {
    host: Arc<dyn Host>,
    answer: Mutex<Answer>,
    /// Wakes those who wait for the answer.
    ended: Notify,
}

#[derive(Default)]
struct Answer {
    /// The last good one.
    token: Option<Token>,
    /// Why there is none.
    problem: String,
    is_awaited: bool,
    arrived: Option<Instant>,
}

impl Asked {
    async fn token(self: &Arc<Self>) -> Result<Token, String> {
        let ended = self.ended.notified();
        if self.begins() {
            tokio::spawn(Arc::clone(self).ask());
        }
        let (is_awaited, is_known) = {
            let answer = self.answer();
            (answer.is_awaited, answer.token.is_some())
        };
        match (is_awaited, is_known) {
            (false, _) => {}
            (true, false) => ended.await,
            (true, true) => {
                let _ = timeout(PATIENCE, ended).await;
            }
        }
        let answer = self.answer();
        let problem = || answer.problem.clone();
        answer.token.clone().ok_or_else(problem)
    }

    /// Whether the pause is over. Then they are asked for from now on.
    fn begins(&self) -> bool {
        let mut answer = self.answer();
        let is_due = |arrived| Instant::now() >= arrived + PAUSE;
        let begins = !answer.is_awaited && answer.arrived.is_none_or(is_due);
        answer.is_awaited |= begins;
        begins
    }

    async fn ask(self: Arc<Self>) {
        let host = Arc::clone(&self.host);
        // A task of its own, which fails alone where no thread can be started.
        let asking = tokio::spawn(async move {
            let told = tokio::task::spawn_blocking(move || host.credentials());
            told.await.unwrap_or_else(|error| Err(error.to_string()))
        });
        let told = asking
            .await
            .unwrap_or_else(|_| Err("no thread can be started to ask for them".into()));
        self.note(told);
        self.ended.notify_waiters();
    }

    fn note(&self, told: Result<(String, String), String>) {
        let mut answer = self.answer();
        answer.is_awaited = false;
        answer.arrived = Some(Instant::now());
        let problem = match told {
            Ok((username, _)) if username.is_empty() => "they name no user".into(),
            // As a file has it that is being written.
            Ok((_, password)) if password.is_empty() => "they have no password".into(),
            Ok((username, password)) => {
                answer.token = Some(token_of(&username, &password));
                return;
            }
            Err(problem) => problem,
        };
        let is_known = answer.token.is_some();
        answer.problem = format!("the credentials cannot be got: {problem}");
        let message = format!("{}; the last ones are used", answer.problem);
        drop(answer);
        if is_known {
            self.host.report(ReportKind::Credentials, &message);
        }
    }

    fn answer(&self) -> MutexGuard<'_, Answer> {
        self.answer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
