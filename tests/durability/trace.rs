//! A recorded run: the system calls that change files under a directory, as strace wrote them down.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::ops::Range;
use std::path::Path;

/// The calls to record.
pub(crate) const CALLS: &str = "openat,creat,write,pwrite64,writev,pwritev,pwritev2,ftruncate,fallocate,fsync,fdatasync,\
    rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,link,linkat";

/// A file, whatever it is called at the time.
pub(crate) type Inode = usize;

/// What a call changes.
#[derive(Debug)]
pub(crate) enum Change {
    /// Bytes of a file.
    Write { inode: Inode, offset: u64, data: Vec<u8> },
    /// Its size.
    Resize { inode: Inode, size: u64 },
    /// A name of a file, in a directory.
    Link { path: String, inode: Inode },
    /// The end of a name.
    Unlink { path: String },
    /// A file gets another name.
    Rename { from: String, to: String },
    /// A new directory.
    Directory { path: String },
}

/// Something that happened between two lines of the recording.
#[derive(Debug)]
pub(crate) struct Event<T> {
    /// The lines where it began and ended.
    pub(crate) span: Range<usize>,
    /// What happened.
    pub(crate) what: T,
}

/// What a sync makes durable.
#[derive(Debug)]
pub(crate) enum Synced {
    /// The bytes and the size of a file.
    File(Inode),
    /// The names in a directory.
    Directory(String),
}

/// A recorded run.
#[derive(Default)]
pub(crate) struct Trace {
    /// Changes, by the line where they began.
    pub(crate) changes: Vec<Event<Change>>,
    /// Syncs that succeeded.
    pub(crate) syncs: Vec<Event<Synced>>,
    /// The lines where an acknowledgement began to be written, and what was acknowledged.
    pub(crate) acknowledged: Vec<(usize, u64)>,
    /// How many lines there are.
    pub(crate) lines: usize,
    /// How many files there were.
    pub(crate) inodes: usize,
    names: HashMap<String, Inode>,
    positions: HashMap<i64, u64>,
}

impl Trace {
    /// Reads a recording of what happened under `root`.
    pub(crate) fn read(recording: &Path, root: &Path) -> Self {
        let root = root.to_str().unwrap();
        let mut trace = Self::default();
        // What a thread began and has not ended.
        let mut unfinished: HashMap<String, (usize, String)> = HashMap::new();
        let mut lines = BufReader::new(std::fs::File::open(recording).unwrap());
        let mut line = String::new();
        while {
            line.clear();
            lines.read_line(&mut line).unwrap() > 0
        } {
            let at = trace.lines;
            trace.lines += 1;
            let (thread, call) = line.trim_end().split_once(' ').unwrap();
            let call = call.trim_start();
            if let Some(begun) = call.strip_suffix(" <unfinished ...>") {
                unfinished.insert(thread.to_owned(), (at, begun.to_owned()));
            } else if let Some(rest) = call.strip_prefix("<... ") {
                let Some((began, begun)) = unfinished.remove(thread) else { continue };
                let rest = rest.split_once(" resumed>").unwrap().1;
                trace.call(began..at, &format!("{begun}{rest}"), root);
            } else {
                trace.call(at..at, call, root);
            }
        }
        // A call that was cut off by the end may have happened.
        for (began, begun) in unfinished.into_values() {
            let end = trace.lines;
            trace.call(began..end, &format!("{begun}) = 0"), root);
        }
        trace.changes.sort_by_key(|event| event.span.start);
        trace
    }

    fn call(&mut self, span: Range<usize>, call: &str, root: &str) {
        let Some((name, rest)) = call.split_once('(') else { return };
        // What was resumed is padded: `)     = 15`.
        let Some((arguments, result)) = rest.rsplit_once(" = ") else { return };
        let Some(arguments) = arguments.trim_end().strip_suffix(')') else { return };
        let result = result.split([' ', '<']).next().unwrap().parse::<i64>().unwrap_or(-1);
        if result < 0 {
            return;
        }
        let arguments: Vec<&str> = arguments.split(", ").collect();
        match name {
            "openat" => self.open(span, &arguments, result, root),
            "write" | "pwrite64" => self.write(span, name, &arguments, result, root),
            "ftruncate" | "fallocate" => self.resize(span, name, &arguments, root),
            "fsync" | "fdatasync" => self.sync(span, arguments[0], root),
            "rename" | "renameat" | "renameat2" => {
                let paths: Vec<String> = arguments.iter().filter_map(|argument| quoted(argument)).collect();
                if let [from, to] = &paths[..]
                    && to.starts_with(root)
                {
                    let inode = self.names.remove(from).expect("renamed from within");
                    self.names.insert(to.clone(), inode);
                    self.push(span, Change::Rename { from: from.clone(), to: to.clone() });
                }
            }
            "unlink" | "unlinkat" => {
                if let Some(path) =
                    arguments.iter().find_map(|argument| quoted(argument)).filter(|path| path.starts_with(root))
                {
                    self.names.remove(&path);
                    self.push(span, Change::Unlink { path });
                }
            }
            "mkdir" | "mkdirat" => {
                if let Some(path) =
                    arguments.iter().find_map(|argument| quoted(argument)).filter(|path| path.starts_with(root))
                {
                    self.push(span, Change::Directory { path });
                }
            }
            _ => {
                let is_ours =
                    arguments.iter().any(|argument| described(argument).is_some_and(|path| path.starts_with(root)));
                assert!(!is_ours, "a call that cannot be replayed: {name}");
            }
        }
    }

