/** What words of the language itself ask for; "_" joins the words of a phrase. What stands nowhere here, and in no catalog, is refused. */
export const LANGUAGE = {
  /** Holds a question together and asks for nothing. A word that could change an answer does not belong here. */
  filler: `a an the this that here there_is there_are is_there are_there was_there were_there
    and or of of_type in on at to from for with as so also too please written made built
    is are was were be been being am do does did has have had having can could may might will
    i me my we us our ours you your what which where how any some all show list give display tell
    find get see look want know named recently lately one ones whole entire`,
  who: 'who whom whose anyone someone',
  when: 'when what_time',
  it: 'it itself its there',
  they: 'they them theirs those these their which_one which_ones which_of_them each_of_them',
  /** Of "error rate", "how much memory": only beside something that is measured. */
  measure:
    'rate level value values figure figures much how_much how_high how_low heavily heavy under_heavy compare',
  count: 'how_many number count',
  often: 'how_often how_many_times',
  each: 'by per each every for_each',
  order: 'sort sorted_by ordered_by sort_by order_by rank_by ranked_by rank worst_first',
  owns: `own owns owned owning responsible responsible_for accountable in_charge_of looks_after look_after
    should_i_call should_we_call do_i_call should_i_contact should_we_contact`,
  suppose: 'if would suppose assuming',
  fails: `down fail fails failed failing die dies died stop stops stopped unavailable offline crash crashes
    crashed goes_down went_down goes_away went_away gone lost losing stops_working stopped_working`,
  affected: `affected affected_by affect affects impact impacted impacts break breaks broke stop_working
    notice suffer suffers hit`,
  path: 'path paths route routes way shortest_path shortest_route get_to between',
  /** By any relation. */
  connected:
    'connect connect_to connects_to connected connected_to linked_to related related_to neighbours neighbors',
  before:
    'before right_before shortly_before prior_to preceding precede preceded ahead_of led_to lead_to leading_up_to caused',
  after: 'after right_after following since',
  span: 'hour hours minutes day days',
  happened: `event events happen happened happens happening done occur occurred history timeline took_place
    taken_place`,
  overview: 'overview summary inventory what_is_there what_is_in_there',
  last: 'last latest newest most_recent recent previous newest_first latest_first',
  first: 'first oldest earliest oldest_first',
  trend: `trend trends series over_time graph chart develop developed evolve evolved go_up gone_up going_up going_down going_up_or_down rising falling change_over
    rise risen grow grown increase increased fall fallen`,
  about: 'about describe info information info_on details status_of state_of',
  not: 'not no without except excluding but other_than apart_from',
  top: 'top',
  high: 'most highest greatest worst longest',
  low: 'least lowest fewest bottom shortest',
  above: 'above over more_than greater_than higher_than exceeding exceeds exceed exceeded >',
  at_least: 'at_least >=',
  below: 'below under less_than fewer_than lower_than <',
  at_most: 'at_most <=',
};

/** Figures of a metric, as the tools name them. */
export const AGGREGATIONS = {
  avg: 'average avg mean typical on_average',
  p50: 'median p50 50th_percentile',
  p90: 'p90 90th_percentile',
  p95: 'p95 95th_percentile',
  p99: 'p99 99th_percentile',
  max: 'max maximum peak at_its_highest',
  min: 'min minimum at_its_lowest',
  last: 'now right_now current currently at_the_moment at_present',
};

/** Words for items of any type. */
export const ANY_TYPE =
  'item items thing things component components asset assets resource resources everything anything something of_what';

/** Units that stand after a number. */
export const UNITS = ['%', 'ms', 's', 'b', 'kb', 'mb', 'gb', 'tb', 'rps', 'qps'];

const phrases = (text = ''): string[] =>
  text
    .trim()
    .split(/\s+/)
    .map((phrase) => phrase.replaceAll('_', ' '));
/** A line each: lists of words between colons. */
const table = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => line.split(':').map(phrases));

/** What people say : how a name begins that a catalog has for it, the best first : adjectives of much, of little, each with comparative and superlative. The first line is what "how busy" means. */
export const METRICS = table(`
  load loaded overloaded usage utilization utilisation consumption : cpu processor load util occupancy usage throughput request quer depth backlog : busy busier busiest : idle idler idlest quiet quieter quietest
  speed : speed velocity : fast faster fastest : slow slower slowest
  latency latencies response delay : latency lat resp duration delay time wait : slow slower slowest : fast faster fastest
  temperature : temp cpu load : hot hotter hottest warm warmer warmest : cold colder coldest
  backlog depth lag : depth backlog lag length size occupancy disk storage used : full fuller fullest
  cpu processor : cpu processor
  memory ram : mem ram
  errors error failures : err fail fault
  requests request traffic throughput : req traffic throughput rps qps calls
  disk storage : disk storage space
  connections connection : conn session
  messages message : message msg
  waiting queued pending : depth backlog queue lag`);

/** The same of fields, those that every item has among them. */
export const FIELDS = table(`
  owner owners team teams company companies : owner
  environment environments env stage : environment
  status state : status
  type types kind kinds : type
  size : size capacity : big bigger biggest large larger largest : small smaller smallest
  cost price : price cost : expensive costlier costliest : cheap cheaper cheapest`);

/** The same of events. The first line is what "changed" means. */
export const EVENTS = table(`
  change changes changed : deploy release rollout chang config migrat upgrad updat patch install mainten replac calibrat rollback failover restart
  incident outage breakdown problem : incident outage breakdown failure
  deployment deploy deployed release released : deploy release rollout
  alert alarm : alert alarm
  recovery recovered : recover resol restor
  maintenance repair repaired fixed : repair mainten service fix
  calibrated : calibrat
  configuration config reconfigured : config setting`);

/** Words that say the same, of which a type may have one as its last word : products that it may be named for. */
export const TYPES = table(`
  database db datastore : postgres postgresql mysql mariadb oracle mongodb
  host server machine node vm : hypervisor
  service microservice application app : workload
  queue topic broker stream : rabbitmq kafka
  cache : redis memcached`);

/** Verbs that tell a relation from where it begins : how its name begins : the same from its end : its name. The first line is of dependencies, which reach further than one relation. */
export const RELATIONS = table(`
  depend dependent_on rely use need require consume : depends uses needs requires relies powered : power : used needed required powers
  call invoke query : calls invokes queries : answer : called
  run running live sit reside : runs hosted sits deployed installed lives : host house : hosts houses
  belong : part belongs contained : contain include : contains includes
  feed send publish write supply : feeds sends publishes writes supplies : receive : receives fed
  read subscribe : reads subscribes : provide : read_by
  store : stores : keep : stored`);

/** How relations begin that make things depend on what they point at, whatever else is called a dependency. */
export const CARRYING = phrases(
  'runs hosted sits deployed installed lives calls invokes queries reads subscribes stores consumes controlled supplied driven',
);

/** Nouns of what depends on an item, and of what it depends on. */
export const RELATED = {
  in: phrases('dependents consumers users clients callers downstream'),
  out: phrases('dependencies dependency upstream'),
};
