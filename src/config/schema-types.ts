/**
 * The loaded entities and plugin configs: every field is present, `null` where nothing is set.
 * Generated from schemas/ by `npm run schemas`; do not edit.
 */

/** A reference to another entity. */
export interface Ref {
  readonly id: string;
}

/** A certificate with its private key. */
export interface Certificate {
  /** Identifier; computed from the name or another key when unset, else random. */
  readonly id: string;
  /** When the entity was created, in seconds since the epoch. */
  readonly created_at: number;
  /** When the entity was last loaded, in seconds since the epoch. */
  readonly updated_at: number;
  /** PEM certificate, with its chain after it. */
  readonly cert: string;
  /** PEM private key of the certificate. */
  readonly key: string;
  /** PEM certificate of the other key type. */
  readonly cert_alt: string | null;
  /** PEM private key of the alternative certificate. */
  readonly key_alt: string | null;
  /** Words to group and filter entities by. */
  readonly tags: readonly string[] | null;
}

/** A TLS server name that a certificate is served for. */
export interface Sni {
  /** Identifier; computed from the name or another key when unset, else random. */
  readonly id: string;
  /** TLS server name; one wildcard may stand leftmost or rightmost. */
  readonly name: string;
  /** When the entity was created, in seconds since the epoch. */
  readonly created_at: number;
  /** When the entity was last loaded, in seconds since the epoch. */
  readonly updated_at: number;
  /** Words to group and filter entities by. */
  readonly tags: readonly string[] | null;
  /** The certificate served for the name. */
  readonly certificate: Ref;
}

/** A trusted certificate authority. */
export interface CaCertificate {
  /** Identifier; computed from the name or another key when unset, else random. */
  readonly id: string;
  /** When the entity was created, in seconds since the epoch. */
  readonly created_at: number;
  /** When the entity was last loaded, in seconds since the epoch. */
  readonly updated_at: number;
  /** One PEM certificate of an authority. */
  readonly cert: string;
  /** Digest of the certificate. */
  readonly cert_digest: string;
  /** Words to group and filter entities by. */
  readonly tags: readonly string[] | null;
}

/** A store that secrets are read from. */
export interface Vault {
  /** Identifier; computed from the name or another key when unset, else random. */
  readonly id: string;
  /** When the entity was created, in seconds since the epoch. */
  readonly created_at: number;
  /** When the entity was last loaded, in seconds since the epoch. */
  readonly updated_at: number;
  /** The word that references name the vault by. */
  readonly prefix: string;
  /** Kind of vault. */
  readonly name: string;
  /** What the vault is for. */
  readonly description: string | null;
  /** Settings of an env vault. */
  readonly config: {
    /** What the names of its environment variables start with. */
    readonly prefix: string | null;
  };
  /** Words to group and filter entities by. */
  readonly tags: readonly string[] | null;
}

/** A set of keys. */
export interface KeySet {
  /** Identifier; computed from the name or another key when unset, else random. */
  readonly id: string;
  /** Unique name of the set. */
  readonly name: string | null;
  /** Words to group and filter entities by. */
  readonly tags: readonly string[] | null;
  /** When the entity was created, in seconds since the epoch. */
  readonly created_at: number;
  /** When the entity was last loaded, in seconds since the epoch. */
  readonly updated_at: number;
}

/** A key for signing or verifying. */
export interface Key {
  /** Identifier; computed from the name or another key when unset, else random. */
  readonly id: string;
  /** The key set it belongs to. */
  readonly set: Ref | null;
  /** Unique name of the key. */
  readonly name: string | null;
  /** Key id, unique within its set. */
  readonly kid: string;
  /** The key as the text of a JWK. */
  readonly jwk: string | null;
  /** The key as PEM. */
  readonly pem: {
    /** PEM private key. */
    readonly private_key: string | null;
    /** PEM public key. */
    readonly public_key: string | null;
  } | null;
  /** Words to group and filter entities by. */
  readonly tags: readonly string[] | null;
  /** When the entity was created, in seconds since the epoch. */
  readonly created_at: number;
  /** When the entity was last loaded, in seconds since the epoch. */
  readonly updated_at: number;
}

/** An upstream API that requests are forwarded to. */
export interface Service {
  /** Identifier; computed from the name or another key when unset, else random. */
  readonly id: string;
  /** When the entity was created, in seconds since the epoch. */
  readonly created_at: number;
  /** When the entity was last loaded, in seconds since the epoch. */
  readonly updated_at: number;
  /** Name of the service, for references and the Admin API. */
  readonly name: string | null;
  /** How many further tries a request gets when a connection fails. */
  readonly retries: number;
  /** Protocol spoken with the upstream. */
  readonly protocol: Protocol;
  /** Host of the upstream: a name, an address, or the name of an Upstream entity. */
  readonly host: string;
  /** Port of the upstream. */
  readonly port: number;
  /** Path that upstream paths start with. */
  readonly path: string | null;
  /** Milliseconds to establish a connection in. */
  readonly connect_timeout: number;
  /** Milliseconds between two successive writes to the upstream. */
  readonly write_timeout: number;
  /** Milliseconds between two successive reads from the upstream. */
  readonly read_timeout: number;
  /** Words to group and filter entities by. */
  readonly tags: readonly string[] | null;
  /** Certificate presented to the upstream in the TLS handshake. */
  readonly client_certificate: Ref | null;
  /** Whether the upstream's certificate is verified; unset, the global setting decides. */
  readonly tls_verify: boolean | null;
  /** Longest chain of intermediates accepted while verifying the upstream's certificate. */
  readonly tls_verify_depth: number | null;
  /** Ids of the CA certificates that the upstream's certificate is verified with. */
  readonly ca_certificates: readonly string[] | null;
  /** Whether the routes of the service take part in routing. */
  readonly enabled: boolean;
}

export type Protocol =
  'grpc' | 'grpcs' | 'http' | 'https' | 'tcp' | 'tls' | 'tls_passthrough' | 'udp';

/** A rule that decides which requests go to a service. */
export interface Route {
  /** Identifier; computed from the name or another key when unset, else random. */
  readonly id: string;
  /** When the entity was created, in seconds since the epoch. */
  readonly created_at: number;
  /** When the entity was last loaded, in seconds since the epoch. */
  readonly updated_at: number;
  /** Name of the route, for references and the Admin API. */
  readonly name: string | null;
  /** Protocols that a request may come in with. */
  readonly protocols: readonly Protocol[];
  /** Status of the answer to a plain request that needs https. */
  readonly https_redirect_status_code: 426 | 301 | 302 | 307 | 308;
  /** Whether the part of the path that the route matched is cut off before forwarding. */
  readonly strip_path: boolean;
  /** Whether the client's Host header is forwarded instead of the service's host. */
  readonly preserve_host: boolean;
  /** Whether the request body is read completely before it is forwarded. */
  readonly request_buffering: boolean;
  /** Whether the response body is buffered on its way to the client. */
  readonly response_buffering: boolean;
  /** Words to group and filter entities by. */
  readonly tags: readonly string[] | null;
  /** The service that requests are forwarded to. */
  readonly service: Ref | null;
  /** TLS server names to match. */
  readonly snis: readonly string[] | null;
  /** Client addresses and ports that a stream may come from. */
  readonly sources: readonly IpAndPort[] | null;
  /** Local addresses and ports that a stream may go to. */
  readonly destinations: readonly IpAndPort[] | null;
  /** Request methods to match. */
  readonly methods: readonly string[] | null;
  /** Hosts to match; one wildcard label may stand leftmost or rightmost. */
  readonly hosts: readonly string[] | null;
  /** Path prefixes to match, or regular expressions after a tilde. */
  readonly paths: readonly string[] | null;
  /** Header values to match, by header name. */
  readonly headers: {
    readonly [k: string]: readonly string[];
  } | null;
  /** Rank among routes whose regular expressions match: the highest wins. */
  readonly regex_priority: number;
  /** How the service's path, the route's path and the requested path are joined. */
  readonly path_handling: 'v0' | 'v1';
}

/** An address, a port, or both. */
export interface IpAndPort {
  /** An address or a CIDR block. */
  readonly ip: string | null;
  /** A port. */
  readonly port: number | null;
}

/** A person or program that uses the APIs. */
export interface Consumer {
  /** Identifier; computed from the name or another key when unset, else random. */
  readonly id: string;
  /** When the entity was created, in seconds since the epoch. */
  readonly created_at: number;
  /** When the entity was last loaded, in seconds since the epoch. */
  readonly updated_at: number;
  /** Unique name of the consumer. */
  readonly username: string | null;
  /** Unique id of the consumer in another system. */
  readonly custom_id: string | null;
  /** Words to group and filter entities by. */
  readonly tags: readonly string[] | null;
}

/** Consumers that share plugin settings. */
export interface ConsumerGroup {
  /** Identifier; computed from the name or another key when unset, else random. */
  readonly id: string;
  /** When the entity was created, in seconds since the epoch. */
  readonly created_at: number;
  /** When the entity was last loaded, in seconds since the epoch. */
  readonly updated_at: number;
  /** Unique name of the group. */
  readonly name: string;
  /** Words to group and filter entities by. */
  readonly tags: readonly string[] | null;
}

/** Membership of one consumer in one group. */
export interface ConsumerGroupConsumer {
  /** Identifier; computed from the name or another key when unset, else random. */
  readonly id: string;
  /** When the entity was created, in seconds since the epoch. */
  readonly created_at: number;
  /** When the entity was last loaded, in seconds since the epoch. */
  readonly updated_at: number;
  /** The member. */
  readonly consumer: Ref;
  /** The group. */
  readonly consumer_group: Ref;
}

