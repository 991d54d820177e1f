//! PostgreSQL as a peer: a cluster of its own in a temporary folder, with settings for this job, gone when dropped.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio_postgres::{Client, NoTls};

/// The user that Debian's package makes; the server refuses to run as root.
const SYSTEM_USER: &str = "postgres";
/// How long it may take to start.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// What it is given: durable commits as by default, what is advised of memory, about a fifth of a machine of 23 GB, room between
/// checkpoints, and what is advised for disks without heads.
const SETTINGS: [&str; 15] = [
    "fsync=on",
    "synchronous_commit=on",
    "shared_buffers=4GB",
    "effective_cache_size=12GB",
    "work_mem=64MB",
    "maintenance_work_mem=512MB",
    "max_wal_size=16GB",
    "checkpoint_timeout=15min",
    "wal_compression=lz4",
    "wal_buffers=64MB",
    "gin_pending_list_limit=16MB",
    "random_page_cost=1.1",
    "effective_io_concurrency=200",
    "jit=off",
    "plan_cache_mode=force_custom_plan",
];

pub(crate) struct Postgres {
    port: u16,
    child: Child,
    _folder: tempfile::TempDir,
}

impl Postgres {
    /// A new cluster that answers, or why there is none.
    pub(crate) async fn start() -> Result<Self, String> {
        let programs = programs().ok_or("initdb and postgres are not installed")?;
        let folder = tempfile::TempDir::new().map_err(|error| error.to_string())?;
        let data = folder.path().join("postgres");
        std::fs::create_dir(&data).map_err(|error| error.to_string())?;
        if rustix::process::getuid().is_root() {
            open_to_all(folder.path());
            run(Command::new("chown").arg(SYSTEM_USER).arg(&data))?;
        }
        run(as_user(&programs.join("initdb"))
            .args(["--username=bench", "--auth=trust", "--encoding=UTF8", "--locale=C", "--pgdata"])
            .arg(&data))?;
        let port = super::process::free_port();
        let mut command = as_user(&programs.join("postgres"));
        command.arg("-D").arg(&data).arg("-p").arg(port.to_string()).arg("-k").arg(&data);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().map_err(|error| error.to_string())?;
        let server = Self { port, child, _folder: folder };
        let begin = Instant::now();
        while server.try_connect().await.is_err() {
            if begin.elapsed() > READY_WITHIN {
                return Err("it did not answer in time".to_owned());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(server)
    }

    pub(crate) async fn connect(&self) -> Client {
        self.try_connect().await.expect("a connection")
    }

    /// What others connect to.
    #[allow(dead_code, reason = "not every bench asks")]
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    #[allow(dead_code, reason = "not every bench asks")]
    pub(crate) async fn version(&self) -> String {
        let row = self.connect().await.query_one("SHOW server_version", &[]).await.expect("an answer");
        row.get(0)
    }

    async fn try_connect(&self) -> Result<Client, tokio_postgres::Error> {
        connect_to(self.port).await
    }
}

/// Connects to a cluster by its port: another process may have started it.
pub(crate) async fn connect_to(port: u16) -> Result<Client, tokio_postgres::Error> {
    let address = format!("host=127.0.0.1 port={port} user=bench dbname=postgres");
    let (client, connection) = tokio_postgres::connect(&address, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // An immediate shutdown: what is behind it is thrown away.
        let _ = Command::new("kill").arg("-QUIT").arg(self.process().to_string()).status();
        let _ = self.child.wait();
    }
}

impl Postgres {
    /// The server itself, which is a child of `runuser` where that was needed.
    pub(crate) fn process(&self) -> u32 {
        let own = self.child.id();
        let children = std::fs::read_to_string(format!("/proc/{own}/task/{own}/children")).unwrap_or_default();
        let is_runuser =
            std::fs::read_to_string(format!("/proc/{own}/comm")).is_ok_and(|name| name.trim() == "runuser");
        let first = children.split_whitespace().next().filter(|_| is_runuser);
        first.and_then(|first| first.parse().ok()).unwrap_or(own)
    }
}

/// The folder of the newest release that is installed.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).find(|folder| folder.join("initdb").exists());
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut packaged: Vec<PathBuf> = debian.map(|entry| entry.path().join("bin")).collect();
    packaged.sort();
    on_path.or_else(|| packaged.pop()).filter(|folder| folder.join("postgres").exists())
}

fn as_user(program: &Path) -> Command {
    let mut command = Command::new(program);
    if rustix::process::getuid().is_root() {
        command = Command::new("runuser");
        command.args(["-u", SYSTEM_USER, "--"]).arg(program);
    }
    command.current_dir("/");
    command
}

fn open_to_all(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let _ = std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755));
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    output.status.success().then_some(()).ok_or_else(|| format!("{command:?}: {told}"))
}
