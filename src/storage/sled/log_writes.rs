//! What a group puts into the log, and how sled is given it.

use super::errors::Damage;
use super::frame;
use super::frame_encode::EncodedCommit;
use super::guard::guard;
use super::keys;

/// The keys and values of one group, in the order of its commits: of each its texts, then its frames.
#[derive(Default)]
pub(crate) struct LogWrites {
    pairs: Vec<([u8; 11], ::sled::IVec)>,
    /// First and last number of each frame.
    frames: Vec<(u64, u64)>,
    bytes: u64,
}

impl LogWrites {
    /// Adds a commit; tells `tap` each key and value. Gives the bytes they take.
    pub(crate) fn put(&mut self, encoded: &EncodedCommit, tap: impl Fn(&[u8], &[u8])) -> u64 {
        let before = self.bytes;
        let texts = encoded.texts.iter().flat_map(|(number, value)| frame::parts(*number, keys::text, value));
        for (key, part) in texts {
            tap(&key, part);
            self.push(key, part);
        }
        self.frames.extend(encoded.frames.iter().map(|frame| (frame.first, frame.last)));
        let frames = encoded.frames.iter().flat_map(|encoded| frame::parts(encoded.first, keys::frame, &encoded.value));
        for (key, part) in frames {
            tap(&key, part);
            self.push(key, part);
        }
        self.bytes - before
    }

    /// Bytes of all keys and values.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Gives them to sled, so that after a crash all of them are there or no frame is.
    ///
    /// A batch costs sled two buffers, each of them written and synced by itself, and keeps out every reader while it is
    /// applied. One value alone needs none. A frame with texts does: what other threads write may come between, and then of a text
    /// that is lost sled need not find out. Texts without their frame are removed when the store is opened.
    ///
    /// Gives the first and last number of each frame.
    pub(crate) fn apply(self, tree: &::sled::Tree) -> Result<Vec<(u64, u64)>, Damage> {
        guard(format_args!("group"), || {
            if let [(key, value)] = &*self.pairs {
                return tree.insert(*key, value.clone()).map(drop);
            }
            let mut batch = ::sled::Batch::default();
            for (key, value) in self.pairs {
                batch.insert(&key, value);
            }
            tree.apply_batch(batch)
        })?;
        Ok(self.frames)
    }

    fn push(&mut self, key: [u8; 11], value: &[u8]) {
        self.bytes += (key.len() + value.len()) as u64;
        self.pairs.push((key, value.into()));
    }
}