/** A plugin applied to some scope of requests. */
export interface PluginEntity {
  /** Identifier; computed from the name or another key when unset, else random. */
  readonly id: string;
  /** Name of the plugin. */
  readonly name: string;
  /** Unique name of this entry. */
  readonly instance_name: string | null;
  /** When the entity was created, in seconds since the epoch. */
  readonly created_at: number;
  /** When the entity was last loaded, in seconds since the epoch. */
  readonly updated_at: number;
  /** Only requests of this route are affected. */
  readonly route: Ref | null;
  /** Only requests to this service are affected. */
  readonly service: Ref | null;
  /** Only requests of this consumer are affected. */
  readonly consumer: Ref | null;
  /** Only requests of consumers in this group are affected. */
  readonly consumer_group: Ref | null;
  /** The plugin's own settings; see its schema. */
  readonly config: {
    readonly [k: string]: unknown;
  };
  /** Protocols that the plugin runs for. */
  readonly protocols: readonly Protocol[];
  /** Whether the entry exists for selection at all. */
  readonly enabled: boolean;
  /** Words to group and filter entities by. */
  readonly tags: readonly string[] | null;
}

/** A virtual host whose load is spread over targets. */
export interface Upstream {
  /** Identifier; computed from the name or another key when unset, else random. */
  readonly id: string;
  /** When the entity was created, in seconds since the epoch. */
  readonly created_at: number;
  /** When the entity was last loaded, in seconds since the epoch. */
  readonly updated_at: number;
  /** Host name that services refer to it by. */
  readonly name: string;
  /** How a target is chosen. */
  readonly algorithm: 'consistent-hashing' | 'least-connections' | 'round-robin' | 'latency';
  /** What the hash is computed from. */
  readonly hash_on:
    'none' | 'consumer' | 'ip' | 'header' | 'cookie' | 'path' | 'query_arg' | 'uri_capture';
  /** What the hash is computed from when the first has no value. */
  readonly hash_fallback:
    'none' | 'consumer' | 'ip' | 'header' | 'cookie' | 'path' | 'query_arg' | 'uri_capture';
  /** Header that is hashed. */
  readonly hash_on_header: string | null;
  /** Header that is hashed as the fallback. */
  readonly hash_fallback_header: string | null;
  /** Cookie that is hashed. */
  readonly hash_on_cookie: string | null;
  /** Path of the hash cookie that is set. */
  readonly hash_on_cookie_path: string;
  /** Query argument that is hashed. */
  readonly hash_on_query_arg: string | null;
  /** Query argument that is hashed as the fallback. */
  readonly hash_fallback_query_arg: string | null;
  /** Capture of the route path that is hashed. */
  readonly hash_on_uri_capture: string | null;
  /** Capture of the route path that is hashed as the fallback. */
  readonly hash_fallback_uri_capture: string | null;
  /** Slots of the hash ring. */
  readonly slots: number;
  /** How the health of targets is found out. */
  readonly healthchecks: {
    /** Least percentage of healthy weight for the upstream to count as healthy. */
    readonly threshold: number;
    /** Probes sent to the targets. */
    readonly active: {
      /** Kind of probe. */
      readonly type: 'tcp' | 'http' | 'https' | 'grpc' | 'grpcs';
      /** Seconds a probe may take. */
      readonly timeout: number;
      /** How many targets are probed at the same time. */
      readonly concurrency: number;
      /** Path that probes ask for. */
      readonly http_path: string;
      /** TLS server name of probes. */
      readonly https_sni: string | null;
      /** Whether probes verify the target's certificate. */
      readonly https_verify_certificate: boolean;
      /** Headers that probes carry. */
      readonly headers: {
        readonly [k: string]: readonly string[];
      } | null;
      /** When a target becomes healthy. */
      readonly healthy: {
        /** Seconds between two probes of a healthy target; 0 turns them off. */
        readonly interval: number;
        /** Statuses that count as a success. */
        readonly http_statuses: readonly number[];
        /** Successes after which a target is healthy again; 0 turns the rule off. */
        readonly successes: number;
      };
      /** When a target becomes unhealthy. */
      readonly unhealthy: {
        /** Seconds between two probes of an unhealthy target; 0 turns them off. */
        readonly interval: number;
        /** Statuses that count as a failure. */
        readonly http_statuses: readonly number[];
        /** TCP failures after which a target is unhealthy; 0 turns the rule off. */
        readonly tcp_failures: number;
        /** Timeouts after which a target is unhealthy; 0 turns the rule off. */
        readonly timeouts: number;
        /** Failure statuses after which a target is unhealthy; 0 turns the rule off. */
        readonly http_failures: number;
      };
    };
    /** Conclusions from proxied requests. */
    readonly passive: {
      /** Kind of traffic that is watched. */
      readonly type: 'tcp' | 'http' | 'https' | 'grpc' | 'grpcs';
      /** When a target becomes healthy. */
      readonly healthy: {
        /** Statuses that count as a success. */
        readonly http_statuses: readonly number[];
        /** Successes after which a target is healthy again; 0 turns the rule off. */
        readonly successes: number;
      };
      /** When a target becomes unhealthy. */
      readonly unhealthy: {
        /** Statuses that count as a failure. */
        readonly http_statuses: readonly number[];
        /** TCP failures after which a target is unhealthy; 0 turns the rule off. */
        readonly tcp_failures: number;
        /** Timeouts after which a target is unhealthy; 0 turns the rule off. */
        readonly timeouts: number;
        /** Failure statuses after which a target is unhealthy; 0 turns the rule off. */
        readonly http_failures: number;
      };
    };
  };
  /** Words to group and filter entities by. */
  readonly tags: readonly string[] | null;
  /** Host header sent to the targets. */
  readonly host_header: string | null;
  /** Certificate presented to the targets in the TLS handshake. */
  readonly client_certificate: Ref | null;
  /** Whether the Host header comes from the SRV record. */
  readonly use_srv_name: boolean;
}

/** One address that an upstream spreads load over. */
export interface Target {
  /** Identifier; computed from the name or another key when unset, else random. */
  readonly id: string;
  /** When the entity was created, in seconds since the epoch, with milliseconds. */
  readonly created_at: number;
  /** When the entity was last loaded, in seconds since the epoch, with milliseconds. */
  readonly updated_at: number;
  /** The upstream it belongs to. */
  readonly upstream: Ref;
  /** Host or address with an optional port, 8000 when unset. */
  readonly target: string;
  /** Share of the load; 0 takes none. */
  readonly weight: number;
  /** Words to group and filter entities by. */
  readonly tags: readonly string[] | null;
}

/** A credential for the jwt plugin. */
export interface JwtSecret {
  /** Identifier; computed from the name or another key when unset, else random. */
  readonly id: string;
  /** When the entity was created, in seconds since the epoch. */
  readonly created_at: number;
  /** The consumer it belongs to. */
  readonly consumer: Ref;
  /** Value of the claim that names the credential. */
  readonly key: string;
  /** Secret of the HMAC algorithms. */
  readonly secret: string;
  /** PEM public key of the other algorithms. */
  readonly rsa_public_key: string | null;
  /** The one algorithm that tokens of the credential may use. */
  readonly algorithm: JwtAlgorithm;
  /** Words to group and filter entities by. */
  readonly tags: readonly string[] | null;
}

export type JwtAlgorithm =
  | 'HS256'
  | 'HS384'
  | 'HS512'
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'EdDSA';

/** A credential for the key-auth plugin. */
export interface KeyauthCredential {
  /** Identifier; computed from the name or another key when unset, else random. */
  readonly id: string;
  /** When the entity was created, in seconds since the epoch. */
  readonly created_at: number;
  /** The consumer it belongs to. */
  readonly consumer: Ref;
  /** The key that a client presents. */
  readonly key: string;
  /** Words to group and filter entities by. */
  readonly tags: readonly string[] | null;
  /** Seconds from the load until the credential expires. */
  readonly ttl?: number;
}

/** A credential for the basic-auth plugin. */
export interface BasicauthCredential {
  /** Identifier; computed from the name or another key when unset, else random. */
  readonly id: string;
  /** When the entity was created, in seconds since the epoch. */
  readonly created_at: number;
  /** The consumer it belongs to. */
  readonly consumer: Ref;
  /** Name that a client presents. */
  readonly username: string;
  /** Password, stored as a digest. */
  readonly password: string;
  /** Words to group and filter entities by. */
  readonly tags: readonly string[] | null;
}

/** A credential for the hmac-auth plugin. */
export interface HmacauthCredential {
  /** Identifier; computed from the name or another key when unset, else random. */
  readonly id: string;
  /** When the entity was created, in seconds since the epoch. */
  readonly created_at: number;
  /** The consumer it belongs to. */
  readonly consumer: Ref;
  /** Name that a client presents. */
  readonly username: string;
  /** Secret that requests are signed with. */
  readonly secret: string;
  /** Words to group and filter entities by. */
  readonly tags: readonly string[] | null;
}

/** A group of a consumer, for the acl plugin. */
export interface Acl {
  /** Identifier; computed from the name or another key when unset, else random. */
  readonly id: string;
  /** When the entity was created, in seconds since the epoch. */
  readonly created_at: number;
  /** The consumer it belongs to. */
  readonly consumer: Ref;
  /** Group that the consumer is a member of. */
  readonly group: string;
  /** Words to group and filter entities by. */
  readonly tags: readonly string[] | null;
}

/** Lets consumers pass or refuses them by the groups they are in. */
export interface AclConfig {
  /** Groups that may pass; everybody else is refused. */
  readonly allow: readonly string[] | null;
  /** Groups that are refused; everybody else may pass. */
  readonly deny: readonly string[] | null;
  /** Whether the upstream is not told the groups. */
  readonly hide_groups_header: boolean;
  /** Whether groups that another plugin found out count even for a consumer with a credential. */
  readonly always_use_authenticated_groups: boolean;
  /** Whether the names of a consumer's consumer groups count as its groups too. */
  readonly include_consumer_groups?: boolean;
}

