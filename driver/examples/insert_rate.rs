//! Single inserts as fast as one worker makes them, with nothing between them and the driver: what
//! tests/driver/insert_rate.cpp is compared with.
//!
//! `insert_rate ADDRESS:PORT REQUESTS`, on the table that program makes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use scylla::client::execution_profile::ExecutionProfile;
use scylla::client::session_builder::SessionBuilder;
use scylla::policies::retry::FallthroughRetryPolicy;

const IN_FLIGHT: usize = 256;

/// User and system time of this process in microseconds, of which the system counts 10,000.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let after_name = stat.rsplit(')').next().expect("a name");
    let fields: Vec<_> = after_name.split_whitespace().collect();
    let ticks = |index: usize| fields[index].parse::<f64>().expect("a number");
    (ticks(11) + ticks(12)) * 10_000.0
}

async fn run(address: String, requests: i64) -> Result<(), Box<dyn std::error::Error>> {
    let profile = ExecutionProfile::builder()
        .retry_policy(Arc::new(FallthroughRetryPolicy::new()))
        .speculative_execution_policy(None)
        .build();
    let session = SessionBuilder::new()
        .known_node(address)
        .default_execution_profile_handle(profile.into_handle())
        .build()
        .await?;
    let session = Arc::new(session);
    let cql = "INSERT INTO bytestore_rate.kv (row_id, body_blob) VALUES (?, ?)";
    let insert = session.prepare(cql).await?;
    for _ in 0..5 {
        let next = Arc::new(AtomicI64::new(0));
        let (start, cpu_before) = (Instant::now(), cpu());
        let lanes: Vec<_> = (0..IN_FLIGHT)
            .map(|_| {
                let (session, insert) = (Arc::clone(&session), insert.clone());
                let next = Arc::clone(&next);
                tokio::spawn(async move {
                    let value = vec![120_u8; 1024];
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= requests {
                            return;
                        }
                        let mut bound = insert
                            .clone()
                            .bind(&(format!("key{number:08}"), &value))
                            .expect("the right values");
                        bound.set_timestamp(Some(number + 1));
                        session
                            .execute_bound_unpaged(&bound)
                            .await
                            .expect("a server");
                    }
                })
            })
            .collect();
        for lane in lanes {
            lane.await?;
        }
        let rate = requests as f64 / start.elapsed().as_secs_f64();
        println!(
            "rust: {rate:.0}/s, {:.2} us of CPU each",
            (cpu() - cpu_before) / requests as f64
        );
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().ok_or("which address?")?;
    let requests = arguments.next().ok_or("how many requests?")?.parse()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    #[allow(clippy::disallowed_methods)] // a program, which has nothing else to do
    runtime.block_on(run(address, requests))
}
