/** Settings: sources and their order, types, and what is refused in which words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SettingsError } from '../errors.ts';
import { loadSettings, type LoadedSettings } from './load.ts';

interface Input {
  readonly conf?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: Readonly<Record<string, string>>;
}

const CONF = '/x/kong.conf';

function load({ conf, env = {}, flags = {} }: Input): LoadedSettings {
  return loadSettings({
    env,
    flags,
    confPath: conf === undefined ? undefined : CONF,
    plugins: ['jwt', 'key-auth'],
    readFile(path) {
      if (path === CONF && conf !== undefined) return conf;
      throw new Error(`no ${path}`);
    },
  });
}

const readFile = (): string => {
  throw new Error('no');
};

function problemsOf(input: Input): readonly string[] {
  try {
    load(input);
  } catch (error) {
    assert.ok(error instanceof SettingsError);
    return error.problems;
  }
  return [];
}

test('defaults are those of a DB-less Kong', () => {
  const { settings, warnings } = load({});
  assert.deepEqual(warnings, []);
  const shown = settings.proxyListen.map(({ host, port, ssl }) => ({ host, port, ssl }));
  assert.deepEqual(shown, [
    { host: '0.0.0.0', port: 8000, ssl: false },
    { host: '0.0.0.0', port: 8443, ssl: true },
  ]);
  assert.deepEqual(
    settings.adminListen.map(({ host, port }) => `${host}:${port}`),
    ['127.0.0.1:8001', '127.0.0.1:8444'],
  );
  assert.deepEqual(settings.plugins, ['jwt', 'key-auth']);
  assert.equal(settings.clientBodyBufferBytes, 8192);
  assert.equal(settings.clientKeepaliveTimeoutMs, 75_000);
  assert.equal(settings.headerBytesMax, 32_768);
  assert.equal(settings.headers.upstreamStatus, false);
});

test('flags beat the environment, which beats the file', () => {
  const conf = 'log_level = debug\nreal_ip_header = X-A # why\nprefix=/p\\#q';
  const env = { KONG_LOG_LEVEL: 'warn', KONG_REAL_IP_HEADER: 'X-B' };
  const { settings } = load({ conf, env, flags: { log_level: 'error' } });
  assert.equal(settings.logLevel, 'error');
  assert.equal(settings.realIpHeader, 'x-b');
  assert.equal(settings.prefix, '/p#q');
});

test('an empty environment variable unsets', () => {
  const { settings } = load({
    conf: 'declarative_config = /a.yaml',
    env: { KONG_DECLARATIVE_CONFIG: '' },
  });
  assert.deepEqual(settings.declarativeConfig, []);
});

test('a file that is named must exist', () => {
  const input = { confPath: '/missing.conf', plugins: [], env: {} };
  assert.throws(() => loadSettings({ ...input, readFile }), /no file at: \/missing\.conf/);
});

const REFUSED: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
  [{ KONG_PROXY_LISTEN: '8000' }, /^proxy_listen must be of form: \[off\] \| <ip>:<port> \[ssl\]/],
  [{ KONG_PROXY_LISTEN: '0.0.0.0:80 quick' }, /^proxy_listen must be of form/],
  [{ KONG_PROXY_LISTEN: '0.0.0.0:80 proxy_protocol' }, /'proxy_protocol' is not supported/],
  [{ KONG_HEADERS: 'foo' }, /^headers: invalid entry 'foo'$/],
  [{ KONG_HEADERS_UPSTREAM: 'via' }, /^headers_upstream: invalid entry 'via'$/],
  [{ KONG_LOG_LEVEL: 'loud' }, /^log_level has an invalid value: 'loud' \(debug, info, notice, /],
  [{ KONG_TRUSTED_IPS: '10.0.0.0/33' }, /^trusted_ips must be .* got '10\.0\.0\.0\/33'$/],
  [{ KONG_PORT_MAPS: '443' }, /^invalid port mapping \(`port_maps`\): 443$/],
  [{ KONG_NODE_ID: 'x' }, /^node_id must be a valid UUID$/],
  [{ KONG_PLUGINS: 'bundled,nope' }, /^nope plugin is enabled but not installed/],
  [{ KONG_DNS_ORDER: 'LAST,X' }, /^dns_order: invalid entry 'X'$/],
  [{ KONG_DNS_RESOLVER: 'ns.test' }, /^dns_resolver must be .* got 'ns\.test'$/],
  [{ KONG_UPSTREAM_KEEPALIVE_POOL_SIZE: '-1' }, /_pool_size must be 0 or greater$/],
  [{ KONG_NGINX_HTTP_CLIENT_MAX_BODY_SIZE: 'big' }, /_size is not a size: 'big'$/],
  [{ KONG_SSL_CERT: '/c.pem' }, /^ssl_cert_key must be specified$/],
  [{ KONG_SSL_CERT: '/c.pem', KONG_SSL_CERT_KEY: '/k.pem' }, /^ssl_cert: failed loading/],
  [
    { KONG_PREFIX: '{vault://env/nope}' },
    /^failed to dereference '\{vault:\/\/env\/nope\}': .*'prefix'$/,
  ],
  [
    { KONG_TRACING_INSTRUMENTATIONS: 'cookies' },
    /^invalid tracing type: cookies \(there are: off, all, /,
  ],
  [{ KONG_TRACING_INSTRUMENTATIONS: 'off,router' }, /^invalid tracing types: off, other types/],
  [{ KONG_TRACING_SAMPLING_RATE: '1.5' }, /^tracing_sampling_rate must be between 0 and 1$/],
  [{ KONG_ROLE: 'data_plane' }, /^role = data_plane is not supported: /],
  [{ KONG_DATABASE: 'postgres' }, /^database = postgres is not supported: /],
  [{ KONG_ROUTER_FLAVOR: 'expressions' }, /^router_flavor = expressions is not supported: /],
  [{ KONG_STREAM_LISTEN: '0.0.0.0:9000' }, /^stream_listen .* not supported/],
  [{ KONG_REQUEST_DEBUG_TOKEN: 'x' }, /^request_debug_token = x is not supported: /],
  [{ KONG_DNS_HOSTSFILE: '/nowhere/hosts' }, /^dns_hostsfile: file does not exist$/],
  [{ KONG_SSL_SESSION_TIMEOUT: 'long' }, /^ssl_session_timeout is not a time: 'long'$/],
  [
    { KONG_NGINX_PROXY_PROXY_SSL_TRUSTED_CERTIFICATE: '/nowhere.pem' },
    /^nginx_proxy_proxy_ssl_trusted_certificate: failed loading certificate from \/nowhere\.pem$/,
  ],
  [{ KONG_PROXY_ACCESS_LOG: 'syslog:server=x' }, /^proxy_access_log .* not supported/],
];

for (const [env, expected] of REFUSED) {
  test(`refused: ${JSON.stringify(env)}`, () => {
    const problems = problemsOf({ env });
    assert.ok(
      problems.some((problem) => expected.test(problem)),
      problems.join('\n'),
    );
  });
}

test('all problems are reported at once', () => {
  assert.equal(problemsOf({ env: { KONG_HEADERS: 'a', KONG_NODE_ID: 'b' } }).length, 2);
});

const SILENT: readonly Readonly<Record<string, string>>[] = [
  { KONG_PG_HOST: 'db', KONG_NGINX_DAEMON: 'off', KONG_MEM_CACHE_SIZE: '64m' },
  // What Kubernetes adds to a pod beside services named kong, kong-admin and kong-proxy.
  {
    KONG_SERVICE_HOST: '10.0.0.1',
    KONG_ADMIN_SERVICE_HOST: '10.0.0.2',
    KONG_PROXY_SERVICE_PORT_KONG_PROXY: '80',
    KONG_PROXY_PORT: 'tcp://10.0.0.1:80',
    KONG_PROXY_PORT_80_TCP: 'tcp://10.0.0.1:80',
    KONG_PORT_8000_TCP_ADDR: '10.0.0.1',
  },
  { KONG_STREAM_LISTEN: 'off', KONG_ROLE: 'traditional', KONG_ADMIN_GUI_LISTEN: 'off' },
];

for (const env of SILENT) {
  test(`accepted in silence: ${JSON.stringify(env)}`, () => {
    assert.deepEqual(load({ env }).warnings, []);
  });
}

test('an unknown name is a warning with the nearest known one', () => {
  const { warnings } = load({ env: { KONG_PROXY_LISTN: 'x', KONG_UNHEARD_OF_THING: 'y' } });
  assert.deepEqual(warnings, [
    'unknown setting proxy_listn; did you mean proxy_listen?',
    'unknown setting unheard_of_thing',
  ]);
});

test('directives that have no counterpart are named', () => {
  const names = ['nginx_http_gzip', 'nginx_location_proxy_buffering', 'nginx_status_allow'];
  const conf = names.map((name) => `${name} = on`).join('\n');
  const { warnings } = load({ conf });
  assert.deepEqual(
    warnings,
    names.map((name) => `${name} is ignored: there is no such nginx directive here`),
  );
});

test('TLS sessions and the order of ciphers', () => {
  const { settings: plain } = load({});
  assert.deepEqual(
    [plain.tlsPreferServerCiphers, plain.tlsSessionTickets, plain.tlsSessionTimeoutSeconds],
    [false, true, 86_400],
  );
  const env = {
    KONG_SSL_CIPHER_SUITE: 'custom',
    KONG_SSL_SESSION_TICKETS: 'off',
    KONG_SSL_SESSION_TIMEOUT: '5m',
  };
  const { settings } = load({ env });
  assert.deepEqual([settings.tlsPreferServerCiphers, settings.tlsSessionTickets], [true, false]);
  assert.equal(settings.tlsSessionTimeoutSeconds, 300);
  const off = load({ env: { ...env, KONG_SSL_PREFER_SERVER_CIPHERS: 'off' } }).settings;
  assert.equal(off.tlsPreferServerCiphers, false);
});

test('listeners: off, IPv6, flags; one http2 counts for all', () => {
  assert.deepEqual(load({ env: { KONG_PROXY_LISTEN: 'off' } }).settings.proxyListen, []);
  const env = { KONG_PROXY_LISTEN: '[::]:80 backlog=7, 127.0.0.1:0 ssl http2 reuseport' };
  const [first, second] = load({ env }).settings.proxyListen;
  assert.deepEqual(first, {
    host: '::',
    port: 80,
    ssl: false,
    http2: true,
    proxyProtocol: false,
    backlog: 7,
    ipv6Only: true,
  });
  assert.equal(second?.ssl, true);
});

test('injected directives and aliases reach their settings', () => {
  const { settings } = load({
    env: {
      KONG_NGINX_HTTP_KEEPALIVE_TIMEOUT: '5s',
      KONG_NGINX_PROXY_CLIENT_MAX_BODY_SIZE: '1m',
      KONG_NGINX_MAIN_WORKER_PROCESSES: '3',
      KONG_NGINX_PROXY_REAL_IP_HEADER: 'X-Forwarded-For',
      KONG_NGINX_PROXY_LARGE_CLIENT_HEADER_BUFFERS: '8 16k',
      KONG_PORT_MAPS: '443:8443',
    },
  });
  assert.equal(settings.clientKeepaliveTimeoutMs, 5000);
  assert.equal(settings.clientMaxBodyBytes, 1024 * 1024);
  assert.equal(settings.workers, 3);
  assert.equal(settings.realIpHeader, 'x-forwarded-for');
  assert.equal(settings.headerLineBytesMax, 16_384);
  assert.equal(settings.portMaps.get(8443), 443);
});

test('vault references are resolved, and secrets are masked where settings are shown', () => {
  const env = {
    KONG_ADMIN_TOKEN: '{vault://env/gw-token}',
    GW_TOKEN: 's3cret',
    KONG_REAL_IP_HEADER: '{vault://env/ip-header/name}',
    IP_HEADER: '{"name":"X-C"}',
  };
  const { settings } = load({ env });
  assert.equal(settings.adminToken, 's3cret');
  assert.equal(settings.realIpHeader, 'x-c');
  assert.equal(settings.effective.get('admin_token'), '******');
  assert.equal(settings.effective.get('real_ip_header'), '{vault://env/ip-header/name}');
});

const tracing = (env: Readonly<Record<string, string>>) => load({ env }).settings.tracing;

test('tracing: off unless asked for; all, some, and the deprecated names', () => {
  assert.equal(tracing({}), undefined);
  assert.equal(tracing({ KONG_TRACING_INSTRUMENTATIONS: 'off' }), undefined);
  const all = tracing({ KONG_TRACING_INSTRUMENTATIONS: 'all' });
  assert.equal(all?.samplingRate, 0.01);
  assert.equal(all.instrumentations.length, 9);
  const env = { KONG_OPENTELEMETRY_TRACING: 'router,balancer' };
  assert.deepEqual(tracing({ ...env, KONG_OPENTELEMETRY_TRACING_SAMPLING_RATE: '0.5' }), {
    instrumentations: ['router', 'balancer'],
    samplingRate: 0.5,
  });
});