/** Authenticates requests by username and password. */
export interface BasicAuthConfig {
  /** Id or username of the consumer that unauthenticated requests get; unset, they are refused. */
  readonly anonymous: string | null;
  /** Whether the header with the credentials is removed before forwarding. */
  readonly hide_credentials: boolean;
  /** Realm named in the challenge of a refusal. */
  readonly realm: string;
}

/** Refuses well-known crawlers and clients by their User-Agent. */
export interface BotDetectionConfig {
  /** Regular expressions for agents that pass although they are known as bots or denied. */
  readonly allow: readonly string[];
  /** Regular expressions for agents that are refused beside the known bots. */
  readonly deny: readonly string[];
}

/** Marks each request with an id. */
export interface CorrelationIdConfig {
  /** Header that carries the id. */
  readonly header_name: string;
  /** How ids are made. */
  readonly generator: 'uuid' | 'uuid#counter' | 'tracker';
  /** Whether the client gets the id too. */
  readonly echo_downstream: boolean;
}

/** Answers preflight requests and tells browsers what other origins may do (CORS). */
export interface CorsConfig {
  /** Origins that may read answers: `*`, plain ones, or regular expressions for the whole of one; unset, all of them. */
  readonly origins: readonly string[] | null;
  /** Request headers that may be used; unset, those that the browser asks for. */
  readonly headers: readonly string[] | null;
  /** Response headers that scripts may read. */
  readonly exposed_headers: readonly string[] | null;
  /** Methods that other origins may use. */
  readonly methods: readonly (
    'GET' | 'HEAD' | 'PUT' | 'PATCH' | 'POST' | 'DELETE' | 'OPTIONS' | 'TRACE' | 'CONNECT'
  )[];
  /** Seconds that a browser may keep the answer to a preflight. */
  readonly max_age: number | null;
  /** Whether requests may carry cookies and credentials. */
  readonly credentials: boolean;
  /** Whether public sites may reach this one in a private network. */
  readonly private_network: boolean;
  /** Whether preflight requests go to the upstream instead of being answered here. */
  readonly preflight_continue: boolean;
  /** Whether answers to requests without an Origin get the CORS headers too; unset, they do. */
  readonly allow_origin_absent?: boolean;
}

/** Appends a record of each request to a file. */
export interface FileLogConfig {
  /** File that is appended to; it is made when it is missing, its folder is not. */
  readonly path: string;
  /** Whether the file is opened for each write, so that it can be moved away at any time. */
  readonly reopen: boolean;
  /** Lua code that sets members of the record; Lua is not run, so none may be given. */
  readonly custom_fields_by_lua: {
    readonly [k: string]: string;
  } | null;
}

/** Authenticates requests by a signature over parts of them. */
export interface HmacAuthConfig {
  /** Whether the header with the signature is removed before forwarding. */
  readonly hide_credentials: boolean;
  /** How many seconds the date of a request may differ from the gateway's clock. */
  readonly clock_skew: number;
  /** Id or username of the consumer that unauthenticated requests get; unset, they are refused. */
  readonly anonymous: string | null;
  /** Whether the Digest header is compared with the body. */
  readonly validate_request_body: boolean;
  /** Names that must be among the signed ones, as the client writes them. */
  readonly enforce_headers: readonly string[];
  /** Algorithms that a signature may be made with. */
  readonly algorithms: readonly ('hmac-sha1' | 'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512')[];
  /** Realm named in the challenge of a refusal. */
  readonly realm: string | null;
}

/** Sends a record of each request to an HTTP server. */
export interface HttpLogConfig {
  /** URL the records go to; user and password in it are sent as Basic credentials, its query is not sent. */
  readonly http_endpoint: string;
  /** Method. */
  readonly method: 'POST' | 'PUT' | 'PATCH';
  /** Content-Type of what is sent. */
  readonly content_type: 'application/json' | 'application/json; charset=utf-8';
  /** Longest time for sending a batch, in milliseconds. */
  readonly timeout: number;
  /** How long an idle connection is kept, in milliseconds. */
  readonly keepalive: number;
  /** Without effect since Kong 3.3; `queue.max_retry_time` took its place. */
  readonly retry_count?: number;
  /** Deprecated name of `queue.max_batch_size`. */
  readonly queue_size?: number;
  /** Deprecated name of `queue.max_coalescing_delay`. */
  readonly flush_timeout?: number;
  /** Further request headers. */
  readonly headers: {
    readonly [k: string]: string;
  } | null;
  /** How records wait for being sent. */
  readonly queue: {
    /** Records that are sent at once; above 1 they go as a list. */
    readonly max_batch_size: number;
    /** How long a batch that is not full waits for more, in seconds. */
    readonly max_coalescing_delay: number;
    /** Records that may wait; beyond that the oldest are dropped. */
    readonly max_entries: number;
    /** Bytes of records that may wait; unset, only their number is limited. */
    readonly max_bytes: number | null;
    /** How long a batch that was not taken is tried again, in seconds; -1: never. */
    readonly max_retry_time: number;
    /** Pause before the first further try, in seconds; each one doubles it. */
    readonly initial_retry_delay: number;
    /** Longest pause between two tries, in seconds. */
    readonly max_retry_delay: number;
    /** With 1 one batch goes after another; with -1 every record at once, by itself. */
    readonly concurrency_limit: 1 | -1;
  };
  /** Lua code that sets members of the record; Lua is not run, so none may be given. */
  readonly custom_fields_by_lua: {
    readonly [k: string]: string;
  } | null;
}

/** Lets clients pass or refuses them by their address. */
export interface IpRestrictionConfig {
  /** Addresses and blocks of addresses that may pass; all others are refused. */
  readonly allow: readonly string[] | null;
  /** Addresses and blocks of addresses that are refused, whatever else allows them. */
  readonly deny: readonly string[] | null;
  /** Status of a refusal instead of 403. */
  readonly status: number | null;
  /** Message of a refusal instead of the one that names the address. */
  readonly message: string | null;
}

/** Authenticates requests by a signed JSON Web Token. */
export interface JwtConfig {
  /** Query arguments that may hold a token. */
  readonly uri_param_names: readonly string[];
  /** Cookies that may hold a token. */
  readonly cookie_names: readonly string[];
  /** Claim that names the credential, looked up in the payload and then in the header. */
  readonly key_claim_name: string;
  /** Whether credentials' secrets are base64 text of the real secret. */
  readonly secret_is_base64: boolean;
  /** Registered claims that are checked against the clock. */
  readonly claims_to_verify: readonly ('exp' | 'nbf')[] | null;
  /** Id or username of the consumer that unauthenticated requests get; unset, they are refused. */
  readonly anonymous: string | null;
  /** Whether OPTIONS requests must authenticate too. */
  readonly run_on_preflight: boolean;
  /** Longest time in seconds that exp may lie in the future; 0 sets no limit. */
  readonly maximum_expiration: number;
  /** Request headers that may hold a bearer token. */
  readonly header_names: readonly string[];
  /** Realm named in the challenge of a refusal. */
  readonly realm: string | null;
  /**
   * Issuers whose tokens are trusted by the keys they publish (this program's own).
   *
   * Items: An issuer and how its tokens are verified.
   */
  readonly issuers?: readonly JwtIssuer[];
  /** Audiences of which a token must name one (this program's own). */
  readonly audiences?: readonly string[];
  /** Scopes: one element is enough, of an element every word is needed (this program's own). */
  readonly scopes_required?: readonly string[];
  /** Path to the claim with the scopes; unset, scope (this program's own). */
  readonly scopes_claim?: readonly string[];
  /** Seconds that clocks may differ when exp and nbf are checked (this program's own). */
  readonly leeway?: number;
  /** Header for the upstream, by name, and the claim it gets; copies of the client are dropped (this program's own). */
  readonly claims_to_headers?: {
    readonly [k: string]: string;
  };
}

/** An issuer and how its tokens are verified. */
export interface JwtIssuer {
  /** The iss of its tokens, exactly; without jwks_uri also where it is discovered (OpenID Connect Discovery). */
  readonly issuer: string;
  /** URL of its JWK set; unset, it is discovered. */
  readonly jwks_uri: string | null;
  /** Name of a declared key_sets entity whose keys verify its tokens, instead of jwks_uri: nothing is called. */
  readonly key_set: string | null;
  /** The only algorithms its tokens may have; unset, all of these. */
  readonly algorithms:
    | readonly (
        | 'RS256'
        | 'RS384'
        | 'RS512'
        | 'PS256'
        | 'PS384'
        | 'PS512'
        | 'ES256'
        | 'ES384'
        | 'ES512'
        | 'EdDSA'
      )[]
    | null;
  /** Whether the certificate of the provider is verified. */
  readonly ssl_verify: boolean;
  /** How often its keys are loaded again without being asked for; 0 does it hourly. */
  readonly refresh_seconds: number;
  /** Path to the claim that names the consumer; unset, its tokens need none. */
  readonly consumer_claim: readonly string[] | null;
  /** Fields of consumers that the claim is compared with, in this order. */
  readonly consumer_by: readonly ('id' | 'username' | 'custom_id')[];
  /** Whether tokens pass that name no consumer of the config. */
  readonly consumer_optional: boolean;
}

