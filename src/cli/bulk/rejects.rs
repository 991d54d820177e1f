//! Lines that were not imported, and why: a file of JSON Lines.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::files::{Place, cannot};
use crate::call::reason;
use crate::cli::print::tell;
use crate::proto::claimdb::v1;

/// Without a file, so many are shown.
const SHOWN: u64 = 20;

/// A line that was not imported.
#[derive(Clone, Debug)]
pub(super) struct Reject {
    /// The place behind it.
    pub(super) place: Place,
    code: String,
    reason: String,
    message: String,
    violations: Vec<(String, String)>,
}

impl Reject {
    /// A line that holds no item.
    pub(super) fn unread(place: Place, message: String) -> Self {
        let (code, reason) = ("INVALID_ARGUMENT".to_owned(), "MESSAGE_MALFORMED".to_owned());
        Self { place, code, reason, message, violations: Vec::new() }
    }

    /// An item that the server takes in no batch: it reads none of that, and does not say more.
    pub(super) fn too_large(place: Place) -> Self {
        let (code, reason) = ("RESOURCE_EXHAUSTED".to_owned(), reason::MESSAGE_TOO_LARGE.to_owned());
        let message = "the item has so many parts that the server does not take it, not even alone".to_owned();
        Self { place, code, reason, message, violations: Vec::new() }
    }

    /// An item that the server refused.
    pub(super) fn refused(place: Place, error: v1::ImportItemError) -> Self {
        let reason = error.reason().as_str_name().trim_start_matches("ERROR_REASON_").to_owned();
        let code = tonic::Code::from_i32(i32::try_from(error.code).unwrap_or_default());
        Self {
            place,
            // As gRPC writes it: `InvalidArgument` is INVALID_ARGUMENT.
            code: upper_snake(&format!("{code:?}")),
            reason,
            message: error.message,
            violations: error.violations.into_iter().map(|it| (it.field, it.description)).collect(),
        }
    }
}

fn upper_snake(camel: &str) -> String {
    let mut snake = String::new();
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_uppercase());
    }
    snake
}

/// Where rejects go.
pub(super) struct Rejects {
    files: Vec<PathBuf>,
    out: Option<(PathBuf, File)>,
    /// Those that an interrupted import had written already.
    known: HashSet<(String, u64)>,
    shown: u64,
}

impl Rejects {
    /// Rejects of lines of these files. What the file of rejects holds stays as it is until the import begins: the server
    /// may refuse it, and the file be that of the import it refuses to repeat.
    pub(super) fn open(path: Option<&Path>, files: Vec<PathBuf>) -> io::Result<Self> {
        let open = |path: &Path| -> io::Result<(PathBuf, File)> {
            let out = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
            Ok((path.to_owned(), out.map_err(|error| cannot("write", path, error))?))
        };
        Ok(Self { out: path.map(open).transpose()?, files, known: HashSet::new(), shown: 0 })
    }

    /// The import begins: with an empty file, unless it goes on where batches were kept.
    pub(super) fn begin(&mut self, goes_on: bool) -> io::Result<()> {
        let Some((path, mut out)) = self.out.take() else { return Ok(()) };
        self.cut(&mut out, goes_on).map_err(|error| cannot("write", &path, error))?;
        self.out = Some((path, out));
        Ok(())
    }

    fn cut(&mut self, out: &mut File, goes_on: bool) -> io::Result<()> {
        // A pipe or a device holds nothing to be cut.
        if !out.metadata()?.is_file() {
            return Ok(());
        }
        // A last line without an end was being written when the import was interrupted.
        let whole = if goes_on { self.read_known(out)? } else { 0 };
        out.set_len(whole)?;
        out.seek(SeekFrom::End(0)).map(drop)
    }

    /// A place as it is shown, `claims.jsonl:40`.
    pub(super) fn shown_place(&self, place: Place) -> String {
        format!("{}:{}", self.shown_file(place), place.line)
    }

