# shellcheck shell=bash
# Sourced: what the local cluster consists of, and where it is.

# How many of each role.
replicas=3
streamers=2
# `dockline consumer`, once the program has it.
consumers=2
# `dockline worker`, likewise.
workers=2

# Everything of it: addresses, process ids, logs, secrets, data. Root's PostgreSQL runs as another user, who must get there.
if [ -n "${DOCKLINE_CLUSTER_DIR:-}" ]; then
  folder=$DOCKLINE_CLUSTER_DIR
elif [ "$(id -u)" = 0 ]; then
  folder=/var/lib/dockline/cluster
else
  folder=$(state_dir)/cluster
fi
case $folder in /*) ;; *) folder=$PWD/$folder ;; esac

# Where browsers go: as it is set, else where the cluster that runs has it. The other ports are counted from 10,000 above it.
port=${DOCKLINE_CLUSTER_PORT:-$(sed -n 's/^port \([0-9]*\),.*/\1/p' "$folder/settings" 2>/dev/null || true)}
port=${port:-8080}
case $port in
  '' | *[!0-9]* | ??????*) stop "DOCKLINE_CLUSTER_PORT is \`$port\`: write a port from 1 to 22000" ;;
esac
[ "$port" -ge 1 ] && [ "$port" -le 22000 ] || stop "DOCKLINE_CLUSTER_PORT is \`$port\`: write a port from 1 to 22000"
base=$((port + 10000))
inside_port=$base
replica_port() { echo $((base + $1)); }
streamer_port() { echo $((base + 20 + $1)); }
consumer_port() { echo $((base + 40 + $1)); }
worker_port() { echo $((base + 50 + $1)); }
postgres_port=$((base + 60))
redis_port=$((base + 61))
kafka_port=$((base + 62))
controller_port=$((base + 63))

# All processes that there may be, in the order in which they end: who uses something ends before it.
names_of_role() { local n; for n in $(seq "$2"); do echo "$1-$n"; done; }
all_names() {
  names_of_role consumer "$consumers"
  names_of_role worker "$workers"
  names_of_role api "$replicas"
  names_of_role streamer "$streamers"
  printf '%s\n' traefik kafka redis postgres
}

address_of() {
  case $1 in
    traefik) echo "http://127.0.0.1:$port, inside http://127.0.0.1:$inside_port" ;;
    api-*) echo "http://127.0.0.1:$(replica_port "${1#*-}")" ;;
    streamer-*) echo "http://127.0.0.1:$(streamer_port "${1#*-}")" ;;
    consumer-*) echo "http://127.0.0.1:$(consumer_port "${1#*-}")" ;;
    worker-*) echo "http://127.0.0.1:$(worker_port "${1#*-}")" ;;
    postgres) echo "postgres://127.0.0.1:$postgres_port/dockline" ;;
    redis) echo "redis://127.0.0.1:$redis_port" ;;
    kafka) echo "127.0.0.1:$kafka_port" ;;
  esac
}