/** Verifies or introspects one or two tokens of a request and signs new ones for the upstream. */
export interface JwtSignerConfig {
  /** Realm in the WWW-Authenticate header of every refusal; unset, the host of the request. */
  readonly realm: string | null;
  /** Whether incoming tokens may be signed with HS256, HS384 or HS512; what this plugin signs is not affected. */
  readonly enable_hs_signatures: boolean;
  /** Whether a line per request at the level crit tells what became of each token. */
  readonly enable_instrumentation: boolean;
  /** Claims that both new tokens get where they are absent; a value that is JSON text stands for what it says. */
  readonly add_claims: {
    readonly [k: string]: string;
  };
  /** Claims that both new tokens get, whatever they held before; a value that is JSON text stands for what it says. */
  readonly set_claims: {
    readonly [k: string]: string;
  };
  /** Header that holds the access token; `Authorization:Bearer` and `Authorization:Basic` take that scheme only, null or an empty text leaves the access token alone. */
  readonly access_token_request_header: string | null;
  /** Whether requests without an access token pass; one that is there must be good all the same. */
  readonly access_token_optional: boolean;
  /** Whether opaque access tokens are introspected; false refuses them. */
  readonly enable_access_token_introspection: boolean;
  /** Whether the signature of an access token is verified; false trusts whatever the token says. */
  readonly verify_access_token_signature: boolean;
  /** Where the public keys of the issuer of access tokens are; without it every JWT is refused while its signature is to be verified. */
  readonly access_token_jwks_uri: string | null;
  /** User name for Basic authentication at `access_token_jwks_uri`; goes with the password. */
  readonly access_token_jwks_uri_client_username: string | null;
  /** Password for Basic authentication at `access_token_jwks_uri`; goes with the user name. */
  readonly access_token_jwks_uri_client_password: string | null;
  /** Certificate that this gateway shows to `access_token_jwks_uri` when that wants TLS client authentication. */
  readonly access_token_jwks_uri_client_certificate: Ref | null;
  /** Seconds between background fetches of `access_token_jwks_uri`; 0 fetches on demand only. */
  readonly access_token_jwks_uri_rotate_period: number;
  /** Whether the certificates of the https servers behind `access_token_introspection_endpoint`, `access_token_jwks_uri` and `access_token_keyset` are verified. */
  readonly access_token_endpoints_ssl_verify: boolean;
  /** Seconds by which clocks may differ when the times of an access token are checked. */
  readonly access_token_leeway: number;
  /** Where an access token holds the time of expiry. */
  readonly access_token_expiry_claim: readonly string[];
  /** Whether an expired access token is refused. */
  readonly verify_access_token_expiry: boolean;
  /** Where an access token holds the time from which it is valid. */
  readonly access_token_notbefore_claim: readonly string[];
  /** Whether an access token that is not valid yet is refused. */
  readonly verify_access_token_notbefore: boolean;
  /** Where an access token names its issuer. */
  readonly access_token_issuer_claim: readonly string[];
  /** Issuers that an access token may come from; unset, any. */
  readonly access_token_issuers_allowed: readonly string[] | null;
  /** Whether `access_token_issuers_allowed` is enforced. */
  readonly verify_access_token_issuer: boolean;
  /** Where an access token names its subject. */
  readonly access_token_subject_claim: readonly string[];
  /** Subjects that an access token may be about; unset, any. */
  readonly access_token_subjects_allowed: readonly string[] | null;
  /** Whether `access_token_subjects_allowed` is enforced. */
  readonly verify_access_token_subject: boolean;
  /** Where an access token names its audience. */
  readonly access_token_audience_claim: readonly string[];
  /** Audiences of which an access token must name one; unset, any. */
  readonly access_token_audiences_allowed: readonly string[] | null;
  /** Whether `access_token_audiences_allowed` is enforced. */
  readonly verify_access_token_audience: boolean;
  /** Where an access token holds its scopes, a text with spaces or a list. */
  readonly access_token_scopes_claim: readonly string[];
  /** Scopes that an access token must hold: one of the elements, and of an element every word in it. */
  readonly access_token_scopes_required: readonly string[] | null;
  /** Whether `access_token_scopes_required` is enforced. */
  readonly verify_access_token_scopes: boolean;
  /** Claims that an access token must hold; null does not count. */
  readonly access_token_required_claims: readonly string[][] | null;
  /** Claims whose checks are skipped when an access token does not hold them. */
  readonly access_token_optional_claims: readonly string[][] | null;
  /** Claim of an access token that names the consumer; unset, no consumer is looked for. */
  readonly access_token_consumer_claim: readonly string[] | null;
  /** Fields of consumers that `access_token_consumer_claim` is compared with, in this order. */
  readonly access_token_consumer_by: readonly ('id' | 'username' | 'custom_id')[];
  /** Where opaque access tokens are introspected (RFC 7662); without it they are refused. */
  readonly access_token_introspection_endpoint: string | null;
  /** Value of the Authorization header that introspection requests carry, already encoded. */
  readonly access_token_introspection_authorization: string | null;
  /** Further arguments in the body of introspection requests, already encoded. */
  readonly access_token_introspection_body_args: string | null;
  /** Value of `token_type_hint` in introspection requests; null sends none. */
  readonly access_token_introspection_hint: string | null;
  /** Milliseconds that an introspection request may take, of which there are two at most; unset, 10000. */
  readonly access_token_introspection_timeout: number | null;
  /** Where the result of an introspection holds a JWT, whose claims then take the place of the result. */
  readonly access_token_introspection_jwt_claim: readonly string[] | null;
  /** Whether the result of an introspection is remembered until the access token expires. */
  readonly cache_access_token_introspection: boolean;
  /** Whether the checks of the introspection result are enough; false runs those of the payload as well. */
  readonly trust_access_token_introspection: boolean;
  /** Seconds by which clocks may differ when the times of a result of introspection are checked. */
  readonly access_token_introspection_leeway: number;
  /** Where a result of introspection holds the time of expiry. */
  readonly access_token_introspection_expiry_claim: readonly string[];
  /** Whether an expired result of introspection is refused. */
  readonly verify_access_token_introspection_expiry: boolean;
  /** Where a result of introspection holds the time from which it is valid. */
  readonly access_token_introspection_notbefore_claim: readonly string[];
  /** Whether a result of introspection that is not valid yet is refused. */
  readonly verify_access_token_introspection_notbefore: boolean;
  /** Where a result of introspection names its issuer. */
  readonly access_token_introspection_issuer_claim: readonly string[];
  /** Issuers that a result of introspection may come from; unset, any. */
  readonly access_token_introspection_issuers_allowed: readonly string[] | null;
  /** Whether `access_token_introspection_issuers_allowed` is enforced. */
  readonly verify_access_token_introspection_issuer: boolean;
  /** Where a result of introspection names its subject. */
  readonly access_token_introspection_subject_claim: readonly string[];
  /** Subjects that a result of introspection may be about; unset, any. */
  readonly access_token_introspection_subjects_allowed: readonly string[] | null;
  /** Whether `access_token_introspection_subjects_allowed` is enforced. */
  readonly verify_access_token_introspection_subject: boolean;
  /** Where a result of introspection names its audience. */
  readonly access_token_introspection_audience_claim: readonly string[];
  /** Audiences of which a result of introspection must name one; unset, any. */
  readonly access_token_introspection_audiences_allowed: readonly string[] | null;
  /** Whether `access_token_introspection_audiences_allowed` is enforced. */
  readonly verify_access_token_introspection_audience: boolean;
  /** Where a result of introspection holds its scopes, a text with spaces or a list. */
  readonly access_token_introspection_scopes_claim: readonly string[];
  /** Scopes that a result of introspection must hold: one of the elements, and of an element every word in it. */
  readonly access_token_introspection_scopes_required: readonly string[] | null;
  /** Whether `access_token_introspection_scopes_required` is enforced. */
  readonly verify_access_token_introspection_scopes: boolean;
  /** Claims that a result of introspection must hold; null does not count. */
  readonly access_token_introspection_required_claims: readonly string[][] | null;
  /** Claims whose checks are skipped when a result of introspection does not hold them. */
  readonly access_token_introspection_optional_claims: readonly string[][] | null;
  /** Claim of a result of introspection that names the consumer; unset, no consumer is looked for. */
  readonly access_token_introspection_consumer_claim: readonly string[] | null;
  /** Fields of consumers that `access_token_introspection_consumer_claim` is compared with, in this order. */
  readonly access_token_introspection_consumer_by: readonly ('id' | 'username' | 'custom_id')[];
  /** Whether a new token is signed and sent; false leaves the request header as the client sent it. */
  readonly access_token_signing: boolean;
  /** Algorithm that the new token is signed with. */
  readonly access_token_signing_algorithm:
    | 'HS256'
    | 'HS384'
    | 'HS512'
    | 'RS256'
    | 'RS512'
    | 'ES256'
    | 'ES384'
    | 'ES512'
    | 'PS256'
    | 'PS384'
    | 'PS512'
    | 'EdDSA';
  /** Value of `iss` in the new token; the one before becomes `original_iss`. */
  readonly access_token_issuer: string;
  /** Keyset that signs the new token: the name of one that this gateway makes and keeps, the name of a declared key set, or the URL of a JWK set with private keys. */
  readonly access_token_keyset: string;
  /** User name for Basic authentication at `access_token_keyset`, when that is a URL; goes with the password. */
  readonly access_token_keyset_client_username: string | null;
  /** Password for Basic authentication at `access_token_keyset`, when that is a URL; goes with the user name. */
  readonly access_token_keyset_client_password: string | null;
  /** Certificate that this gateway shows to `access_token_keyset` when that is a URL and wants TLS client authentication. */
  readonly access_token_keyset_client_certificate: Ref | null;
  /** Seconds after which the keys of `access_token_keyset` are replaced; 0 never does. */
  readonly access_token_keyset_rotate_period: number;
  /** Header that carries the new token to the upstream; null or an empty text signs and sends none. */
  readonly access_token_upstream_header: string | null;
  /** Seconds added to the expiry of the new token; negative ones shorten its life. */
  readonly access_token_upstream_leeway: number;
  /** Header that carries the access token as it came to the upstream. */
  readonly original_access_token_upstream_header: string | null;
  /** Claims that the new token made of an access token gets where they are absent; a value that is JSON text stands for what it says. */
  readonly add_access_token_claims: {
    readonly [k: string]: string;
  };
  /** Claims that the new token made of an access token gets, whatever it held before; a value that is JSON text stands for what it says. */
  readonly set_access_token_claims: {
    readonly [k: string]: string;
  };
  /** Claims that the new token made of an access token loses at the end. */
  readonly remove_access_token_claims: readonly string[];
  /** Header that holds the channel token; `Authorization:Bearer` and `Authorization:Basic` take that scheme only, null or an empty text leaves the channel token alone. */
  readonly channel_token_request_header: string | null;
  /** Whether requests without a channel token pass; one that is there must be good all the same. */
  readonly channel_token_optional: boolean;
  /** Whether opaque channel tokens are introspected; false refuses them. */
  readonly enable_channel_token_introspection: boolean;
  /** Whether the signature of a channel token is verified; false trusts whatever the token says. */
  readonly verify_channel_token_signature: boolean;
  /** Where the public keys of the issuer of channel tokens are; without it every JWT is refused while its signature is to be verified. */
  readonly channel_token_jwks_uri: string | null;
  /** User name for Basic authentication at `channel_token_jwks_uri`; goes with the password. */
  readonly channel_token_jwks_uri_client_username: string | null;
  /** Password for Basic authentication at `channel_token_jwks_uri`; goes with the user name. */
  readonly channel_token_jwks_uri_client_password: string | null;
  /** Certificate that this gateway shows to `channel_token_jwks_uri` when that wants TLS client authentication. */
  readonly channel_token_jwks_uri_client_certificate: Ref | null;
  /** Seconds between background fetches of `channel_token_jwks_uri`; 0 fetches on demand only. */
  readonly channel_token_jwks_uri_rotate_period: number;
  /** Whether the certificates of the https servers behind `channel_token_introspection_endpoint`, `channel_token_jwks_uri` and `channel_token_keyset` are verified. */
  readonly channel_token_endpoints_ssl_verify: boolean;
  /** Seconds by which clocks may differ when the times of a channel token are checked. */
  readonly channel_token_leeway: number;
  /** Where a channel token holds the time of expiry. */
  readonly channel_token_expiry_claim: readonly string[];
  /** Whether an expired channel token is refused. */
  readonly verify_channel_token_expiry: boolean;
  /** Where a channel token holds the time from which it is valid. */
  readonly channel_token_notbefore_claim: readonly string[];
  /** Whether a channel token that is not valid yet is refused. */
  readonly verify_channel_token_notbefore: boolean;
  /** Where a channel token names its issuer. */
  readonly channel_token_issuer_claim: readonly string[];
  /** Issuers that a channel token may come from; unset, any. */
  readonly channel_token_issuers_allowed: readonly string[] | null;
  /** Whether `channel_token_issuers_allowed` is enforced. */
  readonly verify_channel_token_issuer: boolean;
  /** Where a channel token names its subject. */
  readonly channel_token_subject_claim: readonly string[];
  /** Subjects that a channel token may be about; unset, any. */
  readonly channel_token_subjects_allowed: readonly string[] | null;
  /** Whether `channel_token_subjects_allowed` is enforced. */
  readonly verify_channel_token_subject: boolean;
  /** Where a channel token names its audience. */
  readonly channel_token_audience_claim: readonly string[];
  /** Audiences of which a channel token must name one; unset, any. */
  readonly channel_token_audiences_allowed: readonly string[] | null;
  /** Whether `channel_token_audiences_allowed` is enforced. */
  readonly verify_channel_token_audience: boolean;
  /** Where a channel token holds its scopes, a text with spaces or a list. */
  readonly channel_token_scopes_claim: readonly string[];
  /** Scopes that a channel token must hold: one of the elements, and of an element every word in it. */
  readonly channel_token_scopes_required: readonly string[] | null;
  /** Whether `channel_token_scopes_required` is enforced. */
  readonly verify_channel_token_scopes: boolean;
  /** Claims that a channel token must hold; null does not count. */
  readonly channel_token_required_claims: readonly string[][] | null;
  /** Claims whose checks are skipped when a channel token does not hold them. */
  readonly channel_token_optional_claims: readonly string[][] | null;
  /** Claim of a channel token that names the consumer; unset, no consumer is looked for. */
  readonly channel_token_consumer_claim: readonly string[] | null;
  /** Fields of consumers that `channel_token_consumer_claim` is compared with, in this order. */
  readonly channel_token_consumer_by: readonly ('id' | 'username' | 'custom_id')[];
  /** Where opaque channel tokens are introspected (RFC 7662); without it they are refused. */
  readonly channel_token_introspection_endpoint: string | null;
  /** Value of the Authorization header that introspection requests carry, already encoded. */
  readonly channel_token_introspection_authorization: string | null;
  /** Further arguments in the body of introspection requests, already encoded. */
  readonly channel_token_introspection_body_args: string | null;
  /** Value of `token_type_hint` in introspection requests; null sends none. */
  readonly channel_token_introspection_hint: string | null;
  /** Milliseconds that an introspection request may take, of which there are two at most; unset, 10000. */
  readonly channel_token_introspection_timeout: number | null;
  /** Where the result of an introspection holds a JWT, whose claims then take the place of the result. */
  readonly channel_token_introspection_jwt_claim: readonly string[] | null;
  /** Whether the result of an introspection is remembered until the channel token expires. */
  readonly cache_channel_token_introspection: boolean;
  /** Whether the checks of the introspection result are enough; false runs those of the payload as well. */
  readonly trust_channel_token_introspection: boolean;
  /** Seconds by which clocks may differ when the times of a result of introspection are checked. */
  readonly channel_token_introspection_leeway: number;
  /** Where a result of introspection holds the time of expiry. */
  readonly channel_token_introspection_expiry_claim: readonly string[];
  /** Whether an expired result of introspection is refused. */
  readonly verify_channel_token_introspection_expiry: boolean;
  /** Where a result of introspection holds the time from which it is valid. */
  readonly channel_token_introspection_notbefore_claim: readonly string[];
  /** Whether a result of introspection that is not valid yet is refused. */
  readonly verify_channel_token_introspection_notbefore: boolean;
  /** Where a result of introspection names its issuer. */
  readonly channel_token_introspection_issuer_claim: readonly string[];
  /** Issuers that a result of introspection may come from; unset, any. */
  readonly channel_token_introspection_issuers_allowed: readonly string[] | null;
  /** Whether `channel_token_introspection_issuers_allowed` is enforced. */
  readonly verify_channel_token_introspection_issuer: boolean;
  /** Where a result of introspection names its subject. */
  readonly channel_token_introspection_subject_claim: readonly string[];
  /** Subjects that a result of introspection may be about; unset, any. */
  readonly channel_token_introspection_subjects_allowed: readonly string[] | null;
  /** Whether `channel_token_introspection_subjects_allowed` is enforced. */
  readonly verify_channel_token_introspection_subject: boolean;
  /** Where a result of introspection names its audience. */
  readonly channel_token_introspection_audience_claim: readonly string[];
  /** Audiences of which a result of introspection must name one; unset, any. */
  readonly channel_token_introspection_audiences_allowed: readonly string[] | null;
  /** Whether `channel_token_introspection_audiences_allowed` is enforced. */
  readonly verify_channel_token_introspection_audience: boolean;
  /** Where a result of introspection holds its scopes, a text with spaces or a list. */
  readonly channel_token_introspection_scopes_claim: readonly string[];
  /** Scopes that a result of introspection must hold: one of the elements, and of an element every word in it. */
  readonly channel_token_introspection_scopes_required: readonly string[] | null;
  /** Whether `channel_token_introspection_scopes_required` is enforced. */
  readonly verify_channel_token_introspection_scopes: boolean;
  /** Claims that a result of introspection must hold; null does not count. */
  readonly channel_token_introspection_required_claims: readonly string[][] | null;
  /** Claims whose checks are skipped when a result of introspection does not hold them. */
  readonly channel_token_introspection_optional_claims: readonly string[][] | null;
  /** Claim of a result of introspection that names the consumer; unset, no consumer is looked for. */
  readonly channel_token_introspection_consumer_claim: readonly string[] | null;
  /** Fields of consumers that `channel_token_introspection_consumer_claim` is compared with, in this order. */
  readonly channel_token_introspection_consumer_by: readonly ('id' | 'username' | 'custom_id')[];
  /** Whether a new token is signed and sent; false leaves the request header as the client sent it. */
  readonly channel_token_signing: boolean;
  /** Algorithm that the new token is signed with. */
  readonly channel_token_signing_algorithm:
    | 'HS256'
    | 'HS384'
    | 'HS512'
    | 'RS256'
    | 'RS512'
    | 'ES256'
    | 'ES384'
    | 'ES512'
    | 'PS256'
    | 'PS384'
    | 'PS512'
    | 'EdDSA';
  /** Value of `iss` in the new token; the one before becomes `original_iss`. */
  readonly channel_token_issuer: string;
  /** Keyset that signs the new token: the name of one that this gateway makes and keeps, the name of a declared key set, or the URL of a JWK set with private keys. */
  readonly channel_token_keyset: string;
  /** User name for Basic authentication at `channel_token_keyset`, when that is a URL; goes with the password. */
  readonly channel_token_keyset_client_username: string | null;
  /** Password for Basic authentication at `channel_token_keyset`, when that is a URL; goes with the user name. */
  readonly channel_token_keyset_client_password: string | null;
  /** Certificate that this gateway shows to `channel_token_keyset` when that is a URL and wants TLS client authentication. */
  readonly channel_token_keyset_client_certificate: Ref | null;
  /** Seconds after which the keys of `channel_token_keyset` are replaced; 0 never does. */
  readonly channel_token_keyset_rotate_period: number;
  /** Header that carries the new token to the upstream; null or an empty text signs and sends none. */
  readonly channel_token_upstream_header: string | null;
  /** Seconds added to the expiry of the new token; negative ones shorten its life. */
  readonly channel_token_upstream_leeway: number;
  /** Header that carries the channel token as it came to the upstream. */
  readonly original_channel_token_upstream_header: string | null;
  /** Claims that the new token made of a channel token gets where they are absent; a value that is JSON text stands for what it says. */
  readonly add_channel_token_claims: {
    readonly [k: string]: string;
  };
  /** Claims that the new token made of a channel token gets, whatever it held before; a value that is JSON text stands for what it says. */
  readonly set_channel_token_claims: {
    readonly [k: string]: string;
  };
  /** Claims that the new token made of a channel token loses at the end. */
  readonly remove_channel_token_claims: readonly string[];
}

