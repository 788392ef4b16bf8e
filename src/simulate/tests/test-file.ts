/** What a test file says, after `schemas/tests.schema.json` has checked it. */
import type { ConfigPath, SourceRange } from '../../errors.ts';
import type { UpstreamFailure } from '../upstream.ts';

export interface TestFile {
  readonly config?: string | readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly keys?: Readonly<Record<string, KeyRecipe>>;
  readonly servers?: Servers;
  readonly upstream?: UpstreamRecipes;
  readonly now?: string;
  readonly tests: readonly TestRecipe[];
}

export interface KeyRecipe {
  readonly alg?: string;
  readonly kid?: string;
  readonly file?: string;
}

export type HeaderRecipe = Readonly<Record<string, string | readonly string[]>>;

export interface AnswerRecipe {
  readonly status?: number;
  readonly headers?: HeaderRecipe;
  readonly body?: unknown;
}

export interface UpstreamRecipe extends AnswerRecipe {
  readonly failure?: UpstreamFailure;
}

export type UpstreamRecipes = UpstreamRecipe | readonly UpstreamRecipe[];

export interface ServerRecipe extends AnswerRecipe {
  readonly jwks?: readonly string[];
  readonly failure?: 'refused' | 'timeout';
}

export type Servers = Readonly<Record<string, ServerRecipe>>;

export interface TokenRecipe {
  readonly consumer?: string;
  readonly credential?: string;
  readonly key?: string;
  readonly alg?: string;
  readonly kid?: string;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly expires_in?: string;
  readonly signature?: 'valid' | 'wrong' | 'none';
  readonly text?: string;
  readonly header?: string;
  readonly scheme?: string;
  readonly query?: string;
  readonly cookie?: string;
}

export interface RequestRecipe {
  readonly method?: string;
  readonly url: string;
  readonly headers?: HeaderRecipe;
  readonly body?: unknown;
  readonly token?: TokenRecipe | readonly TokenRecipe[];
  readonly client_ip?: string;
}

/** `null`: must not be there. */
export type TextExpectation =
  string | null | { readonly matches?: string; readonly contains?: string };

export type BodyExpectation =
  | string
  | null
  | { readonly json?: unknown; readonly contains?: string; readonly matches?: string };

export type HeaderExpectations = Readonly<Record<string, TextExpectation>>;

export interface SentTokenExpectation {
  readonly header: string;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly alg?: string;
  readonly kid?: TextExpectation;
}

export interface UpstreamExpectation {
  readonly method?: string;
  readonly url?: TextExpectation;
  readonly headers?: HeaderExpectations;
  readonly body?: BodyExpectation;
  readonly token?: SentTokenExpectation | readonly SentTokenExpectation[];
  readonly tries?: number;
}

export interface Expectation {
  readonly status?: number;
  readonly route?: string | null;
  readonly service?: string | null;
  readonly consumer?: string | null;
  readonly headers?: HeaderExpectations;
  readonly body?: BodyExpectation;
  readonly upstream?: UpstreamExpectation | null;
}

export interface StepRecipe {
  readonly request: RequestRecipe;
  readonly repeat?: number;
  readonly after?: string;
  readonly upstream?: UpstreamRecipes;
  readonly expect?: Expectation;
}

export interface TestRecipe extends Partial<Omit<StepRecipe, 'after'>> {
  readonly name: string;
  readonly now?: string;
  readonly servers?: Servers;
  readonly steps?: readonly StepRecipe[];
}

/** A file that was read and checked. */
export interface LoadedTests {
  readonly file: string;
  readonly recipe: TestFile;
  /** The place of a path, of its value or its name. */
  readonly locate: (path: ConfigPath, part?: 'name' | 'value') => SourceRange | undefined;
}
