/** Words that say the same of a type of item; a word means the catalog's type of its group. */
export const TYPE_WORDS = [
  ['database', 'db', 'datastore', 'rdbms', 'schema'],
  ['host', 'server', 'machine', 'node', 'vm', 'box'],
  ['service', 'microservice', 'application', 'app'],
  ['queue', 'topic', 'broker', 'stream', 'channel'],
  ['cache', 'redis', 'memcached'],
  ['team', 'group', 'squad', 'department'],
  ['api', 'endpoint', 'interface'],
  ['job', 'batch', 'task', 'cronjob'],
  ['device', 'equipment', 'appliance'],
];

/** Words for the fields that every item has. */
export const FIELD_WORDS = {
  owner: ['owner', 'owners', 'team', 'teams', 'company', 'companies'],
  environment: ['environment', 'environments', 'env', 'envs', 'stage', 'stages'],
  status: ['status', 'statuses'],
  type: ['type', 'types', 'kind', 'kinds', 'category', 'categories'],
};

/** Words for items of any type. */
export const ANY_TYPE =
  'item items thing things component components asset assets resource resources ci cis entity entities system systems everything anything something element elements object objects estate'.split(
    ' ',
  );

/** Words that ask for a metric, and parts of metric names that answer them, the best first. */
export const METRIC_WORDS: { words: string[]; parts: string[] }[] = [
  {
    words: [
      'load',
      'loaded',
      'busy',
      'busier',
      'busiest',
      'utilization',
      'utilisation',
      'utilized',
      'utilised',
      'stressed',
      'overloaded',
      'strained',
      'pressure',
      'strain',
      'struggling',
      'saturated',
      'idle',
      'idlest',
      'quiet',
      'quietest',
      'workload',
    ],
    parts: ['cpu', 'load', 'utilization', 'utilisation', 'occupancy', 'usage', 'throughput', 'requests'],
  },
  { words: ['cpu', 'processor', 'cpus'], parts: ['cpu', 'processor'] },
  { words: ['memory', 'ram', 'mem'], parts: ['mem', 'ram'] },
  {
    words: ['latency', 'latencies', 'responsive', 'delay', 'delays'],
    parts: ['latency', 'response', 'duration', 'delay', 'time', 'wait'],
  },
  {
    words: ['slow', 'slower', 'slowest', 'fast', 'faster', 'fastest'],
    parts: ['speed', 'velocity', 'latency', 'response', 'duration', 'delay', 'time', 'wait'],
  },
  {
    words: ['errors', 'error', 'failing', 'failure', 'faults', 'faulty', 'erroneous'],
    parts: ['error', 'fail', 'fault'],
  },
  {
    words: ['requests', 'request', 'traffic', 'rps', 'qps', 'throughput'],
    parts: ['request', 'traffic', 'throughput', 'rps', 'qps', 'calls'],
  },
  { words: ['disk', 'storage', 'space'], parts: ['disk', 'storage', 'space'] },
  {
    words: ['backlog', 'depth', 'lag', 'length', 'full', 'fullest'],
    parts: ['depth', 'backlog', 'lag', 'length', 'size', 'occupancy'],
  },
  { words: ['connections', 'connection', 'sessions'], parts: ['connection', 'session'] },
  { words: ['messages', 'message'], parts: ['message'] },
  {
    words: ['temperature', 'warm', 'warmest', 'cold', 'coldest', 'hot', 'hottest', 'hotter'],
    parts: ['temp', 'cpu', 'load'],
  },
  { words: ['transactions', 'transaction'], parts: ['transaction', 'tps'] },
];

/** Words for much or little of a numeric attribute, and parts of the names of attributes that they speak of. */
export const ADJECTIVES: { words: string[]; parts: string[] }[] = [
  {
    words: ['big', 'bigger', 'biggest', 'large', 'larger', 'largest', 'small', 'smaller', 'smallest'],
    parts: ['size', 'capacity'],
  },
  {
    words: ['expensive', 'cheap', 'cheaper', 'cheapest', 'cost', 'costs', 'costing'],
    parts: ['price', 'cost'],
  },
];

