{{/*
The settings of a role as environment: (list $ "api"). Secrets are files, so that they are in no process' environment. Each role
gets what it needs and nothing else.
*/}}
{{- define "dockline.env" -}}
{{- $root := index . 0 -}}
{{- $role := index . 1 -}}
{{- $values := $root.Values -}}
{{- if ne $role "migrate" }}
- name: DOCKLINE_LISTEN
  value: "0.0.0.0:8080"
{{- end }}
- name: DOCKLINE_LOG
  value: {{ $values.settings.log | quote }}
- name: DOCKLINE_LOG_FORMAT
  value: {{ $values.settings.logFormat | quote }}
{{- if ne $role "streamer" }}
- name: DOCKLINE_DATABASE_URL_FILE
  value: /run/secrets/dockline/database-url
{{- end }}
{{- if has $role (list "api" "streamer" "worker") }}
- name: DOCKLINE_SECRET_KEY_FILE
  value: /run/secrets/dockline/secret-key
{{- end }}
{{- if has $role (list "api" "streamer") }}
- name: DOCKLINE_REDIS_URL_FILE
  value: /run/secrets/dockline/redis-url
{{- if $values.redis.ca.name }}
- name: DOCKLINE_REDIS_CA_FILE
  value: /run/secrets/redis-ca/ca.crt
{{- end }}
- name: DOCKLINE_LOG_IDLE_SECONDS
  value: {{ int $values.settings.logIdleSeconds | quote }}
{{- end }}
{{- if and (has $role (list "api" "streamer" "consumer")) (include "dockline.brokers" $root) }}
- name: DOCKLINE_KAFKA_BROKERS
  value: {{ include "dockline.brokers" $root | quote }}
{{- if $values.kafka.tls }}
- name: DOCKLINE_KAFKA_TLS
  value: "on"
{{- if $values.kafka.ca.name }}
- name: DOCKLINE_KAFKA_CA_FILE
  value: /run/secrets/kafka-ca/ca.crt
{{- end }}
{{- end }}
{{- if $values.kafka.user }}
- name: DOCKLINE_KAFKA_USER
  value: {{ $values.kafka.user | quote }}
- name: DOCKLINE_KAFKA_PASSWORD_FILE
  value: /run/secrets/dockline/kafka-password
{{- end }}
{{- end }}
{{- if and $values.settings.otlpEndpoint (ne $role "migrate") }}
- name: DOCKLINE_OTLP_ENDPOINT
  value: {{ $values.settings.otlpEndpoint | quote }}
- name: DOCKLINE_TRACE_SAMPLE_RATIO
  value: {{ $values.settings.traceSampleRatio | quote }}
{{- with $values.secrets.otlpHeaders }}
{{- if .name }}
# A variable of OpenTelemetry's own, which can be no file.
- name: OTEL_EXPORTER_OTLP_HEADERS
  valueFrom: { secretKeyRef: { name: {{ .name }}, key: {{ .key | quote }} } }
{{- end }}
{{- end }}
{{- end }}
{{- if eq $role "api" }}
{{- with $values.publicUrl }}
- name: DOCKLINE_PUBLIC_URL
  value: {{ . | quote }}
{{- end }}
- name: DOCKLINE_SOCKETS_PER_USER
  value: {{ int $values.settings.socketsPerUser | quote }}
- name: DOCKLINE_VIEWERS_PER_CONTAINER
  value: {{ int $values.settings.viewersPerContainer | quote }}
- name: DOCKLINE_DRAIN_SECONDS
  value: {{ int $values.settings.drainSeconds | quote }}
- name: DOCKLINE_IMAGE_IMPORT_GIB
  value: {{ int $values.settings.imageImportGib | quote }}
- name: DOCKLINE_BUILD_CONTEXT_MIB
  value: {{ int $values.settings.buildContextMib | quote }}
- name: DOCKLINE_UPLOAD_DISK_MIB
  value: {{ include "dockline.uploadMib" $root | quote }}
- name: DOCKLINE_RECORD_TERMINALS
  value: {{ $values.settings.recordTerminals | quote }}
- name: DOCKLINE_RECORD_INPUT
  value: {{ $values.settings.recordInput | quote }}
- name: DOCKLINE_RECORDING_MIB
  value: {{ int $values.settings.recordingMib | quote }}
