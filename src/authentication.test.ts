/** What `anonymous` makes of several authentication plugins on a route: either of two, or both. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authenticationAccess } from './authentication.ts';
import { FakeContext, fakeBuild, fakeConsumer } from './gateway/fake-context.test.fixture.ts';
import { errorResponse, type GatewayResponse } from './http/response.ts';
import type { RequestContext } from './plugin.ts';

const ann = fakeConsumer('ann');
const bob = fakeConsumer('bob');
const guest = fakeConsumer('guest');
const build = fakeBuild({ consumers: [ann, bob, guest] });
const REFUSED = errorResponse(401);

const knows = (consumer: typeof ann) => (ctx: RequestContext) =>
  ctx.authenticate(consumer, { id: consumer.id, consumerId: consumer.id });
const refuses = () => REFUSED;
const later = (answer: GatewayResponse | undefined) => () => Promise.resolve(answer);

type Step = Parameters<typeof authenticationAccess>[2];

/** Who the client is after both, and what it is told. */
async function outcome(anonymous: string | null, steps: readonly Step[]) {
  const ctx = new FakeContext();
  for (const step of steps) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other, as in a chain
    const answer = await authenticationAccess(anonymous, build, step)(ctx);
    if (answer !== undefined) return answer.status;
  }
  return [ctx.consumer?.username, ctx.credential !== undefined];
}

const asStep = (apply: (ctx: RequestContext) => void): Step => {
  return (ctx) => {
    apply(ctx);
    return undefined;
  };
};
const isAnn = asStep(knows(ann));
const isBob = asStep(knows(bob));

const CASES: readonly (readonly [string | null, readonly Step[], unknown])[] = [
  ['guest', [isAnn, isBob], ['ann', true]],
  ['guest', [refuses, isBob], ['bob', true]],
  ['guest', [isAnn, refuses], ['ann', true]],
  ['guest', [refuses, refuses], ['guest', false]],
  ['guest', [later(REFUSED), later(REFUSED)], ['guest', false]],
  ['id-of-guest', [refuses], ['guest', false]],
  ['gone', [refuses], 500],
  ['gone', [isAnn, refuses], ['ann', true]],
  [null, [isAnn, isBob], ['bob', true]],
  [null, [refuses, isBob], 401],
  [null, [isAnn, refuses], 401],
  [null, [later(REFUSED)], 401],
];

for (const [i, [anonymous, steps, expected]] of CASES.entries()) {
  test(`combination ${i + 1}, anonymous ${anonymous}`, async () => {
    assert.deepEqual(await outcome(anonymous, steps), expected);
  });
}
