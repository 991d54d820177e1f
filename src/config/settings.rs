//! The list of settings, with their defaults, limits and reasons. The doc comment of a setting is its help text
//! and its row in `docs/configuration.md`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use super::declare::settings;
use super::values::{Engine, Listen, LogFormat, Period, Size};

/// One setting as the help and the documentation show it.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The group it is listed under.
    pub group: &'static str,
    /// The file key; the flag is the same with hyphens.
    pub name: &'static str,
    /// The environment variable.
    pub env: &'static str,
    /// What it does, and the reason for its limit.
    pub help: &'static str,
    /// The value when nobody says anything.
    pub default: String,
    /// The smallest and largest value that is accepted.
    pub limits: Option<String>,
}

settings! {
    /// How the server talks to the network.
    server: Server {
        /// IP address and port to listen on. Port 0 takes a free one, which the log names. Only this machine by
        /// default: there is no authentication yet, so opening it up is the operator's decision.
        listen: Listen = Listen(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 50051)), "CLAIMDB_LISTEN";
        /// How long the server goes on as usual after the signal to stop, with health already NOT_SERVING: the
        /// time load balancers need to look elsewhere. Bounded, so that a typing error does not outlast the
        /// orchestrator's patience.
        drain_delay: Period = Period::seconds(0), in Period::seconds(0) => Period::seconds(300), "CLAIMDB_DRAIN_DELAY";
        /// Hard cap on the drain that follows: calls that are still running after it are cut. Keep it, with
        /// drain_delay, below the orchestrator's own limit (30s in Kubernetes).
        drain_grace: Period = Period::seconds(20), in Period::millis(100) => Period::seconds(600), "CLAIMDB_DRAIN_GRACE";
        /// Longest a unary call may take, whatever deadline its caller sets; streams are bounded by their
        /// caller's deadline only. A call without an end holds its memory and its place without an end.
        request_timeout_max: Period = Period::seconds(30), in Period::millis(10) => Period::seconds(3600), "CLAIMDB_REQUEST_TIMEOUT_MAX";
        /// Largest message accepted or sent. The default is what gRPC clients accept unless told otherwise, and the
        /// least, since a text and its records, a page, or an item of an export must fit; each call in flight may
        /// hold one in memory, as far as memory_bytes allows.
        max_message_bytes: Size = Size::mib(4), in Size::mib(4) => Size::mib(64), "CLAIMDB_MAX_MESSAGE_BYTES";
        /// Calls in flight over all connections, open streams included; health checks and reflection do not count. One more is
        /// answered UNAVAILABLE with reason OVERLOADED before any work is done, so that it is safe to retry.
        max_concurrent_requests: usize = 1024, in 1 => 65_536, "CLAIMDB_MAX_CONCURRENT_REQUESTS";
        /// Memory that the process may take; 0 is three quarters of what the machine has, or the control group (container)
        /// it runs in. Caches and unsealed segments are made smaller to fit; while more is taken nevertheless, calls are
        /// refused with OVERLOADED or made one at a time, rather than that the system kills the process. Less
        /// than 64 MiB is taken for 64 MiB; a million claims want 400.
        memory_bytes: Size = Size(0), in Size(0) => Size::gib(1024), "CLAIMDB_MEMORY_BYTES";
        /// Connections open at once; one more is closed as it arrives. Each is a file descriptor, and the usual
        /// limit of a process is 1024 of them, of which the store needs some.
        max_connections: usize = 512, in 1 => 65_536, "CLAIMDB_MAX_CONNECTIONS";
        /// Calls in flight on one connection; the client holds the next one back. One client's burst should not
        /// take all of max_concurrent_requests.
        max_concurrent_streams: u32 = 200, in 1 => 65_536, "CLAIMDB_MAX_CONCURRENT_STREAMS";
        /// Age, varied by a tenth, at which a connection is asked to go away (calls in flight go on); 0s is
        /// never. Useful behind a balancer that spreads connections, not calls.
        connection_age: Period = Period::seconds(0), in Period::seconds(0) => Period::seconds(86_400), "CLAIMDB_CONNECTION_AGE";
        /// How long after connection_age calls on the connection may go on before it is closed under them: a watch too, which
        /// has no end of its own and then ends as on a broken connection.
        connection_age_grace: Period = Period::seconds(60), in Period::millis(100) => Period::seconds(86_400), "CLAIMDB_CONNECTION_AGE_GRACE";
        /// Whether clients may ask for the schema (server reflection v1 and v1alpha), as grpcurl does.
        reflection: bool = true, "CLAIMDB_REFLECTION";
        /// Threads that serve calls; 0 is one per core and one more, so that one waits for the sockets while others read.
        runtime_threads: usize = 0, in 0 => 1024, "CLAIMDB_RUNTIME_THREADS";
    }

    /// Where and how claims are kept.
    store: Store {
        /// Directory of the store, made if it is missing. One process at a time.
        data_dir: PathBuf = PathBuf::from("./data"), "CLAIMDB_DATA_DIR";
        /// What keeps the claims: sled (on disk, in data_dir) or memory (gone when the process ends).
        engine: Engine = Engine::Sled, "CLAIMDB_ENGINE";
        /// How long to wait while another process holds the store, before exiting with code 3: a rolling
        /// restart overlaps for a moment, and longer than that somebody should look.
        lock_wait: Period = Period::seconds(10), in Period::seconds(0) => Period::seconds(3600), "CLAIMDB_LOCK_WAIT";
        /// Memory for the engine's page cache, at most a quarter of what memory_bytes has above 128 MiB. Up to 16,384
        /// pages more, which the engine has not counted yet, are in memory besides.
        cache_bytes: Size = Size::mib(80), in Size::mib(16) => Size::gib(1024), "CLAIMDB_CACHE_BYTES";
        /// Free space on the disk, beside four times what is written, below which writes are refused with STORE_FULL:
        /// sealing and shutting down need room themselves.
        reserve_bytes: Size = Size::mib(64), in Size(0) => Size::gib(1024), "CLAIMDB_RESERVE_BYTES";
        /// Record versions after which the segment in memory is sealed to disk. More makes queries faster and
        /// a restart after a crash slower, since the unsealed tail is replayed.
        seal_numbers: u64 = 65_536, in 64 => 1_048_576, "CLAIMDB_SEAL_NUMBERS";
        /// Size of the terms in memory at which the segment is sealed even before seal_numbers, at most a tenth of
        /// memory_bytes. Up to two unsealed segments are in memory at once, each with as much that points to its terms.
        seal_terms_bytes: Size = Size::mib(64), in Size::mib(1) => Size::gib(4), "CLAIMDB_SEAL_TERMS_BYTES";
        /// Size of the log since the last seal at which the segment is sealed even before seal_numbers: bounds
        /// what a restart after a crash reads.
        seal_log_bytes: Size = Size::mib(64), in Size::mib(1) => Size::gib(4), "CLAIMDB_SEAL_LOG_BYTES";
        /// Whether the store is first opened in a child process, since a damaged file can take the process that
        /// opens it down. Without, a server with a large store is up a little sooner.
        probe_on_open: bool = true, "CLAIMDB_PROBE_ON_OPEN";
        /// How long that child process may take before the store counts as damaged: some damage makes an open
        /// run for ever.
        probe_timeout: Period = Period::seconds(120), in Period::seconds(1) => Period::seconds(86_400), "CLAIMDB_PROBE_TIMEOUT";
        /// Reads of the store that run at once; the rest wait for their turn, up to their deadline. Each takes a
        /// thread while it runs, and every thread makes the process larger. 0 is two per core, but 4 at least and 64 at
        /// most; more is faster where the store is larger than the machine's memory and its disk answers many at once.
        reads_concurrent_max: usize = 0, in 0 => 512, "CLAIMDB_READS_CONCURRENT_MAX";
        /// Commits made durable together. More is faster under load, until readers notice that they wait while
        /// a large group is applied.
        group_commits_max: usize = 128, in 1 => 4096, "CLAIMDB_GROUP_COMMITS_MAX";
    }

    /// What the server says about itself.
    log: Log {
        /// How log lines are written, to standard error: text, json, or auto (text on a terminal, json
        /// otherwise).
        log_format: LogFormat = LogFormat::Auto, "CLAIMDB_LOG_FORMAT";
        /// Which log lines are written: a level (error, warn, info, debug, trace), or levels by target, as in
        /// `info,claimdb::storage=debug`. Payloads are never logged at any level.
        log_filter: String = "info".to_owned(), "CLAIMDB_LOG_FILTER";
    }
}