- name: DOCKLINE_RECORDINGS_DAYS
  value: {{ int $values.settings.recordingsDays | quote }}
{{- with $values.settings.trustedProxies }}
- name: DOCKLINE_TRUSTED_PROXIES
  value: {{ join "," . | quote }}
{{- end }}
{{- if $values.settings.hosts }}
- name: DOCKLINE_HOSTS
  {{- $hosts := list }}
  {{- range $values.settings.hosts }}{{ $hosts = append $hosts (printf "%s=%s" .name .address) }}{{ end }}
  value: {{ join "," $hosts | quote }}
{{- end }}
{{- end }}
{{- if and $values.backups.claim (has $role (list "api" "worker")) }}
- name: DOCKLINE_BACKUP_DIR
  value: /var/lib/dockline/backups
{{- end }}
{{- if eq $role "streamer" }}
- name: DOCKLINE_STATS_HISTORY
  value: {{ $values.settings.statsHistory | quote }}
{{- end }}
{{- if eq $role "consumer" }}
- name: DOCKLINE_EVENT_HISTORY_DAYS
  value: {{ int $values.settings.eventHistoryDays | quote }}
{{- end }}
{{- end }}

{{/* What archives may take of a replica's /tmp, in MiB: its size, less 64 MiB for everything else that is there. */}}
{{- define "dockline.uploadMib" -}}
{{- $units := dict "" 1 "K" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- $size := .Values.uploads.sizeLimit -}}
{{- $bytes := mul (regexFind "^[0-9]+" $size | int64) (regexFind "[KMGT]?i?$" $size | get $units | int64) -}}
{{- min 1048576 (max 1 (sub (div $bytes 1048576) 64)) -}}
{{- end }}

{{/* One entry of a projected volume: (list $ reference path). The Secret for trying has the paths as its keys. */}}
{{- define "dockline.secretSource" -}}
{{- $root := index . 0 -}}
{{- $reference := index . 1 -}}
{{- $path := index . 2 -}}
{{- if $root.Values.trial.enabled }}{{ $reference = dict "name" (printf "%s-trial" (include "dockline.fullname" $root)) "key" $path }}{{ end -}}
- secret:
    name: {{ default $root.Values.secrets.name $reference.name }}
    items: [{ key: {{ $reference.key | quote }}, path: {{ $path }} }]
{{- end }}

{{/* The volumes of a role: (list $ "api"). */}}
{{- define "dockline.volumes" -}}
{{- $root := index . 0 -}}
{{- $role := index . 1 -}}
{{- $values := $root.Values -}}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- if ne $role "streamer" }}
      {{- include "dockline.secretSource" (list $root $values.secrets.databaseUrl "database-url") | nindent 6 }}
      {{- end }}
      {{- if has $role (list "api" "streamer" "worker") }}
      {{- include "dockline.secretSource" (list $root $values.secrets.secretKey "secret-key") | nindent 6 }}
      {{- end }}
      {{- if has $role (list "api" "streamer") }}
      {{- include "dockline.secretSource" (list $root $values.secrets.redisUrl "redis-url") | nindent 6 }}
      {{- end }}
      {{- if and $values.kafka.user $values.kafka.brokers (has $role (list "api" "streamer" "consumer")) }}
      {{- include "dockline.secretSource" (list $root $values.kafka.password "kafka-password") | nindent 6 }}
      {{- end }}
{{- range $name, $reference := include "dockline.authorities" . | fromYaml }}
- name: {{ $name }}
  secret: { secretName: {{ $reference.name }}, defaultMode: 0440, items: [{ key: {{ $reference.key | quote }}, path: ca.crt }] }
{{- end }}
- name: tmp
  emptyDir: { sizeLimit: {{ eq $role "api" | ternary $values.uploads.sizeLimit "64Mi" }} }
{{- if and $values.backups.claim (has $role (list "api" "worker")) }}
- name: backups
  persistentVolumeClaim: { claimName: {{ $values.backups.claim }} }
{{- end }}
{{- end }}

{{- define "dockline.volumeMounts" -}}
- { name: secrets, mountPath: /run/secrets/dockline, readOnly: true }
{{- range $name, $reference := include "dockline.authorities" . | fromYaml }}
- { name: {{ $name }}, mountPath: /run/secrets/{{ $name }}, readOnly: true }
{{- end }}
- { name: tmp, mountPath: /tmp }
{{- if and (index . 0).Values.backups.claim (has (index . 1) (list "api" "worker")) }}
- { name: backups, mountPath: /var/lib/dockline/backups }
{{- end }}
{{- end }}

{{/* The authorities that a role has to know, by the name of their volume. */}}
{{- define "dockline.authorities" -}}
{{- $values := (index . 0).Values -}}
{{- $role := index . 1 -}}
{{- if and $values.redis.ca.name (has $role (list "api" "streamer")) }}
redis-ca: {{ toJson $values.redis.ca }}
{{- end }}
{{- if and $values.database.ca.name (ne $role "streamer") }}
database-ca: {{ toJson $values.database.ca }}
{{- end }}
{{- if and $values.kafka.ca.name $values.kafka.brokers (has $role (list "api" "streamer" "consumer")) }}
kafka-ca: {{ toJson $values.kafka.ca }}
{{- end }}
{{- end }}
