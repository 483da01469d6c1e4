# shellcheck shell=bash
# Sourced by the set-up scripts: what is here, what may be installed, and how to say what is missing.
# Messages go to stderr, so that a script's stdout stays free for its answer.

say() { printf '%s\n' "$*" >&2; }

# stop SENTENCE: end with the one sentence that tells what to do.
stop() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# System programs are in sbin, which is absent from an ordinary user's PATH.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

have() { command -v "$1" >/dev/null 2>&1; }

may_install() { [ "$(id -u)" = 0 ] && have apt-get; }

apt_quiet() {
  DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=900 "$@" </dev/null
}

# Another apt may hold the lock of the package lists, for which apt itself does not wait.
apt_update() {
  local try
  for try in 1 2 3 4 5; do
    apt_quiet update && return
    sleep $((try * 4))
  done
  return 1
}

# install_packages PACKAGE...: Debian packages, where this user may; the lists are fetched when they turn out to be stale.
install_packages() {
  may_install || return 1
  say "installing $* (Debian packages)"
  local log
  log=$(mktemp)
  if apt_quiet install --no-install-recommends "$@" >"$log" 2>&1 ||
    { apt_update >"$log" 2>&1 && apt_quiet install --no-install-recommends "$@" >>"$log" 2>&1; }; then
    rm -f "$log"
    return
  fi
  tail -n 15 "$log" >&2
  rm -f "$log"
  return 1
}

# need COMMAND PACKAGE: the command is there afterwards, or the script has ended with how to get it.
need() {
  have "$1" && return
  install_packages "$2" || true
  have "$1" || stop "$1 is missing: install it, for example with \`sudo apt-get install $2\`"
}

# engine_answers HOST: does a Docker engine answer there?
engine_answers() {
  local socket=${1#unix://}
  case $1 in
    unix://*) [ -S "$socket" ] || return 1 ;;
  esac
  if have docker; then
    timeout 5 docker -H "$1" version --format '{{.Server.Version}}' >/dev/null 2>&1
  elif have curl; then
    case $1 in
      unix://*) curl -fsS -m 5 --unix-socket "$socket" http://engine/_ping >/dev/null 2>&1 ;;
      tcp://*) curl -fsS -m 5 "http://${1#tcp://}/_ping" >/dev/null 2>&1 ;;
      *) return 1 ;;
    esac
  else
    return 1
  fi
}

# version_at_least HAVE WANTED
version_at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# Where downloads that survive a run are kept.
cache_dir() { printf '%s\n' "${DOCKLINE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/dockline}"; }

# Where what runs in the background keeps its log and process id.
state_dir() { printf '%s\n' "${XDG_STATE_HOME:-$HOME/.local/state}/dockline"; }
