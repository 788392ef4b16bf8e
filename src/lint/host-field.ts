/** Where a service's host is written. */
import type { Service } from '../config/types.ts';
import { at, type Place } from './rule.ts';
import type { LintView } from './view.ts';

/** `url` is the short form of protocol, host, port and path. */
export const hostOf = (service: Service, { isWritten }: LintView): Place =>
  at(service, isWritten(service, 'url') ? 'url' : 'host');
