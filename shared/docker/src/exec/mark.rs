//! The start of a program through a shell that tells its process ID.
//!
//! An engine tells the ID as its host sees it. Who wants to kill the program from inside the container needs the one that
//! it has there, and that cannot be found reliably from outside: `/proc/*/environ` is closed for a program that has changed
//! its user. So a shell of the container says who it is and then becomes the program.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use dockline_domain::log::Stream;
use futures::{StreamExt, stream};
use tokio::time::timeout;

use super::{ExecOutput, ExecPiece};
use crate::{Error, Result};

/// An application program command: a terminal that should ever see it shows nothing.
const BEFORE: &[u8] = b"\x1b_dockline;";
const BEHIND: &[u8] = b"\x1b\\";
/// How engines begin what they say of a program that they could not start.
const REFUSAL: &[u8] = b"OCI runtime";

const SCRIPT: &str = r#"printf '\033_dockline;%s\033\\' "$$"
[ $# -gt 0 ] && exec "$@"
command -v bash >/dev/null 2>&1 && exec bash
exec sh"#;

/// How long an engine may take to start a program, which it does by a chain of others.
const START: Duration = Duration::from_secs(30);

/// The arguments by which an engine starts these words, or a shell if there are none, so that the process ID is told.
pub(super) fn marked(words: &[String]) -> Vec<String> {
    let before = ["sh", "-c", SCRIPT, "sh"].map(str::to_owned);
    before.into_iter().chain(words.iter().cloned()).collect()
}

/// How an output began.
pub(super) enum Beginning {
    /// With the mark: the process ID in the container, and the output behind it.
    Marked(u32, ExecOutput),
    /// With what an engine says when there is no shell, or it may not run.
    Refused,
    /// With something else: the shell does not know `printf`. The output is whole.
    Unmarked(ExecOutput),
}

/// Reads the mark at the beginning of an output.
pub(super) async fn begin(output: ExecOutput) -> Result<Beginning> {
    timeout(START, read(output)).await.unwrap_or(Err(Error::TimedOut { operation: "start the program" }))
}

async fn read(mut output: ExecOutput) -> Result<Beginning> {
    let (mut seen, mut aside) = (BytesMut::new(), Vec::new());
    while let Some(piece) = output.next().await {
        let piece = piece?;
        // The program's stderr may be quicker than the shell's stdout before it.
        if piece.stream != Stream::Stdout {
            aside.push(piece);
            continue;
        }
        seen.extend_from_slice(&piece.bytes);
        match look(&seen) {
            Look::Marked(process, length) => {
                let rest = seen.split_off(length).freeze();
                return Ok(Beginning::Marked(process, put_back(aside, rest, output)));
            }
            Look::Undecided => {}
            Look::Other => break,
        }
    }
    if aside.is_empty() && memchr::memmem::find(&seen, REFUSAL).is_some() {
        return Ok(Beginning::Refused);
    }
    Ok(Beginning::Unmarked(put_back(aside, seen.freeze(), output)))
}

#[derive(Debug, PartialEq, Eq)]
enum Look {
    Marked(u32, usize),
    Undecided,
    Other,
}

fn look(seen: &[u8]) -> Look {
    let common = seen.len().min(BEFORE.len());
    if seen[..common] != BEFORE[..common] {
        return Look::Other;
    }
    let inside = &seen[common..];
    let digits = inside.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let behind = &inside[digits..];
    let common = behind.len().min(BEHIND.len());
    if digits > 10 || behind[..common] != BEHIND[..common] {
        return Look::Other;
    }
    if common < BEHIND.len() {
        return Look::Undecided;
    }
    let process = std::str::from_utf8(&inside[..digits]).ok().and_then(|text| text.parse().ok());
    process.map_or(Look::Other, |process| Look::Marked(process, BEFORE.len() + digits + BEHIND.len()))
}

fn put_back(mut first: Vec<ExecPiece>, stdout: Bytes, output: ExecOutput) -> ExecOutput {
    if !stdout.is_empty() {
        first.push(ExecPiece { stream: Stream::Stdout, bytes: stdout });
    }
    stream::iter(first.into_iter().map(Ok)).chain(output).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_told_from_what_programs_print() {
        assert_eq!(look(b"\x1b_dockline;4711\x1b\\rest"), Look::Marked(4_711, 17));
        for part in
            [&b""[..], b"\x1b", b"\x1b_dock", b"\x1b_dockline;", b"\x1b_dockline;47", b"\x1b_dockline;47\x1b"]
        {
            assert_eq!(look(part), Look::Undecided, "{part:?}");
        }
        for other in [
            &b"OCI runtime exec failed"[..],
            b"\x1b[31m",
            b"\x1b_dockline;x",
            b"\x1b_dockline;\x1b\\",
            b"\x1b_dockline;12345678901",
            b"\x1b_dockline;9999999999\x1b\\",
        ] {
            assert_eq!(look(other), Look::Other, "{other:?}");
        }
    }

    #[tokio::test]
    async fn what_comes_with_the_mark_is_not_lost() {
        let piece =
            |text: &'static [u8]| Ok(ExecPiece { stream: Stream::Stdout, bytes: Bytes::from_static(text) });
        let output = stream::iter([piece(b"\x1b_dockline;"), piece(b"7\x1b\\a"), piece(b"b")]).boxed();
        let Ok(Beginning::Marked(7, rest)) = begin(output).await else { panic!("marked") };
        let rest: Vec<_> = rest.map(|piece| piece.expect("a piece").bytes).collect().await;
        assert_eq!(rest.concat(), b"ab");

        let output = stream::iter([piece(b"\x1b_"), piece(b"no"), piece(b"b")]).boxed();
        let Ok(Beginning::Unmarked(all)) = begin(output).await else { panic!("unmarked") };
        let all: Vec<_> = all.map(|piece| piece.expect("a piece").bytes).collect().await;
        assert_eq!(all.concat(), b"\x1b_nob");

        let output = stream::iter([piece(b"OCI runtime exec failed: no sh")]).boxed();
        assert!(matches!(begin(output).await, Ok(Beginning::Refused)));
    }

    #[tokio::test]
    async fn what_a_program_complains_of_may_come_before_the_mark() {
        let piece = |stream, text: &'static [u8]| Ok(ExecPiece { stream, bytes: Bytes::from_static(text) });
        let output =
            [piece(Stream::Stderr, b"OCI runtime"), piece(Stream::Stdout, b"\x1b_dockline;7\x1b\\a")];
        let Ok(Beginning::Marked(7, rest)) = begin(stream::iter(output).boxed()).await else {
            panic!("marked")
        };
        let rest: Vec<_> = rest.map(|piece| piece.expect("a piece")).collect().await;
        let said: Vec<_> = rest.iter().map(|piece| (piece.stream, &piece.bytes[..])).collect();
        assert_eq!(said, [(Stream::Stderr, &b"OCI runtime"[..]), (Stream::Stdout, b"a")]);
    }
}
