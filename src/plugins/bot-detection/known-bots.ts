/**
 * Crawlers and client libraries by their User-Agent. The names are those of ua-parser's uap-core (Apache
 * License 2.0) in the version that Kong takes them from; what follows a name there does not decide
 * anything and is left out.
 */

/** Parts of an agent that give a bot away, wherever they stand. */
const NAMES = `
  123metaspider-Bot | 1470.net crawler | 50.nu | 8bo Crawler Bot | Aboundex | AdsBot-Google
  altavista | AppEngine-Google | archiver | Ask Jeeves | bingbot | BingPreview | blitzbot
  BlogBridge | Bloglovin | BoardReader Blog Indexer | BoardReader Favicon Fetcher
  BotName/$BotVersion | BotSeer | BUbiNG | Catchpoint | Checklinks | Cityreview Robot
  clumboot | Comodo HTTP(S) Crawler | Comodo-Webinspector-Crawler | ConveraCrawler | CRAWL-E
  CrawlConvera | CrawlDaddy | CrawlFire | CSimpleSpider | Daumoa | Feed Seeker Bot | Feedbin
  Finderbots | findlinks | Flamingo_SearchEngine | FollowSite Bot | furlbot | Genieo | gigabot
  GomezAgent | gonzo1 | Google SketchUp | Googlebot | grub-client | gsa-crawler | heritrix
  HiddenMarket | holmes | HooWWWer | htdig | ia_archiver | Icarus6j | ICC-Crawler | ichiro
  IconSurf | IlTrovatore | Index crawler | InfuzApp | Innovazion Crawler | InternetArchive
  Job Roboter | KaloogaBot | KiwiStatus Spider | Kraken | Kurzor | larbin | LEIA | LesnikBot
  Lijit Crawler | Linguee Bot | LinkAider | LinkedInBot | Lite Bot | Llaut | lycos
  Mail.RU_Bot | masidani_bot | masscan | Mediapartners-Google | MJ12bot | mogimogi | mozDex
  msnbot | msrbot | Mtps Feed Aggregation System | netresearch | Netvibes | NewsGator | Nutch
  Nymesis | ObjectsSearch | OgScrper | OOZBOT | Orbiter | PagePeeker | PagesInventory
  PaxleFramework | Peeplo Screenshot Bot | PlantyNet_WebRobot | Pompos | QuerySeekerSpider
  Qwantify | Read%20Later | Reaper | RedCarpet | Retreiver | Riddler | Rival IQ | ScollSpider
  scooter | Scrapy | Scrubby | searchsight | seekbot | semanticdiscovery | SemrushBot
  SEOstats | SimplePie | SimpleRSS | Simpy | SiteCat Webbot | SiteCon | Slack-ImgProxy
  Slackbot-LinkExpanding | Slurp | snappy | Speedy Spider | Squrl Java | Stringer
  TheUsefulbot | Thumbshots.ru | ThumbShotsBot | Tiny Tiny RSS | Trends Crawler | Twitterbot
  URL2PNG | USyd-NLP-Spider | Vagabondo | VoilaBot | Votay bot | Web-sniffer | WebThumb
  WhatsApp | WhatWeb | WIRE | WordPress | Wotbox | www.almaden.ibm.com | yacy | Yahoo! Slurp
  YahooSeeker | YodaoBot | YottaaMonitor | Yowedo | ZeBot_www.ze.bz | ZooShot | ZyBorg
`;

/** As above, but with something that varies. */
const PATTERNS: readonly RegExp[] = [
  /Accoona-[A-z]{1,30}-Agent/,
  /archive.{0,30}\.org_bot/,
  /[Bb]ai[Dd]u[Ss]pider-[A-Za-z]/,
  /boitho.com-dc/,
  /\b\w{0,30}favicon\w{0,30}\b/,
  /\bYeti/,
  /[Cc]harlotte/,
  /IP2[a-z]{1,30}Bot/,
  /jbot\b/,
  /Microsoft .{0,30} Bot/,
  /^(?:NING|vortex|voyager|Zao)/,
  /WASALive.Bot/,
  /WeSEE:[A-z]/,
  /Xenu(?:.s)? Link Sleuth/,
  /Xerka [A-z]{1,30}Bot/,
  /Yandex\w/,
  // A service's own clients, some with their version.
  /Pingdom\.com_bot_version_\d+\.\d/,
  /(?:facebookexternalhit|Twitterbot)\/\d+\.\d/,
  /\b(?:Boto3?|JetS3t|aws-(?:cli|sdk-(?:cpp|go|java|nodejs|ruby2?|dotnet-(?:\d{1,2}|core)))|s3fs)\/\d+\.\d/,
  / PTST\/\d+\.?\d+$/,
  // Client libraries.
  /Google-HTTP-Java-Client|Apache-HttpClient|Go-http-client|scalaj-http|http%20client|Python-urllib|HttpMonitor/,
  /TLSProber|WinHTTP|JNLP|okhttp|aihttp|reqwest|axios|unirest-(?:java|python|ruby|nodejs|php|net)/,
  // What calls itself a bot and has a version.
  /\/(?:(?:Ant-)?Nutch|[A-z]+(?:[Bb]ot|[Ss]pider)|Axtaris|fetchurl|Isara|ShopSalad|Tailsweep)[ -]\d/,
  /\b(?:008|Altresium|Argus|BaiduMobaider|BoardReader|DNSGroup|DataparkSearch|EDI|Goodzer|Grub|INGRID)\/\d/,
  /\b(?:Infohelfer|LOOQ|PathDefender|Peew|PostPost|Steeler|VSE|WebCrunch|WebZIP|Y!J-BR[A-Z]|envolk|sproose|wminer)\/\d/,
  /(?:[Aa]rchiver|[Ii]ndexer|[Ss]craper|[Bb]ot|[Ss]pider|[Cc]rawl[a-z]{0,50})[/ ]\d/,
  /[Ss][Pp][Ii][Dd][Ee][Rr]|[Ss]crape|[Cc][Rr][Aa][Ww][Ll]/,
];

const SPECIAL = /[.*+?^${}()|[\]\\/]/g;

const NAME = new RegExp(
  NAMES.trim()
    .split(/\s*[|\n]\s*/)
    .map((name) => name.replaceAll(SPECIAL, String.raw`\$&`))
    .join('|'),
);

/** A text that gives a bot away when it stands anywhere behind the first match of the pattern. */
const SEQUENCES: readonly (readonly [first: RegExp, then: string])[] = [
  [/Google/, '/+/web/snippet'],
  [/MSIE \d+\.\d+(?:[a-z]\d?)?;/, ' MSIECrawler'],
];

/** In time linear in the agent, whatever it holds. @param agent trimmed */
export const isKnownBot = (agent: string): boolean =>
  NAME.test(agent) ||
  PATTERNS.some((pattern) => pattern.test(agent)) ||
  SEQUENCES.some(([first, then]) => {
    const start = agent.search(first);
    return start !== -1 && agent.includes(then, start);
  });
