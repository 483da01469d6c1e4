//! A GET whose answer is counted and not kept, the same for the engine's socket and for Dockline's port, so that neither
//! client is in the other's way.

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};

/// How much is read at once.
const READ_AT_ONCE: usize = 256 * 1024;

/// Sends a GET with further header lines, each with its line end, and hands the body's pieces over as they come.
pub(crate) async fn get<S>(stream: S, path: &str, headers: &str, mut each: impl FnMut(&[u8])) -> Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut stream = BufReader::with_capacity(READ_AT_ONCE, stream);
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await?;
    let status = line(&mut stream).await?;
    let mut form = Form::UntilTheEnd;
    loop {
        let header = line(&mut stream).await?.to_ascii_lowercase();
        match header.split_once(':').map(|(name, value)| (name, value.trim())) {
            None => break,
            Some(("transfer-encoding", "chunked")) => form = Form::Chunked,
            Some(("content-length", length)) => {
                form = Form::Length(length.parse().context("the content's length")?)
            }
            Some(_) => {}
        }
    }
    ensure!(status.starts_with("HTTP/1.1 200"), "GET {path}: {status}");
    match form {
        Form::UntilTheEnd => pass(&mut stream, None, &mut each).await,
        Form::Length(length) => pass(&mut stream, Some(length), &mut each).await,
        Form::Chunked => loop {
            let size = line(&mut stream).await?;
            let digits = size.split(';').next().unwrap_or_default().trim();
            let size =
                u64::from_str_radix(digits, 16).with_context(|| format!("a chunk of size {size:?}"))?;
            if size == 0 {
                return Ok(());
            }
            pass(&mut stream, Some(size), &mut each).await?;
            ensure!(line(&mut stream).await?.is_empty(), "a chunk is longer than it says");
        },
    }
}

/// How the body's end is known.
enum Form {
    UntilTheEnd,
    Length(u64),
    Chunked,
}

async fn line(stream: &mut (impl AsyncBufReadExt + Unpin)) -> Result<String> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        bail!("the answer ended before its time");
    }
    Ok(line.trim_end().to_owned())
}

async fn pass(
    stream: &mut (impl AsyncBufReadExt + Unpin),
    length: Option<u64>,
    each: &mut impl FnMut(&[u8]),
) -> Result<()> {
    let mut left = length.unwrap_or(u64::MAX);
    while left > 0 {
        let ready = stream.fill_buf().await?;
        if ready.is_empty() {
            ensure!(length.is_none(), "the answer ended before its time");
            return Ok(());
        }
        let taken = ready.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        each(&ready[..taken]);
        stream.consume(taken);
        left -= taken as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn body_of(answer: &'static [u8]) -> Result<Vec<u8>> {
        let (near, far) = tokio::io::duplex(16);
        let (mut read, mut write) = tokio::io::split(far);
        let serve = async move {
            let mut sink = tokio::io::sink();
            tokio::join!(tokio::io::copy(&mut read, &mut sink), async {
                write.write_all(answer).await?;
                write.shutdown().await
            })
        };
        let serving = tokio::spawn(serve);
        let mut body = Vec::new();
        let result = get(near, "/x", "A: b\r\n", |piece| body.extend_from_slice(piece)).await;
        serving.abort();
        result.map(|()| body)
    }

    #[tokio::test]
    async fn reads_each_form_of_body() {
        for answer in [
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n".as_slice(),
            b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world and more",
            b"HTTP/1.1 200 OK\r\n\r\nhello world",
        ] {
            assert_eq!(body_of(answer).await.expect("a body"), b"hello world");
        }
    }

    #[tokio::test]
    async fn tells_refusals_and_early_ends() {
        assert!(body_of(b"HTTP/1.1 404 Not Found\r\n\r\n").await.is_err());
        assert!(body_of(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel").await.is_err());
        assert!(
            body_of(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n").await.is_err()
        );
    }
}
