//! The servers under test.

use std::process::Command;

use tempfile::TempDir;

use crate::server::Server;

pub(crate) struct Running {
    pub(crate) name: &'static str,
    pub(crate) server: Server,
    _directory: Option<TempDir>,
}

impl Running {
    pub(crate) async fn claimdb() -> Self {
        let directory = TempDir::new().expect("a directory");
        let server = Server::claimdb(directory.path(), &[]).await;
        Self { name: "claimdb", server, _directory: Some(directory) }
    }

    pub(crate) async fn bare() -> Self {
        let program = Command::new(std::env::current_exe().expect("this program"));
        let server = Server::start(program, |port| vec!["--bare-server".to_owned(), port.to_string()]).await;
        Self { name: "bare", server, _directory: None }
    }
}
