{{/*
The Deployment of a role: (dict "root" $ "role" "api" "values" .Values.api). They differ in their settings, which
_settings.tpl knows.
*/}}
{{- define "dockline.deployment" -}}
{{- $root := .root -}}
{{- $role := .role -}}
{{- $values := .values -}}
{{- $parts := list $root $role -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "dockline.fullname" $root }}-{{ $role }}
  namespace: {{ $root.Release.Namespace }}
  labels: {{- include "dockline.labels" $parts | nindent 4 }}
spec:
  # With an autoscaler the number is its own, and not in here for an upgrade to reset.
  {{- if not (dig "autoscaling" "enabled" false $values) }}
  replicas: {{ $values.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  selector:
    matchLabels: {{- include "dockline.selector" $parts | nindent 6 }}
  # One more before one fewer: nobody is without a replica, and hosts are handed over to a streamer that is there.
  strategy:
    type: RollingUpdate
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
  template:
    metadata:
      labels:
        {{- include "dockline.podLabels" $parts | nindent 8 }}
        {{- with $values.podLabels }}{{ toYaml . | nindent 8 }}{{ end }}
      # Settings are part of this template, so a changed one starts the pods anew. Secrets are not.
      {{- $annotations := dict }}
      {{- with $root.Values.secrets.revision }}{{ $annotations = dict "dockline/secrets-revision" (toString .) }}{{ end }}
      {{- with merge (deepCopy $values.podAnnotations) $annotations }}
      annotations: {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      serviceAccountName: {{ include "dockline.serviceAccount" $root }}
      # Dockline asks nothing of Kubernetes.
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: {{ $values.terminationGracePeriodSeconds }}
      securityContext:
        {{- include "dockline.podSecurity" $root | nindent 8 }}
        {{- with $values.supplementalGroups }}
        supplementalGroups: {{ toJson . }}
        {{- end }}
      {{- with include "dockline.pullSecrets" $root | trim }}{{ . | nindent 6 }}{{ end }}
      {{- with $values.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      {{- with $values.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.tolerations }}
      tolerations: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.affinity }}
      affinity: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with include "dockline.spread" $parts | trim }}
      topologySpreadConstraints: {{- . | nindent 8 }}
      {{- end }}
      {{- if and $root.Values.trial.enabled (ne $role "streamer") }}
      # The database for trying comes with the release, so no hook before it can do this. Two at once do no harm.
      initContainers:
        - name: migrate
          image: {{ include "dockline.image" $root }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          args: [migrate]
          env: {{- include "dockline.env" (list $root "migrate") | nindent 12 }}
          resources: {{- toYaml $root.Values.migration.resources | nindent 12 }}
          securityContext: {{- include "dockline.containerSecurity" $root | nindent 12 }}
          volumeMounts: {{- include "dockline.volumeMounts" $parts | nindent 12 }}
      {{- end }}
      containers:
        - name: {{ $role }}
          image: {{ include "dockline.image" $root }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          args: [{{ $role }}]
          env: {{- include "dockline.env" $parts | nindent 12 }}
          ports:
            - { name: http, containerPort: 8080 }
          securityContext: {{- include "dockline.containerSecurity" $root | nindent 12 }}
          resources: {{- toYaml $values.resources | nindent 12 }}
          # It answers once it has seen its database and Redis. One that cannot reach them ends with the reason.
          startupProbe:
            httpGet: { path: /healthz, port: http }
            periodSeconds: 2
            timeoutSeconds: 2
            failureThreshold: 30
          # Looks at nothing but the process: a database that is down is not cured by restarts.
          livenessProbe:
            httpGet: { path: /healthz, port: http }
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 6
          # Longer than the 2 s after which /readyz gives a dependency up.
          readinessProbe:
            httpGet: { path: /readyz, port: http }
            periodSeconds: 3
            timeoutSeconds: 5
            failureThreshold: 2
          volumeMounts:
            {{- include "dockline.volumeMounts" $parts | nindent 12 }}
            {{- with $values.extraVolumeMounts }}{{ toYaml . | nindent 12 }}{{ end }}
      volumes:
        {{- include "dockline.volumes" $parts | nindent 8 }}
        {{- with $values.extraVolumes }}{{ toYaml . | nindent 8 }}{{ end }}
{{- end }}

{{/*
The PodDisruptionBudget of a role. By how many may be missing, so that one single pod does not hold up a drain of its node for
ever; nor do pods that are not ready.
*/}}
{{- define "dockline.disruptionBudget" -}}
{{- $parts := list .root .role -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "dockline.fullname" .root }}-{{ .role }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "dockline.labels" $parts | nindent 4 }}
spec:
  maxUnavailable: {{ .values.maxUnavailable }}
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: {{- include "dockline.selector" $parts | nindent 6 }}
{{- end }}

{{/* For Prometheus: each pod of a role by itself, ready or not. */}}
{{- define "dockline.podsService" -}}
{{- $parts := list .root .role -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "dockline.fullname" .root }}-{{ .role }}-pods
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "dockline.labels" $parts | nindent 4 }}
    dockline/metrics: "true"
spec:
  clusterIP: None
  publishNotReadyAddresses: true
  selector: {{- include "dockline.selector" $parts | nindent 4 }}
  ports:
    - { name: http, port: 8080, targetPort: http }
{{- end }}
