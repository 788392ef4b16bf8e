/** Source lines without the secrets in them: reports end up in the logs of CI systems. */

const NAME = String.raw`[\w-]*(?:secret|password|passwd|token|api[-_]?key|private_key|encryption_key)|key|key_alt`;
/** A member and its value, in block or flow style, up to what ends it. */
const MEMBER = new RegExp(
  String.raw`(?<=(?:^|[\s{,"'-]))((?:${NAME})["']?\s*:\s+|(?:${NAME})"\s*:\s*)("(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?|[^\s#,{}[\]|>&*][^#,{}[\]]*)`,
  'giu',
);
/** Names where a secret is kept, and is none itself. */
const REFERENCE = /^["']?(?:\{vault:|\$\{|\$$)/;
const BEGIN_PRIVATE = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
const END_PRIVATE = /-----END [A-Z ]*PRIVATE KEY-----/;

/** The lines of a text, each as long as it was: what could be a secret is drawn as stars. */
export function maskedLines(text: string): string[] {
  let isPrivate = false;
  return text.split(/\r?\n/).map((line) => {
    const begins = BEGIN_PRIVATE.test(line);
    const isInside = isPrivate && !END_PRIVATE.test(line);
    isPrivate = (isPrivate || begins) && !END_PRIVATE.test(line);
    if (isInside && !begins) return line.replaceAll(/\S/g, '*');
    return line.replaceAll(MEMBER, (_, name: string, value: string) => name + masked(value));
  });
}

/** Quotes and length stay, so that columns do; a reference is no secret. */
function masked(value: string): string {
  if (REFERENCE.test(value)) return value;
  return (
    value.trimEnd().replaceAll(/[^"'\s]/gu, '*') + ' '.repeat(value.length - value.trimEnd().length)
  );
}
