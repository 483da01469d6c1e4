{{/*
Names. The longest of what is put behind is `-trial-postgres`, and 63 characters are the limit. A release may have dots, a Service
not.
*/}}
{{- define "dockline.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- default $full .Values.fullnameOverride | replace "." "-" | trunc 45 | trimSuffix "-" }}
{{- end }}

{{/* What selects a role's pods: (list $ "api"). Never changes, for a Deployment's selector cannot. */}}
{{- define "dockline.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ default $root.Chart.Name $root.Values.nameOverride }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* Labels of pods: nothing that changes while they need not. */}}
{{- define "dockline.podLabels" -}}
{{ include "dockline.selector" . }}
app.kubernetes.io/part-of: dockline
{{- end }}

{{/* Labels of everything else. */}}
{{- define "dockline.labels" -}}
{{- $root := index . 0 -}}
{{ include "dockline.podLabels" . }}
app.kubernetes.io/version: {{ default $root.Chart.AppVersion $root.Values.image.tag | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "dockline.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ default $.Chart.AppVersion .tag }}{{ end }}
{{- end }}
{{- end }}

{{- define "dockline.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "dockline.serviceAccount" -}}
{{- default (ternary (include "dockline.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name }}
{{- end }}

{{/* The host of Ingress and IngressRoute: (list $ .Values.ingress.host). */}}
{{- define "dockline.host" -}}
{{- $root := index . 0 -}}
{{- $host := default (get (urlParse $root.Values.publicUrl) "hostname" | lower) (index . 1) -}}
{{- required "publicUrl: set it to where people reach Dockline, as in https://docker.example.org" $host -}}
{{- end }}

{{/* Brokers, with the one for trying; the empty text means that there is no Kafka. */}}
{{- define "dockline.brokers" -}}
{{- if .Values.trial.enabled }}{{ include "dockline.fullname" . }}-trial-kafka:9092{{ else }}{{ join "," .Values.kafka.brokers }}{{ end }}
{{- end }}

{{/* Whether there are consumers: the empty text means no. */}}
{{- define "dockline.consumer" -}}
{{- if and .Values.consumer.enabled (include "dockline.brokers" .) }}true{{ end }}
{{- end }}

{{/* What every pod is that runs the image; 65532 is its user. */}}
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
