/** `silverback token`: names, flags and help of its commands. */
import type { Command } from 'commander';
import { endWith, several } from '../options.ts';
import type { ExplainFlags } from './explain.ts';
import type { MintFlags } from './mint.ts';

export function registerTokenCommands(program: Command): void {
  const token = program
    .command('token')
    .description('make tokens, read them, and see why a route takes one or not')
    .addHelpText(
      'after',
      `
Examples:
  silverback token mint --consumer jwt-user -c kong.yaml
  silverback token decode "$TOKEN"
  silverback token explain "$TOKEN" --path /jwt -c kong.yaml`,
    );
  registerMint(token);
  registerDecode(token);
  registerExplain(token);
}

function registerMint(token: Command): void {
  token
    .command('mint')
    .description('make a token that a route accepts, and print it')
    .option('--consumer <name>', 'sign with the jwt_secrets credential of this consumer')
    .option(
      '--credential <key>',
      'which of its credentials, where it has several (else the first with a secret)',
    )
    .option(
      '--route <name>',
      'follow the jwt plugin of this route (claim names, encoding of secrets)',
    )
    .option('-c, --config <path>', 'the declarative file with consumers and routes', several)
    .option('--key <file>', 'PEM private key: of a credential that is not HMAC, or of anybody')
    .option('--alg <name>', 'algorithm, where the key could be used with several')
    .option('--kid <id>', 'key id to put in the header')
    .option('--issuer <text>', 'claim iss of a token without consumer')
    .option('--claim <name=value>', 'a claim more; JSON values count as such', several, [])
    .option('--expires-in <time>', '90s, 15m, 1h, 7d, -5m for one that has expired, or never', '1h')
    .addHelpText(
      'after',
      `
A consumer's HMAC secret is in the file, so its name is enough. Of other credentials the file has the
public key only: name the private one with --key. No secret is ever printed.

Examples:
  silverback token mint --consumer jwt-user -c kong.yaml
  silverback token mint --consumer jwt-user -c kong.yaml --route orders --claim role=admin
  silverback token mint --consumer partner -c kong.yaml --key partner-private.pem
  silverback token mint --key idp.pem --kid k1 --issuer https://idp.test --claim scope='read write'
  curl -H "Authorization: Bearer $(silverback token mint --consumer jwt-user -c kong.yaml)" localhost:8000/jwt`,
    )
    .action(async (flags: MintFlags) =>
      endWith(await (await import('./mint.ts')).mintCommand(flags)),
    );
}

function registerDecode(token: Command): void {
  token
    .command('decode')
    .description('show what a token says, without believing it')
    .argument('<token>', 'the token, with or without `Bearer`; - reads standard input')
    .addHelpText(
      'after',
      `
Header, claims and times in words. No signature is verified and no server is asked.

Examples:
  silverback token decode eyJhbGciOiJSUzI1NiJ9...
  pbpaste | silverback token decode -`,
    )
    .action(async (text: string) => endWith((await import('./decode.ts')).decodeCommand(text)));
}

function registerExplain(token: Command): void {
  token
    .command('explain')
    .description('say step by step why a route accepts a token or refuses it')
    .argument('<token>', 'the token, with or without `Bearer`; - reads standard input')
    .requiredOption('--path <path>', 'path and query of the request')
    .option('-c, --config <path>', 'the declarative file', several)
    .option('-X, --method <method>', 'method of the request', 'GET')
    .option('--host <name>', 'Host of the request', 'localhost')
    .option('--https', 'as a request over TLS')
    .option('-H, --header <line>', "a header more, as 'Name: value'", several, [])
    .addHelpText(
      'after',
      `
The request runs through the route and its plugins as in the gateway, and ends before the upstream.
The token goes into Authorization, unless a header of -H holds it. Keys of providers are fetched and
opaque tokens are introspected for real; what would be signed is signed with a key made on the spot.
Exit code: 0 accepted, 1 refused.

Examples:
  silverback token explain "$TOKEN" --path /jwt -c kong.yaml
  silverback token explain "$TOKEN" --path /orders -H "X-Token: $TOKEN" -H 'X-Tenant: a' -c kong.yaml
  silverback token mint --consumer jwt-user -c kong.yaml | silverback token explain - --path /jwt -c kong.yaml`,
    )
    .action(async (text: string, flags: ExplainFlags) =>
      endWith(await (await import('./explain.ts')).explainCommand(text, flags)),
    );
}
