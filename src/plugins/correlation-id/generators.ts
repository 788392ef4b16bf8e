/** The three kinds of ids. */
import { randomUUID } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import type { CorrelationIdConfig } from '../../config/schema-types.ts';
import type { RequestContext } from '../../plugin.ts';

export type GenerateId = (ctx: RequestContext) => string;

/** Compiles a generator; `now` gives milliseconds since the epoch. */
export function createGenerator(
  kind: CorrelationIdConfig['generator'],
  now: () => number,
): GenerateId {
  switch (kind) {
    case 'uuid':
      return () => randomUUID();
    case 'uuid#counter':
      return uuidCounter();
    case 'tracker':
      return tracker(now);
  }
}

/** One random part for this entry of this process, then a number from 1. */
function uuidCounter(): GenerateId {
  const uuid = randomUUID();
  let count = 0;
  return () => `${uuid}#${++count}`;
}

/**
 * address-port-pid-connection-requests-time. What a connection has served is not known here, so
 * every request counts as the first of the next connection: ids stay distinct.
 */
function tracker(now: () => number): GenerateId {
  const address = ownAddress();
  let count = 0;
  return (ctx) => {
    const seconds = (now() / 1000).toFixed(3);
    return `${address}-${ctx.port}-${process.pid}-${++count}-1-${seconds}`;
  };
}

/** The machine's first address that others can see. */
function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outer = addresses.find(({ family, internal }) => family === 'IPv4' && !internal);
  return outer?.address ?? '127.0.0.1';
}
