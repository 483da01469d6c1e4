# shellcheck shell=bash
# Sourced by `run`: what the tests must not leave behind. Each function says what it found and ends with status 1.

# engines_down FOLDER: every set of test engines whose file lies in the folder of a run.
engines_down() {
  local file left=0
  for file in "$1"/*engines.env; do
    [ -f "$file" ] || continue
    # shellcheck source=/dev/null
    (. "$file" && { [ ! -d "$DOCKLINE_TEST_SCRATCH" ] || deploy/engines/down "$DOCKLINE_TEST_SCRATCH"; }) || left=1
  done
  return $left
}

# A run that was killed could not clean up: the next one does it.
sweep_dead_runs() {
  local folder pid
  for folder in /tmp/dlr.*/; do
    pid=$(cat "$folder/pid" 2>/dev/null) || continue
    if [ ! -O "$folder" ] || grep -q test/run "/proc/$pid/cmdline" 2>/dev/null; then continue; fi
    say "cleaning up after a run that was killed, in $folder"
    engines_down "$folder" || true
    rm -rf "$folder"
  done
}

# Processes that inherited this run's mark, without this script and its own children of the moment.
marked_processes() {
  local file pid
  for file in /proc/[0-9]*/environ; do
    pid=${file#/proc/} pid=${pid%/environ}
    if [ "$pid" = $$ ] || [ "$pid" = "$BASHPID" ]; then continue; fi
    if tr '\0' '\n' 2>/dev/null <"$file" | grep -qxF "DOCKLINE_TEST_RUN=$DOCKLINE_TEST_RUN"; then printf '%s\n' "$pid"; fi
  done 2>/dev/null
}

# The mark is set after this shell began, so its own ancestors do not carry it, and its helpers are gone a moment later.
no_processes_left() {
  local try pid left=''
  for try in $(seq 20); do
    left=''
    for pid in $(marked_processes); do
      [ -d "/proc/$pid" ] && ! grep -q '^State:.Z' "/proc/$pid/status" 2>/dev/null && left="$left $pid"
    done
    [ -n "$left" ] || return 0
    sleep 0.25
  done
  for pid in $left; do
    say "left behind after $try looks: process $pid: $(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -c1-150)"
    kill -KILL "$pid" 2>/dev/null || true
  done
  return 1
}

no_containers_left() {
  local engine left found=0
  for engine in ${DOCKLINE_TEST_ENGINES//,/ } ${DOCKLINE_TEST_REMOTE_SOCKET:+remote=$DOCKLINE_TEST_REMOTE_SOCKET}; do
    left=$(timeout 20 "${DOCKLINE_TEST_DOCKER:-docker}" -H "${engine#*=}" ps -a --filter label=dockline.test=1 \
      --format '{{.ID}} {{.Names}} {{.Status}}' 2>&1) || left="the engine does not answer: $left"
    if [ -n "$left" ]; then
      say "left behind on the engine ${engine%%=*}: $left"
      found=1
    fi
  done
  return $found
}

# Node and the browser keep caches there that are not ours to judge.
no_temporary_files_left() {
  local left
  left=$(find "$TMPDIR" -mindepth 1 -maxdepth 1 ! -name 'node-compile-cache' ! -name 'v8-compile-cache*' ! -name 'node-jiti' ! -name 'playwright-transform-cache-*' \
    ! -name 'org.chromium.*' ! -name '.org.chromium.*' ! -name '.com.google.Chrome.*')
  [ -z "$left" ] || {
    say "left behind in the folder for temporary files: ${left//$'\n'/ }"
    return 1
  }
}

# In a fresh clone that nobody edits, the tests must leave the sources as they were.
tree_state() { [ "${CI:-}" != true ] || git status --porcelain 2>/dev/null || true; }

tree_unchanged() {
  local now
  now=$(tree_state)
  [ "$now" = "$1" ] || {
    say "left behind in the source tree: ${now//$'\n'/, }"
    return 1
  }
}
