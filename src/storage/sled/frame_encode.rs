//! Encoding a commit into frames: about 4 KiB of raw versions each, so that fetching one record
//! of a commit of a thousand decompresses its frame and no other.

use super::bytes_codec::put_varint;
use super::chain::{Hash, Link, Salt, Salts, salted};
use super::commit::NewCommit;
use super::compression::Encoder;
use super::frame::{FrameHeader, HEADER_BYTES, LIVE};

/// A frame is closed before its raw payload passes this: smaller frames compress worse, larger ones
/// make a single record dearer to fetch. With 4 KiB a page of scattered claims takes about 60 % of
/// what it takes with 16 KiB, and the store 13 % more; with 2 KiB the page gains nothing more.
const RAW_BYTES_TARGET: usize = 4 << 10;

/// One frame ready for the log.
pub(crate) struct EncodedFrame {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) value: Vec<u8>,
}

/// A commit ready for the log.
pub(crate) struct EncodedCommit {
    pub(crate) frames: Vec<EncodedFrame>,
    pub(crate) texts: Vec<(u64, Vec<u8>)>,
    pub(crate) chain: Hash,
}

struct Draft {
    first: u64,
    versions: u32,
    raw: Vec<u8>,
}

/// Encodes `commit`, whose chain continues `previous`.
pub(crate) fn encode(
    commit: &NewCommit,
    previous: &Hash,
    encoder: &mut Encoder,
    salts: &mut Salts,
) -> std::io::Result<EncodedCommit> {
    let note_salt = salts.next()?;
    let mut version_salts = Vec::with_capacity(commit.versions.len());
    let mut version_digests = Vec::with_capacity(commit.versions.len());
    for version in &commit.versions {
        let salt = salts.next()?;
        version_digests.push(salted(&salt, version));
        version_salts.push(salt);
    }
    let mut texts = Vec::with_capacity(commit.texts.len());
    for (number, text) in &commit.texts {
        let salt = salts.next()?;
        texts.push((*number, salt, salted(&salt, text.as_bytes())));
    }
    let number_count = u32::try_from(commit.number_count()).expect("the writer bounds versions per commit");
    let chain = Link {
        revision: commit.revision,
        time_us: commit.time_us,
        first_number: commit.first_number,
        number_count,
        note: &salted(&note_salt, &commit.note),
        versions: &version_digests,
        texts: &texts.iter().map(|(number, _, digest)| (*number, *digest)).collect::<Vec<_>>(),
    }
    .after(previous);

    let drafts = draft(commit, &chain, &note_salt, &texts, &version_salts);
    let total = u32::try_from(drafts.len()).expect("no more frames than versions");
    let frames = drafts
        .into_iter()
        .enumerate()
        .map(|(index, draft)| {
            let mut value = vec![0; HEADER_BYTES];
            let dictionary = encoder.append(&draft.raw, &mut value);
            let payload = &value[HEADER_BYTES..];
            let header = FrameHeader {
                dictionary,
                revision: commit.revision,
                time_us: commit.time_us,
                commit_first: commit.first_number,
                number_count,
                first: draft.first,
                versions: draft.versions,
                index: index as u32,
                total,
                raw_length: draft.raw.len() as u32,
                payload_length: payload.len() as u32,
            };
            let encoded = header.encode(payload);
            value[..HEADER_BYTES].copy_from_slice(&encoded);
            EncodedFrame { first: draft.first, last: header.last(), value }
        })
        .collect();
    let texts =
        commit.texts.iter().map(|(number, text)| (*number, super::text::encode(*number, text, encoder))).collect();
    Ok(EncodedCommit { frames, texts, chain })
}

fn draft(
    commit: &NewCommit,
    chain: &Hash,
    note_salt: &Salt,
    texts: &[(u64, Salt, Hash)],
    version_salts: &[Salt],
) -> Vec<Draft> {
    let mut raw = Vec::with_capacity(RAW_BYTES_TARGET.min(commit.note.len() + 2048));
    raw.extend_from_slice(chain);
    put_entry(&mut raw, note_salt, &commit.note);
    put_varint(&mut raw, texts.len() as u64);
    for (number, salt, digest) in texts {
        put_varint(&mut raw, number - commit.first_number);
        raw.push(LIVE);
        raw.extend_from_slice(salt);
        raw.extend_from_slice(digest);
    }
    let mut drafts = Vec::new();
    let mut current = Draft { first: commit.first_number, versions: 0, raw };
    for (version, salt) in commit.versions.iter().zip(version_salts) {
        // A frame is named by its first number, so each but a blank commit's has a version.
        let is_full = current.raw.len() + version.len() > RAW_BYTES_TARGET;
        if is_full && current.versions > 0 {
            let next = Draft {
                first: current.first + u64::from(current.versions),
                versions: 0,
                raw: Vec::with_capacity(RAW_BYTES_TARGET),
            };
            drafts.push(std::mem::replace(&mut current, next));
        }
        put_entry(&mut current.raw, salt, version);
        current.versions += 1;
    }
    drafts.push(current);
    drafts
}

fn put_entry(raw: &mut Vec<u8>, salt: &Salt, content: &[u8]) {
    raw.push(LIVE);
    raw.extend_from_slice(salt);
    put_varint(raw, content.len() as u64);
    raw.extend_from_slice(content);
}
