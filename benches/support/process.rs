//! A server under test, as a process of its own.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use claimdb::proto::claimdb::v1::GetServerInfoRequest;
use claimdb::proto::claimdb::v1::server_info_service_client::ServerInfoServiceClient;
use tonic::transport::{Channel, Endpoint};

use crate::options::Options;

/// How long a server may take until it answers.
const READY_WITHIN: Duration = Duration::from_secs(300);

pub(crate) struct Server {
    pub(crate) address: String,
    /// From its start to its first answer.
    pub(crate) ready_after: Duration,
    child: Child,
}

impl Server {
    /// The real program, or the one that is given instead, over a data directory.
    pub(crate) async fn claimdb(data: &Path, arguments: &[String]) -> Self {
        let program = Options::of_this_program().text("--program");
        let mut command = Command::new(program.as_deref().unwrap_or(env!("CARGO_BIN_EXE_claimdb")));
        command.args(["serve", "--log-filter", "warn", "--data-dir"]).arg(data).args(arguments);
        Self::start(command, |port| vec!["--listen".to_owned(), format!("127.0.0.1:{port}")]).await
    }

    /// Any program that answers `GetServerInfo` on a port it is told.
    pub(crate) async fn start(command: Command, listen: impl Fn(u16) -> Vec<String>) -> Self {
        Self::start_until(command, listen, is_ready).await
    }

    /// Any program that is told a port, until it answers there.
    pub(crate) async fn start_until(
        mut command: Command,
        listen: impl Fn(u16) -> Vec<String>,
        is_ready: impl AsyncFn(Channel) -> bool,
    ) -> Self {
        let port = free_port();
        let begin = Instant::now();
        let child = command.args(listen(port)).stderr(Stdio::inherit()).spawn().expect("it starts");
        let mut server = Self { address: format!("http://127.0.0.1:{port}"), ready_after: Duration::ZERO, child };
        while begin.elapsed() < READY_WITHIN {
            if let Ok(channel) = connect(&server.address).await
                && is_ready(channel).await
            {
                server.ready_after = begin.elapsed();
                return server;
            }
            if let Ok(Some(status)) = server.child.try_wait() {
                panic!("{command:?} ended at once: {status}");
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{command:?} did not become ready");
    }

    #[allow(dead_code, reason = "not every bench asks")]
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Peak resident memory so far, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        self.memory("VmHWM:")
    }

    /// Resident memory now, in bytes.
    pub(crate) fn memory_now(&self) -> u64 {
        self.memory("VmRSS:")
    }

    fn memory(&self, field: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap_or_default();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) * 1024
    }

    /// Kills it, as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

pub(crate) async fn connect(address: &str) -> Result<Channel, tonic::transport::Error> {
    Endpoint::from_shared(address.to_owned()).expect("an address").tcp_nodelay(true).connect().await
}

async fn is_ready(channel: Channel) -> bool {
    ServerInfoServiceClient::new(channel).get_server_info(GetServerInfoRequest {}).await.is_ok()
}

pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}
