/** Keeps secrets of clients out of logs: tokens wherever they stand, and the values of secret arguments. */

/** What a JWS or JWE begins with: `{"`, or a brace and white space, in base64url. */
const TOKEN = /\be(?:yJ|yA|wo|w0)[\w-]+\.[\w.-]+/g;

/** The text without tokens. */
export const maskTokens = (text: string): string => text.replace(TOKEN, '***');

/** A request target, or any URL, without tokens and without the values of the arguments of these names. */
export function maskTarget(target: string, secretNames: ReadonlySet<string>): string {
  const question = target.indexOf('?');
  if (question === -1) return maskTokens(target);
  const query = target
    .slice(question + 1)
    .split('&')
    .map((argument) => {
      const [name = ''] = argument.split('=');
      return secretNames.has(safeDecode(name)) ? `${name}=***` : argument;
    })
    .join('&');
  return maskTokens(`${target.slice(0, question)}?${query}`);
}

function safeDecode(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    return name;
  }
}

const SCHEME = /\b(Bearer|Basic)\s+[\w.~+/=-]+/gi;
const NAME = String.raw`(?:[\w-]*(?:authorization|cookie|token|secret|password|api[-_]?key|private_key)|key|jwt)`;
/** A member of an object, or a name and its value side by side in a list of header fields. */
const MEMBER = new RegExp(String.raw`("${NAME}"\s*[:,]\s*)"(?:[^"\\]|\\.)*"`, 'gi');
const ARGUMENT = new RegExp(String.raw`([?&]${NAME}=)[^&\s"'\\]+`, 'gi');

/**
 * The last door: whatever reaches a log as a JSON line, at whatever depth, tokens and the values of
 * names that stand for secrets do not.
 */
export const maskSecrets = (line: string): string =>
  line
    .replace(TOKEN, '***')
    .replace(SCHEME, '$1 ***')
    .replace(MEMBER, '$1"***"')
    .replace(ARGUMENT, '$1***');
