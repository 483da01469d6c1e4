# shellcheck shell=bash
# Sourced by `up`: Traefik and the roles of Dockline.

running_names() {
  local name
  for name in $(all_names); do
    if is_running "$name"; then echo "$name"; fi
  done
}

# A port that somebody else has is named before anything starts.
check_ports() {
  local name taken
  is_running traefik || ! listens "$port" ||
    stop "another program listens on 127.0.0.1:$port: end it, or set DOCKLINE_CLUSTER_PORT to another port"
  for name in $(all_names); do
    case $name in
      traefik) taken=$inside_port ;;
      api-*) taken=$(replica_port "${name#*-}") ;;
      streamer-*) taken=$(streamer_port "${name#*-}") ;;
      consumer-*) taken=$(consumer_port "${name#*-}") ;;
      worker-*) taken=$(worker_port "${name#*-}") ;;
      *) taken=${name}_port taken=${!taken} ;;
    esac
    is_running "$name" || ! listens "$taken" ||
      stop "another program listens on 127.0.0.1:$taken, which $name needs: end it, or set DOCKLINE_CLUSTER_PORT to another port"
  done
}

# start_role NAME PORT ROLE [NAME=VALUE...]: unless it runs, with the program that is there now.
start_role() {
  local name=$1 listen=$2 role=$3 again=''
  shift 3
  if is_running "$name"; then
    [ "$program" -nt "$folder/pids/$name" ] || return 0
    say "$name runs an older program and is started anew"
    end_all TERM 30 "$name"
    again=yes
  fi
  start "$name" env DOCKLINE_LISTEN="127.0.0.1:$listen" \
    DOCKLINE_SECRET_KEY_FILE="$folder/secrets/secret-key" DOCKLINE_REDIS_URL_FILE="$folder/secrets/redis-url" \
    DOCKLINE_KAFKA_BROKERS="127.0.0.1:$kafka_port" "$@" "$program" "$role"
  # One after the other, so that there is always another one to answer.
  if [ -n "$again" ]; then wait_for "$name" 30 role_is_ready "$name"; fi
}

start_replicas() {
  local n
  for n in $(seq "$replicas"); do
    start_role "api-$n" "$(replica_port "$n")" api DOCKLINE_DATABASE_URL_FILE="$folder/secrets/database-url" \
      DOCKLINE_HOSTS="local=$engine" DOCKLINE_PUBLIC_URL="http://127.0.0.1:$port" DOCKLINE_TRUSTED_PROXIES=127.0.0.1/32 \
      DOCKLINE_DRAIN_SECONDS=3 DOCKLINE_BACKUP_DIR="$folder/backups"
  done
}

start_streamers() {
  local n
  for n in $(seq "$streamers"); do
    start_role "streamer-$n" "$(streamer_port "$n")" streamer
  done
}

start_consumers() {
  local n
  for n in $(seq "$consumers"); do
    start_role "consumer-$n" "$(consumer_port "$n")" consumer DOCKLINE_DATABASE_URL_FILE="$folder/secrets/database-url"
  done
}

start_workers() {
  local n
  for n in $(seq "$workers"); do
    start_role "worker-$n" "$(worker_port "$n")" worker DOCKLINE_DATABASE_URL_FILE="$folder/secrets/database-url" \
      DOCKLINE_BACKUP_DIR="$folder/backups"
  done
}

role_is_ready() { grep -q 'dockline ready on' "$folder/logs/$1.log"; }

wait_for_roles() {
  local name
  for name in $(all_names | grep -E '^(api|streamer|consumer|worker)-'); do
    wait_for "$name" 60 role_is_ready "$name"
  done
}

start_traefik() {
  local n urls=()
  is_running traefik && return
  for n in $(seq "$replicas"); do urls+=("http://127.0.0.1:$(replica_port "$n")"); done
  # A file of the user's own would go before these variables.
  mkdir -p "$folder/data/traefik"
  (
    cd "$folder/data/traefik"
    set -a
    # shellcheck source=../../traefik/static.env
    . "$root/traefik/static.env"
    HOME=$PWD XDG_CONFIG_HOME=$PWD
    TRAEFIK_ENTRYPOINTS_WEB_ADDRESS=127.0.0.1:$port
    TRAEFIK_ENTRYPOINTS_TRAEFIK_ADDRESS=127.0.0.1:$inside_port
    TRAEFIK_PROVIDERS_FILE_DIRECTORY=$root/traefik/dynamic
    TRAEFIK_API_INSECURE=true
    DOCKLINE_EDGE_REPLICAS=$(IFS=, && echo "${urls[*]}")
    set +a
    start traefik "$traefik"
  )
}