    fn open(&mut self, span: Range<usize>, arguments: &[&str], result: i64, root: &str) {
        let Some(path) = quoted(arguments[1]).filter(|path| path.starts_with(root)) else { return };
        let flags = arguments[2];
        self.positions.insert(result, 0);
        if flags.contains("O_CREAT") && !self.names.contains_key(&path) {
            let inode = self.inodes;
            self.inodes += 1;
            self.names.insert(path.clone(), inode);
            self.push(span.clone(), Change::Link { path: path.clone(), inode });
        }
        assert!(!flags.contains("O_APPEND"), "appending is not replayed");
        if flags.contains("O_TRUNC") {
            let inode = self.names[&path];
            self.push(span, Change::Resize { inode, size: 0 });
        }
    }

    fn write(&mut self, span: Range<usize>, name: &str, arguments: &[&str], result: i64, root: &str) {
        let written = usize::try_from(result).unwrap();
        let Some(inode) = self.inode(arguments[0], root) else {
            if arguments[0].starts_with("1<") {
                let said = unquote(arguments[1]);
                let said = String::from_utf8_lossy(&said);
                if let Some(number) =
                    said.trim_end().rsplit_once("acknowledged ").and_then(|(_, number)| number.parse().ok())
                {
                    self.acknowledged.push((span.start, number));
                }
            }
            return;
        };
        let mut data = unquote(arguments[1]);
        assert!(data.len() >= written, "the recording cut a write short");
        data.truncate(written);
        let offset = match name {
            "pwrite64" => arguments[3].parse().unwrap(),
            _ => {
                let descriptor = arguments[0].split('<').next().unwrap().parse().unwrap();
                let position = self.positions.entry(descriptor).or_default();
                *position += written as u64;
                *position - written as u64
            }
        };
        self.push(span, Change::Write { inode, offset, data });
    }

    fn resize(&mut self, span: Range<usize>, name: &str, arguments: &[&str], root: &str) {
        let Some(inode) = self.inode(arguments[0], root) else { return };
        assert_eq!(name, "ftruncate", "fallocate is not replayed");
        self.push(span, Change::Resize { inode, size: arguments[1].parse().unwrap() });
    }

    fn sync(&mut self, span: Range<usize>, descriptor: &str, root: &str) {
        let what = match self.inode(descriptor, root) {
            Some(inode) => Synced::File(inode),
            None => Synced::Directory(described(descriptor).unwrap()),
        };
        self.syncs.push(Event { span, what });
    }

    fn inode(&self, descriptor: &str, root: &str) -> Option<Inode> {
        let path = described(descriptor).filter(|path| path.starts_with(root))?;
        self.names.get(&path).copied()
    }

    fn push(&mut self, span: Range<usize>, what: Change) {
        self.changes.push(Event { span, what });
    }
}

/// The path in `5<…>`.
fn described(descriptor: &str) -> Option<String> {
    let (_, path) = descriptor.split_once('<')?;
    String::from_utf8(unhex(path.strip_suffix('>')?)).ok()
}

fn quoted(argument: &str) -> Option<String> {
    argument.starts_with('"').then(|| String::from_utf8(unquote(argument)).unwrap())
}

fn unquote(argument: &str) -> Vec<u8> {
    unhex(argument.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).expect("a whole string"))
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |byte: u8| if byte <= b'9' { byte - b'0' } else { byte - b'a' + 10 };
    if !text.contains("\\x") {
        return text.as_bytes().to_vec();
    }
    text.as_bytes().chunks_exact(4).map(|escaped| digit(escaped[2]) << 4 | digit(escaped[3])).collect()
}
