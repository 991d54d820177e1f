//! Pages that sled keeps in memory beyond what it was told to.
//!
//! sled (0.34, `lru.rs`) counts pages in 256 parts of its cache, and notes for each part who was accessed; only when 64 notes
//! of a part are full are they counted, and pages given up. So up to 16,384 pages are in memory besides those that are counted:
//! a few hundred megabytes, whatever `cache_bytes` says.

use super::errors::Damage;
use super::guard::guard;
use super::keys;
use super::reader::Reader;

/// Notes that a part of the cache gathers before they are counted, and the one more that has them counted.
const ACCESSES: usize = 65;

/// Places in the log that are accessed. The pages there belong to one part or another as if by chance, so that with four times as
/// many places as there are parts nearly every part is met. It takes a tenth of a second where the system has the file in memory.
const PLACES: u64 = 1024;

/// Has sled count the pages that were accessed, and give up those beyond its cache.
pub(crate) fn give_up(reader: &Reader) -> Result<(), Damage> {
    let (log, last) = (reader.log_tree(), reader.head().number);
    let apart = (last / PLACES).max(1);
    for number in (1..=last).step_by(usize::try_from(apart).unwrap_or(usize::MAX)) {
        let key = keys::frame(number, 0);
        guard(format_args!("frame {number}"), || {
            // Whether a frame begins there does not matter: the page where it would be is accessed.
            (0..ACCESSES).try_for_each(|_| log.contains_key(key).map(drop))
        })?;
    }
    Ok(())
}
