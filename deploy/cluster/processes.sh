# shellcheck shell=bash
# Sourced: processes that outlive the script that starts them. Each has $folder/pids/NAME, with its process id and the time
# of its start, by which it is told from a later one with the same id, and $folder/logs/NAME.log.

# Field 22 of /proc/PID/stat; the command before it may hold spaces.
started_at() {
  local line
  line=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  line=${line##*) }
  # shellcheck disable=SC2086
  set -- $line
  # A process that ended and was not waited for.
  [ "$1" != Z ] && echo "${20}"
}

# pid_of NAME: its process id, if it runs.
pid_of() {
  local pid start
  [ -f "$folder/pids/$1" ] && read -r pid start <"$folder/pids/$1" || return 1
  [ "$(started_at "$pid")" = "$start" ] && echo "$pid"
}

is_running() { pid_of "$1" >/dev/null; }

# start NAME COMMAND...: in the background, in a session of its own, so that it gets none of the terminal's signals. The log of
# the last time is kept beside the new one.
start() {
  local name=$1 log=$folder/logs/$1.log pid
  shift
  [ ! -f "$log" ] || mv "$log" "$log.1"
  : >"$log"
  # It must keep neither the caller's pipes nor the lock.
  setsid nohup "$@" </dev/null >>"$log" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
  pid=$!
  echo "$pid $(started_at "$pid")" >"$folder/pids/$name"
}

# wait_for NAME SECONDS CHECK...: until the check succeeds; the end of its log tells why it did not.
wait_for() {
  local name=$1 end=$((SECONDS + $2)) seconds=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    if ! is_running "$name"; then
      fail_with_log "$name" "$name ended before it was ready"
    elif [ "$SECONDS" -ge "$end" ]; then
      fail_with_log "$name" "$name was not ready within $seconds s"
    fi
    sleep 0.1
  done
}

fail_with_log() {
  tail -n 15 "$folder/logs/$1.log" >&2 || true
  stop "$2: see above, and $folder/logs/$1.log. What runs already goes on; \`make cluster-down\` ends it"
}

# end_all SIGNAL SECONDS NAME...: asks them to end, waits for all, and kills those that take longer.
end_all() {
  local signal=$1 end=$((SECONDS + $2)) seconds=$2 name pid
  shift 2
  for name in "$@"; do
    # A stopped process takes no other signal.
    if pid=$(pid_of "$name"); then kill -"$signal" "$pid" 2>/dev/null && kill -CONT "$pid" 2>/dev/null || true; fi
  done
  for name in "$@"; do
    while pid=$(pid_of "$name") && [ "$SECONDS" -lt "$end" ]; do sleep 0.1; done
    if pid=$(pid_of "$name"); then
      say "$name did not end within $seconds s of $signal and is killed: $folder/logs/$name.log tells what it did"
      kill -KILL "$pid" 2>/dev/null || true
      while pid_of "$name" >/dev/null; do sleep 0.05; done
    fi
    rm -f "$folder/pids/$name"
  done
}

# http PORT PATH: prints the answer of 127.0.0.1 and succeeds when it is 200. Needs no program.
http() {
  local status line
  {
    printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$2" >&8 && IFS= read -r -t 10 status <&8 || return 1
    while IFS= read -r -t 10 line <&8; do [ "$line" != $'\r' ] || break; done
    cat <&8
  } 8<>"/dev/tcp/127.0.0.1/$1" 2>/dev/null || return 1
  [[ $status == *' 200 '* ]]
}

listens() { (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
