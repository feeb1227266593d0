// SQL that tells what is right, over the inventory of tenant $1.

export const NEWEST = `(select max(last_at) from metrics where tenant = $1)`;
export const since = (interval: string) => `s.at > ${NEWEST} - interval '${interval}' and s.at <= ${NEWEST}`;
export const figure = (agg: string, metric: string, interval: string, where: string) =>
  `select ${agg} as value from items i join metric_samples s on s.tenant = i.tenant and s.item_id = i.id
   where i.tenant = $1 and s.metric = '${metric}' and ${since(interval)} and ${where}`;
export const ranked = (
  agg: string,
  metric: string,
  interval: string,
  where: string,
  order: string,
  limit: number,
) =>
  `select i.code, ${agg} as value from items i join metric_samples s on s.tenant = i.tenant and s.item_id = i.id
   where i.tenant = $1 and s.metric = '${metric}' and ${since(interval)} and ${where}
   group by i.code order by value ${order}, i.code limit ${limit}`;
export const listed = (where: string) =>
  `select code from items i where tenant = $1 and ${where} order by code`;
export const pointing = (relation: string, to: string) =>
  `select f.code from relations r join items f on f.tenant = r.tenant and f.id = r.from_id
   join items t on t.tenant = r.tenant and t.id = r.to_id
   where r.tenant = $1 and r.relation = '${relation}' and t.code = '${to}'`;
export const pointed = (relation: string, from: string) =>
  `select t.code from relations r join items f on f.tenant = r.tenant and f.id = r.from_id
   join items t on t.tenant = r.tenant and t.id = r.to_id
   where r.tenant = $1 and r.relation = '${relation}' and f.code = '${from}'`;
export const countBy = (field: string, where: string) =>
  `select ${field}, count(*)::int as count from items i where tenant = $1 and ${where} group by ${field} order by count desc, ${field}`;
export const attributes = (field: string, where: string, order: string, limit: number) =>
  `select code, (attributes ->> '${field}')::int as value from items where tenant = $1 and ${where}
   order by value ${order}, code limit ${limit}`;
export const happened = (where: string) =>
  `select e.message from item_events e join items i on i.tenant = e.tenant and i.id = e.item_id
   where e.tenant = $1 and ${where} order by e.at desc`;

export const dependentsAndLoad = (relation: string, to: string, metric: string) =>
  `${pointing(relation, to)} union all select round(avg(s.value)::numeric, 4)::text from items i
   join metric_samples s on s.tenant = i.tenant and s.item_id = i.id
   where i.tenant = $1 and i.code = '${to}' and s.metric = '${metric}' and ${since('1 hour')}`;
/** "Yes, to" or "No, to", as `from` depends on `to` over any number of items; the answer names `told`. */
export const reaches = (from: string, to: string, told = to) =>
  `with recursive way(id) as (
     select id from items where tenant = $1 and code = '${from}'
     union select r.to_id from relations r join way on r.from_id = way.id
     where r.tenant = $1 and r.relation = 'depends_on')
   select case when exists (select 1 from way join items i on i.id = way.id and i.tenant = $1 where i.code = '${to}')
     then 'Yes, ${told}' else 'No, ${told}' end`;
