import { setImmediate as breathe } from 'node:timers/promises';
import { faultsOf, isDeeperThan, type Json, LIMITS } from '@planyard/contracts';
import { Composer, type Document, isScalar, LineCounter, visit } from 'yaml';
import { z } from 'zod';
import { type Parsed, type RowFault, toRow } from './import-row.ts';
import { MOST_LEXEMES, TooManyLexemes, yamlTokens } from './yaml-tokens.ts';

const KINDS = ['component', 'resource', 'system', 'api'] as const;
type Kind = (typeof KINDS)[number];

/** Kinds of the Backstage catalog that are no configuration items. */
const otherKinds = ['group', 'user', 'domain', 'location', 'template'];

const refs = z.array(z.string().min(1)).optional();

/** Tolerant: Backstage lets plugins add fields. Source: backstage.io, "Descriptor Format of Catalog Entities". */
const Entity = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({
    name: z.string().min(1).max(200),
    namespace: z.string().optional(),
    title: z.string().optional(),
    description: z.string().optional(),
    labels: z.record(z.string(), z.json()).optional(),
    annotations: z.record(z.string(), z.json()).optional(),
    tags: z.array(z.string()).optional(),
  }),
  spec: z
    .object({
      type: z.string().optional(),
      lifecycle: z.string().optional(),
      owner: z.string().optional(),
      system: z.string().optional(),
      partOf: refs,
      subcomponentOf: z.string().optional(),
      dependsOn: refs,
      dependencyOf: refs,
      providesApis: refs,
      consumesApis: refs,
    })
    .default({}),
});
type Entity = z.infer<typeof Entity>;

interface ReadEntity {
  line: number;
  /** null: a fault says why, or the document is empty. */
  entity: Entity | null;
  faults: RowFault[];
}

/** The code of an entity among all files of an import. */
export interface EntityCodes {
  codeOf(kind: Kind, name: string, namespace: string): string;
  /** Of all entities that are imported. */
  imported: string[];
}

/** Items and relations of a `catalog-info.yaml`: Components, Resources, Systems and APIs, one entity a document. */
export async function* parseBackstage(text: string, codes: EntityCodes): AsyncGenerator<Parsed> {
  for await (const { line, entity, faults } of readEntities(text)) {
    yield* faults;
    const kind = entity && kindOf(entity.kind);
    if (!entity || !kind) continue;
    yield* toRow('items', itemOf(entity, kind, codes), line);
    for (const relation of relationsOf(entity, kind, codes)) yield* toRow('relations', relation, line);
  }
}

const defaultNamespace = 'default';

/**
 * Reads the names of all files first, because in Backstage a Component and an API may share one, while our codes are
 * unique. An entity keeps the code that it has in the inventory. Of new ones the first kind of KINDS gets the bare name
 * where no other entity has it, the others get theirs as a prefix (`api:orders`). A name has its namespace before it
 * where that is not the default one (`shop/orders`). `kindsOf`: of these codes, those that an entity has, and its kind.
 */
export async function collectEntityCodes(
  texts: Iterable<string> | AsyncIterable<string>,
  kindsOf: (codes: string[]) => Promise<ReadonlyMap<string, string>>,
): Promise<EntityCodes> {
  const kindsByName = new Map<string, Set<Kind>>();
  const named = new Set<string>();
  /** By `kind:name`; what is neither imported nor in the inventory has its bare name. */
  const codes = new Map<string, string>();
  const codeOf: EntityCodes['codeOf'] = (kind, bare, namespace) => {
    const name = fullName(bare, namespace);
    named.add(name);
    return codes.get(`${kind}:${name}`) ?? name;
  };
  for await (const text of texts)
    for await (const { entity } of readEntities(text)) {
      const kind = entity && kindOf(entity.kind);
      if (!entity || !kind) continue;
      const name = fullName(entity.metadata.name, entity.metadata.namespace ?? defaultNamespace);
      kindsByName.set(name, (kindsByName.get(name) ?? new Set<Kind>()).add(kind));
      named.add(name);
      // Notes what it refers to.
      relationsOf(entity, kind, { codeOf, imported: [] });
    }

  const held = await kindsOf([...named].flatMap((name) => [name, ...KINDS.map((kind) => `${kind}:${name}`)]));
  for (const [code, written] of held) {
    const kind = written.toLowerCase();
    codes.set(code.startsWith(`${kind}:`) ? code : `${kind}:${code}`, code);
  }
  const imported: string[] = [];
  for (const [name, kinds] of kindsByName) {
    let isFree = !held.has(name);
    for (const kind of KINDS.filter((each) => kinds.has(each))) {
      const key = `${kind}:${name}`;
      if (!codes.has(key)) {
        codes.set(key, isFree ? name : key);
        isFree = false;
      }
      imported.push(codeOf(kind, name, defaultNamespace));
    }
  }
  return { codeOf, imported };
}

function fullName(name: string, namespace: string): string {
  return namespace === defaultNamespace ? name : `${namespace}/${name}`;
}

/** A document is read at once, and nobody else is served meanwhile. */
const longestDocument = 1024 * 1024;

/** One document after the other, with room for other requests between them. One of too many values ends them. */
async function* readEntities(text: string): AsyncGenerator<ReadEntity> {
  const lines = new LineCounter();
  try {
    yield* entitiesOf(text, lines);
  } catch (error) {
    if (!(error instanceof TooManyLexemes)) throw error;
    const line = lines.lineStarts.length;
    const message = `an entity of a catalog may have ${MOST_LEXEMES.toLocaleString('en')} keys, values, marks and lines together`;
    yield { line, entity: null, faults: [{ line, message }] };
  }
}

