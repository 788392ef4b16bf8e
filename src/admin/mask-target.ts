/** Request targets of the Admin API as logs may show them: keys that stand in a path are masked. */
import { maskTokens } from '../http/mask.ts';

/** `/key-auths/{key}` and `/consumers/{name}/key-auth/{key}` take the key where an id could stand. */
const KEY_IN_PATH =
  /(\/key-auths?\/)(?![\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?:[/?]|$))[^/?]+/gi;

/** A target as a log may show it. */
export const maskAdminTarget = (target: string): string =>
  maskTokens(target.replace(KEY_IN_PATH, '$1***'));
