//! The servers under test, each a process of its own.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

pub(crate) struct Running {
    pub(crate) name: &'static str,
    pub(crate) address: String,
    child: Child,
    _directory: Option<TempDir>,
}

impl Running {
    pub(crate) async fn claimdb() -> Self {
        let directory = TempDir::new().expect("a directory");
        let port = free_port();
        let child = Command::new(env!("CARGO_BIN_EXE_claimdb"))
            .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--log-filter", "warn", "--data-dir"])
            .arg(directory.path())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("claimdb starts");
        Self::up("claimdb", port, child, Some(directory)).await
    }

    pub(crate) async fn bare() -> Self {
        let port = free_port();
        let program = std::env::current_exe().expect("this program");
        let child = Command::new(program).args(["--bare-server", &port.to_string()]).spawn().expect("it starts");
        Self::up("bare", port, child, None).await
    }

    async fn up(name: &'static str, port: u16, child: Child, directory: Option<TempDir>) -> Self {
        let address = format!("http://127.0.0.1:{port}");
        let running = Self { name, address, child, _directory: directory };
        for _ in 0..600 {
            if crate::client::is_ready(&running.address).await {
                return running;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{name} did not become ready");
    }

    /// Peak resident memory so far, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) * 1024
    }

    pub(crate) fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}
