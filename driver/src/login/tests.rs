use super::*;
use crate::paused_clock;
use std::sync::Condvar;
use tokio::time::sleep;

/// Gives `user` a password with the number of the question, fails where it has been told to, and
/// blocks while it is held.
#[derive(Default)]
struct Keeper {
    state: Mutex<State>,
    freed: Condvar,
    reports: Mutex<Vec<String>>,
}

#[derive(Default)]
struct State {
    asked: u32,
    fails: bool,
    is_held: bool,
}

impl Keeper {
    fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
        self.freed.notify_all();
    }

    fn asked(&self) -> u32 {
        self.state.lock().unwrap().asked
    }
}

impl Host for Keeper {
    fn credentials(&self) -> Result<(String, String), String> {
        let mut state = self.state.lock().unwrap();
        state.asked += 1;
        let state = self.freed.wait_while(state, |state| state.is_held).unwrap();
        match state.fails {
            true => Err("the vault is sealed".into()),
            false => Ok(("user".into(), state.asked.to_string())),
        }
    }

    fn report(&self, kind: ReportKind, message: &str) {
        assert!(kind == ReportKind::Credentials);
        self.reports.lock().unwrap().push(message.into());
    }
}

fn token(number: u32) -> Result<Option<Token>, String> {
    Ok(Some(token_of("user", &number.to_string())))
}

/// Gives a login whose credentials a keeper has, and the keeper.
fn asked() -> (Login, Arc<Keeper>) {
    let keeper = Arc::new(Keeper::default());
    (Login::asked_of(Arc::clone(&keeper) as Arc<_>), keeper)
}

#[test]
fn fixed_ones_stay() {
    paused_clock::run(async {
        let me = Login::fixed("me", "secret");
        assert_eq!(me.token().await.unwrap().unwrap()[..], *b"\0me\0secret");
        assert_eq!(Login::fixed("", "").token().await, Ok(None));
    });
}

#[test]
fn they_are_asked_for_again_but_not_at_once() {
    let (login, keeper) = asked();
    paused_clock::run(async {
        assert_eq!(login.token().await, token(1));
        assert_eq!(login.token().await, token(1));
        sleep(PAUSE).await;
        let both = tokio::join!(login.token(), login.token());
        assert_eq!(both, (token(2), token(2)));
    });
    assert_eq!(keeper.asked(), 2);
}

#[test]
fn without_any_nobody_logs_in() {
    let (login, keeper) = asked();
    keeper.set(|state| state.fails = true);
    paused_clock::run(async {
        let problem = login.token().await.unwrap_err();
        assert!(problem.contains("the vault is sealed"), "{problem}");
        keeper.set(|state| state.fails = false);
        sleep(PAUSE).await;
        assert_eq!(login.token().await, token(2));
    });
    assert!(keeper.reports.lock().unwrap().is_empty());
}

#[test]
fn the_last_ones_are_used_where_there_are_no_new_ones() {
    let (login, keeper) = asked();
    paused_clock::run(async {
        assert_eq!(login.token().await, token(1));
        keeper.set(|state| state.fails = true);
        sleep(PAUSE).await;
        assert_eq!(login.token().await, token(1));
    });
    let reports = keeper.reports.lock().unwrap();
    assert_eq!(reports.len(), 1);
    assert!(reports[0].contains("the vault is sealed"), "{reports:?}");
}

#[test]
fn nobody_waits_long_for_new_ones() {
    let (login, keeper) = asked();
    // The time of this runtime stands still while somebody blocks.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    #[allow(clippy::disallowed_methods)]
    runtime.block_on(async {
        assert_eq!(login.token().await, token(1));
        keeper.set(|state| state.is_held = true);
        sleep(PAUSE).await;
        assert_eq!(login.token().await, token(1));
        keeper.set(|state| state.is_held = false);
        while login.token().await != token(2) {
            sleep(Duration::from_millis(1)).await;
        }
    });
    assert_eq!(keeper.asked(), 2);
}

/// The first answer to a server that asks in the name of `authenticator`.
fn answer(login: &Login, authenticator: &str) -> Result<Option<Vec<u8>>, String> {
    paused_clock::run(async {
        let begun = login.start_authentication_session(authenticator).await;
        begun.map(|(response, _)| response)
    })
}

#[test]
fn a_certificate_is_enough_where_the_server_looks_at_it() {
    let me = Login::fixed("me", "secret");
    let package = "org.apache.cassandra.auth";
    for authenticator in [
        "MutualTlsAuthenticator",
        "MutualTlsWithPasswordFallbackAuthenticator",
    ] {
        let asking = format!("{package}.{authenticator}");
        assert_eq!(answer(&Login::Certificate, &asking), Ok(Some(Vec::new())));
        assert_eq!(answer(&me, &asking), Ok(Some(b"\0me\0secret".to_vec())));
    }
    let asking = format!("{package}.PasswordAuthenticator");
    let refused = Err("the server asks for a user and a password".into());
    assert_eq!(answer(&Login::Certificate, &asking), refused);
    assert_eq!(answer(&Login::fixed("", ""), &asking), refused);
}