/** Authenticates requests by an API key. */
export interface KeyAuthConfig {
  /** Names that a key is looked for under, in order. */
  readonly key_names: readonly string[];
  /** Whether the key is removed before forwarding. */
  readonly hide_credentials: boolean;
  /** Id or username of the consumer that unauthenticated requests get; unset, they are refused. */
  readonly anonymous: string | null;
  /** Whether headers are searched. */
  readonly key_in_header: boolean;
  /** Whether the query is searched. */
  readonly key_in_query: boolean;
  /** Whether form, JSON and multipart bodies are searched. */
  readonly key_in_body: boolean;
  /** Whether OPTIONS requests must authenticate too. */
  readonly run_on_preflight: boolean;
  /** Realm named in the challenge of a refusal. */
  readonly realm: string | null;
}

/** Sends a record of each request to Loggly, as a datagram. */
export interface LogglyConfig {
  /** Name or address of the server. */
  readonly host: string;
  /** Port of the server. */
  readonly port: number;
  /** Customer token of Loggly. */
  readonly key: string;
  /** Tags of the records. */
  readonly tags: readonly string[];
  /** Requests whose severity is less important are left out. */
  readonly log_level: 'debug' | 'info' | 'notice' | 'warning' | 'err' | 'crit' | 'alert' | 'emerg';
  /** Severity of requests with a status below 400. */
  readonly successful_severity:
    'debug' | 'info' | 'notice' | 'warning' | 'err' | 'crit' | 'alert' | 'emerg';
  /** Severity of requests with a status from 400 to 499. */
  readonly client_errors_severity:
    'debug' | 'info' | 'notice' | 'warning' | 'err' | 'crit' | 'alert' | 'emerg';
  /** Severity of requests with a status of 500 and above. */
  readonly server_errors_severity:
    'debug' | 'info' | 'notice' | 'warning' | 'err' | 'crit' | 'alert' | 'emerg';
  /** Longest time for finding the server's address and sending, in milliseconds; 0 and less: a minute. */
  readonly timeout: number;
  /** Lua code that sets members of the record; Lua is not run, so none may be given. */
  readonly custom_fields_by_lua: {
    readonly [k: string]: string;
  } | null;
}

