//! Salted digests and the chain from commit to commit. The chain covers digests, not content, so
//! that content can be blanked later and the chain still holds.

use sha2::{Digest, Sha256};

/// A random prefix that keeps a digest from telling anything about short content.
pub(crate) type Salt = [u8; 16];
/// SHA-256 of something.
pub(crate) type Hash = [u8; 32];

/// How many random bytes are asked for at once: one system call per 256 salts.
const POOL_BYTES: usize = 4096;

/// Digest of `content` under `salt`.
pub(crate) fn salted(salt: &Salt, content: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(salt);
    hasher.update(content);
    hasher.finalize().into()
}

/// The chain value before revision 1.
pub(crate) fn origin(store_id: &[u8; 16]) -> Hash {
    Sha256::digest(store_id).into()
}

/// What a link of the chain covers.
pub(crate) struct Link<'a> {
    pub(crate) revision: u64,
    pub(crate) time_us: i64,
    pub(crate) first_number: u64,
    pub(crate) number_count: u32,
    pub(crate) note: &'a Hash,
    pub(crate) versions: &'a [Hash],
    pub(crate) texts: &'a [(u64, Hash)],
}

impl Link<'_> {
    /// The chain value after this commit.
    pub(crate) fn after(&self, previous: &Hash) -> Hash {
        let mut hasher = Sha256::new();
        hasher.update(previous);
        hasher.update(self.revision.to_be_bytes());
        hasher.update(self.time_us.to_be_bytes());
        hasher.update(self.first_number.to_be_bytes());
        hasher.update(self.number_count.to_be_bytes());
        hasher.update(self.note);
        // Counts keep a version's digest from being passed off as a text's.
        hasher.update((self.versions.len() as u32).to_be_bytes());
        for digest in self.versions {
            hasher.update(digest);
        }
        hasher.update((self.texts.len() as u32).to_be_bytes());
        for (number, digest) in self.texts {
            hasher.update(number.to_be_bytes());
            hasher.update(digest);
        }
        hasher.finalize().into()
    }
}

/// Hands out random salts from a pool.
pub(crate) struct Salts {
    pool: Vec<u8>,
}

impl Salts {
    pub(crate) fn new() -> Self {
        Self { pool: Vec::new() }
    }

    /// A fresh salt, or the operating system's refusal to give randomness.
    pub(crate) fn next(&mut self) -> std::io::Result<Salt> {
        if self.pool.len() < size_of::<Salt>() {
            self.pool.resize(POOL_BYTES, 0);
            random(&mut self.pool)?;
        }
        let rest = self.pool.len() - size_of::<Salt>();
        let salt = self.pool[rest..].try_into().expect("the slice has the length of a salt");
        self.pool.truncate(rest);
        Ok(salt)
    }
}

/// Fills `bytes` from the operating system.
pub(crate) fn random(bytes: &mut [u8]) -> std::io::Result<()> {
    getrandom::fill(bytes).map_err(|error| std::io::Error::other(error.to_string()))
}
