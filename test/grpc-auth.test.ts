/** The plugins `jwt` and `key-auth` on gRPC routes: credentials in metadata, refusals as gRPC statuses. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import {
  Metadata,
  status,
  type Client,
  type ServerDuplexStream,
  type StatusObject,
} from '@grpc/grpc-js';
import type { WrittenEntities } from './support/config.ts';
import {
  asIs,
  endOf,
  METHODS,
  through,
  unary,
  type Answer,
  type Bytes,
  type Unary,
} from './support/grpc.ts';
import { hmacSigned, type Claims } from './support/tokens.ts';

const ALICE = '00000000-0000-4000-8000-0000000000a1';
const SECRET = 'a secret of more than thirty-two bytes';
const FAR = 4_000_000_000;
const PAST = 1_000_000_000;

const bearer = (claims: Claims, secret = SECRET): string =>
  `Bearer ${hmacSigned(secret, { iss: 'alice-issuer', ...claims })}`;

interface Refused {
  readonly name: string;
  /** The text of the field in the metadata; absent: no field. */
  readonly sent?: string;
  /** Kong: the message of the plugin's answer if it has one, else the name of the status. */
  readonly details: string;
  readonly challenge: string;
}

interface Scheme {
  readonly entities: WrittenEntities;
  readonly field: string;
  readonly good: string;
  readonly refused: readonly Refused[];
}

const INVALID = 'Bearer error="invalid_token"';
const SCHEMES: Readonly<Record<string, Scheme>> = {
  jwt: {
    entities: {
      consumers: [{ id: ALICE, username: 'alice' }],
      plugins: [{ name: 'jwt', config: { claims_to_verify: ['exp'] } }],
      jwt_secrets: [{ consumer: { id: ALICE }, key: 'alice-issuer', secret: SECRET }],
    },
    field: 'authorization',
    good: bearer({ exp: FAR }),
    refused: [
      { name: 'no token', details: 'Unauthorized', challenge: 'Bearer' },
      {
        name: 'a token signed with another secret',
        sent: bearer({ exp: FAR }, `not ${SECRET}`),
        details: 'Invalid signature',
        challenge: INVALID,
      },
      {
        name: 'an expired token, whose answer has no message',
        sent: bearer({ exp: PAST }),
        details: 'Unauthenticated',
        challenge: INVALID,
      },
    ],
  },
  'key-auth': {
    entities: {
      consumers: [{ id: ALICE, username: 'alice' }],
      plugins: [{ name: 'key-auth' }],
      keyauth_credentials: [{ consumer: { id: ALICE }, key: 'alice-key' }],
    },
    field: 'apikey',
    good: 'alice-key',
    refused: [
      { name: 'no key', details: 'Unauthenticated', challenge: 'Key' },
      { name: 'another key', sent: 'mallory', details: 'Unauthenticated', challenge: 'Key' },
    ],
  },
};

interface Guarded {
  readonly client: Client;
  /** Who called, as the upstream was told. */
  readonly callers: string[];
}

const callerOf = (metadata: Metadata): string => metadata.get('x-consumer-username').join();

/** An upstream behind the plugin that notes its callers and gives every message back. */
async function guarded(t: TestContext, entities: WrittenEntities): Promise<Guarded> {
  const callers: string[] = [];
  const client = await through(
    t,
    {
      unary(call: Unary, done: Answer) {
        callers.push(callerOf(call.metadata));
        done(null, call.request);
      },
      chat(call: ServerDuplexStream<Bytes, Bytes>) {
        callers.push(callerOf(call.metadata));
        call.on('data', (part: Buffer) => call.write(part));
        call.on('end', () => call.end());
      },
    },
    { entities },
  );
  return { client, callers };
}

interface Chat {
  readonly status: StatusObject;
  readonly parts: readonly string[];
}

/** Streams two messages both ways. */
async function chat(client: Client, metadata: Metadata): Promise<Chat> {
  const call = client.makeBidiStreamRequest(METHODS.chat.path, asIs, asIs, metadata);
  const ended = endOf(call);
  const parts: string[] = [];
  call.on('data', (part: Buffer) => parts.push(part.toString()));
  for (const part of ['a', 'b']) call.write(Buffer.from(part));
  call.end();
  return { status: await ended, parts };
}

function metadataOf(field: string, text?: string): Metadata {
  const metadata = new Metadata();
  if (text !== undefined) metadata.set(field, text);
  return metadata;
}

for (const [plugin, { entities, field, good, refused }] of Object.entries(SCHEMES)) {
  test(`${plugin}: a good credential passes, and the upstream learns who calls`, async (t) => {
    const { client, callers } = await guarded(t, entities);
    const metadata = metadataOf(field, good);
    const one = await unary(client, Buffer.from('ping'), { metadata });
    assert.equal(one.status.code, status.OK);
    assert.equal(one.message?.toString(), 'ping');
    const many = await chat(client, metadata);
    assert.equal(many.status.code, status.OK);
    assert.deepEqual(many.parts, ['a', 'b']);
    assert.deepEqual(callers, ['alice', 'alice']);
  });

  for (const { name, sent, details, challenge } of refused) {
    test(`${plugin}: ${name} is UNAUTHENTICATED, in unary and streaming calls`, async (t) => {
      const { client, callers } = await guarded(t, entities);
      const metadata = metadataOf(field, sent);
      const one = await unary(client, Buffer.from('ping'), { metadata });
      const many = await chat(client, metadata);
      for (const end of [one.status, many.status]) {
        assert.equal(end.code, status.UNAUTHENTICATED);
        assert.equal(end.details, details);
        assert.deepEqual(end.metadata.get('www-authenticate'), [challenge]);
      }
      assert.deepEqual(many.parts, []);
      assert.deepEqual(callers, []);
    });
  }
}
