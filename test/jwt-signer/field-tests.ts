/** What a test of one field is: two values of it, and what differs for a client or an upstream. */
import assert from 'node:assert/strict';
import { makeWorld, type Answer, type Gateway, type World } from '../support/signer.ts';
import type { Claims } from '../support/tokens.ts';
import type { TestContext } from 'node:test';

export type Kind = 'access_token' | 'channel_token';

/** A world in which only one of the two tokens is used, in headers of its own. */
export interface KindWorld extends World {
  readonly kind: Kind;
  /** The name of a field of this token: `{t}` stands for the token. */
  name(template: string): string;
  ask(token: string): Promise<Answer>;
  /** Sends a good JWT, or an opaque token. */
  askGood(claims?: Claims): Promise<Answer>;
  askOpaque(): Promise<Answer>;
  /** What the endpoint says of every token, beside `active`. */
  result(claims: Claims): void;
  /** Claims of the new token. */
  claims(answer: Answer): Readonly<Record<string, unknown>>;
}

export interface FieldTest {
  /** With `{t}` for the token; a name without it is that of a shared field. */
  readonly field: string;
  readonly values: readonly [unknown, unknown];
  /** What `probe` gives for each value. */
  readonly expect: readonly [unknown, unknown];
  /** Other fields, with `{t}`. */
  readonly base?: Claims;
  readonly entities?: Claims;
  /** Before the config is loaded. Gives more fields, with `{t}`. */
  readonly prepare?: (w: KindWorld) => void | Claims | Promise<Claims>;
  readonly probe: (w: KindWorld) => Promise<unknown>;
}

export const IN = 'X-In';
export const OUT = 'X-Out';

async function kindWorld(t: TestContext, gateway: Gateway, kind: Kind): Promise<KindWorld> {
  const world = await makeWorld(t, gateway);
  const ask = (token: string) => world.send([IN, token]);
  return {
    ...world,
    kind,
    name: (template) => template.replaceAll('{t}', kind),
    ask,
    askGood: (claims) => ask(world.at(claims)),
    askOpaque: () => ask('opaque-1'),
    result(claims) {
      world.issuer.introspect = () => ({ body: { active: true, ...claims } });
    },
    claims: (answer) => answer.fresh(OUT).claims,
  };
}

/** Runs the test with both values; each has a provider of its own, so that nothing is remembered. */
export async function runFieldTest(
  t: TestContext,
  gateway: Gateway,
  { test, kind }: { readonly test: FieldTest; readonly kind: Kind },
): Promise<void> {
  const { field, values, expect, base = {}, entities, prepare, probe } = test;
  assert.notDeepEqual(expect[0], expect[1], 'a test that cannot fail');
  const other = kind === 'access_token' ? 'channel_token' : 'access_token';
  for (const i of [0, 1] as const) {
    const w = await kindWorld(t, gateway, kind);
    const more = (await prepare?.(w)) ?? {};
    const fields: Claims = {
      '{t}_request_header': IN,
      '{t}_upstream_header': OUT,
      '{t}_jwks_uri': w.issuer.jwks,
      '{t}_introspection_endpoint': w.issuer.endpoint,
      ...base,
      ...more,
      [field]: pick(values[i], w),
    };
    const named = Object.entries(fields).map(([name, value]) => [w.name(name), value] as const);
    await w.load(
      {
        [`${other}_request_header`]: null,
        [`${other}_optional`]: true,
        ...Object.fromEntries(named),
      },
      entities,
    );
    assert.deepEqual(await probe(w), expect[i], `${field} = ${JSON.stringify(values[i])}`);
  }
}

/** A value that is known only once the world stands. */
export type LateValue = (w: KindWorld) => unknown;

const pick = (value: unknown, w: KindWorld): unknown => (isLate(value) ? value(w) : value);
const isLate = (value: unknown): value is LateValue => typeof value === 'function';
