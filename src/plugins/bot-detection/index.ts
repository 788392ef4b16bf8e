/** Refuses well-known crawlers and clients by their User-Agent. Kong: bot-detection. */
import type { BotDetectionConfig } from '../../config/schema-types.ts';
import { textOfBytes } from '../../http/bytes.ts';
import { headerValues } from '../../http/headers.ts';
import { errorResponse } from '../../http/response.ts';
import { definePlugin } from '../../plugin.ts';
import { createRecentMap } from '../../recent-map.ts';
import { isKnownBot } from './known-bots.ts';

const SEVERAL = errorResponse(400, 'Only one User-Agent header allowed');
const FORBIDDEN = errorResponse(403);

/** As many as Kong remembers; agents of people have some 100 characters. */
const VERDICTS = { entriesMax: 10_000, keyLengthsMax: 4 * 1024 * 1024 };

type Verdict = 'pass' | 'refuse';

export const botDetection = definePlugin<BotDetectionConfig>({
  name: 'bot-detection',
  priority: 2500,
  compile(config, { compileRegex }) {
    const allow = config.allow.map(compileRegex);
    const deny = config.deny.map(compileRegex);
    const verdicts = createRecentMap<Verdict>(VERDICTS);

    function judge(bytes: string): Verdict {
      const agent = textOfBytes(bytes).trim();
      if (allow.some((pattern) => pattern.test(agent))) return 'pass';
      if (deny.some((pattern) => pattern.test(agent))) return 'refuse';
      return isKnownBot(agent) ? 'refuse' : 'pass';
    }

    return {
      access({ headers }) {
        const [agent, another] = headerValues(headers, 'user-agent');
        if (agent === undefined) return undefined;
        if (another !== undefined) return SEVERAL;
        let verdict = verdicts.get(agent);
        if (verdict === undefined) verdicts.set(agent, (verdict = judge(agent)));
        return verdict === 'pass' ? undefined : FORBIDDEN;
      },
    };
  },
});
