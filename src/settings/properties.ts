/** Every property of kong.conf by name: its type, its default, and what becomes of it here. Data only. */

export type PropertyType = 'string' | 'boolean' | 'number' | 'integer' | 'size' | 'time' | 'list';

/** A property that changes what the gateway does. */
export interface Property {
  readonly type: PropertyType;
  /** As it would be written in the file; absent = not set. */
  readonly default?: string;
  /** Allowed values, in the order error messages list them. */
  readonly values?: readonly string[];
  /** Smallest and largest number. */
  readonly range?: readonly [number, number];
  /** Shown as `******` everywhere. */
  readonly secret?: boolean;
}

const POSITIVE: readonly [number, number] = [0, Number.MAX_SAFE_INTEGER];
const TEXT: Property = { type: 'string' };
const SECRET: Property = { type: 'list', secret: true };
const LIST: Property = { type: 'list' };
const OFF: Property = { type: 'boolean', default: 'off' };

export const HONOURED: ReadonlyMap<string, Property> = new Map<string, Property>([
  // `prefix` has its default where the state folder of the user is known.
  ['prefix', TEXT],
  ['nginx_worker_processes', { type: 'string', default: 'auto' }],
  ['node_id', TEXT],
  ['database', { type: 'string', default: 'off', values: ['postgres', 'cassandra', 'off'] }],
  ['declarative_config', TEXT],
  ['declarative_config_string', { type: 'string', secret: true }],
  ['interpolate', { type: 'boolean', default: 'on' }],
  ['watch', { type: 'boolean', default: 'on' }],
  ['grace_period', { type: 'time', default: '30s' }],
  [
    'proxy_listen',
    { type: 'string', default: '0.0.0.0:8000 backlog=16384, 0.0.0.0:8443 http2 ssl backlog=16384' },
  ],
  ['admin_listen', { type: 'string', default: '127.0.0.1:8001, 127.0.0.1:8444 http2 ssl' }],
  ['status_listen', { type: 'string', default: '127.0.0.1:8007' }],
  ['port_maps', LIST],
  ['admin_token', { type: 'string', secret: true }],
  ['admin_tokens', TEXT],
  ['admin_hosts', LIST],
  ['admin_unguarded', OFF],
  ['admin_write', OFF],
  ['plugins', { type: 'list', default: 'bundled' }],
  ['vault_env_prefix', TEXT],
  // `data_dir` has its default where the state folder of the user is known.
  ['data_dir', TEXT],
  ['data_key', { type: 'string', secret: true }],
  ['data_redis', { type: 'string', secret: true }],
  ['history_versions', { type: 'integer', default: '50', range: [0, 1000] }],
  ['history_size', { type: 'size', default: '64m' }],
  [
    'log_level',
    {
      type: 'string',
      default: 'notice',
      values: ['debug', 'info', 'notice', 'warn', 'error', 'crit', 'alert', 'emerg'],
    },
  ],
  ['log_format', { type: 'string', default: 'auto', values: ['auto', 'json', 'pretty'] }],
  // Kong's container image has the same defaults: this program always runs in the foreground.
  ['proxy_access_log', { type: 'string', default: '/dev/stdout' }],
  ['proxy_error_log', { type: 'string', default: '/dev/stderr' }],
  ['admin_access_log', { type: 'string', default: '/dev/stdout' }],
  ['admin_error_log', { type: 'string', default: '/dev/stderr' }],
  // A file of its own: these lines are few, and they are kept for longer than the others.
  ['admin_audit_log', { type: 'string', default: 'logs/admin_audit.log' }],
  ['status_access_log', { type: 'string', default: 'off' }],
  ['status_error_log', { type: 'string', default: '/dev/stderr' }],
  ['headers', { type: 'list', default: 'server_tokens, latency_tokens, X-Kong-Request-Id' }],
  ['headers_upstream', { type: 'list', default: 'X-Kong-Request-Id' }],
  ['trusted_ips', LIST],
  ['real_ip_header', { type: 'string', default: 'X-Real-IP' }],
  ['real_ip_recursive', OFF],
  [
    'error_default_type',
    {
      type: 'string',
      default: 'text/plain',
      values: ['application/json', 'application/xml', 'text/html', 'text/plain'],
    },
  ],
  ['allow_debug_header', OFF],
  ['tracing_instrumentations', { type: 'list', default: 'off' }],
  ['tracing_sampling_rate', { type: 'number', default: '0.01' }],
  ['mem_cache_size', { type: 'size', default: '128m' }],
  ['nginx_http_client_max_body_size', { type: 'size', default: '0' }],
  ['nginx_http_client_body_buffer_size', { type: 'size', default: '8k' }],
  ['nginx_admin_client_max_body_size', { type: 'size', default: '10m' }],
  ['nginx_http_client_header_timeout', { type: 'time', default: '60s' }],
  ['nginx_http_client_body_timeout', { type: 'time', default: '60s' }],
  ['nginx_http_keepalive_timeout', { type: 'time', default: '75s' }],
  ['nginx_http_keepalive_requests', { type: 'integer', default: '10000', range: POSITIVE }],
  ['nginx_http_large_client_header_buffers', { type: 'string', default: '4 8k' }],
  ['upstream_keepalive_pool_size', { type: 'integer', default: '512', range: POSITIVE }],
  ['upstream_keepalive_max_requests', { type: 'integer', default: '10000', range: POSITIVE }],
  ['upstream_keepalive_idle_timeout', { type: 'number', default: '60', range: POSITIVE }],
  ['nginx_proxy_proxy_ssl_verify', OFF],
  ['nginx_proxy_proxy_ssl_trusted_certificate', TEXT],
  ['lua_ssl_trusted_certificate', { type: 'list', default: 'system' }],
  ['ssl_cert', LIST],
  ['ssl_cert_key', SECRET],
  ['admin_ssl_cert', LIST],
  ['admin_ssl_cert_key', SECRET],
  ['nginx_admin_ssl_client_certificate', TEXT],
  ['nginx_admin_ssl_verify_client', { type: 'string', default: 'off', values: ['off', 'on'] }],
  ['status_ssl_cert', LIST],
  ['status_ssl_cert_key', SECRET],
  ['client_ssl', OFF],
  ['client_ssl_cert', LIST],
  ['client_ssl_cert_key', SECRET],
  [
    'ssl_cipher_suite',
    {
      type: 'string',
      default: 'intermediate',
      values: ['modern', 'intermediate', 'old', 'fips', 'custom'],
    },
  ],
  ['ssl_ciphers', TEXT],
  ['ssl_protocols', { type: 'string', default: 'TLSv1.2 TLSv1.3' }],
  ['ssl_prefer_server_ciphers', { type: 'boolean', default: 'on' }],
  ['ssl_session_tickets', { type: 'boolean', default: 'on' }],
  ['ssl_session_timeout', { type: 'time', default: '1d' }],
  ['dns_resolver', LIST],
  ['dns_hostsfile', { type: 'string', default: '/etc/hosts' }],
  ['dns_order', { type: 'list', default: 'LAST,SRV,A,CNAME' }],
  ['dns_valid_ttl', { type: 'number', range: POSITIVE }],
  ['dns_stale_ttl', { type: 'number', default: '3600', range: POSITIVE }],
  ['dns_cache_size', { type: 'integer', default: '10000', range: POSITIVE }],
  ['dns_not_found_ttl', { type: 'number', default: '30', range: POSITIVE }],
  ['dns_error_ttl', { type: 'number', default: '1', range: POSITIVE }],
]);

