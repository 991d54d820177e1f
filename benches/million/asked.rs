//! What was asked for on the command line.

use std::path::PathBuf;
use std::time::Duration;

use crate::ask::Limits;
use crate::generate::Ids;
use crate::options::Options;

/// What can be measured by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Table {
    Import,
    Pages,
    Figures,
    Export,
    Reopening,
    Revisions,
}

impl Table {
    const ALL: [(&'static str, Self); 6] = [
        ("import", Self::Import),
        ("pages", Self::Pages),
        ("figures", Self::Figures),
        ("export", Self::Export),
        ("reopening", Self::Reopening),
        ("revisions", Self::Revisions),
    ];

    fn of(name: &str) -> Self {
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        let names = Self::ALL.map(|(known, _)| known).join(", ");
        found.unwrap_or_else(|| panic!("there is no table {name:?}: there are {names}")).1
    }
}

pub(crate) struct Asked {
    pub(crate) claims: u64,
    pub(crate) seed: u64,
    /// The last ones' store is the one that is asked.
    pub(crate) ids: Vec<Ids>,
    pub(crate) tables: Vec<Table>,
    pub(crate) runs: usize,
    pub(crate) limits: Limits,
    /// Writes a second, beside the pages.
    pub(crate) writes: u64,
    /// What the name of a query has to contain.
    pub(crate) filter: Option<String>,
    pub(crate) is_alone: bool,
    pub(crate) data: Option<PathBuf>,
    /// For the server.
    pub(crate) arguments: Vec<String>,
    pub(crate) plot: Option<PathBuf>,
    pub(crate) write_results: Option<PathBuf>,
    pub(crate) compare: Option<PathBuf>,
    pub(crate) update: Option<PathBuf>,
}

impl Asked {
    pub(crate) fn of(options: &Options) -> Self {
        let path = |name| options.text(name).map(PathBuf::from);
        let names = options.text("--table").unwrap_or_else(|| DEFAULT.to_owned());
        let ids = match options.text("--ids").as_deref() {
            None | Some("both") => vec![Ids::Caller, Ids::Server],
            Some("caller") => vec![Ids::Caller],
            Some("server") => vec![Ids::Server],
            Some(other) => panic!("--ids takes server, caller or both, not {other:?}"),
        };
        let tables: Vec<Table> = names.split(',').map(Table::of).collect();
        // Without a table for them the second ids would be imported for nothing.
        let is_import = tables.contains(&Table::Import);
        Self {
            claims: options.number("--claims", 1_000_000),
            seed: options.number("--seed", 1),
            ids: if is_import { ids } else { ids.into_iter().rev().take(1).collect() },
            tables,
            runs: options.number("--runs", 1),
            limits: Limits {
                samples: options.number("--samples", 300),
                time: Duration::from_secs(options.number("--seconds", 20)),
            },
            writes: options.number("--writes", 200),
            filter: options.text("--filter"),
            is_alone: options.is_given("--alone"),
            data: path("--data"),
            arguments: options.text("--serve").unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
            plot: path("--plot"),
            write_results: path("--write-results"),
            compare: path("--compare"),
            update: path("--update"),
        }
    }

    pub(crate) fn wants(&self, table: Table) -> bool {
        self.tables.contains(&table)
    }

    /// Whether anything is asked of a store with the claims in it.
    pub(crate) fn needs_store(&self) -> bool {
        self.tables.iter().any(|table| *table != Table::Revisions)
    }

    /// Whether anything is asked of PostgreSQL.
    pub(crate) fn needs_peer(&self) -> bool {
        const WITHOUT: [Table; 2] = [Table::Revisions, Table::Reopening];
        !self.is_alone && self.tables.iter().any(|table| !WITHOUT.contains(table))
    }
}

/// All of one store.
const DEFAULT: &str = "import,pages,figures,export,reopening";