    fn shown_file(&self, place: Place) -> String {
        self.files.get(place.file).map(|path| path.display().to_string()).unwrap_or_default()
    }

    /// Notes what is there; gives the bytes of the lines that are whole.
    fn read_known(&mut self, file: &File) -> io::Result<u64> {
        let (mut whole, mut line) = (0, Vec::new());
        let mut reader = BufReader::new(file);
        while reader.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
            whole += line.len() as u64;
            if let Ok(Value::Object(reject)) = serde_json::from_slice(&line)
                && let (Some(Value::String(file)), Some(line)) = (reject.get("file"), reject.get("line"))
            {
                self.known.insert((file.clone(), line.as_u64().unwrap_or_default()));
            }
            line.clear();
        }
        Ok(whole)
    }

    /// Writes the rejects of one batch, in the order of their lines; those that are there already are left out.
    pub(super) fn write(&mut self, mut rejects: Vec<Reject>) -> io::Result<()> {
        rejects.sort_by_key(|reject| reject.place);
        let mut lines = Vec::new();
        for reject in rejects {
            let file = self.shown_file(reject.place);
            if self.known.contains(&(file.clone(), reject.place.line)) {
                continue;
            }
            if self.out.is_none() {
                self.show(&file, &reject);
                continue;
            }
            let violations: Vec<Value> = reject
                .violations
                .iter()
                .map(|(field, description)| json!({ "field": field, "description": description }))
                .collect();
            let line = json!({
                "file": file,
                "line": reject.place.line,
                "code": reject.code,
                "reason": reject.reason,
                "message": reject.message,
                "violations": violations,
            });
            lines.extend_from_slice(line.to_string().as_bytes());
            lines.push(b'\n');
        }
        match &mut self.out {
            Some((path, out)) if !lines.is_empty() => {
                out.write_all(&lines).map_err(|error| cannot("write", path, error))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn show(&mut self, file: &str, reject: &Reject) {
        self.shown += 1;
        if self.shown <= SHOWN {
            tell(&format!("{file}:{}: {}: {}", reject.place.line, reject.reason, reject.message));
        } else if self.shown == SHOWN + 1 {
            tell("further rejects are only counted; --rejects FILE lists them all");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reject(line: u64) -> Reject {
        Reject::unread(Place { file: 0, line }, "no JSON".to_owned())
    }

    #[test]
    fn an_interrupted_file_is_gone_on_with_nothing_twice() {
        let path = tempfile::NamedTempFile::new().unwrap();
        let open = |goes_on| {
            let mut rejects = Rejects::open(Some(path.path()), vec![PathBuf::from("a.jsonl")]).unwrap();
            rejects.begin(goes_on).unwrap();
            rejects
        };
        open(false).write(vec![reject(2), reject(1)]).unwrap();
        let two = std::fs::read_to_string(path.path()).unwrap();
        std::fs::write(path.path(), format!("{two}{{\"file\": \"a.js")).unwrap();
        open(true).write(vec![reject(2), reject(3)]).unwrap();
        let all = std::fs::read_to_string(path.path()).unwrap();
        let lines: Vec<Value> = all.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.iter().map(|line| line["line"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(lines[0]["reason"], "MESSAGE_MALFORMED");
        drop(Rejects::open(Some(path.path()), Vec::new()).unwrap());
        assert_eq!(
            std::fs::read_to_string(path.path()).unwrap(),
            all,
            "an import that does not begin leaves it as it is"
        );
        open(false).write(Vec::new()).unwrap();
        assert_eq!(std::fs::read_to_string(path.path()).unwrap(), "");
    }

    #[test]
    fn codes_are_written_as_grpc_writes_them() {
        assert_eq!(upper_snake("FailedPrecondition"), "FAILED_PRECONDITION");
        assert_eq!(upper_snake("Ok"), "OK");
    }
}
