//! The guard of a program: what ends it from inside its container.
//!
//! It waits at the other end of a connection. A word there releases it; when the connection ends without one, because
//! Dockline wants it or because Dockline is gone, it ends the session of the program it guards. All it uses is built into
//! every shell, except `sleep`, so that it works where nothing can be started any more.
//!
//! How that went is its exit code, which an engine keeps, and not a word that somebody has to be there to hear.

use std::time::Duration;

use bollard::models::ExecConfig;
use dockline_domain::{ContainerId, ContainerUser};
use futures::{FutureExt, StreamExt, future::BoxFuture, future::Shared};
use tokio::{
    io::AsyncWriteExt,
    time::{Instant, sleep, timeout, timeout_at},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{Ended, ExecInput, ExecOutput, ExecSpec, real::Attached};
use crate::{DockerEngine, Error, Result};

/// A command without a terminal that is over within this time needs no guard.
const SHORT: Duration = Duration::from_millis(100);
/// How long a guard may take to come.
const COMES_WITHIN: Duration = Duration::from_secs(10);
/// How long a guard may take to end a session, and its engine to notice it; its script is done within 8 s.
const ENDS_WITHIN: Duration = Duration::from_secs(10);
/// The exit code of a guard that has ended a session.
const GONE: i64 = 0;

/// `$1` is the process that leads the session. Every engine starts a program in a session of its own.
///
/// `/proc/*/stat` is open to everybody. What stands between parentheses there is the program's own choice and may hold
/// blanks, parentheses and line breaks. Zombies are dead. A process that began a session of its own counts as long as its
/// parent does. Signals: first what a terminal sends when it is closed; after 2 to 3 s what nobody can ignore. Time is the
/// machine's, in seconds: where there are thousands of processes, a look takes one.
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
kill -0 "$leader" 2>/dev/null || exit 2
echo ready
while read -r word; do [ "$word" = release ] && exit; done
now=0 told=
clock() { IFS=. read -r now _ </proc/uptime || now=$((now + 1)); } 2>/dev/null
clock
began=$now
while look; [ "$all" ]; do
  clock
  case $((now - began)) in
    [012]) [ "$told" ] || { kill -HUP $all; kill -CONT $all; told=yes; } ;;
    [34567]) kill -KILL $all ;;
    *) kill -KILL $all; exit 1 ;;
  esac
  sleep 0.2 || sleep 1
done 2>/dev/null
exit 0
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
    let Some(mut standing) = post.occupy().await else { return Ended::Left };
    tokio::select! {
        biased;
        () = over.cancelled() => {
            if let Err(error) = standing.release().await {
                tracing::debug!(%error, "a guard could not be released");
            }
            Ended::Gone
        }
        () = end.cancelled() => standing.end(&post.engine).await,
    }
}

/// A guard that is there.
struct Standing {
    /// What the engine calls it.
    exec: String,
    input: ExecInput,
    output: ExecOutput,
}

impl Standing {
    async fn release(&mut self) -> std::io::Result<()> {
        self.input.write_all(b"release\n").await?;
        self.input.shutdown().await
    }

    /// Has it end the session it guards.
    async fn end(mut self, engine: &DockerEngine) -> Ended {
        let until = Instant::now() + ENDS_WITHIN;
        let ending = async {
            // A connection that is broken already tells the guard the same.
            let _told = self.input.shutdown().await;
            while let Some(Ok(_)) = self.output.next().await {}
        };
        let _in_time = timeout_at(until, ending).await;
        match engine.exit_code_by(&self.exec, until).await {
            Ok(Some(GONE)) => Ended::Gone,
            // The container is gone, and everything in it.
            Err(Error::NotFound) => Ended::Gone,
            ended => {
                tracing::debug!(?ended, "a program's guard could not end it");
                Ended::Left
            }
        }
    }
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
    async fn occupy(&self) -> Option<Standing> {
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

    async fn try_to_occupy(&self, shell: &str, user: Option<String>) -> Result<Option<Standing>> {
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
        let Attached { exec, input, mut output, .. } = self.engine.attach(&self.container, config).await?;
        match output.next().await.transpose()? {
            Some(piece) if piece.bytes.starts_with(b"ready") => Ok(Some(Standing { exec, input, output })),
            _ => Ok(None),
        }
    }
}
