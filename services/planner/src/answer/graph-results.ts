import { z } from 'zod';
import { describer } from './describer.ts';
import { nameItem } from './item-results.ts';
import { capital, count, listed } from './words.ts';

const SHOWN = 50;

const Node = z.object({
  id: z.string(),
  code: z.string(),
  name: z.string(),
  type: z.string(),
  owner: z.string().nullable(),
  environment: z.string().nullable(),
  status: z.string(),
});
const Edge = z.object({ from: z.string(), relation: z.string(), to: z.string() });

export const neighbours = describer(
  z.object({
    start: Node,
    nodes: z.array(Node.extend({ depth: z.number() })),
    edges: z.array(Edge),
    truncated: z.boolean().default(false),
  }),
  ({ start, nodes, edges, truncated }, { purpose, args, show }) => {
    const { whether } = show;
    const holds = whether === undefined ? null : nodes.some(({ code }) => code === whether);
    const verdict =
      holds === null || (!holds && truncated)
        ? ''
        : `${holds ? 'Yes' : 'No'}, ${whether} is ${holds ? '' : 'not '}among them. `;
    const head = `${verdict}${capital(purpose)}`;
    const rest = truncated ? ' There may be more: not all of the graph was walked or is told.' : '';
    const kinds = Array.isArray(args.relation_types) ? ` as ${args.relation_types.join(' or ')}` : '';
    if (nodes.length === 0)
      return `${head}: nothing ${truncated ? 'was found' : `is recorded${kinds}`}.${rest}`;
    const direct = nodes.filter((node) => node.depth === 1);
    const further = nodes.filter((node) => node.depth > 1);
    const relationTo = (code: string) => {
      const edge = edges.find(
        (each) =>
          (each.from === code && each.to === start.code) || (each.to === code && each.from === start.code),
      );
      return edge ? `, ${edge.from} ${edge.relation.replaceAll('_', ' ')} ${edge.to}` : '';
    };
    const named = direct.map((node) => nameItem(node).replace(/\)$/, `${relationTo(node.code)})`));
    return [
      `${head}: ${direct.length > 0 ? `${count(direct.length, 'item')} directly: ${listed(named, SHOWN)}` : 'none directly'}.`,
      ...(further.length > 0 ? [`Indirectly, through others: ${listed(further.map(nameItem), SHOWN)}.`] : []),
    ]
      .join(' ')
      .concat(rest);
  },
);

export const paths = describer(
  z.object({
    from: Node,
    to: Node,
    found: z.boolean(),
    length: z.number().nullable(),
    paths: z.array(z.object({ nodes: z.array(Node), edges: z.array(Edge) })),
  }),
  ({ from, to, found, length, paths: ways }) => {
    if (!found) return `There is no path between ${from.code} and ${to.code}.`;
    const texts = ways.map(({ nodes, edges }) =>
      nodes.reduce((text, node, at) => {
        const edge = edges[at - 1];
        if (!edge) return node.code;
        return edge.to === node.code
          ? `${text} -${edge.relation}-> ${node.code}`
          : `${text} <-${edge.relation}- ${node.code}`;
      }, ''),
    );
    return `From ${from.code} to ${to.code} the shortest path has ${count(length ?? 0, 'relation')}: ${texts.join('; or ')}.`;
  },
);
