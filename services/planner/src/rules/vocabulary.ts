const words = (text: string): string[] => text.split(/\s+/).filter(Boolean);
/** A line each: words of questions, a colon, and parts of the catalog's names that answer them, the best first. */
const table = (text: string): { words: string[]; parts: string[] }[] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.split(':').map(words))
    .map(([asked = [], parts = []]) => ({ words: asked, parts }));

/** Words for what a catalog calls otherwise, by what they speak of. */
export const SYNONYMS = {
  /** A word means the type of its line. After the colon products: "database" may mean the type "postgres", which means no other. */
  type: table(`
  database db datastore rdbms schema: postgres postgresql mysql mariadb oracle mongodb
  host server machine node vm box:
  service microservice application app:
  queue topic broker stream channel: rabbitmq kafka
  cache: redis memcached
  api endpoint interface:
  job batch task cronjob:
  device equipment appliance:`),
  /** The first line is what "how busy" means. */
  metric: table(`
  load loaded usage consumption workload overloaded utilization utilisation utilized utilised pressure strain strained stressed struggling saturated busy busier busiest idle idlest quiet quietest: cpu load utilization utilisation occupancy usage throughput request quer depth backlog
  cpu processor cpus: cpu processor
  memory ram mem: mem ram
  latency latencies response responsive delay delays: latency lat resp duration delay time wait p95 p99
  slow slower slowest fast faster fastest: speed velocity latency lat resp duration delay time wait p95 p99
  errors error failing failure faults faulty erroneous: error err fail fault
  requests request traffic rps qps throughput: request req traffic throughput rps qps calls
  disk storage space: disk storage space
  backlog depth lag length full fullest: depth backlog lag length size occupancy disk storage used
  connections connection sessions: connection conn session
  messages message: message msg
  waiting queued pending: depth backlog queue lag
  temperature warm warmest cold coldest hot hottest hotter: temp cpu load
  transactions transaction: transaction tps`),
  /** A field that every item has, or much or little of a numeric attribute. */
  field: table(`
  owner owners team teams company companies squad squads department departments: owner
  environment environments env envs stage stages: environment
  status statuses: status
  type types kind kinds category categories: type
  big bigger biggest large larger largest small smaller smallest: size capacity
  expensive cheap cheaper cheapest cost costs costing: price cost`),
  event: table(`
  change changed modification modified altered: deploy release rollout chang config migrat upgrad updat patch install mainten replac calibrat relocat rollback failover restart
  incident outage breakdown disruption crash downtime problem issue trouble: incident outage breakdown failure disruption crash downtime
  deployment deploy deploys deployed release released rollout ship shipped version versions: deploy release rollout
  alert alarm warned alerted: alert alarm
  recovery recover recovered resolved restored: recover resol restor
  maintenance serviced repair repairs repaired fix fixes fixed: repair mainten service fix
  configuration config reconfigured configured: config setting
  failed fail fails: fail outage incident crash`),
};

/** What "changed" and "caused" mean. */
export const CHANGES = SYNONYMS.event[0]?.parts ?? [];

/** Words for items of any type. */
export const ANY_TYPE = words(`
  item items instance instances thing things component components asset assets resource resources ci cis entity entities system systems
  everything anything something element elements object objects estate`);

/** Verbs of relations between items, and after the colon those that tell the same from the other end. Those of the first two lines reach further than one relation; "depends on" takes in what "calls". */
const RELATIONS = table(`
  depend dependent rely use need require lean: support serve power back underpin
  call consume access invoke query:
  run live sit reside deploy execute locate install place: host house
  connect link attach talk communicate:
  part belong: contain include comprise
  feed send write publish supply produce report deliver: receive
  read subscribe pull:
  monitor watch observe:
  protect secure guard:
  manage control operate handle:
  treat care:`);

/** The line of a verb, by its stem, and whether it tells the line's relations from the other end. */
export const RELATION_VERBS = new Map(
  RELATIONS.flatMap(({ words, parts }, line) =>
    [...words, ...parts].map((word) => [stem(word), { line, is_other: parts.includes(word) }] as const),
  ),
);

/** Figures of metrics by their words. */
export const AGGREGATIONS = {
  avg: 'average avg mean typical typically usual',
  p50: 'median p50',
  p90: 'p90',
  p95: 'p95',
  p99: 'p99',
  max: 'max maximum maximal peak peaks peaked',
  min: 'min minimum minimal',
  last: 'now current currently presently moment latest newest',
};
const { last: NOW, ...FIGURES } = AGGREGATIONS;

