//! What the process may take in memory: calls are refused rather than that it is killed for taking more.
//!
//! What counts is what the system counts, the resident memory of the process. It is read now and then, and between two
//! readings what calls are about to take is added to it: a burst is over before a clock strikes.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tonic::{Code, Status};

use super::random;
use super::status::{reason, retry_after};

/// From so many bytes on, a message is large: it is refused while memory is short. Smaller ones pass, so that the server
/// answers.
pub const LARGE: usize = 256 << 10;

/// So much may come before the resident memory is read again.
const READ_EVERY: u64 = 1 << 20;

/// By then other calls have ended, and what they freed was given back.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// A bound on resident memory, and what is known of it.
#[derive(Debug)]
pub struct Memory {
    /// In bytes; 0 is no bound.
    max: AtomicU64,
    /// Of that, what is kept free for answers that are being made.
    answers: AtomicU64,
    /// When it was last read.
    resident: AtomicU64,
    /// What calls were about to take since.
    coming: AtomicU64,
    /// What large requests come to that are being decoded now, and may not be there yet.
    held: AtomicU64,
    read: fn() -> Option<u64>,
}

/// Bytes that are about to be taken.
#[derive(Debug)]
pub struct Held {
    memory: &'static Memory,
    bytes: u64,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.memory.held.fetch_sub(self.bytes, Relaxed);
    }
}

/// That of the process: there is one, as there is one process.
pub fn process() -> &'static Memory {
    static PROCESS: Memory = Memory::of(resident);
    &PROCESS
}

impl Memory {
    /// Without a bound; `read` tells what is resident.
    pub(crate) const fn of(read: fn() -> Option<u64>) -> Self {
        Self {
            max: AtomicU64::new(0),
            answers: AtomicU64::new(0),
            resident: AtomicU64::new(0),
            coming: AtomicU64::new(0),
            held: AtomicU64::new(0),
            read,
        }
    }

    /// Sets the bound, in bytes; 0 is none. Of that, `answers` are for answers that are being made: nobody knows how large one
    /// becomes before it is.
    pub fn bound(&self, max: u64, answers: u64) {
        self.max.store(max, Relaxed);
        self.answers.store(answers, Relaxed);
    }

    /// The bound; 0 is none.
    pub fn max(&self) -> u64 {
        self.max.load(Relaxed)
    }

    /// What may be taken before calls are refused.
    pub fn admitted(&self) -> u64 {
        self.max().saturating_sub(self.answers.load(Relaxed))
    }

    /// Reads what is resident. None where the system does not tell.
    pub fn look(&self) -> Option<u64> {
        let resident = (self.read)()?;
        self.resident.store(resident, Relaxed);
        self.coming.store(0, Relaxed);
        Some(resident)
    }

    /// Whether more is taken than may be.
    pub fn is_short(&self) -> bool {
        !self.has_room_for(0)
    }

    /// Notes that so many bytes are about to be taken; false if they are not to be, for want of memory.
    pub fn has_room_for(&self, bytes: usize) -> bool {
        if self.max() == 0 {
            return true;
        }
        let admitted = self.admitted();
        let bytes = bytes as u64;
        let before = if bytes == 0 { self.coming.load(Relaxed) } else { self.coming.fetch_add(bytes, Relaxed) };
        let coming = before + bytes;
        if coming < READ_EVERY && self.resident.load(Relaxed) + coming <= admitted {
            return true;
        }
        let Some(resident) = self.look() else { return true };
        if resident + bytes > admitted {
            return false;
        }
        self.coming.fetch_add(bytes, Relaxed);
        true
    }

    /// Notes that so many bytes are about to be taken, until what is returned is dropped and they are there to be seen; and whether
    /// there is room for them beside what others are about to take. For what is large: of that which is there by now, a part is
    /// counted twice, which must not turn away small calls.
    pub fn hold(&'static self, bytes: usize) -> (Held, bool) {
        let held = Held { memory: self, bytes: bytes as u64 };
        let before = self.held.fetch_add(held.bytes, Relaxed);
        let has_room = self.max() == 0
            || self.look().is_none_or(|resident| resident.saturating_add(before + held.bytes) <= self.admitted());
        (held, has_room)
    }

    /// What a call is told that is refused for want of memory.
    pub fn refusal(&self) -> Status {
        let max = self.max();
        let message = format!("the server takes as much memory as it may, {max} bytes");
        // Varied, so that those turned away together do not come back together.
        let delay = RETRY_DELAY.mul_f64(random::between(0.5, 1.5));
        retry_after(Code::Unavailable, reason::OVERLOADED, message, delay, [("memory_bytes", max.to_string())])
    }
}

/// What the process holds in memory, in bytes.
fn resident() -> Option<u64> {
    // Opened once: it is to be read when no more files can be opened, too.
    static STATM: LazyLock<Option<File>> = LazyLock::new(|| File::open("/proc/self/statm").ok());
    let mut text = [0; 128];
    let length = STATM.as_ref()?.read_at(&mut text, 0).ok()?;
    let pages: u64 = std::str::from_utf8(text.get(..length)?).ok()?.split(' ').nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_is_counted_until_it_is_seen() {
        static RESIDENT: AtomicU64 = AtomicU64::new(3 << 20);
        let memory = Memory::of(|| Some(RESIDENT.load(Relaxed)));
        assert!(memory.has_room_for(usize::MAX), "no bound");
        memory.bound(5 << 20, 1 << 20);
        assert!(memory.has_room_for(1 << 20));
        assert!(!memory.has_room_for((1 << 20) + 1), "more than is left");
        RESIDENT.store((3 << 20) + 1, Relaxed);
        assert!(!memory.has_room_for(1 << 20));
        assert!(!memory.is_short(), "what was refused does not come");
        // What comes in small parts is counted together, until it is seen.
        RESIDENT.store(5 << 20, Relaxed);
        let taken = (0..4096).take_while(|_| memory.has_room_for(1024)).count();
        assert!((900..1024).contains(&taken), "{taken}");
        assert!(memory.is_short());
        RESIDENT.store(0, Relaxed);
        assert!(!memory.is_short(), "it is looked again");
    }

    #[test]
    fn what_is_held_is_not_forgotten_by_a_look() {
        static MEMORY: Memory = Memory::of(|| Some(100 << 20));
        MEMORY.bound(230 << 20, 0);
        let (first, has_room) = MEMORY.hold(120 << 20);
        assert!(has_room);
        let (second, has_room) = MEMORY.hold(120 << 20);
        assert!(!has_room, "the first may not be there yet");
        drop(second);
        assert!(MEMORY.has_room_for(20 << 20), "what is not held is told by what is seen");
        drop(first);
        assert!(MEMORY.hold(120 << 20).1);
    }

    #[test]
    fn the_process_takes_something() {
        assert!(resident().is_none_or(|bytes| bytes > 1 << 20));
    }
}