/** Other names of a property; the one on the right is read when the left one is not set. */
export const ALIASES: ReadonlyMap<string, string> = new Map([
  ['opentelemetry_tracing', 'tracing_instrumentations'],
  ['opentelemetry_tracing_sampling_rate', 'tracing_sampling_rate'],
  ['nginx_main_worker_processes', 'nginx_worker_processes'],
  ['nginx_proxy_real_ip_header', 'real_ip_header'],
  ['nginx_proxy_real_ip_recursive', 'real_ip_recursive'],
  ['client_body_buffer_size', 'nginx_http_client_body_buffer_size'],
  ['client_max_body_size', 'nginx_http_client_max_body_size'],
  ['nginx_proxy_client_max_body_size', 'nginx_http_client_max_body_size'],
  ['nginx_proxy_client_body_buffer_size', 'nginx_http_client_body_buffer_size'],
  ['nginx_proxy_keepalive_timeout', 'nginx_http_keepalive_timeout'],
  ['nginx_proxy_keepalive_requests', 'nginx_http_keepalive_requests'],
  ['nginx_proxy_client_header_timeout', 'nginx_http_client_header_timeout'],
  ['nginx_proxy_client_body_timeout', 'nginx_http_client_body_timeout'],
  ['nginx_proxy_large_client_header_buffers', 'nginx_http_large_client_header_buffers'],
]);

/** Known to Kong and not to this version: an error when set to anything but `off`. */
export interface Refusal {
  /** Values that ask for nothing. The first is the default. */
  readonly off: readonly string[];
  readonly hint: string;
}

const refusal = (hint: string, ...off: readonly string[]): Refusal => ({ off, hint });
const NO_STREAMS = 'streams are not proxied; leave it out or set it to off';
const NO_TEMPLATES = "error bodies have Kong's own form; leave it out";
const NO_WASM = 'there are no WebAssembly filters; leave it out or set it to off';
const NO_HYBRID = 'there is no hybrid mode; leave it out';
const NO_EE_VAULT = 'only the env vault is supported; leave it out';

