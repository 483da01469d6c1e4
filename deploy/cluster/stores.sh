# shellcheck shell=bash
# Sourced by `up`: secrets, PostgreSQL, Redis and Kafka of the local cluster. All listen on the loopback interface only.

# The first folder of $servers with a program.
server_program() {
  local place
  IFS=: read -ra places <<<"$servers"
  for place in "${places[@]}"; do
    if [ -x "$place/$1" ]; then
      printf '%s\n' "$place/$1"
      return
    fi
  done
  stop "no folder of $servers holds $1"
}

random_base64() { head -c 32 /dev/urandom | base64 -w 0; }
random_word() { head -c 24 /dev/urandom | base64 -w 0 | tr '+/' 'xy'; }

# Made once, and kept as long as the data that they protect.
make_secrets() {
  local secrets=$folder/secrets
  [ -f "$secrets/redis.conf" ] && return
  (
    umask 077
    random_base64 >"$secrets/secret-key"
    random_word >"$secrets/postgres-password"
    random_word >"$secrets/redis-password"
    echo "requirepass $(cat "$secrets/redis-password")" >"$secrets/redis.conf"
  )
}

# Their ports may be others than the last time.
write_urls() (
  umask 077
  secrets=$folder/secrets
  echo "postgres://dockline:$(cat "$secrets/postgres-password")@127.0.0.1:$postgres_port/dockline" >"$secrets/database-url"
  echo "redis://:$(cat "$secrets/redis-password")@127.0.0.1:$redis_port" >"$secrets/redis-url"
)

# PostgreSQL refuses to run as root, and shows its data to its own user only.
as_postgres=()
[ "$(id -u)" != 0 ] || as_postgres=(setpriv --reuid=65534 --regid=65534 --clear-groups --)

start_postgres() {
  local data=$folder/data/postgres
  write_urls
  is_running postgres && return
  "${as_postgres[@]}" test -x "$folder/data" ||
    stop "the user nobody, as whom PostgreSQL runs instead of root, cannot enter $folder: set DOCKLINE_CLUSTER_DIR to a folder below one that everybody may enter"
  if [ ! -f "$data/PG_VERSION" ]; then
    # One that was interrupted leaves half a folder.
    rm -rf "$data" "$folder/data/postgres-password"
    mkdir "$data"
    cp "$folder/secrets/postgres-password" "$folder/data/postgres-password"
    [ ${#as_postgres[@]} = 0 ] || chown 65534:65534 "$data" "$folder/data/postgres-password"
    (cd "$data" && "${as_postgres[@]}" "$(server_program initdb)" -D "$data" -U dockline -A scram-sha-256 \
      --pwfile="$folder/data/postgres-password" --encoding=UTF8 --locale=C.UTF-8) >"$folder/logs/initdb.log" 2>&1 || {
      rm -f "$folder/data/postgres-password"
      fail_with_log initdb 'PostgreSQL could not make its data folder'
    }
    rm -f "$folder/data/postgres-password"
  fi
  # Killed with its children still there, it left its pid file.
  (cd "$data" && start postgres "${as_postgres[@]}" "$(server_program postgres)" -D "$data" -p "$postgres_port" \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200 -c timezone=UTC)
}

postgres_query() {
  PGPASSWORD=$(cat "$folder/secrets/postgres-password") "$(server_program psql)" -XqAtw -h 127.0.0.1 -p "$postgres_port" -U dockline -d "$1" -c "$2"
}

postgres_answers() { postgres_query postgres 'SELECT 1'; }

migrate() {
  if [ "$(postgres_query postgres "SELECT count(*) FROM pg_database WHERE datname = 'dockline'")" = 0 ]; then
    postgres_query postgres 'CREATE DATABASE dockline TEMPLATE template0'
  fi
  DOCKLINE_DATABASE_URL_FILE=$folder/secrets/database-url "$program" migrate >"$folder/logs/migrate.log" 2>&1 ||
    fail_with_log migrate 'the database could not be brought up to date'
}

start_redis() {
  is_running redis && return
  mkdir -p "$folder/data/redis"
  start redis "$(server_program redis-server)" "$folder/secrets/redis.conf" --port "$redis_port" --bind 127.0.0.1 \
    --dir "$folder/data/redis" --save '' --appendonly yes --set-proc-title no
}

redis_answers() {
  [ "$(REDISCLI_AUTH=$(cat "$folder/secrets/redis-password") "$(server_program redis-cli)" -p "$redis_port" ping)" = PONG ]
}

start_kafka() {
  is_running kafka && return
  local data=$folder/data/kafka
  [ -f "$data/meta.properties" ] || cp -r "$kafka/formatted/1" "$data"
  # One broker for one machine; deploy/compose.yaml and the README tell what a real installation has.
  cat >"$folder/data/kafka.properties" <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller_port
listeners=PLAINTEXT://127.0.0.1:$kafka_port,CONTROLLER://127.0.0.1:$controller_port
advertised.listeners=PLAINTEXT://127.0.0.1:$kafka_port
controller.listener.names=CONTROLLER
log.dirs=$data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
END
  start kafka java -Xms64m -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
    -cp "$kafka/lib/*" kafka.Kafka "$folder/data/kafka.properties"
}
