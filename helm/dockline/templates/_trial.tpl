{{/*
A store for trying: Deployment, Service and NetworkPolicy of (dict "root" $ "store" "redis" "port" 6379 "user" 999 "container" …
"volumes" …). Its data are in an emptyDir, so there is never a second pod beside the first.
*/}}
{{- define "dockline.trialStore" -}}
{{- $root := .root -}}
{{- $role := printf "trial-%s" .store -}}
{{- $parts := list $root $role -}}
{{- $name := printf "%s-%s" (include "dockline.fullname" $root) $role -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
  namespace: {{ $root.Release.Namespace }}
  labels: {{- include "dockline.labels" $parts | nindent 4 }}
spec:
  replicas: 1
  strategy: { type: Recreate }
  selector:
    matchLabels: {{- include "dockline.selector" $parts | nindent 6 }}
  template:
    metadata:
      labels: {{- include "dockline.podLabels" $parts | nindent 8 }}
    spec:
      serviceAccountName: {{ include "dockline.serviceAccount" $root }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      securityContext:
        runAsNonRoot: true
        runAsUser: {{ .user }}
        runAsGroup: {{ .user }}
        fsGroup: {{ .user }}
        seccompProfile: { type: RuntimeDefault }
      {{- with include "dockline.pullSecrets" $root | trim }}{{ . | nindent 6 }}{{ end }}
      containers:
        - name: {{ .store }}
          image: {{ get $root.Values.trial.images .store }}
          imagePullPolicy: IfNotPresent
          ports: [{ name: {{ .store }}, containerPort: {{ .port }} }]
          securityContext: {{- include "dockline.containerSecurity" $root | nindent 12 }}
          {{- .container | nindent 10 }}
      volumes: {{- .volumes | nindent 8 }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  namespace: {{ $root.Release.Namespace }}
  labels: {{- include "dockline.labels" $parts | nindent 4 }}
spec:
  selector: {{- include "dockline.selector" $parts | nindent 4 }}
  ports: [{ name: {{ .store }}, port: {{ .port }}, targetPort: {{ .store }} }]
{{- if $root.Values.networkPolicy.enabled }}
---
# From the release's own pods, and nowhere to.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ $name }}
  namespace: {{ $root.Release.Namespace }}
  labels: {{- include "dockline.labels" $parts | nindent 4 }}
spec:
  podSelector:
    matchLabels: {{- include "dockline.selector" $parts | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    - ports: [{ port: {{ .store }}, protocol: TCP }]
      from:
        - podSelector:
            matchLabels: { app.kubernetes.io/instance: {{ $root.Release.Name }}, app.kubernetes.io/part-of: dockline }
  egress: []
{{- end }}
{{- end }}
