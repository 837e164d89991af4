//! Nothing: cargo wants a file here.
