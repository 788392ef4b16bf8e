/** Proxies from outside that the gateway is measured beside, when they are installed: their config files. */
import { join } from 'node:path';
import { verificationKeys, type TokenKind } from './fixtures.ts';

/** Where a server listens, what it forwards to, and the folder with its files. */
export interface Place {
  readonly port: number;
  readonly originPort: string;
  readonly folder: string;
}

export interface ExternalServer {
  readonly name: string;
  readonly program: string;
  /** The config file's text. */
  readonly config: (place: Place) => string;
  /** Other files of the folder, by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly args: (file: string, folder: string) => readonly string[];
  /** Paths on which it checks tokens, as the gateway does. */
  readonly checks: readonly (readonly [path: string, tokens: TokenKind])[];
}

const KEY_FILE = 'rs256.pem';

const nginx: ExternalServer = {
  name: 'nginx',
  program: 'nginx',
  args: (file, folder) => ['-p', folder, '-e', 'stderr', '-c', file],
  config: ({
    port,
    originPort,
  }) => `daemon off; master_process off; pid nginx.pid; error_log stderr;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000;
  client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  upstream origin { server 127.0.0.1:${originPort}; keepalive 128; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}`,
  checks: [],
};

/** Signature with the algorithm of the key, and `exp`: what the gateway's jwt plugin is told to check. */
const haproxy: ExternalServer = {
  name: 'HAProxy',
  program: 'haproxy',
  args: (file) => ['-f', file],
  files: { [KEY_FILE]: verificationKeys.rs256 },
  config: ({ port, originPort, folder }) => `global
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend f
  bind 127.0.0.1:${port}
  acl guarded path_beg /jwt-
  acl hs path_beg /jwt-hs256
  acl rs path_beg /jwt-rs256
  http-request set-var(txn.token) http_auth_bearer if guarded
  http-request deny deny_status 401 if hs !{ var(txn.token),jwt_header_query('$.alg') -m str HS256 }
  http-request deny deny_status 401 if hs !{ var(txn.token),jwt_verify("HS256","${verificationKeys.hs256}") -m int 1 }
  http-request deny deny_status 401 if rs !{ var(txn.token),jwt_header_query('$.alg') -m str RS256 }
  http-request deny deny_status 401 if rs !{ var(txn.token),jwt_verify("RS256","${join(folder, KEY_FILE)}") -m int 1 }
  http-request set-var(txn.exp) var(txn.token),jwt_payload_query('$.exp','int') if guarded
  http-request set-var(txn.now) date() if guarded
  http-request deny deny_status 401 if guarded { var(txn.exp),sub(txn.now) -m int lt 0 }
  default_backend b
backend b
  server s 127.0.0.1:${originPort}
`,
  checks: [
    ['/jwt-hs256', 'hs256-repeated'],
    ['/jwt-hs256', 'hs256-new'],
    ['/jwt-rs256', 'rs256-repeated'],
    ['/jwt-rs256', 'rs256-new'],
  ],
};

export const EXTERNAL_SERVERS: readonly ExternalServer[] = [nginx, haproxy];