/** Passes trace contexts on, and reports spans and log lines over OTLP. */
export interface OpentelemetryConfig {
  /** URL that spans are posted to (OTLP/HTTP); unset, trace contexts are left alone. */
  readonly traces_endpoint: string | null;
  /** URL that the lines of the gateway's log are posted to (OTLP/HTTP). */
  readonly logs_endpoint: string | null;
  /** Further request headers, e.g. with the token of the collector. */
  readonly headers: {
    readonly [k: string]: string;
  } | null;
  /** Attributes of the resource, beside and instead of `service.name`, `service.version`, `service.instance.id`. */
  readonly resource_attributes: {
    readonly [k: string]: string;
  } | null;
  /** How spans and log records wait for being sent, each kind in a queue of its own. */
  readonly queue: {
    /** Spans or log records that are sent at once. */
    readonly max_batch_size: number;
    /** How long a batch that is not full waits for more, in seconds. */
    readonly max_coalescing_delay: number;
    /** Spans or log records that may wait; beyond that the oldest are dropped. */
    readonly max_entries: number;
    /** Bytes of spans that may wait; unset, only their number is limited. */
    readonly max_bytes: number | null;
    /** How long a batch that was not taken is tried again, in seconds; -1: never. */
    readonly max_retry_time: number;
    /** Pause before the first further try, in seconds; each one doubles it. */
    readonly initial_retry_delay: number;
    /** Longest pause between two tries, in seconds. */
    readonly max_retry_delay: number;
    /** With 1 one batch goes after another; with -1 every one at once, by itself. */
    readonly concurrency_limit: 1 | -1;
  };
  /** Deprecated name of `queue.max_batch_size`. */
  readonly batch_span_count?: number;
  /** Deprecated name of `queue.max_coalescing_delay`. */
  readonly batch_flush_delay?: number;
  /** Longest time for connecting to the collector, in milliseconds; 0 stands for a minute. */
  readonly connect_timeout: number;
  /** Longest pause of the collector in taking a batch, in milliseconds; 0 stands for a minute. */
  readonly send_timeout: number;
  /** Longest time for an answer of the collector, in milliseconds; 0 stands for a minute. */
  readonly read_timeout: number;
  /** Response header that gets the trace id. */
  readonly http_response_header_for_traceid: string | null;
  /** Deprecated in favour of `propagation`: which format is written beside the one that was found. */
  readonly header_type:
    | (
        | 'preserve'
        | 'ignore'
        | 'b3'
        | 'b3-single'
        | 'w3c'
        | 'jaeger'
        | 'ot'
        | 'aws'
        | 'gcp'
        | 'datadog'
      )
    | null;
  /** Share of the traces that are reported; unset, that of the setting `tracing_sampling_rate`. */
  readonly sampling_rate: number | null;
  /** Which header formats of trace contexts are read, taken out and written; unset but for `default_format`, `header_type` decides. */
  readonly propagation: {
    /** Formats that are read, in this order; the first one found counts. Empty: every trace begins here. */
    readonly extract:
      readonly ('w3c' | 'b3' | 'jaeger' | 'ot' | 'datadog' | 'aws' | 'gcp')[] | null;
    /** Headers that are taken out after they were read. */
    readonly clear: readonly string[] | null;
    /** Formats that are written; `preserve` is the one that was found. Empty: none. */
    readonly inject:
      | readonly (
          'preserve' | 'w3c' | 'b3' | 'b3-single' | 'jaeger' | 'ot' | 'datadog' | 'aws' | 'gcp'
        )[]
      | null;
    /** What `preserve` writes when no format was found. */
    readonly default_format:
      'w3c' | 'b3' | 'b3-single' | 'jaeger' | 'ot' | 'datadog' | 'aws' | 'gcp';
  };
}

/** Counts requests, latencies and bytes for `GET /metrics` of the Admin and Status API. */
export interface PrometheusConfig {
  /** Whether requests and bytes are counted for each consumer. */
  readonly per_consumer: boolean;
  /** Whether requests are counted by status. */
  readonly status_code_metrics: boolean;
  /** Whether requests to language models are counted; no plugin of this version makes any. */
  readonly ai_metrics: boolean;
  /** Whether latencies are counted in histograms. */
  readonly latency_metrics: boolean;
  /** Whether bytes are counted in both directions. */
  readonly bandwidth_metrics: boolean;
  /** Whether the health of upstream targets is shown; one entry decides for all. */
  readonly upstream_health_metrics: boolean;
}

/** Keeps answers and gives them again, without asking the upstream. */
export interface ProxyCacheConfig {
  /** Statuses of answers that are kept. */
  readonly response_code: readonly number[];
  /** Methods of requests whose answers are kept; the others are passed by. */
  readonly request_method: readonly ('HEAD' | 'GET' | 'POST' | 'PATCH' | 'PUT')[];
  /** Media types of answers that are kept, with exactly their parameters; `*` stands for any type or subtype. */
  readonly content_type: readonly string[];
  /** Seconds that an answer is given again for, unless `cache_control` says otherwise. */
  readonly cache_ttl: number;
  /** Where answers are kept: `memory` of this node, for all its workers; `redis` for all nodes that share a server (not in Kong). */
  readonly strategy: 'memory' | 'redis';
  /** Whether Cache-Control of requests and answers is respected (RFC 9111). */
  readonly cache_control: boolean;
  /** Whether paths that differ in case share an answer. */
  readonly ignore_uri_case: boolean;
  /** Seconds that an answer is kept for, also when it is stale; 0, until there is no room. Unset, as long as it is fresh. */
  readonly storage_ttl: number | null;
  /** The memory of the strategy `memory`. */
  readonly memory: {
    /** Name of the part of the memory: entries that name the same share their answers. */
    readonly dictionary_name: string;
  };
  /** Query arguments that answers differ by; unset or empty, all of them. */
  readonly vary_query_params: readonly string[] | null;
  /** Request headers that answers differ by; unset, none of them. */
  readonly vary_headers: readonly string[] | null;
  /** Headers that tell what the cache did; a request with `Kong-Debug` gets all of them. */
  readonly response_headers: {
    /** Whether an answer from the cache tells its age in seconds. */
    readonly age: boolean;
    /** Whether answers tell `Miss`, `Hit`, `Refresh` or `Bypass`. */
    'X-Cache-Status': boolean;
    /** Whether answers tell the key they are kept under. */
    'X-Cache-Key': boolean;
  };
  /** The Redis server of the strategy `redis`. Not in Kong. */
  readonly redis?: {
    /** Host name or address; required by the strategy `redis`. */
    readonly host: string;
    /** Port. */
    readonly port: number;
    /** Longest wait for the connection and for each command, in milliseconds. */
    readonly timeout: number;
    /** User of Redis' access lists; without a password it is ignored. */
    readonly username: string | null;
    /** Password; unset, no authentication is tried. */
    readonly password: string | null;
    /** Number of the database. */
    readonly database: number;
    /** Whether to connect with TLS. */
    readonly ssl: boolean;
    /** Whether the server's certificate is checked against the trusted authorities. */
    readonly ssl_verify: boolean;
    /** Server name for TLS, when it is not the host. */
    readonly server_name: string | null;
  };
}

