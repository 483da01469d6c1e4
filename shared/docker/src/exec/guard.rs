//! The guard of a program: what ends it from inside its container.
//!
//! It waits at the other end of a connection. A word there releases it; when the connection ends without one, because
//! Dockline wants it or because Dockline is gone, it ends the session of the program it guards. All it uses is built into
//! every shell, except `sleep`, so that it works where nothing can be started any more.

use std::time::Duration;

use bollard::models::ExecConfig;
use dockline_domain::{ContainerId, ContainerUser};
use futures::{FutureExt, StreamExt, future::BoxFuture, future::Shared};
use tokio::{
    io::AsyncWriteExt,
    time::{sleep, timeout},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{Ended, ExecInput, ExecOutput, ExecSpec, real::Attached};
use crate::{DockerEngine, Result};

/// A command without a terminal that is over within this time needs no guard.
const SHORT: Duration = Duration::from_millis(100);
/// How long a guard may take to come.
const COMES_WITHIN: Duration = Duration::from_secs(10);
/// How long a guard may take to end a session; its script is done within 8 s.
const ENDS_WITHIN: Duration = Duration::from_secs(9);

/// `$1` is the process that leads the session. Every engine starts a program in a session of its own.
///
/// `/proc/*/stat` is open to everybody. What stands between parentheses there is the program's own choice and may hold
/// blanks, parentheses and line breaks. Zombies are dead. A process that began a session of its own counts as long as its
/// parent does. Signals: first what a terminal sends when it is closed; after 2 s what nobody can ignore.
const SCRIPT: &str = r#"PATH=/bin:/usr/bin
leader=$1
look() {
  all= more=1
  while [ "$more" ]; do
    more=
    for file in /proc/[0-9]*/stat; do
      text=
      { while IFS= read -r line || [ "$line" ]; do text="$text $line"; done <"$file"; } 2>/dev/null || continue
      text=${text# } process=${text%% *}
      case " $all " in *" $process "*) continue ;; esac
      set -- ${text##*) }
      case $1 in Z | X | '') continue ;; esac
      case " $all " in
        *" $2 "*) ;;
        *) [ "$4" = "$leader" ] || continue ;;
      esac
      all="$all $process" more=1
    done
  done
}
kill -0 "$leader" 2>/dev/null || { echo powerless; exit; }
echo ready
while read -r word; do [ "$word" = release ] && exit; done
fifths=0
while look; [ "$all" ]; do
  case $fifths in
    0) kill -HUP $all; kill -CONT $all ;;
    ? ) ;;
    *) kill -KILL $all ;;
  esac 2>/dev/null
  [ "$fifths" -ge 40 ] && { echo left; exit; }
  if sleep 0.2; then fifths=$((fifths + 1)); else sleep 1; fifths=$((fifths + 5)); fi 2>/dev/null
done
echo gone
"#;

/// A guard of one program. When this is dropped before the program is over, the guard ends it.
pub(super) struct Guard {
    end: CancellationToken,
    /// Ends it, too, when nobody holds this any more.
    _last: DropGuard,
    ended: Shared<BoxFuture<'static, Ended>>,
}

impl Guard {
    /// Sends a guard for the process of this number in the container, until it is `over`.
    pub(super) fn start(
        engine: DockerEngine,
        container: ContainerId,
        spec: &ExecSpec,
        process: u32,
        over: CancellationToken,
    ) -> Self {
        let end = CancellationToken::new();
        let (user, is_short) = (spec.user.clone(), spec.terminal.is_none());
        let post = Post { engine, container, user, process, is_short };
        let watch = tokio::spawn(watch(post, over, end.clone()));
        let ended = watch.map(|ended| ended.unwrap_or(Ended::Left)).boxed().shared();
        Self { _last: end.clone().drop_guard(), end, ended }
    }

    /// Ends the program and its session.
    pub(super) async fn end(&self) -> Ended {
        self.end.cancel();
        self.ended.clone().await
    }
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Guard")
    }
}

async fn watch(post: Post, over: CancellationToken, end: CancellationToken) -> Ended {
    tokio::select! {
        biased;
        () = over.cancelled() => return Ended::Gone,
        () = end.cancelled() => {}
        () = sleep(if post.is_short { SHORT } else { Duration::ZERO }) => {}
    }
    let Some((mut input, output)) = post.occupy().await else { return Ended::Left };
    tokio::select! {
        biased;
        () = over.cancelled() => {
            if let Err(error) = release(&mut input).await {
                tracing::debug!(%error, "a guard could not be released");
            }
            return Ended::Gone;
        }
        () = end.cancelled() => {}
    }
    let ending = async {
        // A connection that is broken already tells the guard the same.
        let _told = input.shutdown().await;
        said(output).await
    };
    match timeout(ENDS_WITHIN, ending).await {
        Ok(said) if said.ends_with("gone") => Ended::Gone,
        _ => Ended::Left,
    }
}

async fn release(input: &mut ExecInput) -> std::io::Result<()> {
    input.write_all(b"release\n").await?;
    input.shutdown().await
}

/// Where a guard stands.
struct Post {
    engine: DockerEngine,
    container: ContainerId,
    user: Option<ContainerUser>,
    process: u32,
    /// Whether the program may well be over soon.
    is_short: bool,
}

impl Post {
    /// A guard that has the power to end the program. As root it can end what has changed its user, unless the container
    /// lacks the capability; then the program's own user can end at least the program.
    async fn occupy(&self) -> Option<(ExecInput, ExecOutput)> {
        // Root's shell by its place: what `sh` is to the container's users may be of their making.
        let candidates =
            [("/bin/sh", Some("0".to_owned())), ("sh", self.user.as_ref().map(ToString::to_string))];
        for (shell, user) in candidates {
            match timeout(COMES_WITHIN, self.try_to_occupy(shell, user)).await {
                Ok(Ok(Some(guard))) => return Some(guard),
                Ok(Ok(None)) => {}
                Ok(Err(error)) => tracing::debug!(%error, "a program's guard could not be started"),
                Err(_) => tracing::debug!("a program's guard did not come in time"),
            }
        }
        None
    }

    async fn try_to_occupy(
        &self,
        shell: &str,
        user: Option<String>,
    ) -> Result<Option<(ExecInput, ExecOutput)>> {
        let words = [shell, "-c", SCRIPT, "guard", &self.process.to_string()].map(str::to_owned);
        let config = ExecConfig {
            attach_stdin: Some(true),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            tty: Some(false),
            cmd: Some(words.into()),
            user,
            ..ExecConfig::default()
        };
        let Attached { input, mut output, .. } = self.engine.attach(&self.container, config).await?;
        match output.next().await.transpose()? {
            Some(piece) if piece.bytes.starts_with(b"ready") => Ok(Some((input, output))),
            _ => Ok(None),
        }
    }
}

/// The rest of what a guard says, which is a word.
async fn said(mut output: ExecOutput) -> String {
    let mut said = Vec::new();
    while let Some(Ok(piece)) = output.next().await {
        said.extend_from_slice(&piece.bytes);
    }
    String::from_utf8_lossy(&said).trim_end().to_owned()
}
