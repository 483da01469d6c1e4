# shellcheck shell=bash
# Sourced: what a release goes through on a cluster. $chart, $work and the functions of deploy/test/helm are there.

minimal=(--set "image.repository=registry.example.org/dockline,publicUrl=https://docker.example.org")

# make_namespace NAME LEVEL: what the Pod Security level forbids is not admitted.
make_namespace() {
  quiet kubectl create namespace "$1"
  quiet kubectl label namespace "$1" "pod-security.kubernetes.io/enforce=$2"
  within 30 kubectl --namespace "$1" get serviceaccount default
}

# all_of NAMESPACE: everything in it that a chart may make, but for what Kubernetes puts into each.
all_of() {
  kubectl --namespace "$1" get --no-headers --ignore-not-found \
    "$(kubectl api-resources --namespaced --verbs=list,create --output name | grep -vE '^(events|.*\.events\.k8s\.io|leases\.|endpointslices\.|endpoints$)' | paste -sd,)" \
    --output custom-columns=KIND:.kind,NAME:.metadata.name 2>/dev/null |
    grep -vE '^(ServiceAccount +(default|builder)|ConfigMap +kube-root-ca.crt)$' || true
}

is_empty() { [ -z "$(all_of "$1")" ]; }

# said_of NAMESPACE DEPLOYMENT PATH: a field, by JSONPath.
said_of() { kubectl --namespace "$1" get deployment "$2" --output "jsonpath={$3}"; }

# is SAYS WANTED WHAT
is() { [ "$1" = "$2" ] || stop "$3: $1, not $2"; }

deployment_of() { kubectl --namespace "$1" get deployments --selector "app.kubernetes.io/component=$2" --output name | cut -d/ -f2; }

log_level() { said_of "$1" "$2" '.spec.template.spec.containers[0].env[?(@.name=="DOCKLINE_LOG")].value'; }

# live_through NAME VALUES: a release with one value set, from the beginning to the end.
live_through() {
  local namespace=life-$1 values=$2 level=restricted api
  # Only a node's own folder is more than that.
  ! grep -q hostPath "$values" || level=privileged
  make_namespace "$namespace" "$level"
  quiet kubectl --namespace "$namespace" create serviceaccount builder
  # Kinds that are not Kubernetes' own included, and unknown fields refused. A pod is not admitted without its account.
  helm template dockline "$chart" --namespace "$namespace" --values "$values" --skip-tests >"$work/$1.yaml"
  quiet kubectl apply --server-side --dry-run=server --validate=strict --namespace "$namespace" -f "$work/$1.yaml"
  quiet helm install dockline "$chart" --namespace "$namespace" --values "$values" --wait --timeout 90s
  api=$(deployment_of "$namespace" api)
  grep -q "^Deployment .*$api\$" <<<"$(all_of "$namespace")" || stop "$1: the list of what there is lacks $api"
  is "$(log_level "$namespace" "$api")" info 'the log level after the installation'
  ! grep -q -- -migrate <<<"$(all_of "$namespace")" || stop "$1: the migration stays behind"
  quiet helm test dockline --namespace "$namespace" --timeout 60s
  ! grep -q -- '-test$' <<<"$(all_of "$namespace")" || stop "$1: the test stays behind"
  quiet helm upgrade dockline "$chart" --namespace "$namespace" --values "$values" --set settings.log=debug --wait --timeout 90s
  is "$(log_level "$namespace" "$api")" debug 'the log level after the upgrade'
  quiet helm rollback dockline 1 --namespace "$namespace" --wait --timeout 90s
  is "$(log_level "$namespace" "$api")" info 'the log level after the rollback'
  quiet helm uninstall dockline --namespace "$namespace" --wait --timeout 90s
  within 30 is_empty "$namespace"
  say "$1: installed, tested, upgraded, rolled back and uninstalled"
}

# A migration that fails: nothing of the release is made, and the Job tells why.
fail_to_migrate() {
  make_namespace life-failing restricted
  if helm install failing "$chart" --namespace life-failing "${minimal[@]}" --set migration.backoffLimit=0 --wait --timeout 60s \
    >"$work/said" 2>&1; then
    stop 'a migration that fails does not fail the installation'
  fi
  is "$(all_of life-failing | awk '{print $1}' | grep -v -e Secret -e Pod | paste -sd,)" Job 'what there is after a migration that failed'
  quiet helm uninstall failing --namespace life-failing --wait
  say 'a migration that fails keeps everything as it was'
}

