//! What every engine promises, case by case: one trial per engine and case.
//!
//! A case is an async function that is given an empty store. It is listed in the `cases!` of its file; one that is not
//! listed is dead code, which this crate does not allow.
#![deny(dead_code)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics where it stands")]

#[path = "../support/mod.rs"]
mod support;

mod changes;
mod commits;
mod durability;
mod engines;
mod exports;
mod few;
mod history;
mod identity;
mod imports;
mod queries;
mod reads;
mod requests;

use std::future::Future;
use std::pin::Pin;
use std::process::ExitCode;
use std::time::Duration;

use libtest_mimic::{Arguments, Trial};

use support::{Engine, Store};

/// A promise, and what an engine must be capable of to make it.
struct Case {
    name: String,
    durable: bool,
    run: fn(Store) -> Pin<Box<dyn Future<Output = ()>>>,
}

/// Lists the cases of a file.
macro_rules! cases {
    ($($case:ident),* $(,)?) => { crate::cases!(durable: false; $($case),*); };
    (durable: $durable:literal; $($case:ident),* $(,)?) => {
        pub(crate) fn cases() -> Vec<crate::Case> {
            vec![$(crate::Case {
                name: format!("{}::{}", module_path!().rsplit("::").next().unwrap(), stringify!($case)),
                durable: $durable,
                run: |store| Box::pin($case(store)),
            }),*]
        }
    };
}
pub(crate) use cases;

/// No case waits for longer than this.
const PATIENCE: Duration = Duration::from_secs(120);

fn run(engine: Engine, case: &Case) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let case = (case.run)(Store::new(engine));
    runtime.block_on(async { tokio::time::timeout(PATIENCE, case).await.expect("the case does not end") });
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for engine in engines::ENGINES {
        let files = [
            changes::cases(),
            commits::cases(),
            durability::cases(),
            exports::cases(),
            few::cases(),
            history::cases(),
            identity::cases(),
            imports::cases(),
            queries::cases(),
            reads::cases(),
            requests::cases(),
        ];
        for case in files.into_iter().flatten().filter(|case| engine.durable || !case.durable) {
            let name = format!("{}::{}", engine.name, case.name);
            trials.push(Trial::test(name, move || {
                run(*engine, &case);
                Ok(())
            }));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}