async function* entitiesOf(text: string, lines: LineCounter): AsyncGenerator<ReadEntity> {
  const parts = text.split(/^---/m);
  if (parts.some(({ length }) => length > longestDocument)) {
    yield { line: 1, entity: null, faults: [{ line: 1, message: 'an entity of a catalog may have 1 MiB' }] };
    return;
  }
  // Its own search for keys that come twice compares each with all before it: a map of 1 MiB took many minutes.
  const composer = new Composer({ uniqueKeys: false });
  for (const document of composer.compose(yamlTokens(text, lines))) {
    await breathe();
    const line = lines.linePos(document.contents?.range?.[0] ?? document.range?.[0] ?? 0).line;
    const [error] = document.errors;
    if (error) {
      const at = lines.linePos(error.pos[0]).line;
      yield { line: at, entity: null, faults: [{ line: at, message: error.message }] };
      continue;
    }
    const again = keyAgain(document);
    if (again !== null) {
      const at = again.offset === undefined ? line : lines.linePos(again.offset).line;
      yield { line: at, entity: null, faults: [{ line: at, message: `the key ${again.key} comes twice` }] };
      continue;
    }
    const value = jsOf(document);
    if (value instanceof Error) {
      yield { line, entity: null, faults: [{ line, message: value.message }] };
      continue;
    }
    if (value === null || value === undefined) continue;
    // An alias may also stand within what it stands for.
    if (isDeeperThan(value, LIMITS.json_depth)) {
      const message = `the entity is nested deeper than ${LIMITS.json_depth} levels`;
      yield { line, entity: null, faults: [{ line, message }] };
      continue;
    }
    const parsed = Entity.safeParse(value);
    yield parsed.success
      ? { line, entity: parsed.data, faults: faultsOfEntity(parsed.data, line) }
      : {
          line,
          entity: null,
          faults: faultsOf(parsed.error).map(({ path, message }) => ({
            line,
            message: `${path}: ${message}`,
          })),
        };
  }
}

/** The first key that a map of the document has twice. */
function keyAgain(document: Document.Parsed): { key: string; offset: number | undefined } | null {
  let again: ReturnType<typeof keyAgain> = null;
  visit(document, {
    Map(_key, map) {
      const keys = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        if (keys.has(key.value)) {
          again = { key: String(key.value), offset: key.range?.[0] };
          return visit.BREAK;
        }
        keys.add(key.value);
      }
      return undefined;
    },
  });
  return again;
}

/** Expanding aliases throws for a document that grows without bound. */
function jsOf(document: { toJS(): unknown }): unknown {
  try {
    return document.toJS();
  } catch (error) {
    return error;
  }
}

function faultsOfEntity({ kind }: Entity, line: number): RowFault[] {
  if (kindOf(kind) || otherKinds.includes(kind.toLowerCase())) return [];
  return [{ line, message: `kind: ${kind} is no kind of the Backstage catalog` }];
}

function kindOf(kind: string): Kind | undefined {
  return KINDS.find((known) => known === kind.toLowerCase());
}

function itemOf({ kind: written, metadata, spec }: Entity, kind: Kind, codes: EntityCodes) {
  const attributes: Record<string, Json | undefined> = {
    namespace: metadata.namespace,
    lifecycle: spec.lifecycle,
    tags: metadata.tags,
    ...metadata.labels,
    ...(kind === 'api' && spec.type ? { api_type: spec.type } : {}),
    backstage_kind: written,
  };
  return {
    code: codes.codeOf(kind, metadata.name, metadata.namespace ?? defaultNamespace),
    name: metadata.title ?? metadata.name,
    type: kind === 'component' || kind === 'resource' ? (spec.type ?? kind) : kind,
    description: (metadata.description ?? '').trim().slice(0, 4000),
    owner: spec.owner === undefined ? null : refOf(spec.owner).name,
    attributes: Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined)),
  };
}

function relationsOf({ metadata, spec }: Entity, kind: Kind, codes: EntityCodes) {
  const { name, namespace = defaultNamespace } = metadata;
  const self = codes.codeOf(kind, name, namespace);
  const to = (relation: string, refs: string[] | undefined, defaultKind: Kind) =>
    (refs ?? []).flatMap((ref) => {
      const code = codeOfRef(ref, { kind: defaultKind, namespace }, codes);
      return code === null ? [] : [{ from: self, relation, to: code }];
    });
  const systems = [...(spec.system ? [spec.system] : []), ...(spec.partOf ?? [])];
  return [
    ...to('depends_on', spec.dependsOn, 'component'),
    ...to('depends_on', spec.dependencyOf, 'component').map(({ relation, to: from }) => ({
      from,
      relation,
      to: self,
    })),
    ...to('part_of', systems, 'system'),
    ...to('part_of', spec.subcomponentOf ? [spec.subcomponentOf] : [], 'component'),
    ...to('provides_api', spec.providesApis, 'api'),
    ...to('consumes_api', spec.consumesApis, 'api'),
  ];
}

/** The code a reference means, which without a namespace is of the entity's own; null for groups, users and other kinds that are no items. */
function codeOfRef(
  ref: string,
  implied: { kind: Kind; namespace: string },
  codes: EntityCodes,
): string | null {
  const { kind, namespace = implied.namespace, name } = refOf(ref);
  const known = kind === undefined ? implied.kind : kindOf(kind);
  return known ? codes.codeOf(known, name, namespace) : null;
}

/** An entity reference: `[kind:][namespace/]name`. */
function refOf(ref: string): { kind: string | undefined; namespace: string | undefined; name: string } {
  const colon = ref.indexOf(':');
  const rest = ref.slice(colon + 1);
  const slash = rest.indexOf('/');
  return {
    kind: colon < 0 ? undefined : ref.slice(0, colon),
    namespace: slash < 0 ? undefined : rest.slice(0, slash),
    name: rest.slice(slash + 1),
  };
}