/** Limits how many requests a client may make in a time. */
export interface RateLimitingConfig {
  /** Requests that are allowed in a second. */
  readonly second: number | null;
  /** Requests that are allowed in a minute. */
  readonly minute: number | null;
  /** Requests that are allowed in a hour. */
  readonly hour: number | null;
  /** Requests that are allowed in a day. */
  readonly day: number | null;
  /** Requests that are allowed in a month. */
  readonly month: number | null;
  /** Requests that are allowed in a year. */
  readonly year: number | null;
  /** What requests are counted by; where it is missing, the client's address counts. */
  readonly limit_by: 'consumer' | 'credential' | 'ip' | 'service' | 'header' | 'path' | 'claim';
  /** Header whose value is counted by, with `limit_by: header`. */
  readonly header_name: string | null;
  /** Path that is counted as one, with `limit_by: path`. */
  readonly path: string | null;
  /** Claim of the verified token that is counted by, with `limit_by: claim`. Not in Kong. */
  readonly claim_name?: string;
  /** Where is counted: `local` on this node, exact over its workers; `redis` for all nodes that share a server. */
  readonly policy: 'local' | 'redis';
  /** Whether requests pass uncounted while Redis is away; `false` answers them with 500. */
  readonly fault_tolerant: boolean;
  /** The Redis server of the policy `redis`. */
  readonly redis: {
    /** Host name or address; required by the policy `redis`. */
    readonly host: string | null;
    /** Port. */
    readonly port: number;
    /** Longest wait for the connection and for each command, in milliseconds. */
    readonly timeout: number;
    /** User of Redis' access lists; without a password it is ignored. */
    readonly username: string | null;
    /** Password; unset, no authentication is tried. */
    readonly password: string | null;
    /** Number of the database. */
    readonly database: number;
    /** Whether to connect with TLS. */
    readonly ssl: boolean;
    /** Whether the server's certificate is checked against the trusted authorities. */
    readonly ssl_verify: boolean;
    /** Server name for TLS, when it is not the host. */
    readonly server_name: string | null;
  };
  /** Whether the answer's rate limit headers are left out. */
  readonly hide_client_headers: boolean;
  /** Status of a refusal. */
  readonly error_code: number;
  /** Text of a refusal. */
  readonly error_message: string;
  /** Seconds between two exchanges with Redis; -1 asks it for every request, which alone is exact. */
  readonly sync_rate: number;
}

/** Answers requests with a redirect. */
export interface RedirectConfig {
  /** Status of the answer. */
  readonly status_code: number;
  /** URL to redirect to. */
  readonly location: string;
  /** Whether path and query of the request take the place of those of the URL. */
  readonly keep_incoming_path: boolean;
}

/** Refuses requests whose body is too large. */
export interface RequestSizeLimitingConfig {
  /** Largest size of a body, in `size_unit`. */
  readonly allowed_payload_size: number;
  /** Unit of the size; megabytes and kilobytes are powers of 1024. */
  readonly size_unit: 'megabytes' | 'kilobytes' | 'bytes';
  /** Whether a request must say its size, or send its body in chunks. */
  readonly require_content_length: boolean;
}

/** Answers requests without forwarding them. */
export interface RequestTerminationConfig {
  /** Status of the answer. */
  readonly status_code: number;
  /** Message of the default JSON body. */
  readonly message: string | null;
  /** Media type of the own body. */
  readonly content_type: string | null;
  /** The own body, sent as written. */
  readonly body: string | null;
  /** Whether the answer describes the request. */
  readonly echo: boolean;
  /** Header or query argument without which the plugin does nothing. */
  readonly trigger: string | null;
}

/** Changes requests before they are forwarded. */
export interface RequestTransformerConfig {
  /** Method that the upstream is asked with. */
  readonly http_method: string | null;
  /** What is taken out, by name. */
  readonly remove: {
    /** Names of forms and JSON objects. */
    readonly body: readonly string[];
    /** Names of the head. */
    readonly headers: readonly string[];
    /** Names of the query. */
    readonly querystring: readonly string[];
  };
  /** What gets another name, as `old:new`. */
  readonly rename: {
    /** Pairs `old:new` of forms and JSON objects. */
    readonly body: readonly string[];
    /** Pairs `old:new` of the head. */
    readonly headers: readonly string[];
    /** Pairs `old:new` of the query. */
    readonly querystring: readonly string[];
  };
  /** What gets another value when it is there, as `name:value`. */
  readonly replace: {
    /** Pairs `name:value` of forms and JSON objects. */
    readonly body: readonly string[];
    /** Pairs `name:value` of the head. */
    readonly headers: readonly string[];
    /** Pairs `name:value` of the query. */
    readonly querystring: readonly string[];
    /** Path that the upstream is asked for; a template. */
    readonly uri: string | null;
  };
  /** What is added when it is not there, as `name:value`. */
  readonly add: {
    /** Pairs `name:value` of forms and JSON objects. */
    readonly body: readonly string[];
    /** Pairs `name:value` of the head. */
    readonly headers: readonly string[];
    /** Pairs `name:value` of the query. */
    readonly querystring: readonly string[];
  };
  /** What is added beside values that are there, as `name:value`. */
  readonly append: {
    /** Pairs `name:value` of forms and JSON objects. */
    readonly body: readonly string[];
    /** Pairs `name:value` of the head. */
    readonly headers: readonly string[];
    /** Pairs `name:value` of the query. */
    readonly querystring: readonly string[];
  };
}

/** Limits what clients may use up, as the upstream counts it in a header of its answers. */
export interface ResponseRatelimitingConfig {
  /** Header of the upstream's answer that says what was used: `name=amount, …`. Clients do not get it. */
  readonly header_name: string;
  /** What is counted by; where it is missing, the client's address counts. */
  readonly limit_by: 'consumer' | 'credential' | 'ip';
  /** Where is counted: `local` on this node, exact over its workers; `redis` for all nodes that share a server. */
  readonly policy: 'local' | 'redis';
  /** Whether requests pass uncounted while Redis is away; `false` answers them with 500. */
  readonly fault_tolerant: boolean;
  /** The Redis server of the policy `redis`. */
  readonly redis: {
    /** Host name or address; required by the policy `redis`. */
    readonly host: string | null;
    /** Port. */
    readonly port: number;
    /** Longest wait for the connection and for each command, in milliseconds. */
    readonly timeout: number;
    /** User of Redis' access lists; without a password it is ignored. */
    readonly username: string | null;
    /** Password; unset, no authentication is tried. */
    readonly password: string | null;
    /** Number of the database. */
    readonly database: number;
    /** Whether to connect with TLS. */
    readonly ssl: boolean;
    /** Whether the server's certificate is checked against the trusted authorities. */
    readonly ssl_verify: boolean;
    /** Server name for TLS, when it is not the host. */
    readonly server_name: string | null;
  };
  /** Whether requests are refused before they are forwarded once any limit is used up. */
  readonly block_on_first_violation: boolean;
  /** Whether the answer's rate limit headers are left out. */
  readonly hide_client_headers: boolean;
  /** The limits by the names that the upstream uses. */
  readonly limits: {
    /** One limit: at least one period. */
    readonly [k: string]: {
      /** Uses that are allowed in a second. */
      readonly second: number | null;
      /** Uses that are allowed in a minute. */
      readonly minute: number | null;
      /** Uses that are allowed in a hour. */
      readonly hour: number | null;
      /** Uses that are allowed in a day. */
      readonly day: number | null;
      /** Uses that are allowed in a month. */
      readonly month: number | null;
      /** Uses that are allowed in a year. */
      readonly year: number | null;
    };
  };
}

/** Changes answers on their way to the client. */
export interface ResponseTransformerConfig {
  /** What is taken out, by name. */
  readonly remove: {
    /** Names of JSON objects. */
    readonly json: readonly string[];
    /** Names of the head. */
    readonly headers: readonly string[];
  };
  /** What gets another name, as `old:new`. */
  readonly rename: {
    /** Pairs `old:new` of JSON objects. */
    readonly json: readonly string[];
    /** Pairs `old:new` of the head. */
    readonly headers: readonly string[];
  };
  /** What gets another value when it is there, as `name:value`. */
  readonly replace: {
    /** Pairs `name:value` of JSON objects. */
    readonly json: readonly string[];
    /** Types of the JSON values, in their order; a text without one. */
    readonly json_types: readonly ('boolean' | 'number' | 'string')[];
    /** Pairs `name:value` of the head. */
    readonly headers: readonly string[];
  };
  /** What is added when it is not there, as `name:value`. */
  readonly add: {
    /** Pairs `name:value` of JSON objects. */
    readonly json: readonly string[];
    /** Types of the JSON values, in their order; a text without one. */
    readonly json_types: readonly ('boolean' | 'number' | 'string')[];
    /** Pairs `name:value` of the head. */
    readonly headers: readonly string[];
  };
  /** What is added beside values that are there, as `name:value`. */
  readonly append: {
    /** Pairs `name:value` of JSON objects. */
    readonly json: readonly string[];
    /** Types of the JSON values, in their order; a text without one. */
    readonly json_types: readonly ('boolean' | 'number' | 'string')[];
    /** Pairs `name:value` of the head. */
    readonly headers: readonly string[];
  };
}

/** Answers with the public keys of a keyset of the jwt-signer plugin. */
export interface SilverbackJwksConfig {
  /** Name of the keyset, as in access_token_keyset. */
  readonly keyset: string;
  /** How long in seconds clients may keep the answer. */
  readonly max_age: number;
}

