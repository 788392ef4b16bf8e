/** What the program needs of a logger; pino has this shape. Node-side code builds one in `node/logger.ts`. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** Kong's `crit`: shown at every level. */
  fatal(fields: object, message: string): void;
  /** A logger whose lines also carry `fields`. */
  child(fields: object): Logger;
}

/** For tests and for parts that run before logging is set up. */
export const SILENT: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  fatal() {},
  child: () => SILENT,
};
