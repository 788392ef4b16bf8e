/**
 * The YAML events of a text, read once for all who ask while the answer is in memory: the value, the
 * places in the text and the linter are all made of them.
 */
import { parseEvents } from 'js-yaml';

export type YamlEvents = ReturnType<typeof parseEvents>;
export type YamlEvent = YamlEvents[number];
export type YamlEventOf<T extends YamlEvent['type']> = Extract<YamlEvent, { readonly type: T }>;

interface Parsed {
  readonly text: string;
  readonly events: YamlEvents;
}

/** Texts of one document that are remembered; a document of more files is read again. */
const REMEMBERED_MAX = 16;

/** The latest last. Weak: events are many times the size of their text, and can be had again. */
let remembered: readonly WeakRef<Parsed>[] = [];

/**
 * The events of all documents of a text. Throws YAMLException, also for what is nested deeper than
 * `depthMax`; a text that was read before under another limit is not measured again.
 */
export function readYamlEvents(text: string, depthMax = Number.MAX_SAFE_INTEGER): YamlEvents {
  for (const reference of remembered) {
    const parsed = reference.deref();
    if (parsed?.text === text) return parsed.events;
  }
  const events = parseEvents(text, { maxDepth: depthMax });
  const alive = remembered.filter((reference) => reference.deref() !== undefined);
  remembered = [...alive.slice(1 - REMEMBERED_MAX), new WeakRef({ text, events })];
  return events;
}