export const REFUSED: ReadonlyMap<string, Refusal> = new Map([
  ['role', refusal('only a traditional node without a database is supported', 'traditional')],
  ['router_flavor', refusal('use traditional_compatible', 'traditional_compatible')],
  ['stream_listen', refusal(NO_STREAMS, 'off')],
  ['admin_gui_listen', refusal('there is no Kong Manager; set it to off', 'off')],
  ['admin_gui_url', refusal('there is no Kong Manager; leave it out', '')],
  ['wasm', refusal(NO_WASM, 'off')],
  ['wasm_filters_path', refusal(NO_WASM, '')],
  ['error_template_json', refusal(NO_TEMPLATES, '')],
  ['error_template_html', refusal(NO_TEMPLATES, '')],
  ['error_template_xml', refusal(NO_TEMPLATES, '')],
  ['error_template_plain', refusal(NO_TEMPLATES, '')],
  ['request_debug_token', refusal('there is no timing output; leave it out', '')],
  ['ssl_dhparam', refusal('DHE parameters are chosen by OpenSSL; leave it out', '')],
  ['proxy_server', refusal('upstreams are reached directly; leave it out', '')],
  ['pluginserver_names', refusal('there are no external plugins; leave it out', '')],
  ['cluster_control_plane', refusal(NO_HYBRID, '', '127.0.0.1:8005')],
  ['cluster_cert', refusal(NO_HYBRID, '')],
  ['cluster_cert_key', refusal(NO_HYBRID, '')],
  ['vaults', refusal(NO_EE_VAULT, 'bundled', 'env', 'off')],
  ['new_dns_client', refusal('the dns_* settings are honoured; set it to off', 'off')],
  ['resolver_address', refusal('use dns_resolver', '')],
  ['dns_no_sync', refusal('queries for one name are always shared; set it to off', 'off')],
  ['nginx_http_charset', refusal('text answers are UTF-8; leave it out', 'UTF-8', 'utf-8')],
  ['nginx_proxy_charset', refusal('text answers are UTF-8; leave it out', 'UTF-8', 'utf-8')],
  ['lua_max_req_headers', refusal('every header field is passed on; leave it out', '100')],
  ['lua_max_resp_headers', refusal('every header field is passed on; leave it out', '100')],
  ['lua_max_uri_args', refusal('plugins read 100 arguments; leave it out', '100')],
  ['lua_max_post_args', refusal('plugins read 100 arguments; leave it out', '100')],
]);

/**
 * Names that a DB-less Kong accepts and does nothing with, or that tune parts which do not exist
 * in this program: accepted in silence.
 */
export const WITHOUT_EFFECT: readonly RegExp[] = [
  /^(pg|db|lmdb|cassandra|worker|wasm|legacy|opentelemetry)_/,
  /^nginx_(main|events|stream|sproxy|supstream|wasm)_/,
  // Of connections that Lua code opens; there is none.
  /^lua_(package_(path|cpath)|socket_pool_size|ssl_verify_depth|ssl_protocols)$/,
  /^(nginx_daemon|nginx_user|dedicated_config_processing|anonymous_reports)$/,
  /^(proxy_server_ssl_verify|kic|untrusted_lua(_sandbox_(requires|environment))?)$/,
  /^(proxy_stream_(access|error)_log|admin_gui_.*|vault_(aws|gcp|hcv|azure)_.*)$/,
  /^(request_debug|openresty_path|upstream_keepalive)$/,
  // Sessions are in the tickets; the server keeps none.
  /^ssl_session_cache_size$/,
  /^(resolver_.*|cluster_.*|port|kong_process_secrets|nginx_(optimizations|conf|conf_flags))$/,
  /^nginx_admin_client_body_buffer_size$/,
];

/** Environment variables that begin with KONG_ and are no settings. */
export const NOT_SETTINGS: ReadonlySet<string> = new Set(['version', 'sha256', 'home', 'user']);

/** What Kubernetes puts into a pod for services whose names begin with kong. */
export const SERVICE_VARIABLE =
  /^(?:\w+_)?(?:service_host|service_port(?:_\w+)?|port_\d+_(?:tcp|udp|sctp)(?:_(?:addr|port|proto))?)$/;
/** `KONG_PROXY_PORT` is one of them too, told by its value. */
export const SERVICE_URL = /^(?:tcp|udp|sctp):\/\//;

/** Settings that Kong has not: their variables have this program's prefix too. */
export const OWN_VARIABLES: ReadonlyMap<string, string> = new Map([
  ['SILVERBACK_DATA_DIR', 'data_dir'],
  ['SILVERBACK_DATA_KEY', 'data_key'],
  ['SILVERBACK_DATA_REDIS', 'data_redis'],
]);