const ROLE_WORDS = {
  count: 'many number count counts amount',
  often: 'times',
  total: 'total totals sum sums altogether combined',
  figure: Object.values(FIGURES).join(' '),
  now: NOW,
  high: 'most highest top busiest hottest slowest worst greatest biggest largest heaviest warmest fullest deepest longest max maximum',
  low: 'least lowest fewest quietest idlest fastest smallest cheapest coldest bottom shortest minimum',
  group: 'by per each every',
  shares: 'distribution distributed breakdown grouped',
  owns: 'own owns owned owning responsible accountable maintain maintains maintained maintainer',
  impact: 'if impact impacted impacts affect affected affects break breaks broke broken',
  state:
    'down failure fail fails failed failing die dies died lose losing lost stop stops stopped unavailable offline outage gone away dead crash crashes crashed ok okay working notice notices suffer suffers hit hits best',
  dependents: 'dependent dependents consumer consumers user users client clients caller callers downstream',
  dependencies: 'dependency dependencies upstream provider providers',
  neighbours:
    'neighbor neighbors neighbour neighbours neighbouring related relation relations relationship relationships connected connection connections linked link links around',
  direct: 'direct directly immediate immediately',
  indirect: 'indirect indirectly transitive transitively ultimately recursively',
  way: 'path paths route routes way ways reach reached reaches reachable chain chains between lead leads leading',
  before:
    'before prior preceding precede preceded ahead led lead leading run-up lead-up build-up caused cause causes causing',
  after: 'after following since',
  happened:
    'event events happen happened happens happening done occur occurred occurs history timeline log logs logged going activity activities wrong',
  severity: 'critical warning warnings info error errors',
  last: 'last latest newest previous recent recently',
  first: 'first oldest earliest',
  trend:
    'trend trends series graph chart plot develop developed evolve evolved evolution increase increased increasing decrease decreased decreasing grow grew grown growing rise rose risen rising fall fell fallen falling drop dropped dropping climb climbed declined improve improved worsen worsened',
  why: 'why reason cause caused causes causing',
  overview: 'overview summary summarise summarize inventory catalog catalogue',
  it: 'it its itself they them their theirs those these',
  than: 'than compared comparison versus vs',
  not: 'not no without except excluding neither nor never nobody none but besides else same',
};
export type WordRole = keyof typeof ROLE_WORDS;

/** Words that hold a question together and ask for nothing. */
const EMPTY_WORDS = words(`
  a an the this that these those there here and or of in on at to from for with as so then also too
  is are was were be been being am do does did has have had having can could may might must shall should will
  i me my we us our ours you your he she it its itself they them their theirs one ones yes
  who whom whose which what where when how whether any some all both either other others another such only just
  very really quite still yet again even ever exactly basically actually simply quickly roughly approximately approx
  heavy heavily badly somehow please kindly tell show give list display find get gets getting got fetch see look looks looking search know want
  need like wonder wondering let help explain describe report print return think believe say says said
  hi hello hey thanks thank name names named called matching about regarding concerning details detail info
  information data facts overall entire whole complete full general generally right time period periods
  over under above below during within until up out off into onto via through along among across against behind
  more less much few fewer lot lots high higher low lower greater larger bigger smaller beyond exceed exceeds
  exceeded exceeding cross crossed crosses crossing threshold value values level levels figure figures metric metrics
  measure measured measurement measurements reading readings rate rates goes went come comes came
  compare rank ranked ranking order ordered sort sorted split group states state
  day days hour hours minute minutes min mins hr hrs h m d week weeks month months row consecutive straight
  different distinct unique various separate everybody everyone anybody anyone somebody someone
  exist exists existing whats hows wheres whos registered tracked
  known stored recorded reported seen set point points apart together respectively shortly earlier later ago
  soon late code id ids written built implemented based located situated placed coded made make makes live running
  hosts using used utilise utilize spread take takes took taken suppose assuming throughout customer customers
  would raise raised alert alerts severities severity
  connect connects belong belongs belonging charge work works put mean means meaning
  reason responsibility environment environments owner owners team teams type types kind kinds status statuses`);

/** What words of the question's own language ask for: nothing, or one or several things. Other words mean something only where a catalog holds them. */
export const ROLES: ReadonlyMap<string, WordRole[]> = rolesOfWords();

function rolesOfWords(): Map<string, WordRole[]> {
  const roles = new Map<string, WordRole[]>(EMPTY_WORDS.map((word) => [word, []]));
  for (const [role, text] of Object.entries(ROLE_WORDS) as [WordRole, string][])
    for (const word of words(text)) roles.set(word, [...(roles.get(word) ?? []), role]);
  return roles;
}

/** Units that stand after a number. */
export const UNIT_WORDS = words(
  'ms s b kb mb gb tb kib mib gib tib byte bytes kilobytes megabytes gigabytes terabytes rps qps',
);

const NUMBER_WORDS = words('zero one two three four five six seven eight nine ten eleven twelve');

/** "5", "1.5", "five"; null where it is no number. */
export function numberOf(text = ''): number | null {
  const at = NUMBER_WORDS.indexOf(text.toLowerCase());
  if (at >= 0) return at;
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : null;
}

