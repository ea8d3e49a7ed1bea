/**
 * Reads the text of a filter. The grammar is the one of https://google.aip.dev/160 without functions and without
 * parentheses on the right side of a comparison:
 *
 * ```
 * expression = sequence { "AND" sequence }
 * sequence   = factor { factor }               side by side means AND
 * factor     = term { "OR" term }              OR binds tighter than AND
 * term       = [ "NOT" | "-" ] simple
 * simple     = "(" expression ")" | path operator value | value
 * ```
 *
 * @module
 */
import type { Comparison, Expression, Name, Operator, Value } from "./ast.ts";
import { FilterError, shown } from "./error.ts";

/** What a filter may use up. */
export const filterLimits = {
  /** UTF-16 units of text. */
  length: 2000,
  /** Parentheses within parentheses. */
  depth: 50,
  /** Comparisons and searches. */
  comparisons: 100,
} as const;

const space = /\s*/y;
const word = /[^\s()"'=!<>:,.]+/y;
const bareValue = /[^\s()"'=!<>:,]+/y;
/** The one bare value that may hold colons. */
const bareTime = /\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)?/iy;
const operator = /<=|>=|!=|=|<|>|:/y;

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  "\\": "\\",
  '"': '"',
  "'": "'",
  "*": "*",
};
/** What people write for the operators in other languages. */
const lookalikes: Readonly<Record<string, string>> = { and: "AND", or: "OR", not: "NOT", "&&": "AND", "||": "OR" };

/** Parses a filter that is not empty. Throws {@linkcode FilterError}. */
export function parseExpression(text: string): Expression {
  if (text.length > filterLimits.length) {
    throw new FilterError(
      `the filter has ${text.length} characters, at most ${filterLimits.length} are allowed`,
      filterLimits.length,
    );
  }
  return new Parser(text).filter();
}

class Parser {
  #at = 0;
  #depth = 0;
  #comparisons = 0;

  constructor(readonly text: string) {}

