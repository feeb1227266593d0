const words = (text: string): string[] => text.split(/\s+/).filter(Boolean);
const lines = (text: string): string[] => text.trim().split(/\s*\n\s*/);
/** A line each: words of questions, a colon, and parts of the catalog's names that answer them, the best first. */
const table = (text: string): { words: string[]; parts: string[] }[] =>
  lines(text).map((line) => {
    const [asked = '', parts = ''] = line.split(':');
    return { words: words(asked), parts: words(parts) };
  });

/** Words that say the same of a type of item; a word means the catalog's type of its group. After the colon products: "database" may mean the type "postgres", which means no other. */
export const TYPE_WORDS = table(`
  database db datastore rdbms schema: postgres postgresql mysql mariadb oracle mongodb
  host server machine node vm box:
  service microservice application app:
  queue topic broker stream channel: rabbitmq kafka
  cache: redis memcached
  team group squad department:
  api endpoint interface:
  job batch task cronjob:
  device equipment appliance:`);

/** Words for the fields that every item has. */
export const FIELD_WORDS = {
  owner: words('owner owners team teams company companies squad squads department departments'),
  environment: words('environment environments env envs stage stages'),
  status: words('status statuses'),
  type: words('type types kind kinds category categories'),
};

/** Words for items of any type. */
export const ANY_TYPE = words(`
  item items instance instances thing things component components asset assets resource resources ci cis entity entities system systems
  everything anything something element elements object objects estate`);

/** Words that ask for a metric. */
export const METRIC_WORDS = table(`
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
  temperature warm warmest cold coldest hot hottest hotter: temp cpu load
  transactions transaction: transaction tps`);

/** Words for much or little of a numeric attribute. */
export const ADJECTIVES = table(`
  big bigger biggest large larger largest small smaller smallest: size capacity
  expensive cheap cheaper cheapest cost costs costing: price cost`);

/** Words for kinds of events; the first line is what "changed" and "caused" mean. */
export const EVENT_WORDS = table(`
  change changed modification modified altered: deploy release rollout chang config migrat upgrad updat patch install mainten replac calibrat relocat rollback failover restart
  incident outage breakdown disruption crash downtime problem issue trouble: incident outage breakdown failure disruption crash downtime
  deployment deploy deploys deployed release released rollout ship shipped version versions: deploy release rollout
  alert alarm warned alerted: alert alarm
  recovery recover recovered resolved restored: recover resol restor
  maintenance serviced repair repairs repaired fix fixes fixed: repair mainten service fix
  configuration config reconfigured configured: config setting
  failed fail fails: fail outage incident crash`);

/** Verbs of relations between items, in base form, and those that tell the same from the other end. The first line reaches further than one relation. */
export const RELATION_VERBS = table(`
  depend dependent rely use need require call consume access invoke query lean: support serve power back underpin
  run live sit reside deploy execute locate install place: host house
  connect link attach talk communicate:
  part belong: contain include comprise
  feed send write publish supply produce report deliver: receive
  read subscribe pull:
  monitor watch observe:
  protect secure guard:
  manage control operate handle:
  treat care:`).map((row, at) => ({ words: row.words, inverse: row.parts, transitive: at === 0 }));
export type Verb = (typeof RELATION_VERBS)[number];

const ROLE_WORDS = {
  count: 'many number count counts amount',
  total: 'total totals sum sums altogether combined',
  figure:
    'average avg mean median typical typically usual max maximum maximal peak peaks peaked min minimum minimal percentile p50 p90 p95 p99',
  now: 'now current currently presently moment latest newest',
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
  than: 'than compared comparison versus vs',
  not: 'not no without except excluding neither nor never nobody none but besides else same',
};
export type WordRole = keyof typeof ROLE_WORDS;

/** What words of the question's own language ask for; some may ask for several things. */
export const ROLES: ReadonlyMap<string, WordRole[]> = new Map(
  Object.values(ROLE_WORDS)
    .flatMap(words)
    .map((word) => [word, rolesOf(word)]),
);

function rolesOf(word: string): WordRole[] {
  return (Object.keys(ROLE_WORDS) as WordRole[]).filter((role) => words(ROLE_WORDS[role]).includes(word));
}

