/** Problems of a declarative config as lines for a person. */
import type { ConfigIssue } from '../errors.ts';

/** `kong.yaml:5:11: services[0].port: expected an integer`, with the hint behind it. */
export function formatIssue({ path, message, hint, position }: ConfigIssue): string {
  const where =
    position === undefined ? '' : `${position.file}:${position.line}:${position.column}: `;
  const field = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  const subject = field === '' ? '' : `${field.replace(/^\./, '')}: `;
  return `${where}${subject}${message}${hint === undefined ? '' : ` (${hint})`}`;
}
