# shellcheck shell=bash
# Sourced: a Kubernetes of this test's own on loopback: etcd, the API server, the controllers, the scheduler, and kwok, which plays
# two nodes. Traefik can be beside them. $plane is its programs' folder (deploy/setup/kubernetes), $run where it keeps everything, $here this folder's parent.

plane_parts=(traefik kwok scheduler controllers apiserver etcd)

# Ports below those that the kernel hands out.
free_ports() {
  python3 - "$1" <<'END'
import random, socket, sys
held = []
while len(held) < int(sys.argv[1]):
    candidate = socket.socket()
    try:
        candidate.bind(("127.0.0.1", random.randrange(20000, 32000)))
        held.append(candidate)
    except OSError:
        candidate.close()
print(*[one.getsockname()[1] for one in held])
END
}

# start_part NAME COMMAND...
start_part() {
  local name=$1
  shift
  "$@" >"$run/$name.log" 2>&1 </dev/null &
  echo $! >"$run/$name.pid"
}

start_control_plane() {
  local stores peers api controllers scheduler kwok stage stages=()
  mkdir -p "$run"
  read -r stores peers api controllers scheduler kwok < <(free_ports 6)
  openssl genrsa -out "$run/accounts.key" 2048 2>/dev/null
  openssl rsa -in "$run/accounts.key" -pubout -out "$run/accounts.pub" 2>/dev/null
  local token
  token=$(openssl rand -hex 16)
  (umask 077 && echo "$token,admin,1,\"system:masters\"" >"$run/tokens.csv" && printf %s "$token" >"$run/token")
  export KUBECONFIG=$run/kubeconfig
  cat >"$KUBECONFIG" <<END
apiVersion: v1
kind: Config
clusters: [{ name: test, cluster: { server: "https://127.0.0.1:$api", certificate-authority: "$run/certs/apiserver.crt" } }]
users: [{ name: admin, user: { token: $token } }]
contexts: [{ name: test, context: { cluster: test, user: admin } }]
current-context: test
END
  start_part etcd "$plane/bin/etcd" --data-dir "$run/etcd" --unsafe-no-fsync --listen-client-urls "http://127.0.0.1:$stores" \
    --advertise-client-urls "http://127.0.0.1:$stores" --listen-peer-urls "http://127.0.0.1:$peers"
  start_part apiserver "$plane/bin/kube-apiserver" --etcd-servers="http://127.0.0.1:$stores" --cert-dir="$run/certs" \
    --secure-port="$api" --bind-address=127.0.0.1 --advertise-address=127.0.0.1 --endpoint-reconciler-type=none \
    --service-account-issuer=https://kubernetes.default.svc --service-account-key-file="$run/accounts.pub" \
    --service-account-signing-key-file="$run/accounts.key" --token-auth-file="$run/tokens.csv" --authorization-mode=RBAC \
    --service-cluster-ip-range=10.96.0.0/16
  within 90 kubectl get --raw /readyz
  # The autoscaler looks often, so that the test need not wait; and kwok's nodes have no heartbeat.
  start_part controllers "$plane/bin/kube-controller-manager" --kubeconfig="$KUBECONFIG" --leader-elect=false \
    --service-account-private-key-file="$run/accounts.key" --root-ca-file="$run/certs/apiserver.crt" --bind-address=127.0.0.1 \
    --secure-port="$controllers" --cert-dir="$run/controllers" --horizontal-pod-autoscaler-sync-period=1s \
    --node-monitor-grace-period=24h
  start_part scheduler "$plane/bin/kube-scheduler" --kubeconfig="$KUBECONFIG" --leader-elect=false --bind-address=127.0.0.1 \
    --secure-port="$scheduler" --cert-dir="$run/scheduler"
  for stage in "$plane"/stages/*.yaml "$here/helm.d/stages.yaml"; do stages+=(--config "$stage"); done
  start_part kwok "$plane/bin/kwok" --kubeconfig="$KUBECONFIG" --manage-all-nodes=true --server-address="127.0.0.1:$kwok" "${stages[@]}"
  kubectl apply --server-side -f "$plane/crds" >/dev/null
  kubectl apply -f "$here/helm.d/nodes.yaml" >/dev/null
  within 60 kubectl get serviceaccount default
  within 60 kubectl wait --for=condition=Ready nodes --all --timeout=1s
  kubectl wait --for=condition=Established customresourcedefinitions --all --timeout=30s >/dev/null
}

# start_traefik PORT: reads its kinds from this Kubernetes, and tells at the port what it makes of them.
start_traefik() {
  local web
  web=$(free_ports 1)
  HOME=$run start_part traefik "$("$here/../setup/traefik")" --global.checknewversion=false --global.sendanonymoususage=false \
    --entrypoints.websecure.address="127.0.0.1:$web" --entrypoints.traefik.address="127.0.0.1:$1" --api.insecure=true \
    --providers.kubernetescrd.endpoint="$(kubectl config view --raw --output 'jsonpath={.clusters[0].cluster.server}')" \
    --providers.kubernetescrd.token="$run/token" --providers.kubernetescrd.certauthfilepath="$run/certs/apiserver.crt"
}

# By process id, and not before they are gone.
stop_control_plane() {
  local part pid end
  for part in "${plane_parts[@]}"; do
    pid=$(cat "$run/$part.pid" 2>/dev/null) || continue
    kill -TERM "$pid" 2>/dev/null || true
    end=$((SECONDS + 10))
    while kill -0 "$pid" 2>/dev/null && [ "$SECONDS" -lt "$end" ]; do sleep 0.1; done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    rm -f "$run/$part.pid"
  done
}