/** Words that hold a question together and ask for nothing. */
export const EMPTY_WORDS: ReadonlySet<string> = new Set(
  words(`
    a an the this that these those there here and or of in on at to from for with as so then also too
    is are was were be been being am do does did has have had having can could may might must shall should will
    i me my we us our ours you your he she it its itself they them their theirs one ones yes
    who whom whose which what where when how whether any some all both either other others another such only just
    very really quite still yet again even ever exactly basically actually simply quickly roughly approximately approx
    heavy heavily badly somehow please kindly tell show give list display find get gets getting got fetch see look looks looking search know want
    need like wonder wondering let let's help explain describe report print return think believe say says said
    hi hello hey thanks thank name names named called matching about regarding concerning details detail info
    information data facts overall entire whole complete full general generally right time times period periods
    over under above below during within until up out off into onto via through along among across against behind
    more less much few fewer lot lots high higher low lower greater larger bigger smaller beyond exceed exceeds
    exceeded exceeding cross crossed crosses crossing threshold value values level levels figure figures metric metrics
    measure measured measurement measurements reading readings rate rates go goes went come comes came
    compare rank ranked ranking order ordered sort sorted split group states state
    day days hour hours minute minutes min mins hr hrs h m d week weeks month months times row consecutive straight
    different distinct unique various separate everybody everyone anybody anyone somebody someone thing things
    exist exists existing there's it's that's what's who's where's how's whats hows wheres whos registered tracked
    known stored recorded reported seen set point points apart together respectively shortly earlier later ago
    soon late code id ids written built implemented based located situated placed coded made make makes live running
    hosts using used utilise utilize spread take takes took taken suppose assuming throughout customer customers
    would fire fired fires firing simulate simulated simulation rule rules trigger triggered triggers raise raised alert alerts window severities severity
    connect connects belong belongs belonging charge work works put mean means meaning
    reason responsibility environment environments owner owners team teams type types kind kinds status statuses
  `),
);

/** Phrases whose words mean something else together. */
export const PHRASES: [RegExp, string][] = [
  [/\b(?:looks? after|looking after|(?:is |are )?in charge of|takes? care of)\b/gi, 'owns'],
  [
    /\bwho(?:m)? (?:do|should|must|can|could) (?:i|we) (?:call|contact|ask|page|notify|inform|tell|talk to|speak to)\b/gi,
    'who owns',
  ],
  [/\b(?:other than|apart from)\b/gi, 'except'],
  [/\bgets? (?:from .+ )?to\b/gi, 'reach'],
  [/\bhow (?:heavily|hard|intensively)\b(.*?)\b(?:being )?(?:used|hit|working)\b/gi, 'how loaded$1'],
  [/\bhow often\b/gi, 'how many times'],
  [/\bbroken down\b/gi, 'grouped'],
  [/\bup and running\b/gi, 'working'],
  [/n['’]t\b/gi, ' not'],
  [/['’]s\b/g, ''],
];

/** Units that stand after a number. */
export const UNIT_WORDS: ReadonlySet<string> = new Set(
  words(
    'ms s sec secs second seconds millisecond milliseconds b kb mb gb tb kib mib gib tib byte bytes kilobytes megabytes gigabytes terabytes percent rps qps',
  ),
);

export const NUMBER_WORDS: Record<string, number> = {
  ...Object.fromEntries(
    words('one two three four five six seven eight nine ten eleven twelve').map((word, at) => [word, at + 1]),
  ),
  twenty: 20,
};

/** The base form of a verb or noun, roughly: "depends", "depending", "depended" → "depend". */
export function stem(word: string): string {
  const plain = word.toLowerCase();
  if (plain === 'used' || plain === 'using') return 'use';
  if (plain.length > 4 && /ie[sd]$/.test(plain)) return `${plain.slice(0, -3)}y`;
  if (plain.length > 5 && plain.endsWith('ing')) return undouble(plain.slice(0, -3));
  if (plain.length > 4 && plain.endsWith('ed')) return undouble(plain.slice(0, -2));
  return plain.length > 3 && /[^su]s$/.test(plain) ? plain.slice(0, -1) : plain;
}

/** Whether two words have the same base form; a silent e counts for nothing ("use", "used", "using"). */
export function sameStem(a: string, b: string): boolean {
  const [left, right] = [a, b].map((word) => stem(word).replace(/e$/, ''));
  return left === right;
}

function undouble(word: string): string {
  return word.replace(/([bdgmnprt])\1$/, '$1');
}
