//! Which state of the database a client reads.

/// Which state of the database to read: the newest, unless one of the two is given.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct AsOf {
    /// As of this revision [default: the newest]
    #[arg(long = "as-of-revision", value_name = "REVISION", conflicts_with = "time")]
    pub(super) revision: Option<u64>,
    /// As of the newest commit at or before this time, as RFC 3339: 2025-11-25T12:00:00Z
    #[arg(long = "as-of-time", value_name = "TIME", value_parser = instant)]
    pub(super) time: Option<prost_types::Timestamp>,
}

impl AsOf {
    /// What is asked for, in words; empty for the newest.
    pub(super) fn told(&self) -> String {
        match (self.revision, &self.time) {
            (Some(revision), _) => format!("revision {revision}"),
            (None, Some(time)) => time.to_string(),
            (None, None) => String::new(),
        }
    }
}

fn instant(text: &str) -> Result<prost_types::Timestamp, String> {
    text.parse().map_err(|_| "is a time with its offset: 2025-11-25T12:00:00Z".to_owned())
}
