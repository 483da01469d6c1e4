{{/*
Where a role goes, as the egress of a NetworkPolicy: (list $ "api"). Stores are named by their ports, for their addresses are in
Secrets; with the ones for trying by their pods.
*/}}
{{- define "dockline.egress" -}}
{{- $root := index . 0 -}}
{{- $role := index . 1 -}}
{{- $values := $root.Values -}}
{{- $stores := list -}}
{{- if ne $role "streamer" }}{{ $stores = append $stores (dict "name" "postgres" "ports" $values.database.ports) }}{{ end -}}
{{- if has $role (list "api" "streamer") }}{{ $stores = append $stores (dict "name" "redis" "ports" $values.redis.ports) }}{{ end -}}
{{- if and (include "dockline.brokers" $root) (has $role (list "api" "streamer" "consumer")) -}}
{{- $ports := list }}
{{- range splitList "," (include "dockline.brokers" $root) }}{{ $ports = append $ports (splitList ":" . | last | int) }}{{ end }}
{{- $stores = append $stores (dict "name" "kafka" "ports" ($ports | uniq)) }}
{{- end -}}
{{- if and $values.settings.otlpEndpoint (ne $role "migrate") -}}
{{- $url := urlParse $values.settings.otlpEndpoint }}
{{- $port := ternary 443 80 (eq $url.scheme "https") }}
{{- if regexMatch ":[0-9]+$" $url.host }}{{ $port = regexFind "[0-9]+$" $url.host }}{{ end }}
{{- $stores = append $stores (dict "name" "traces" "ports" (list $port)) }}
{{- end -}}
- ports: [{ port: 53, protocol: UDP }, { port: 53, protocol: TCP }]
{{- range $stores }}
# {{ .name }}
- ports:
    {{- range .ports }}
    - { port: {{ int . }}, protocol: TCP }
    {{- end }}
  {{- if and $values.trial.enabled (ne .name "traces") }}
  to:
    - podSelector:
        matchLabels: {{- include "dockline.selector" (list $root (printf "trial-%s" .name)) | nindent 10 }}
  {{- end }}
{{- end }}
{{- if has $role (list "api" "streamer" "worker") }}
{{- $ports := list }}
{{- range $values.networkPolicy.egress.engines.ports }}{{ $ports = append $ports (int .) }}{{ end }}
{{- range $values.settings.hosts }}
{{- if hasPrefix "tcp://" .address }}{{ $ports = append $ports (splitList ":" .address | last | trimSuffix "/" | int) }}{{ end }}
{{- if regexMatch "^ssh://[^/]*:[0-9]+(/|$)" .address }}{{ $ports = append $ports (regexFind ":[0-9]+(/|$)" .address | trimPrefix ":" | trimSuffix "/" | int) }}{{ end }}
{{- end }}
# Docker engines
- ports:
    {{- range $ports | uniq }}
    - { port: {{ . }}, protocol: TCP }
    {{- end }}
  to:
    {{- range $values.networkPolicy.egress.engines.cidrs }}
    - ipBlock: { cidr: {{ . | quote }} }
    {{- end }}
{{- end }}
{{- end }}
