import type { CatalogColumn, CatalogTable } from '@planyard/contracts';
import { matches } from './name-pattern.ts';
import type { SourceConfig } from './source-config.ts';

/*
 * Words that give a column away as one whose values are nobody's business, in its name or comment. Long ones count
 * inside other words too (`userpassword`), short ones only by themselves. docs/catalogs.md lists them.
 */
const SENSITIVE_WORDS =
  'password passwd passphrase passcode secret token credential credentials apikey privatekey salt hash otp pin email mail phone telephone mobile fax ssn sin nin taxid passport license licence iban bic swift cvv cvc creditcard cardnumber pan account birth birthday birthdate dob address street city zip postcode postal latitude longitude firstname lastname fullname surname forename maiden username login gender sex religion ethnicity nationality marital diagnosis disease allergy salary wage income ip ipaddress mac cookie session signature fingerprint biometric personal pii confidential sensitive private'.split(
    ' ',
  );
/** Names of two words. */
const SENSITIVE_PAIRS =
  'api key,private key,access key,secret key,tax id,tax number,social security,national id,card number,credit card,bank account,first name,last name,full name,middle name,given name,family name,user name,contact name,date of birth,ip address'.split(
    ',',
  );
const LEAST_INSIDE = 5;

type NamedTable = Pick<CatalogTable, 'schema' | 'name'>;
type NamedColumn = Pick<CatalogColumn, 'name' | 'comment'>;

/** Whether no value of a column may be read, kept or told. */
export function isHidden(
  table: NamedTable,
  column: NamedColumn,
  config: Pick<SourceConfig, 'sensitive' | 'sensitive_words' | 'columns'>,
): boolean {
  const name = [table.schema, table.name, column.name];
  const off = ([pattern, { values }]: [string, { values: boolean }]) => !values && matches(pattern, name);
  return Object.entries(config.columns).some(off) || isSensitive(table, column, config);
}

/** Whether a column holds what is nobody's business. */
function isSensitive(
  table: NamedTable,
  column: NamedColumn,
  config: Pick<SourceConfig, 'sensitive' | 'sensitive_words'>,
): boolean {
  const name = [table.schema, table.name, column.name];
  if (config.sensitive.some((pattern) => matches(pattern, name))) return true;
  const words = [...SENSITIVE_WORDS, ...config.sensitive_words.map((word) => word.toLowerCase())];
  return gaveAway(column.name, words, LEAST_INSIDE) || gaveAway(column.comment ?? '', words, Infinity);
}

function gaveAway(text: string, marks: readonly string[], leastInside: number): boolean {
  const spaced = text.replace(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2').toLowerCase();
  const words = spaced.match(/[\p{L}\p{N}]+/gu) ?? [];
  const singular = new Set(words.flatMap((word) => [word, word.replace(/s$/, '')]));
  const joined = ` ${words.join(' ')} `;
  return (
    marks.some((mark) => singular.has(mark)) ||
    SENSITIVE_PAIRS.some((pair) => joined.includes(` ${pair} `)) ||
    marks.some((mark) => mark.length >= leastInside && words.some((word) => word.includes(mark)))
  );
}

/** What a catalog says of a column that is sensitive. */
export function markOf(
  table: NamedTable,
  column: NamedColumn,
  config: SourceConfig,
): Pick<CatalogColumn, 'sensitive'> {
  return isSensitive(table, column, config) ? { sensitive: true } : {};
}

/** Tables without the values that this configuration keeps to itself, and with its marks, for those that were read under another one. */
export function withoutSensitive(tables: readonly CatalogTable[], config: SourceConfig): CatalogTable[] {
  return tables
    .filter((table) => isWanted(table, config))
    .map((table) => ({
      ...table,
      columns: table.columns.map(({ values, sensitive: _, ...column }) => ({
        ...column,
        ...markOf(table, column, config),
        ...(values && config.values.max_distinct > 0 && !isHidden(table, column, config) ? { values } : {}),
      })),
    }));
}

/** Whether the configuration lets the planner know of a table. */
export function isWanted(
  { schema, name }: Pick<CatalogTable, 'schema' | 'name'>,
  config: Pick<SourceConfig, 'schemas' | 'include' | 'exclude'>,
): boolean {
  const fits = (pattern: string) => matches(pattern, [schema, name]);
  return config.schemas.includes(schema) && config.include.some(fits) && !config.exclude.some(fits);
}