# The autoscaler takes over a release that runs, as the chart's README says, and keeps its number over upgrades.
hand_over_to_autoscaler() {
  local namespace=life-autoscaled said
  make_namespace "$namespace" restricted
  quiet helm install dockline "$chart" --namespace "$namespace" "${minimal[@]}" --wait --timeout 60s
  sed -n '/--field-manager=autoscaler/,/^END/p' "$chart/README.md" | sed "s/--namespace dockline /--namespace $namespace /" >"$work/hand-over"
  [ -s "$work/hand-over" ] || stop "the chart's README does not tell how to turn autoscaling on"
  quiet bash -e "$work/hand-over"
  quiet helm upgrade dockline "$chart" --namespace "$namespace" "${minimal[@]}" --set api.autoscaling.enabled=true --wait --timeout 60s
  said=$(kubectl --namespace "$namespace" get events --field-selector reason=ScalingReplicaSet --output 'jsonpath={.items[*].message}')
  case $said in *'Scaled down'*) stop "turning autoscaling on ended replicas: $said" ;; esac
  # As the autoscaler does it.
  quiet kubectl --namespace "$namespace" scale deployment dockline-api --replicas=5
  quiet helm upgrade dockline "$chart" --namespace "$namespace" "${minimal[@]}" --set api.autoscaling.enabled=true,settings.log=debug \
    --wait --timeout 60s
  is "$(said_of "$namespace" dockline-api .spec.replicas)" 5 'replicas after an upgrade with an autoscaler'
  quiet helm upgrade dockline "$chart" --namespace "$namespace" "${minimal[@]}" --set api.replicas=2 --force-conflicts --wait --timeout 60s
  is "$(said_of "$namespace" dockline-api .spec.replicas)" 2 'replicas without the autoscaler'
  quiet helm uninstall dockline --namespace "$namespace" --wait
  say 'an autoscaler keeps its number'
}

# evict NAMESPACE POD: what the API says to it, yes or no.
evict() {
  local said
  said=$(printf '{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"%s","namespace":"%s"}}' "$2" "$1" |
    kubectl create --raw "/api/v1/namespaces/$1/pods/$2/eviction" -f - 2>&1) || true
  printf '%s\n' "$said"
}

# While nodes are drained one replica may be missing and no second one; a single one holds nothing up.
keep_up_while_drained() {
  local namespace=life-drained pods
  make_namespace "$namespace" restricted
  quiet helm install dockline "$chart" --namespace "$namespace" "${minimal[@]}" --set streamer.replicas=1 --wait --timeout 60s
  # The budgets are computed a moment after the pods.
  within 30 kubectl --namespace "$namespace" wait --for=jsonpath='{.status.disruptionsAllowed}'=1 --timeout=1s poddisruptionbudget --all
  # Nowhere for new ones.
  quiet kubectl cordon n1 n2
  mapfile -t pods < <(kubectl --namespace "$namespace" get pods --selector app.kubernetes.io/component=api --output name | cut -d/ -f2)
  is "${#pods[@]}" 3 'replicas'
  grep -q '"Success"' <<<"$(evict "$namespace" "${pods[0]}")" || stop 'the first replica may not be evicted'
  within 10 no_disruption_allowed "$namespace"
  grep -q 'disruption budget' <<<"$(evict "$namespace" "${pods[1]}")" || stop 'the second replica may be evicted'
  pods=("$(kubectl --namespace "$namespace" get pods --selector app.kubernetes.io/component=streamer --output name | cut -d/ -f2)")
  grep -q '"Success"' <<<"$(evict "$namespace" "${pods[0]}")" || stop 'a single streamer holds up the drain of its node'
  quiet kubectl uncordon n1 n2
  within 30 kubectl --namespace "$namespace" rollout status deployment/dockline-api --timeout=1s
  quiet helm uninstall dockline --namespace "$namespace" --wait
  say 'a drain takes one replica at a time'
}

no_disruption_allowed() {
  [ "$(kubectl --namespace "$1" get poddisruptionbudget dockline-api --output 'jsonpath={.status.disruptionsAllowed}')" = 0 ]
}

# A real Traefik takes every way in and every middleware, and finds the pods.
serve_by_traefik() {
  local namespace=life-behind-traefik port
  make_namespace "$namespace" restricted
  quiet helm install dockline "$chart" --namespace "$namespace" "${minimal[@]}" --set ingressRoute.enabled=true --wait --timeout 60s
  port=$(free_ports 1)
  start_traefik "$port"
  within 30 traefik_tells "$port" routers '[.[] | select(.provider == "kubernetescrd")] | length == 4 and all(.status == "enabled" and .error == null)'
  within 10 traefik_tells "$port" middlewares '[.[] | select(.provider == "kubernetescrd")] | length == 5 and all(.status == "enabled")'
  within 10 traefik_tells "$port" services '[.[] | select(.provider == "kubernetescrd").loadBalancer] | length == 4 and
    all((.servers | length) == 3 and .sticky.cookie.name == "dockline_replica" and .passiveHealthCheck.maxFailedAttempts == 100)'
  quiet helm uninstall dockline --namespace "$namespace" --wait
  say 'Traefik takes its kinds as they are meant'
}

# traefik_tells PORT KIND CONDITION
traefik_tells() { curl -fsS -m 5 "http://127.0.0.1:$1/api/http/$2" | jq -e "$3"; }

# The secrets that come with the stores for trying are made once.
keep_trial_secrets() {
  local namespace=life-secrets before
  make_namespace "$namespace" restricted
  quiet helm install dockline "$chart" --namespace "$namespace" --set trial.enabled=true --wait --timeout 60s
  before=$(kubectl --namespace "$namespace" get secret dockline-trial --output 'jsonpath={.data}')
  is "$(jq length <<<"$before")" 5 'secrets for trying'
  quiet helm upgrade dockline "$chart" --namespace "$namespace" --set trial.enabled=true,settings.log=debug --wait --timeout 60s
  is "$(kubectl --namespace "$namespace" get secret dockline-trial --output 'jsonpath={.data}')" "$before" 'secrets after an upgrade'
  quiet helm uninstall dockline --namespace "$namespace" --wait
  within 30 is_empty "$namespace"
  say 'secrets for trying are kept'
}
