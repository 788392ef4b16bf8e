/** Names and versions shown on the wire and by the CLI. */

/** The release of Kong Gateway whose behaviour we follow; it is what `Via` and `Server` announce. */
export const KONG_VERSION = '3.9.1';

/** The value of `Server` on answers the gateway makes itself. */
export const SERVER_TOKEN = `kong/${KONG_VERSION}`;

/** This package's own version. A test keeps it equal to package.json. */
export const SILVERBACK_VERSION = '0.1.0';
