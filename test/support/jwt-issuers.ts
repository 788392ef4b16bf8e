/** An identity provider on a real socket, and the jwt plugin that trusts it. */
import type { TestContext } from 'node:test';
import type { JwtConfig } from '../../src/config/schema-types.ts';
import { applyDefaults } from '../../src/config/defaults.ts';
import {
  FakeContext,
  fakeBuild,
  type FakeRequest,
} from '../../src/gateway/fake-context.test.fixture.ts';
import { createKeyServices } from '../../src/keys/client.ts';
import { createKeyHost } from '../../src/keys/host.ts';
import { SILENT } from '../../src/log.ts';
import { createOutbound } from '../../src/outbound/index.ts';
import type { PluginPhases } from '../../src/plugin.ts';
import { freshKey, setOf } from '../../src/tokens/keys.test.fixture.ts';
import { startOrigin, type RecordingOrigin } from './origin.ts';
import { entities, NOW } from '../../src/plugins/jwt/tokens.test.fixture.ts';
import { jwt } from '../../src/plugins/jwt/index.ts';

/** The key that the provider publishes at first. */
export const key = freshKey('one');
export const IDP = 'https://idp.example';

export interface Rig {
  readonly provider: RecordingOrigin;
  /** What the provider publishes. */
  document: string;
  compile(config: Record<string, unknown>): PluginPhases;
}

const openStore = (): never => {
  throw new Error('no store in this test');
};

/** A provider on a real socket, and the plugin with the key services of a process. */
export async function rig(t: TestContext): Promise<Rig> {
  const provider = await startOrigin(t, (req, res) => {
    const isDiscovery = req.url?.startsWith('/.well-known/') === true;
    const found = { issuer: provider.url, jwks_uri: `${provider.url}/jwks` };
    res.end(isDiscovery ? JSON.stringify(found) : made.document);
  });
  const outbound = createOutbound({ resolve: () => [{ ip: '127.0.0.1' }] });
  const host = createKeyHost({ outbound, openStore, log: SILENT });
  const services = createKeyServices(host.connect);
  t.after(async () => {
    services.close();
    await host.close();
    await outbound.close();
  });
  const made: Rig = {
    provider,
    document: setOf(key),
    compile(written) {
      const { keySources } = services;
      return jwt.compile(
        configOf(written),
        fakeBuild(entities, () => NOW * 1000, { keySources }),
      );
    },
  };
  return made;
}

/** A config as it is loaded. */
export function configOf(config: Record<string, unknown>): JwtConfig {
  const entity: unknown = applyDefaults('plugins', { name: 'jwt', config })['config'];
  // The schema that filled it in is the one the type is made from.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return entity as JwtConfig;
}

export interface Outcome {
  readonly status: number | 'passed';
  readonly text: string;
  readonly challenge: string;
  readonly ctx: FakeContext;
}

export async function ask(phases: PluginPhases, request: FakeRequest): Promise<Outcome> {
  const ctx = new FakeContext(request);
  const answer = await phases.access?.(ctx);
  if (answer === undefined) return { status: 'passed', text: '', challenge: '', ctx };
  const at = answer.headers.indexOf('WWW-Authenticate');
  const text = answer.kind === 'exit' ? String(answer.body) : '';
  return { status: answer.status, text, challenge: answer.headers[at + 1] ?? '', ctx };
}

/** Of a good token. */
export const claims = { iss: IDP, sub: 'alice', aud: ['api'], scope: 'read write', exp: NOW + 60 };
/** `issuers` with the provider's JWK set. */
export const issuersAt = ({ provider }: Rig, more: object = {}): object[] => [
  { issuer: IDP, jwks_uri: `${provider.url}/jwks`, ...more },
];
