//! How much memory the process may take, and what of it is whose.

use std::path::Path;
use std::sync::Weak;
use std::time::Duration;

use tracing::warn;

use super::threads;
use crate::call::memory::Memory;
use crate::config::{Config, Store};
use crate::storage::sled::{KeptLimits, SealLimits, SledStore};

/// Of what the machine has, what the process may take when nothing else is said: the rest is for the system, which keeps the
/// pages of files there.
const SHARE: (u64, u64) = (3, 4);

/// With less than that nothing would be answered; a number without its unit is a mistake.
const BYTES_MIN: u64 = 64 << 20;

/// A full page while it is made: as versions, as a message and as its bytes. As many are made at once as there are reads, but
/// no more than a part is kept free for them.
const ANSWER_BYTES: u64 = 12 << 20;
const ANSWERS_PART: u64 = 4;

/// sled's pages take a part of what there is besides those that it does not count (`storage/sled/pages.rs`) and the server itself;
/// with less than so much nothing is quick.
const PAGES_PART: u64 = 4;
const BESIDE_PAGES: u64 = 128 << 20;
const PAGES_MIN: u64 = 16 << 20;

/// Two segments are not sealed yet, at most, and what points to their terms takes as much as the terms.
const TERMS_PART: u64 = 10;

/// Of what was read lately.
const VERSIONS_PART: usize = 8;
const SOURCES_PART: usize = 16;
const FRAMES_PART: usize = 32;

/// How often to look what the process takes. Calls look by themselves when they take much.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// From this part on of what may be taken before calls are refused, sled is had give up pages, and from that on versions read lately are let go of, too;
/// again when so large a part more was taken since: it takes a tenth of a second, and frees nothing where nothing was read.
const FULL: (u64, u64) = (3, 4);
const FULLER: (u64, u64) = (7, 8);
const GROWN_PART: u64 = 32;
const GIVE_UP_EVERY: Duration = Duration::from_millis(500);

/// How often to say that memory is short.
const SAY_EVERY: Duration = Duration::from_secs(60);

/// What the process may take, in bytes; 0 is no bound, where the machine does not tell what it has.
pub(super) fn bytes_max(config: &Config) -> u64 {
    match config.server.memory_bytes.0 {
        0 => available(Path::new("/")).map_or(0, |bytes| bytes / SHARE.1 * SHARE.0),
        bytes => bytes.max(BYTES_MIN),
    }
}

/// What is kept free of that for answers that are being made.
pub(super) fn for_answers(config: &Config, bytes_max: u64) -> u64 {
    let reads = u64::try_from(threads::reads(config)).unwrap_or(u64::MAX);
    reads.saturating_mul(ANSWER_BYTES).min(bytes_max / ANSWERS_PART)
}

/// What the machine has, or the control group that the process is in, or one around it.
fn available(root: &Path) -> Option<u64> {
    let read = |path: &str| std::fs::read_to_string(root.join(path)).ok();
    let machine = read("proc/meminfo").and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
        line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kib| kib * 1024)
    })?;
    let groups = read("proc/self/cgroup").unwrap_or_default();
    let limits = groups.lines().flat_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, path) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        // Version 2 has one hierarchy without a name, version 1 one of memory.
        let (mount, file) = match controllers {
            "" => ("sys/fs/cgroup", "memory.max"),
            _ => ("sys/fs/cgroup/memory", "memory.limit_in_bytes"),
        };
        let is_memory = controllers.is_empty() || controllers.split(',').any(|controller| controller == "memory");
        let around = Path::new(path.trim_start_matches('/')).ancestors().filter(move |_| is_memory);
        around.map(move |group| format!("{mount}/{}/{file}", group.display())).collect::<Vec<_>>()
    });
    // "max" is no limit.
    limits.filter_map(|path| read(&path)?.trim().parse::<u64>().ok()).chain([machine]).min()
}

/// What sled's pages may take, as sled counts.
pub(super) fn cache_bytes(settings: &Store, bytes_max: u64) -> u64 {
    if bytes_max == 0 {
        return settings.cache_bytes.0;
    }
    settings.cache_bytes.0.min(bytes_max.saturating_sub(BESIDE_PAGES) / PAGES_PART).max(PAGES_MIN)
}

