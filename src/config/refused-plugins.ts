/** Plugins that come with the open-source Kong and not with this version: what to do here instead. */

const OWN = 'write it as a plugin of your own (docs/plugins.md)';

export const INSTEAD_OF: ReadonlyMap<string, string> = new Map([
  ['acme', 'get certificates with an ACME client, and name them in `certificates` or `ssl_cert`'],
  ['ai-proxy', "make the provider a service, and set its key with 'request-transformer'"],
  ['ai-prompt-decorator', OWN],
  ['ai-prompt-guard', OWN],
  ['ai-prompt-template', OWN],
  ['ai-request-transformer', OWN],
  ['ai-response-transformer', OWN],
  ['aws-lambda', 'give the function a URL, and make that a service'],
  [
    'azure-functions',
    "make the function's URL a service, and set its key with 'request-transformer'",
  ],
  ['datadog', "use 'prometheus', which the agent of Datadog reads"],
  ['grpc-gateway', 'let the upstream translate JSON to gRPC'],
  ['grpc-web', 'let the upstream speak gRPC-Web'],
  ['ldap-auth', "let a provider of OpenID Connect ask LDAP, and check its tokens with 'jwt'"],
  [
    'oauth2',
    "let an identity provider issue the tokens, and check them with 'jwt' or 'jwt-signer'",
  ],
  ['post-function', `its Lua is not run: ${OWN}`],
  ['pre-function', `its Lua is not run: ${OWN}`],
  ['session', OWN],
  ['standard-webhooks', OWN],
]);

/** What to do in place of a plugin of the open-source Kong that is not here. */
export const insteadOf = (name: string): string => INSTEAD_OF.get(name) ?? OWN;
