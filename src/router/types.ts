/** What the router is asked and what it answers. */
import type { Route } from '../config/types.ts';
import type { HeaderList } from '../http/headers.ts';
import type { UriCaptures } from '../plugin.ts';
import type { Verdict } from './examine.ts';

/** The facts of a request that any route can match on. Reading them is all the router does. */
export interface RouteQuestion {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** Host header as received, or the empty string. */
  readonly host: string;
  /** Normalised path. */
  readonly path: string;
  readonly headers: Readonly<HeaderList>;
  /** Port of the listener. */
  readonly port: number;
  /** TLS server name, or `undefined` on a plain connection or without SNI. */
  readonly serverName: string | undefined;
}

/** One route and whatever the gateway compiled for it. */
export interface RouteEntry<Target> {
  readonly route: Route;
  readonly target: Target;
}

export interface RouteMatch<Target> {
  readonly target: Target;
  /** The part of the path that the route's path consumed; `undefined` when no path took part. */
  readonly prefix: string | undefined;
  readonly captures: UriCaptures | undefined;
}

export interface Router<Target> {
  match(question: RouteQuestion): RouteMatch<Target> | undefined;
  /** Why `match` answers as it does: every candidate, in the order in which they are tried. Slow. */
  examine(question: RouteQuestion): readonly Verdict<Target>[];
  /** How many routes it knows. */
  readonly size: number;
}