/// What is kept of what was read lately.
pub(super) fn kept(bytes_max: u64) -> KeptLimits {
    let most = KeptLimits::default();
    let bytes_max = usize::try_from(bytes_max).unwrap_or(usize::MAX);
    let part = |most: usize, part: usize| if bytes_max == 0 { most } else { most.min(bytes_max / part) };
    KeptLimits {
        frames: part(most.frames, FRAMES_PART),
        versions: part(most.versions, VERSIONS_PART),
        sources: part(most.sources, SOURCES_PART),
    }
}

/// When a segment in memory is sealed.
pub(super) fn seal(settings: &Store, bytes_max: u64) -> SealLimits {
    let terms = settings.seal_terms_bytes.0;
    SealLimits {
        numbers: settings.seal_numbers,
        term_bytes: if bytes_max == 0 { terms } else { terms.min(bytes_max / TERMS_PART) },
        log_bytes: settings.seal_log_bytes.0,
    }
}

/// Looks what the process takes, and has a store let go of what can be read again when that is much. Never ends where there is
/// a bound.
pub(super) async fn keep(memory: &Memory, store: Option<Weak<SledStore>>) {
    if memory.max() == 0 {
        return;
    }
    let max = memory.admitted();
    let (mut given_up_at, mut since_given_up, mut since_said) = (0, GIVE_UP_EVERY, SAY_EVERY);
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        since_given_up += LOOK_EVERY;
        since_said += LOOK_EVERY;
        let Some(resident) = memory.look() else { continue };
        // What was freed since is not there to be freed again.
        given_up_at = given_up_at.min(resident);
        let is_due = since_given_up >= GIVE_UP_EVERY && resident > given_up_at + max / GROWN_PART;
        if resident > max / FULL.1 * FULL.0
            && is_due
            && let Some(store) = store.as_ref().and_then(Weak::upgrade)
        {
            if resident > max / FULLER.1 * FULLER.0 {
                store.forget_versions();
            }
            // On a thread that may block; none is to be had while the server shuts down.
            let _ = tokio::task::spawn_blocking(move || store.give_up_pages()).await;
            given_up_at = memory.look().unwrap_or(resident);
            since_given_up = Duration::ZERO;
        }
        if resident > max && since_said >= SAY_EVERY {
            warn!(resident, memory_bytes = memory.max(), "memory is short: calls are refused, or made one at a time");
            since_said = Duration::ZERO;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn a_control_group_has_less_than_the_machine() {
        let root = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        assert_eq!(available(root.path()), None);
        put("proc/meminfo", "MemTotal:        8388608 kB\nMemFree: 1 kB\n");
        assert_eq!(available(root.path()), Some(8192 * MIB));
        // Version 2: the group, and those around it.
        put("proc/self/cgroup", "0::/services/claimdb\n");
        put("sys/fs/cgroup/services/claimdb/memory.max", "max\n");
        assert_eq!(available(root.path()), Some(8192 * MIB));
        put("sys/fs/cgroup/services/memory.max", "1073741824\n");
        assert_eq!(available(root.path()), Some(1024 * MIB));
        put("sys/fs/cgroup/services/claimdb/memory.max", "536870912\n");
        assert_eq!(available(root.path()), Some(512 * MIB));
        // A container sees its own group as the root.
        put("proc/self/cgroup", "0::/\n");
        put("sys/fs/cgroup/memory.max", "268435456\n");
        assert_eq!(available(root.path()), Some(256 * MIB));
        // Version 1.
        put("proc/self/cgroup", "11:cpu,cpuacct:/docker/a\n4:memory:/docker/a\n1:name=systemd:/docker/a\n");
        put("sys/fs/cgroup/memory/docker/a/memory.limit_in_bytes", "805306368\n");
        assert_eq!(available(root.path()), Some(768 * MIB));
    }

    #[test]
    fn what_there_is_less_of_is_shared_out() {
        let settings = Store::default();
        assert_eq!((cache_bytes(&settings, 0), kept(0)), (80 * MIB, KeptLimits::default()));
        assert_eq!((cache_bytes(&settings, 640 * MIB), kept(640 * MIB)), (80 * MIB, KeptLimits::default()));
        let small = kept(256 * MIB);
        assert_eq!([small.frames, small.versions, small.sources], [8 << 20, 32 << 20, 16 << 20]);
        assert_eq!([64, 256, 1024].map(|mib| cache_bytes(&settings, mib * MIB) / MIB), [16, 32, 80]);
        assert_eq!(seal(&settings, 256 * MIB).term_bytes, 256 * MIB / 10);
        assert_eq!(seal(&settings, 0), SealLimits::default());
    }
}
