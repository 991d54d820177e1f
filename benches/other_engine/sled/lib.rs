//! What claimdb uses of sled 0.34, over fjall 2: the same names and promises, so that the engine's layout, the service and
//! the program stay as they are. Only what claimdb asks for is here, and what it makes nothing of is not done: nothing is
//! looked up for what was there before an insert or a removal.

use std::fmt;
use std::fs::File;
use std::io;
use std::ops::{Deref, RangeBounds};
use std::path::{Path, PathBuf};

use fjall::{Keyspace, PartitionCreateOptions, PartitionHandle, PersistMode, Slice};

/// Bytes that are shared and not copied.
pub type IVec = Slice;
pub type Result<T> = std::result::Result<T, Error>;

#[derive(Debug)]
pub enum Error {
    Io(io::Error),
    Unsupported(String),
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(formatter, "{error}"),
            Self::Unsupported(what) => formatter.write_str(what),
        }
    }
}

impl std::error::Error for Error {}

impl From<fjall::Error> for Error {
    fn from(error: fjall::Error) -> Self {
        match error {
            fjall::Error::Io(error) => Self::Io(error),
            other => Self::Unsupported(other.to_string()),
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

#[derive(Default)]
pub struct Config {
    path: PathBuf,
    cache_bytes: u64,
}

impl Config {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn path<P: AsRef<Path>>(self, path: P) -> Self {
        Self { path: path.as_ref().to_owned(), ..self }
    }

    pub fn cache_capacity(self, cache_bytes: u64) -> Self {
        Self { cache_bytes, ..self }
    }

    /// Nothing is flushed unless it is asked for.
    pub fn flush_every_ms(self, _: Option<u64>) -> Self {
        self
    }

    /// Nothing is compressed: frames are already.
    pub fn use_compression(self, _: bool) -> Self {
        self
    }

    pub fn open(&self) -> Result<Db> {
        std::fs::create_dir_all(&self.path)?;
        // claimdb syncs sled's files itself.
        for name in ["db", "conf"] {
            File::create(self.path.join(name))?;
        }
        let config = fjall::Config::new(self.path.join("fjall")).cache_size(self.cache_bytes);
        let keyspace = config.manual_journal_persist(true).open()?;
        let default = Tree::open(&keyspace, "default")?;
        Ok(Db { keyspace, default })
    }
}

#[derive(Clone)]
pub struct Db {
    keyspace: Keyspace,
    default: Tree,
}

impl Deref for Db {
    type Target = Tree;

    fn deref(&self) -> &Tree {
        &self.default
    }
}

impl Db {
    pub fn open_tree<N: AsRef<[u8]>>(&self, name: N) -> Result<Tree> {
        Tree::open(&self.keyspace, &String::from_utf8_lossy(name.as_ref()))
    }

    /// On the disk, and not only with the system as sled's flush: claimdb's own sync then finds nothing to do.
    pub fn flush(&self) -> Result<usize> {
        self.keyspace.persist(PersistMode::SyncData)?;
        Ok(0)
    }
}

#[derive(Clone)]
pub struct Tree {
    keyspace: Keyspace,
    partition: PartitionHandle,
}

impl Tree {
    fn open(keyspace: &Keyspace, name: &str) -> Result<Self> {
        let options = PartitionCreateOptions::default().manual_journal_persist(true);
        Ok(Self { keyspace: keyspace.clone(), partition: keyspace.open_partition(name, options)? })
    }

    pub fn get<K: AsRef<[u8]>>(&self, key: K) -> Result<Option<IVec>> {
        Ok(self.partition.get(key)?)
    }

    pub fn contains_key<K: AsRef<[u8]>>(&self, key: K) -> Result<bool> {
        Ok(self.partition.contains_key(key)?)
    }

    pub fn is_empty(&self) -> bool {
        self.partition.first_key_value().is_ok_and(|found| found.is_none())
    }

    pub fn insert<K: AsRef<[u8]>, V: Into<IVec>>(&self, key: K, value: V) -> Result<Option<IVec>> {
        self.partition.insert(key.as_ref(), value)?;
        Ok(None)
    }

    pub fn remove<K: AsRef<[u8]>>(&self, key: K) -> Result<Option<IVec>> {
        self.partition.remove(key.as_ref())?;
        Ok(None)
    }

    pub fn apply_batch(&self, batch: Batch) -> Result<()> {
        let mut group = self.keyspace.batch();
        for (key, value) in batch.0 {
            match value {
                Some(value) => group.insert(&self.partition, key, value),
                None => group.remove(&self.partition, key),
            }
        }
        Ok(group.commit()?)
    }

    /// claimdb swaps nothing for nothing, which has sled write a page anew and move another. There are no pages here.
    #[expect(clippy::type_complexity, reason = "as sled has it, as far as it is looked at")]
    pub fn compare_and_swap(
        &self,
        _: impl AsRef<[u8]>,
        old: Option<&[u8]>,
        new: Option<&[u8]>,
    ) -> Result<std::result::Result<(), Option<IVec>>> {
        match (old, new) {
            (None, None) => Ok(Ok(())),
            _ => Err(Error::Unsupported("a swap".to_owned())),
        }
    }

    pub fn range<K: AsRef<[u8]>, R: RangeBounds<K>>(&self, range: R) -> Iter {
        Iter(Box::new(self.partition.range(range)))
    }

    pub fn scan_prefix<P: AsRef<[u8]>>(&self, prefix: P) -> Iter {
        Iter(Box::new(self.partition.prefix(prefix)))
    }
}

#[derive(Default)]
pub struct Batch(Vec<(IVec, Option<IVec>)>);

impl Batch {
    pub fn insert<K: Into<IVec>, V: Into<IVec>>(&mut self, key: K, value: V) {
        self.0.push((key.into(), Some(value.into())));
    }

    pub fn remove<K: Into<IVec>>(&mut self, key: K) {
        self.0.push((key.into(), None));
    }
}

type Pair = (IVec, IVec);

pub struct Iter(Box<dyn DoubleEndedIterator<Item = fjall::Result<Pair>>>);

impl Iter {
    pub fn keys(self) -> impl DoubleEndedIterator<Item = Result<IVec>> {
        self.map(|found| found.map(|(key, _)| key))
    }
}

impl Iterator for Iter {
    type Item = Result<Pair>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.0.next()?.map_err(Error::from))
    }
}

impl DoubleEndedIterator for Iter {
    fn next_back(&mut self) -> Option<Self::Item> {
        Some(self.0.next_back()?.map_err(Error::from))
    }
}
