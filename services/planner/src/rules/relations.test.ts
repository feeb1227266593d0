import { InventoryCatalog, type ToolManifest } from '@planyard/contracts';
import { expect, test } from 'vitest';
import { understand } from './understand.ts';

const TOOLS = ['graph.expand', 'graph.path', 'ci.get', 'ci.search'].map((name) => ({
  name,
})) as ToolManifest[];

/** How a question about the item "aurora" walks, in an inventory with these relations. */
function walked(question: string, relation_types: string[]) {
  const catalog = InventoryCatalog.parse({
    source: 'test',
    items: [
      { id: '1', code: 'aurora', name: 'Aurora', type: 'vessel' },
      { id: '2', code: 'borealis', name: 'Borealis', type: 'vessel' },
    ],
    item_count: 2,
    types: [
      { name: 'vessel', count: 2 },
      { name: 'berth', count: 1 },
    ],
    relation_types,
    metrics: [],
    event_types: [],
    time_range: null,
  });
  const { steps, not_understood } = understand(question, catalog, TOOLS, {
    selector: false,
    now: new Date(0),
  });
  const { direction, relation_types: relations } = steps[0]?.args ?? {};
  return steps[0] ? [direction, relations ?? 'any'] : not_understood[0];
}

test.each([
  ['what depends on aurora?', ['depends_on'], 'in'],
  ['what does aurora depend on?', ['depends_on'], 'out'],
  ['what is used by aurora?', ['uses'], 'out'],
  ['what uses aurora?', ['used_by'], 'out'],
  ['who needs aurora?', ['required_by'], 'out'],
  ['what powers aurora?', ['powered_by'], 'out'],
  ['what is powered by aurora?', ['powered_by'], 'in'],
  ['what does aurora power?', ['powered_by'], 'in'],
  ['what runs on aurora?', ['hosted_on'], 'in'],
  ['what runs on aurora?', ['hosts'], 'out'],
  ['which vessel runs aurora?', ['runs_on'], 'out'],
  ['where does aurora run?', ['runs_on'], 'out'],
  ['where is aurora hosted?', ['runs_on'], 'out'],
  ['what does aurora feed?', ['feeds'], 'out'],
  ['what contains aurora?', ['part_of'], 'out'],
  ['dependents of aurora', ['depends_on'], 'in'],
  ['dependencies of aurora', ['depends_on'], 'out'],
  // Only the catalog knows these relations.
  ['what does aurora control?', ['controlled_by'], 'in'],
  ['which vessels control aurora?', ['controlled_by'], 'out'],
  ['what is controlled by aurora?', ['controlled_by'], 'in'],
  ['what tows aurora?', ['tows'], 'in'],
  ['what does aurora tow?', ['tows'], 'out'],
])('%s by %s: %s', (question, relations, direction) => {
  expect(walked(question, relations)).toEqual([direction, relations]);
});

test('where no relation is called a dependency, those are which are known to carry what happens', () => {
  const relations = ['calls', 'controlled_by', 'feeds'];
  const carrying = ['in', ['calls', 'controlled_by']];
  expect(walked('what depends on aurora?', relations)).toEqual(carrying);
  expect(walked('what would break if aurora failed?', relations)).toEqual(carrying);
  expect(walked('what calls aurora?', relations)).toEqual(['in', ['calls']]);
});

test('where none is known to, what is related is told', () => {
  for (const question of ['what depends on aurora?', 'what would break if aurora failed?'])
    expect(walked(question, ['feeds', 'backs_up'])).toEqual(['both', 'any']);
  expect(walked('does aurora depend on borealis?', ['feeds'])).toContain('not clear');
});

test.each([
  ['is aurora used?', '"used"'],
  ['what does aurora run?', '"run"'],
  ['what depends on aurora that is down?', '"down"'],
  ['what does not depend on aurora?', '"not"'],
  ['what did aurora depend on yesterday?', '"on yesterday"'],
  ['what depends on aurora and borealis?', '"depends on"'],
  ["what depends on aurora's berth?", '"berth"'],
  ['what tows aurora?', 'nothing here is known as "tows"'],
])('%s is refused with %s', (question, named) => {
  expect(walked(question, ['depends_on', 'runs_on'])).toContain(named);
});