  filter(): Expression {
    const expression = this.#expression();
    if (this.#at < this.text.length) this.#fail("unexpected ')', nothing is open here");
    return expression;
  }

  #expression(): Expression {
    const operands = this.#sequence();
    while (this.#takeKeyword("AND")) operands.push(...this.#sequence());
    return join("and", operands);
  }

  #sequence(): Expression[] {
    const factors = [this.#factor()];
    while (!this.#atEnd() && this.#peekWord() !== "AND") factors.push(this.#factor());
    return factors;
  }

  #factor(): Expression {
    const terms = [this.#term()];
    while (this.#takeKeyword("OR")) terms.push(this.#term());
    return join("or", terms);
  }

  #term(): Expression {
    if (this.#takeKeyword("NOT")) return { kind: "not", operand: this.#simple() };
    this.#skipSpace();
    if (this.text[this.#at] !== "-") return this.#simple();
    const minus = this.#at++;
    if (this.#skipSpace()) throw new FilterError("'-' must stand right before what it negates", minus);
    return { kind: "not", operand: this.#simple() };
  }

  #simple(): Expression {
    this.#skipSpace();
    const first = this.text[this.#at];
    if (first === undefined || first === ")") this.#fail("expected a comparison or a word to search for");
    const expression = first === "(" ? this.#composite() : this.#restriction();
    const next = this.text[this.#at];
    if (next !== undefined && next !== ")" && !/\s/.test(next)) {
      if (next === ":" || next === "=") this.#fail(`unexpected '${next}', quote a value that holds it`);
      this.#fail(`unexpected ${this.#character()}, expected a space, AND or OR`);
    }
    return expression;
  }

  #composite(): Expression {
    const open = this.#at++;
    if (++this.#depth > filterLimits.depth) {
      throw new FilterError(`parentheses are nested deeper than ${filterLimits.depth}`, open);
    }
    const expression = this.#expression();
    if (this.text[this.#at] !== ")") throw new FilterError("this '(' is never closed", open);
    this.#at++;
    this.#depth--;
    return expression;
  }

  #restriction(): Expression {
    if (++this.#comparisons > filterLimits.comparisons) {
      this.#fail(`there are more than ${filterLimits.comparisons} comparisons`);
    }
    const start = this.#at;
    const quotedFirst = this.#atQuote();
    const first = quotedFirst ? this.#quoted() : undefined;
    const path: Name[] = [first === undefined ? this.#pathWord() : nameOf(first)];
    let quotedLater = false;
    while (this.text[this.#at] === ".") {
      this.#at++;
      quotedLater ||= this.#atQuote();
      path.push(this.#atQuote() ? nameOf(this.#quoted()) : this.#pathWord());
    }
    const end = this.#at;
    if (this.text[end] === "(") {
      throw new FilterError("functions are not supported; put a space before '(' to search for the word", start);
    }
    this.#skipSpace();
    const comparison = this.#comparison(path);
    if (comparison !== undefined) {
      if (quotedFirst) throw new FilterError("the name of a field is not quoted", start);
      return comparison;
    }
    this.#at = end;
    if (first !== undefined && path.length === 1) return { kind: "search", value: first };
    if (quotedFirst || quotedLater) this.#fail("expected an operator such as = or :");
    return { kind: "search", value: this.#searchWord(start, end) };
  }

  #searchWord(start: number, end: number): Value {
    const text = this.text.slice(start, end);
    if (Object.hasOwn(lookalikes, text)) {
      throw new FilterError(
        `${shown(text)} is not an operator here, quote it to search for the word`,
        start,
        lookalikes[text],
      );
    }
    const star = text.indexOf("*");
    if (star >= 0) {
      throw new FilterError(
        "a search finds its text anywhere and takes no '*', quote it to search for the character",
        start + star,
      );
    }
    return { text, quoted: false, openStart: false, openEnd: false, position: start };
  }

  #comparison(path: readonly Name[]): Comparison | undefined {
    const operatorPosition = this.#at;
    const symbol = this.#match(operator);
    if (symbol === undefined) return undefined;
    if (symbol === "=" && this.text[this.#at] === "=") this.#fail("equality is a single '='");
    if (symbol === "<" && this.text[this.#at] === ">") this.#fail("inequality is '!='", -1);
    this.#skipSpace();
    return { kind: "comparison", path, operator: symbol as Operator, operatorPosition, value: this.#value(symbol) };
  }

  #value(symbol: string): Value {
    const position = this.#at;
    if (this.#atQuote()) return this.#quoted();
    if (this.text[position] === "(") {
      this.#fail("a value cannot be in parentheses, repeat the field: a = 1 OR a = 2");
    }
    const text = this.#match(bareTime) ?? this.#match(bareValue);
    if (text === undefined) this.#fail(`expected a value after '${symbol}'`);
    if (text === "AND" || text === "OR" || text === "NOT") {
      throw new FilterError(`expected a value after '${symbol}'; quote ${text} if it is the value`, position);
    }
    if (this.text[this.#at] === "(") throw new FilterError("functions are not supported", position);
    const openEnd = text.length > 1 && text.endsWith("*");
    return { text, quoted: false, openStart: text.startsWith("*"), openEnd, position };
  }

  #quoted(): Value {
    const position = this.#at;
    const quote = this.text[this.#at++]!;
    let text = "";
    let openStart = false;
    let openEnd = false;
    for (;;) {
      const c = this.text[this.#at++];
      if (c === undefined) throw new FilterError(`this ${quote} is never closed`, position);
      if (c === quote) return { text, quoted: true, openStart, openEnd, position };
      openEnd = c === "*" && text !== "";
      openStart ||= c === "*" && text === "";
      text += c === "\\" ? this.#escape() : c;
    }
  }

  #escape(): string {
    const letter = this.text[this.#at] ?? "";
    if (letter === "u") {
      const hex = this.text.slice(this.#at + 1, this.#at + 5);
      if (!/^[0-9a-f]{4}$/i.test(hex)) this.#fail("\\u takes four hexadecimal digits", -1);
      this.#at += 5;
      return String.fromCharCode(parseInt(hex, 16));
    }
    const meant = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined;
    if (meant === undefined) {
      this.#fail(String.raw`unknown escape, there are \\ \" \' \* \n \r \t and \uXXXX`, -1);
    }
    this.#at++;
    return meant;
  }

  #pathWord(): Name {
    const position = this.#at;
    const text = this.#match(word);
    if (text !== undefined) {
      const keyword = this.text[position - 1] !== "." && (text === "AND" || text === "OR" || text === "NOT");
      if (!keyword) return { text, position };
      throw new FilterError(`unexpected ${text}, expected a comparison or a word to search for`, position);
    }
    if (this.text[position - 1] === ".") this.#fail("expected a name after '.'");
    if (this.text[position] === "!") this.#fail("unexpected '!', negation is NOT or '-'");
    return this.#fail(`unexpected ${this.#character()}, expected a comparison or a word to search for`);
  }

  #takeKeyword(keyword: string): boolean {
    this.#skipSpace();
    if (this.#peekWord() !== keyword) return false;
    this.#at += keyword.length;
    return true;
  }

  /** The word that comes next, after spaces, without taking it. */
  #peekWord(): string | undefined {
    this.#skipSpace();
    const start = this.#at;
    const found = this.#match(word);
    this.#at = start;
    return found;
  }

  #atQuote(): boolean {
    return this.text[this.#at] === '"' || this.text[this.#at] === "'";
  }

  #atEnd(): boolean {
    this.#skipSpace();
    return this.#at >= this.text.length || this.text[this.#at] === ")";
  }

  #skipSpace(): boolean {
    return this.#match(space) !== "";
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  /** The character at hand, whole even when it takes two units. */
  #character(): string {
    return shown(String.fromCodePoint(this.text.codePointAt(this.#at)!));
  }

  #fail(problem: string, offset = 0): never {
    throw new FilterError(problem, this.#at + offset);
  }
}

function nameOf({ text, position }: Value): Name {
  return { text, position };
}

function join(kind: "and" | "or", operands: Expression[]): Expression {
  return operands.length === 1 ? operands[0]! : { kind, operands };
}