/** Sends metrics of each request to a StatsD server. */
export interface StatsdConfig {
  /** Name or address of the server. */
  readonly host: string;
  /** Port of the server. */
  readonly port: number;
  /** What the names of all metrics begin with. */
  readonly prefix: string;
  /** What is sent of each request. */
  readonly metrics: {
    /** Which metric. */
    readonly name:
      | 'request_count'
      | 'latency'
      | 'request_size'
      | 'status_count'
      | 'response_size'
      | 'unique_users'
      | 'request_per_user'
      | 'upstream_latency'
      | 'kong_latency'
      | 'status_count_per_user'
      | 'status_count_per_workspace'
      | 'status_count_per_user_per_route'
      | 'shdict_usage';
    /** What the server makes of the values. */
    readonly stat_type: 'counter' | 'gauge' | 'histogram' | 'meter' | 'set' | 'timer';
    /** Rate that the server is told; every request is sent all the same. */
    readonly sample_rate: number | null;
    /** What a consumer is called; unset: `consumer_identifier_default`. */
    readonly consumer_identifier: ('consumer_id' | 'custom_id' | 'username') | null;
    /** What a service is called; unset: `service_identifier_default`. */
    readonly service_identifier:
      ('service_id' | 'service_name' | 'service_host' | 'service_name_or_host') | null;
    /** What the workspace is called; unset: `workspace_identifier_default`. */
    readonly workspace_identifier: ('workspace_id' | 'workspace_name') | null;
  }[];
  /** Ranges of status codes; requests with others are left out. */
  readonly allow_status_codes: readonly string[] | null;
  /** Metrics go together in datagrams of up to so many bytes; 0: each in one of its own. */
  readonly udp_packet_size: number;
  /** Whether metrics go over TCP. */
  readonly use_tcp: boolean;
  /** Whether names have the name of this host in them. */
  readonly hostname_in_prefix: boolean;
  /** What consumers are called. */
  readonly consumer_identifier_default: 'consumer_id' | 'custom_id' | 'username';
  /** What services are called. */
  readonly service_identifier_default:
    'service_id' | 'service_name' | 'service_host' | 'service_name_or_host';
  /** What the workspace is called. */
  readonly workspace_identifier_default: 'workspace_id' | 'workspace_name';
  /** Without effect since Kong 3.3; `queue.max_retry_time` took its place. */
  readonly retry_count?: number;
  /** Deprecated name of `queue.max_batch_size`. */
  readonly queue_size?: number;
  /** Deprecated name of `queue.max_coalescing_delay`. */
  readonly flush_timeout?: number;
  /** How metrics are tagged; unset, what would be tags is part of their names. */
  readonly tag_style: ('dogstatsd' | 'influxdb' | 'librato' | 'signalfx') | null;
  /** How metrics wait for being sent. */
  readonly queue: {
    /** Requests whose metrics are sent at once. */
    readonly max_batch_size: number;
    /** How long a batch that is not full waits for more, in seconds. */
    readonly max_coalescing_delay: number;
    /** Requests that may wait; beyond that the oldest are dropped. */
    readonly max_entries: number;
    /** Bytes of metrics that may wait; unset, only their number is limited. */
    readonly max_bytes: number | null;
    /** How long a batch that was not taken is tried again, in seconds; -1: never. */
    readonly max_retry_time: number;
    /** Pause before the first further try, in seconds; each one doubles it. */
    readonly initial_retry_delay: number;
    /** Longest pause between two tries, in seconds. */
    readonly max_retry_delay: number;
    /** With 1 one batch goes after another; with -1 every request at once, by itself. */
    readonly concurrency_limit: 1 | -1;
  };
}

/** Writes a record of each request to the syslog of this machine. */
export interface SyslogConfig {
  /** Requests whose severity is less important are left out. */
  readonly log_level: 'debug' | 'info' | 'notice' | 'warning' | 'err' | 'crit' | 'alert' | 'emerg';
  /** Severity of requests with a status below 400. */
  readonly successful_severity:
    'debug' | 'info' | 'notice' | 'warning' | 'err' | 'crit' | 'alert' | 'emerg';
  /** Severity of requests with a status from 400 to 499. */
  readonly client_errors_severity:
    'debug' | 'info' | 'notice' | 'warning' | 'err' | 'crit' | 'alert' | 'emerg';
  /** Severity of requests with a status of 500 and above. */
  readonly server_errors_severity:
    'debug' | 'info' | 'notice' | 'warning' | 'err' | 'crit' | 'alert' | 'emerg';
  /** Lua code that sets members of the record; Lua is not run, so none may be given. */
  readonly custom_fields_by_lua: {
    readonly [k: string]: string;
  } | null;
  /** Facility of the records. */
  readonly facility:
    | 'auth'
    | 'authpriv'
    | 'cron'
    | 'daemon'
    | 'ftp'
    | 'kern'
    | 'lpr'
    | 'mail'
    | 'news'
    | 'syslog'
    | 'user'
    | 'uucp'
    | 'local0'
    | 'local1'
    | 'local2'
    | 'local3'
    | 'local4'
    | 'local5'
    | 'local6'
    | 'local7';
}

/** Sends a record of each request over a TCP connection, one a line. */
export interface TcpLogConfig {
  /** Name or address of the server. */
  readonly host: string;
  /** Port of the server. */
  readonly port: number;
  /** Longest time for connecting and for each write, in milliseconds. */
  readonly timeout: number;
  /** How long an idle connection is kept, in milliseconds; 0 keeps none. */
  readonly keepalive: number;
  /** Whether to connect with TLS; the certificate is not verified. */
  readonly tls: boolean;
  /** Server name for TLS, when it is not the host. */
  readonly tls_sni: string | null;
  /** Lua code that sets members of the record; Lua is not run, so none may be given. */
  readonly custom_fields_by_lua: {
    readonly [k: string]: string;
  } | null;
}

/** Sends a record of each request as a datagram. */
export interface UdpLogConfig {
  /** Name or address of the server. */
  readonly host: string;
  /** Port of the server. */
  readonly port: number;
  /** Longest time for finding the server's address and sending, in milliseconds. */
  readonly timeout: number;
  /** Lua code that sets members of the record; Lua is not run, so none may be given. */
  readonly custom_fields_by_lua: {
    readonly [k: string]: string;
  } | null;
}

/** Passes trace contexts on and reports spans to Zipkin. */
export interface ZipkinConfig {
  /** What this gateway is called in Zipkin. */
  readonly local_service_name: string;
  /** URL that spans are posted to; unset, nothing is reported. */
  readonly http_endpoint: string | null;
  /** Share of the requests whose caller leaves the decision to us that is reported. */
  readonly sample_ratio: number;
  /** Name of the other side of a span that has no service with a name. */
  readonly default_service_name: string | null;
  /** Whether the id of the credential is a tag. */
  readonly include_credential: boolean;
  /** How long the ids of traces that begin here are, in bytes. */
  readonly traceid_byte_count: 8 | 16;
  /** Deprecated in favour of `propagation`: which format is written beside the one that was found. */
  readonly header_type:
    | 'preserve'
    | 'ignore'
    | 'b3'
    | 'b3-single'
    | 'w3c'
    | 'jaeger'
    | 'ot'
    | 'aws'
    | 'datadog'
    | 'gcp';
  /** Deprecated in favour of `propagation.default_format`. */
  readonly default_header_type:
    'b3' | 'b3-single' | 'w3c' | 'jaeger' | 'ot' | 'aws' | 'datadog' | 'gcp';
  /** Request header that holds further tags: `name=value; name=value`. */
  readonly tags_header: string;
  /** Tags of every request. */
  readonly static_tags:
    | {
        /** Name of the tag; not one that the plugin sets. */
        readonly name: string;
        /** Value of the tag. */
        readonly value: string;
      }[]
    | null;
  /** Whether the path is part of the names of spans. */
  readonly http_span_name: 'method' | 'method_path';
  /** Longest time for connecting to Zipkin, in milliseconds; 0 stands for a minute. */
  readonly connect_timeout: number;
  /** Longest pause of Zipkin in taking a batch, in milliseconds; 0 stands for a minute. */
  readonly send_timeout: number;
  /** Longest time for an answer of Zipkin, in milliseconds; 0 stands for a minute. */
  readonly read_timeout: number;
  /** Response header that gets the trace id. */
  readonly http_response_header_for_traceid: string | null;
  /** Whether phases are shown by annotations or by tags. */
  readonly phase_duration_flavor: 'annotations' | 'tags';
  /** How spans wait for being sent. */
  readonly queue: {
    /** Spans that are sent at once, as a list. */
    readonly max_batch_size: number;
    /** How long a batch that is not full waits for more, in seconds. */
    readonly max_coalescing_delay: number;
    /** Spans that may wait; beyond that the oldest are dropped. */
    readonly max_entries: number;
    /** Bytes of spans that may wait; unset, only their number is limited. */
    readonly max_bytes: number | null;
    /** How long a batch that was not taken is tried again, in seconds; -1: never. */
    readonly max_retry_time: number;
    /** Pause before the first further try, in seconds; each one doubles it. */
    readonly initial_retry_delay: number;
    /** Longest pause between two tries, in seconds. */
    readonly max_retry_delay: number;
    /** With 1 one batch goes after another; with -1 every span at once, by itself. */
    readonly concurrency_limit: 1 | -1;
  };
  /** Which header formats of trace contexts are read, taken out and written; unset but for `default_format`, `header_type` decides. */
  readonly propagation: {
    /** Formats that are read, in this order; the first one found counts. Empty: every trace begins here. */
    readonly extract:
      readonly ('w3c' | 'b3' | 'jaeger' | 'ot' | 'datadog' | 'aws' | 'gcp')[] | null;
    /** Headers that are taken out after they were read. */
    readonly clear: readonly string[] | null;
    /** Formats that are written; `preserve` is the one that was found. Empty: none. */
    readonly inject:
      | readonly (
          'preserve' | 'w3c' | 'b3' | 'b3-single' | 'jaeger' | 'ot' | 'datadog' | 'aws' | 'gcp'
        )[]
      | null;
    /** What `preserve` writes when no format was found. */
    readonly default_format:
      'w3c' | 'b3' | 'b3-single' | 'jaeger' | 'ot' | 'datadog' | 'aws' | 'gcp';
  };
}
