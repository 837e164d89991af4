//! From a configuration to a session.

use std::sync::Arc;

use tokio::task::AbortHandle;

use crate::bridge::ffi::{Code, Config, ConnectCompletion};
use crate::completions::Deliver;
use crate::runtime::OwnedRuntime;
use crate::session::{Session, Shared};
use crate::{cluster, failure};

/// Connecting that is under way, or has ended.
pub(crate) struct Connecting(Option<AbortHandle>);

impl Connecting {
    /// Ends it, unless it has ended: `done` is dropped.
    pub(crate) fn abort(&self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

/// Connects on a new runtime. The runtime belongs to this task until the session has it.
pub(crate) fn connect(config: Config, done: cxx::UniquePtr<ConnectCompletion>) -> Box<Connecting> {
    let runtime = match OwnedRuntime::new(config.worker_threads) {
        Ok(runtime) => runtime,
        Err(error) => {
            let message = format!("cannot start the threads of the driver: {error}");
            done.deliver(Err(failure::of_request(Code::Internal, message)));
            return Box::new(Connecting(None));
        }
    };
    let handle = runtime.handle().clone();
    let task = handle.spawn(async move {
        let config = Arc::new(config);
        let notices = Arc::default();
        let opened = cluster::open(&config, Vec::new(), &notices).await;
        let shared = opened.map(|cluster| Shared::new(&config, cluster, notices));
        done.deliver(shared.map(|shared| Session::new(shared, runtime)));
    });
    Box::new(Connecting(Some(task.abort_handle())))
}
