/** SB2036: a consumer that no request can be of: it has no credential, and no plugin finds consumers otherwise. */
import { anonymousOf } from '../authentication.ts';
import { CREDENTIAL_KINDS, AUTHENTICATION, needsNoCredential } from '../credentials.ts';
import { calledConsumer } from '../names.ts';
import { at, type Rule } from '../rule.ts';

export const namelessConsumer: Rule = {
  code: 'SB2036',
  check(view) {
    const { entities, plugins } = view;
    if (plugins.enabled.some(({ name }) => needsNoCredential(name))) return [];
    if (!plugins.enabled.some(({ name }) => AUTHENTICATION.has(name))) return [];
    const used = new Set([
      ...CREDENTIAL_KINDS.flatMap((kind) => entities[kind].map(({ consumer }) => consumer.id)),
      ...plugins.enabled.map((entry) => view.anonymousConsumer(anonymousOf(entry) ?? '')?.id),
    ]);
    return entities.consumers
      .filter(({ id }) => !used.has(id))
      .map((consumer) => ({
        message: `${calledConsumer(consumer)} has no credential: no request can be its own`,
        help: 'give it one (e.g. keyauth_credentials), or remove it',
        at: at(consumer, consumer.username === null ? 'custom_id' : 'username'),
      }));
  },
};
