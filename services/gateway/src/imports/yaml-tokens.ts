import { CST, Lexer, type LineCounter, Parser } from 'yaml';

/** What YAML cuts a document into: each key, value, mark, indentation and line end. A text is one of them, however long. */
export const MOST_LEXEMES = 20_000;

/** The document has more than may be read at once: a million of them take seconds, in which nobody else is served. */
export class TooManyLexemes extends Error {}

/** As the parser of `yaml` does it, piece by piece. Throws `TooManyLexemes`. */
export function* yamlTokens(text: string, lines: LineCounter): Generator<CST.Token> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    lexemes = CST.tokenType(lexeme) === 'doc-start' ? 0 : lexemes + 1;
    if (lexemes > MOST_LEXEMES) throw new TooManyLexemes();
    yield* parser.next(lexeme);
  }
  yield* parser.end();
}
