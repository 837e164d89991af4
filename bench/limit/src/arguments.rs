use clap::{Parser, ValueEnum};

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Verb {
    Mset,
    Mget,
    Mdelete,
    Keys,
}

/// Measures a loop written by hand on the scylla driver.
#[derive(Clone, Parser)]
pub(crate) struct Arguments {
    #[arg(value_enum)]
    pub(crate) verb: Verb,
    /// There already, in the keyspace CASSANDRA_KEYSPACE
    #[arg(long)]
    pub(crate) table: String,
    /// Of the whole run
    #[arg(long)]
    pub(crate) keys: usize,
    /// Of each value
    #[arg(long)]
    pub(crate) value_bytes: usize,
    /// Of one call
    #[arg(long)]
    pub(crate) call_keys: usize,
    /// List only the keys that begin with it
    #[arg(long, default_value = "")]
    pub(crate) prefix: String,
    /// Read keys that are not there
    #[arg(long)]
    pub(crate) absent: bool,
    /// Requests in flight; for `keys`, ranges of tokens
    #[arg(long)]
    pub(crate) window: usize,
    /// Of the runtime
    #[arg(long, default_value_t = 1)]
    pub(crate) threads: usize,
}
