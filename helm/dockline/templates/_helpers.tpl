{{/* Names */}}
{{- define "dockline.fullname" -}}
{{- if .Values.fullnameOverride }}{{ .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else }}{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}
{{- end }}

{{/* What selects a role's pods: (list $ "api"). Never changes, for a Deployment's selector cannot. */}}
{{- define "dockline.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ default $root.Chart.Name $root.Values.nameOverride }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "dockline.labels" -}}
{{- $root := index . 0 -}}
{{ include "dockline.selector" . }}
app.kubernetes.io/version: {{ default $root.Chart.AppVersion $root.Values.image.tag | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
app.kubernetes.io/part-of: dockline
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "dockline.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ default $.Chart.AppVersion .tag }}{{ end }}
{{- end }}
{{- end }}

{{- define "dockline.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ default (include "dockline.fullname" .) .Values.serviceAccount.name }}{{ else }}{{ default "default" .Values.serviceAccount.name }}{{ end }}
{{- end }}

{{/* The host of Ingress and IngressRoute: (list $ .Values.ingress.host). */}}
{{- define "dockline.host" -}}
{{- $root := index . 0 -}}
{{- $host := default (get (urlParse $root.Values.publicUrl) "hostname") (index . 1) -}}
{{- required "publicUrl: set it to where people reach Dockline, as in https://docker.example.org" $host -}}
{{- end }}

{{/* Brokers, with the one for trying. */}}
{{- define "dockline.brokers" -}}
{{- if .Values.trial.enabled }}{{ include "dockline.fullname" . }}-trial-kafka:9092{{ else }}{{ join "," .Values.kafka.brokers }}{{ end }}
{{- end }}

{{/* Whether there are consumers: the empty text means no. */}}
{{- define "dockline.consumer" -}}
{{- if or .Values.consumer.enabled .Values.trial.enabled }}true{{ end }}
{{- end }}

{{- define "dockline.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "dockline.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* Spread over zones and nodes, for each version of a role by itself: (list $ "api"). */}}
{{- define "dockline.spread" -}}
{{- $parts := . -}}
{{- $spread := (index . 0).Values.topologySpread -}}
{{- range $key, $how := dict "topology.kubernetes.io/zone" $spread.zone "kubernetes.io/hostname" $spread.node }}
{{- if ne $how "off" }}
- maxSkew: 1
  topologyKey: {{ $key }}
  whenUnsatisfiable: {{ $how }}
  matchLabelKeys: [pod-template-hash]
  labelSelector:
    matchLabels: {{- include "dockline.selector" $parts | nindent 6 }}
{{- end }}
{{- end }}
{{- end }}
