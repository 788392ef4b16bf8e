/** Bodies of type application/x-www-form-urlencoded. */
import { bytesOfText } from './bytes.ts';
import { parseArguments, segmentName, segmentsOf, type QueryArgs } from './query.ts';

/** The fields of a form, decoded like query arguments; at most 100 of them. */
export function parseForm(body: Buffer): QueryArgs {
  return parseArguments(body.toString('latin1'));
}

/** The body without every field called `name`, the rest byte for byte; `undefined` without one. */
export function withoutFormField(body: Buffer, name: string): Buffer | undefined {
  const bytes = bytesOfText(name);
  const segments = segmentsOf(body.toString('latin1'));
  const kept = segments.filter((segment) => segmentName(segment) !== bytes);
  return kept.length === segments.length ? undefined : Buffer.from(kept.join('&'), 'latin1');
}