export const NUMBER = String.raw`(?:-?\d+(?:\.\d+)?|(?:${NUMBER_WORDS.join('|')})\b)`;
const LESS = 'less|lower|smaller|fewer|shorter|cheaper';
const MORE = 'more|greater|higher|larger|bigger|longer|slower|heavier|hotter';
const phrase = (text: string) => new RegExp(text, 'giu');

/** A bound as phrases leave it: "> 80 %". */
export const BOUND = String.raw`([<>])(=?)\s*(${NUMBER})(?:\s*(%))?`;

/** One way to say what may be said in several, in the order in which they are read. */
const PHRASES: [RegExp, string][] = [
  [/n['’]t\b/gi, ' not'],
  [/['’]s\b/g, ''],
  [/(?<=\d),(?=\d{3}(?!\d))/g, ''],
  [/(?<![\w.-])(?<n>\d+)(?:k| thousand)\b/gi, '$<n>000'],
  [/(?<![\w.-])(?<n>\d+) million\b/gi, '$<n>000000'],
  [/(?<=\d ?)percent\b/gi, '%'],
  [/(?<=\d ?)milliseconds?\b/gi, 'ms'],
  [/(?<=\d ?)sec(?:ond)?s?\b/gi, 's'],
  [phrase(String.raw`\b(?:at least|>=)(?= *${NUMBER})`), '>='],
  [phrase(String.raw`\b(?:at most|<=)(?= *${NUMBER})`), '<='],
  [phrase(String.raw`(${NUMBER}(?:\s*%|\s+\p{L}+)?)\s+or (?:${MORE}|above|over)\b`), '>= $1'],
  [phrase(String.raw`(${NUMBER}(?:\s*%|\s+\p{L}+)?)\s+or (?:${LESS}|below|under)\b`), '<= $1'],
  [phrase(String.raw`\b(?:(?:${LESS}) than|below|under)(?= ${NUMBER})`), '$& <'],
  [
    phrase(String.raw`\b(?:(?:${MORE}) than|above|over|exceed(?:s|ed|ing)?|beyond|crosse[sd])(?= ${NUMBER})`),
    '$& >',
  ],
  [/\b(50|90|95|99)(?:th|%)?[\s-]*percentile\b/gi, 'p$1'],
  [/\bat most\b/gi, 'peak'],
  [/\bhow low (?=(?:did|has|have)\b)/gi, 'minimum '],
  [/\bhow (\w+) ((?:did|has|have) .*)\b(?:get|got|gone|go|rise|climb|reach)\b/gi, 'peak $1 $2'],
  [/\bhow ((?:did|has|have) .*)\b(?:chang\w*|go|gone|behave\w*)\b/gi, '$1 trend'],
  [/\b((?:did|does|has|have) .*)\b(?:go|gone) (?:up|down)\b|\bwent up\b|\bover time\b/gi, '$1 trend'],
  [/\b(?:looks? after|looking after|(?:is |are )?in charge of|takes? care of)\b/gi, 'owns'],
  [
    /\bwho(?:m)? (?:do|should|must|can|could) (?:i|we) (?:call|contact|ask|page|notify|inform|tell|talk to|speak to)\b/gi,
    'who owns',
  ],
  [/\b(?:other than|apart from)\b/gi, 'except'],
  [/\bgets? (?:from .+ )?to\b/gi, 'reach'],
  [/\bhow (?:heavily|hard|intensively)\b(.*?)\b(?:being )?(?:used|hit|working)\b/gi, 'how loaded$1'],
  [/\bhow often\b/gi, 'how many times'],
  [/\b(?:took|takes?|taken|taking) place\b/gi, 'happened'],
  [/\bwork(?:s|ed|ing)? (?:the )?hardest\b|\bhardest[- ]working\b/gi, 'busiest'],
  [/\b(?:going|judging|judged) by\b/gi, 'by'],
  [/\bbroken down\b/gi, 'grouped'],
  [/\bup and running\b/gi, 'working'],
  // "incidents with their severity" speaks of its own incidents; "the hosts and which one is the largest" of those before.
  [/\b(with|and|including|by|plus) (?:their|its)\b/gi, '$1 the'],
  [/\bwhich ones?\b/gi, 'which they'],
  [/(?<!\b(?:is|are|was|were) )\bthere\s*$/gi, 'on it'],
];

/** A question in the words that are read here. */
export function sayPlainly(question: string): string {
  return PHRASES.reduce((text, [phrase, meant]) => text.replace(phrase, meant), question);
}

/** The base form of a verb or noun, roughly and without a silent e: "uses", "used", "using" → "us". */
export function stem(word: string): string {
  return word
    .toLowerCase()
    .replace(/(?<=..)ie[sd]$/, 'y')
    .replace(/(?<=..)(?:ing|(?<!e)ed|(?<![su])s)$/, '')
    .replace(/([bdgmnprt])\1$/, '$1')
    .replace(/e$/, '');
}
