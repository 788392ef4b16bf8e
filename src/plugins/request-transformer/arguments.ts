/** Arguments of a query or a form, as the rules change them. All texts in here are byte strings. */
import { decodeArgument, segmentName, segmentsOf } from '../../http/query.ts';

/** All values of a name in order; `true` is an argument without `=`. */
type Values = readonly (string | true)[];

const UNSAFE_BYTE = /[^A-Za-z0-9\-_.!~*'()]/g;

const encode = (bytes: string): string =>
  bytes.replaceAll(
    UNSAFE_BYTE,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );

export class Arguments {
  readonly #values = new Map<string, Values>();

  /** @param raw without a question mark */
  constructor(raw: string) {
    for (const segment of segmentsOf(raw)) {
      const name = segmentName(segment);
      const equals = segment.indexOf('=');
      const value = equals === -1 ? true : decodeArgument(segment.slice(equals + 1));
      if (name !== '') this.add(name, value);
    }
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  set(name: string, value: string): void {
    this.#values.set(name, [value]);
  }

  /** Beside the values that are there. */
  add(name: string, value: string | true): void {
    this.#values.set(name, [...(this.#values.get(name) ?? []), value]);
  }

  /** As above, but a single argument without a value gives way. */
  append(name: string, value: string): void {
    const known = this.#values.get(name) ?? [];
    this.#values.set(name, known.length === 1 && known[0] === true ? [value] : [...known, value]);
  }

  delete(name: string): void {
    this.#values.delete(name);
  }

  /** Over the values of the new name. */
  rename(name: string, newName: string): void {
    const values = this.#values.get(name);
    if (values === undefined || name === newName) return;
    this.#values.delete(name);
    this.#values.set(newName, values);
  }

  addAll(others: Arguments): void {
    for (const [name, values] of others.#values) {
      this.#values.set(name, [...(this.#values.get(name) ?? []), ...values]);
    }
  }

  /** One text per name. */
  #encoded(): string[] {
    return [...this.#values].map(([name, values]) =>
      values
        .map((value) => (value === true ? encode(name) : `${encode(name)}=${encode(value)}`))
        .join('&'),
    );
  }

  /** In the order of the form. */
  toForm(): string {
    return this.#encoded().join('&');
  }

  /** As Kong writes a query: sorted, so that one set of arguments always makes the same text. */
  toQuery(): string {
    const text = this.#encoded().toSorted().join('&');
    return text === '' ? '' : `?${text}`;
  }
}
