//! Opening the engine that the configuration names, and the services over it.

use std::sync::Arc;
use std::time::Instant;

use super::{Context, Failure, OpenError, Opened, Services, Task, inspect, memory, threads};
use crate::api::Api;
use crate::call;
use crate::config::{Config, Engine};
use crate::domain::name::TimeOrderedIds;
use crate::proto::DESCRIPTORS;
use crate::server::Health;
use crate::service::Service;
use crate::storage::memory::MemoryStore;
use crate::storage::sled::{EngineOptions, Faults, Options, ProbeLimits, QueryLimits, SledStore, probe};
use crate::storage::{ClaimStore, SystemClock};

/// How often a locked store is tried.
const LOCK_POLL: std::time::Duration = std::time::Duration::from_millis(100);

/// Batches that may wait for the writer: a few groups' worth, so that it never idles; the rest waits in its call.
const QUEUED_BATCHES: usize = 256;

/// Versions from which on a commit is encoded beside the planning of the next: that takes milliseconds for so many, and
/// some tens of microseconds to start a thread.
const ASIDE_VERSIONS: usize = 64;

impl Services {
    /// The claim services, over the engine that the configuration names.
    #[must_use]
    pub fn claims() -> Self {
        let open = |context: Context| -> Task<Result<Opened, OpenError>> { Box::pin(open_services(context)) };
        Self { descriptors: &[DESCRIPTORS], open: Box::new(open) }
    }
}

async fn open_services(context: Context) -> Result<Opened, OpenError> {
    let Context { config, health, .. } = context;
    let message_bytes_max = config.server.max_message_bytes.as_usize();
    let bound = call::memory::process();
    let bytes_max = memory::bytes_max(&config);
    bound.bound(bytes_max, memory::for_answers(&config, bytes_max));
    let opening = tokio::task::spawn_blocking(move || open(&config, &health));
    let open =
        opening.await.map_err(|error| OpenError::Other(error.to_string()))?.map_err(|failure| match failure {
            Failure::Locked(message) => OpenError::Locked(message),
            Failure::Damaged(message) => OpenError::Damaged(message),
            Failure::Error(message) | Failure::Usage(message) => OpenError::Other(message),
            Failure::Config(error) => OpenError::Other(error.to_string()),
        })?;
    let keeping = tokio::spawn(memory::keep(bound, open.sled.as_ref().map(Arc::downgrade)));
    let service = Service::new(Arc::clone(&open.store), Arc::new(SystemClock));
    let routes = Api::new(service, message_bytes_max).routes();
    let close = Box::pin(async move {
        keeping.abort();
        // It ends by being aborted.
        let _ = keeping.await;
        tokio::task::spawn_blocking(move || open.close()).await.map_err(|error| error.to_string())
    });
    Ok(Opened { routes, close })
}

/// An open engine, and how it is closed.
pub(super) struct OpenStore {
    pub(super) store: Arc<dyn ClaimStore>,
    sled: Option<Arc<SledStore>>,
}

impl OpenStore {
    /// Ends the writer after what is queued, and closes the store with it. Blocks.
    pub(super) fn close(self) {
        if let Some(sled) = &self.sled {
            sled.close();
        }
    }
}

/// Opens the engine. Waits for a while when another process holds the store. Blocks.
pub(super) fn open(config: &Config, health: &Health) -> Result<OpenStore, Failure> {
    match config.store.engine {
        Engine::Memory => {
            tracing::warn!("the memory engine forgets everything when the process ends");
            let store = MemoryStore::new(Arc::new(TimeOrderedIds), Arc::new(SystemClock));
            Ok(OpenStore { store: Arc::new(store), sled: None })
        }
        Engine::Sled => {
            let deadline = Instant::now() + config.store.lock_wait.0;
            loop {
                match open_sled(config, health) {
                    Err(Failure::Locked(_)) if Instant::now() < deadline => std::thread::sleep(LOCK_POLL),
                    Err(failure) => return Err(failure),
                    Ok(sled) => {
                        let sled = Arc::new(sled);
                        return Ok(OpenStore { store: Arc::clone(&sled) as Arc<dyn ClaimStore>, sled: Some(sled) });
                    }
                }
            }
        }
    }
}

fn open_sled(config: &Config, health: &Health) -> Result<SledStore, Failure> {
    let settings = &config.store;
    if settings.probe_on_open {
        let limits = ProbeLimits::within(settings.probe_timeout.0);
        probe(&inspect::executable()?, &settings.data_dir, &limits)?;
    }
    let health = health.clone();
    let bytes_max = memory::bytes_max(config);
    let options = EngineOptions {
        layer: Options {
            cache_bytes: memory::cache_bytes(settings, bytes_max),
            kept: memory::kept(bytes_max),
            seal: memory::seal(settings, bytes_max),
            reserve_bytes: settings.reserve_bytes.0,
            faults: Faults::from_environment(),
            ..Options::default()
        },
        queued_batches: QUEUED_BATCHES,
        group_commits: settings.group_commits_max,
        aside_versions: ASIDE_VERSIONS,
        concurrent_reads: threads::reads(config),
        query: QueryLimits::default(),
        ids: Arc::new(TimeOrderedIds),
        clock: Arc::new(SystemClock),
        on_damage: Box::new(move |_| health.not_serving()),
    };
    Ok(SledStore::open(&settings.data_dir, options)?)
}
