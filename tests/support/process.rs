//! The real server, as a process of its own.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tonic::transport::{Channel, Endpoint};

/// A running server. It is killed when this is dropped.
pub(crate) struct Process {
    /// The process.
    pub(crate) child: Child,
    /// `http://` and the address it listens on.
    pub(crate) address: String,
}

impl Process {
    /// Starts a server on a free port, with this data directory and further arguments, and waits until it serves.
    pub(crate) fn start(data: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_claimdb"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CLAIMDB_")) {
            command.env_remove(name);
        }
        command.args(["--listen", "127.0.0.1:0", "--log-format", "json", "--data-dir"]).arg(data).args(arguments);
        Self::from_command(command)
    }

    /// Starts what the command says, which logs JSON, and waits until it serves.
    pub(crate) fn from_command(command: Command) -> Self {
        // What went wrong is worth showing.
        Self::overheard(command, |line| {
            if !line.contains("\"level\":\"INFO\"") {
                eprintln!("{line}");
            }
        })
    }

    /// The same, with somebody who is told each line that is logged once it serves.
    pub(crate) fn overheard(mut command: Command, tell: impl Fn(&str) + Send + 'static) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let (mut address, mut log) = (String::new(), String::new());
        while !log.contains("\"message\":\"serving\"") {
            let before = log.len();
            assert!(lines.read_line(&mut log).unwrap() > 0, "the server ended: {log}");
            if let Some((_, rest)) = log[before..].split_once("\"address\":\"") {
                address = format!("http://{}", rest.split('"').next().unwrap());
            }
        }
        // Somebody must read on: a server that cannot log would end.
        std::thread::spawn(move || lines.lines().map_while(Result::ok).for_each(|line| tell(&line)));
        Self { child, address }
    }

    /// A connection to it.
    pub(crate) async fn channel(&self) -> Channel {
        Endpoint::from_shared(self.address.clone()).unwrap().tcp_nodelay(true).connect().await.unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