/** Words for kinds of events, and parts of event types that they mean. */
export const EVENT_WORDS: { words: string[]; parts: string[] }[] = [
  {
    words: [
      'incident',
      'outage',
      'breakdown',
      'disruption',
      'crash',
      'downtime',
      'problem',
      'issue',
      'trouble',
    ],
    parts: ['incident', 'outage', 'breakdown', 'failure', 'disruption', 'crash', 'downtime'],
  },
  {
    words: [
      'deployment',
      'deploy',
      'deployed',
      'release',
      'released',
      'rollout',
      'deploys',
      'ship',
      'shipped',
      'version',
      'versions',
    ],
    parts: ['deploy', 'release', 'rollout'],
  },
  {
    words: ['change', 'changed', 'modification', 'modified', 'altered'],
    parts: [
      'deploy',
      'release',
      'rollout',
      'chang',
      'config',
      'migrat',
      'upgrad',
      'updat',
      'patch',
      'install',
      'mainten',
      'replac',
      'calibrat',
      'relocat',
    ],
  },
  { words: ['alert', 'alarm', 'warned', 'alerted'], parts: ['alert', 'alarm'] },
  {
    words: ['recovery', 'recover', 'recovered', 'resolved', 'restored'],
    parts: ['recover', 'resol', 'restor'],
  },
  {
    words: ['maintenance', 'serviced', 'repair', 'repairs', 'repaired', 'fix', 'fixes', 'fixed'],
    parts: ['repair', 'mainten', 'service', 'fix'],
  },
  { words: ['configuration', 'config', 'reconfigured', 'configured'], parts: ['config', 'setting'] },
  { words: ['failed', 'fail', 'fails'], parts: ['fail', 'outage', 'incident', 'crash'] },
];

/** Words for events of any kind. */
export const ANY_EVENT = new Set(
  'event events happen happened happens happening occur occurred occurs history timeline log logs logged going activity activities wrong'.split(
    ' ',
  ),
);

export interface Verb {
  /** Base forms; the first stands for the group. */
  words: string[];
  /** The same relation told from the other end. */
  inverse: string[];
  /** What follows reaches further than one relation. */
  transitive: boolean;
}

/** Verbs of relations between items. */
export const RELATION_VERBS: Verb[] = [
  {
    words: [
      'depend',
      'dependent',
      'rely',
      'use',
      'need',
      'require',
      'call',
      'consume',
      'access',
      'invoke',
      'query',
      'lean',
    ],
    inverse: ['support', 'serve', 'power', 'back', 'underpin'],
    transitive: true,
  },
  {
    words: ['run', 'live', 'sit', 'reside', 'deploy', 'execute', 'locate', 'install', 'place'],
    inverse: ['host', 'house'],
    transitive: false,
  },
  { words: ['connect', 'link', 'attach', 'talk', 'communicate'], inverse: [], transitive: false },
  { words: ['part', 'belong'], inverse: ['contain', 'include', 'comprise'], transitive: false },
  {
    words: ['feed', 'send', 'write', 'publish', 'supply', 'produce', 'report', 'deliver'],
    inverse: ['receive'],
    transitive: false,
  },
  { words: ['read', 'subscribe', 'pull'], inverse: [], transitive: false },
  { words: ['monitor', 'watch', 'observe'], inverse: [], transitive: false },
  { words: ['protect', 'secure', 'guard'], inverse: [], transitive: false },
  { words: ['manage', 'control', 'operate', 'handle'], inverse: [], transitive: false },
  { words: ['treat', 'care'], inverse: [], transitive: false },
];

/** Words that ask a question or hold it together and leave its meaning as it is. */
const GLUE =
  "a an the this that these those there here and or but of in on at to from for with without by as is are was were be been being am do does did done has have had having can could may might must shall should will would i me my we us our you your he she it its they them their theirs who whom whose which what where when why how whether if then than so not no any some all each every both either other others another else same such own only just also too very really quite still yet again even ever please kindly tell show give list display find get gets fetch see look search know want need like wonder wondering let let's help explain describe summarise summarize summary overview report print return name names named called matching about regarding concerning details detail info information data facts status state overall total entire whole complete full general generally currently current presently now right moment today's time times period periods over under above below between during within since until before after prior preceding precede preceded following up down out off into onto via through across along among around against per more most less least many much few fewer fewest lot lots number count counts amount top bottom first last latest newest recent recently oldest previous next past highest lowest high low higher lower max maximum min minimum peak average avg mean median typical typically usual p50 p90 p95 p99 percentile sum totals greatest biggest largest smallest worst best maximal minimal value values level levels figure figures metric metrics measure measured measurement measurements reading readings rate rates trend trends graph chart plot series develop developed evolution evolve evolved went go goes going compare compared comparison versus vs rank ranked ranking order sorted sort group grouped broken breakdown split distribution distributed direct directly indirect indirectly transitive transitively immediate immediately ultimately anything everything something someone somebody anybody anyone everyone everybody thing things one ones yes ok okay hi hello hey thanks thank think believe say says said mean means meaning exactly basically actually simply quickly roughly approximately approx say day days hour hours different distinct unique various separate minute minutes hr hrs min mins h m d us ours environment environments owner owners owned owns owning own responsible responsibility belongs belong belonging maintain maintains maintained maintainer team teams type types kind kinds sort sorts status statuses exist exists existing there's registered tracked known stored inventory catalog catalogue set point points happened apart together respectively impact impacted impacts affect affected affects break breaks broke broken breaking fail fails failed failing die dies died lose losing lost gone unavailable offline reached reach reaches reachable path paths route routes way ways chain chains connection connections connected connect connects link links linked relation relations relationship relationships related relates relate neighbor neighbors neighbour neighbours neighbouring upstream downstream dependent dependents dependency dependencies depending consumer consumers user users client clients caller callers customer customers provider providers go went have having take takes took taken much does look looks looking like would fired fire fires firing trigger triggered triggers simulate simulation simulated rule rules alert alerts exceed exceeded exceeds exceeding over greater larger bigger least than less smaller beyond least reached crossing crossed cross window consecutive straight times severity severities critical warning error info errors causing cause caused causes why reason led lead leading shortly just right immediately earlier later ago come comes came it's that's what's who's where's how's hosts using used utilise utilize charge accountable looking after behind there getting got doing been spread live running id ids code codes whats hows wheres whos written built implemented based located situated placed coded made make makes stop stops stopped suffer suffers notice notices hit hits altogether combined peaks peaked rise rose climb climbed sums suppose assuming ahead throughout ordered earliest itself recursively raise raised recorded reported seen took work works working";

export const GLUE_WORDS: ReadonlySet<string> = new Set(GLUE.split(' '));

/** Units that stand after a number. */
export const UNIT_WORDS: ReadonlySet<string> = new Set(
  'ms s sec secs second seconds millisecond milliseconds b kb mb gb tb kib mib gib tib byte bytes kilobytes megabytes gigabytes terabytes percent rps qps'.split(
    ' ',
  ),
);

/** Which end of an order is asked for. */
export const HIGHEST =
  /^(?:most|highest|top|busiest|hottest|slowest|worst|greatest|biggest|largest|heaviest|warmest|fullest|deepest|longest|max|maximum)$/;
export const LOWEST =
  /^(?:least|lowest|fewest|quietest|idlest|fastest|smallest|cheapest|coldest|bottom|shortest|minimum)$/;

export const NUMBER_WORDS: Record<string, number> = {
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  twelve: 12,
  twenty: 20,
};

/** The base form of a verb or noun, roughly: "depends", "depending", "depended" → "depend". */
export function stem(word: string): string {
  const plain = word.toLowerCase();
  if (plain === 'used' || plain === 'using') return 'use';
  if (plain.length > 4 && plain.endsWith('ies')) return `${plain.slice(0, -3)}y`;
  if (plain.length > 5 && plain.endsWith('ing')) return undouble(plain.slice(0, -3));
  if (plain.length > 4 && plain.endsWith('ied')) return `${plain.slice(0, -3)}y`;
  if (plain.length > 4 && plain.endsWith('ed')) return undouble(plain.slice(0, -2));
  if (plain.length > 3 && plain.endsWith('s') && !plain.endsWith('ss') && !plain.endsWith('us'))
    return plain.slice(0, -1);
  return plain;
}

/** Whether two words have the same base form; a silent e counts for nothing ("use", "used", "using"). */
export function sameStem(a: string, b: string): boolean {
  return withoutE(stem(a)) === withoutE(stem(b));
}

function withoutE(word: string): string {
  return word.endsWith('e') ? word.slice(0, -1) : word;
}

function undouble(word: string): string {
  return /([bdgmnprt])\1$/.test(word) ? word.slice(0, -1) : word;
}
