import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Expression, Value } from "../../lib/filter/ast.ts";
import { FilterError } from "../../lib/filter/error.ts";
import { filterLimits, parseExpression } from "../../lib/filter/parser.ts";

/** The tree as a short text: `(and a (not b))`, comparisons in brackets, wildcards as `%`. */
function outline(expression: Expression): string {
  switch (expression.kind) {
    case "and":
    case "or":
      return `(${expression.kind} ${expression.operands.map(outline).join(" ")})`;
    case "not":
      return `(not ${outline(expression.operand)})`;
    case "search":
      return valueOutline(expression.value);
    case "comparison": {
      const path = expression.path.map((name) => name.text).join("/");
      return `[${path} ${expression.operator} ${valueOutline(expression.value)}]`;
    }
  }
}

function valueOutline({ text, openStart, openEnd }: Value): string {
  const core = text.slice(openStart ? 1 : 0, openEnd ? -1 : undefined);
  return `${openStart ? "%" : ""}${core}${openEnd ? "%" : ""}`;
}

function assertOutlines(cases: readonly (readonly [string, string])[]): void {
  for (const [text, tree] of cases) assertEquals(outline(parseExpression(text)), tree, text);
}

function assertErrors(cases: readonly (readonly [string, number, string])[]): void {
  for (const [text, position, message] of cases) {
    const error = assertThrows(() => parseExpression(text), FilterError);
    assertEquals([error.position, error.message], [position, `column ${position + 1}: ${message}`], text);
  }
}

Deno.test("OR binds tighter than AND, side by side means AND, and NOT binds tightest", () => {
  assertOutlines([
    ["a", "a"],
    ["a AND b", "(and a b)"],
    ["a b", "(and a b)"],
    ["a AND b OR c", "(and a (or b c))"],
    ["a OR b AND c", "(and (or a b) c)"],
    ["a OR b AND c OR d", "(and (or a b) (or c d))"],
    ["a b OR c d", "(and a (or b c) d)"],
    ["a b AND c", "(and a b c)"],
    ["a OR b OR c", "(or a b c)"],
    ["(a AND b) OR c", "(or (and a b) c)"],
    ["NOT a OR b", "(or (not a) b)"],
    ["-a OR -b", "(or (not a) (not b))"],
    ["NOT (a OR b)", "(not (or a b))"],
    ["-(a b)", "(not (and a b))"],
    ["NOT(a)", "(not a)"],
    ["a AND(b OR c)", "(and a (or b c))"],
    ["((a))", "a"],
    ["-30", "(not 30)"],
    ['-tags:"x"', "(not [tags : x])"],
    ["(a b) c", "(and (and a b) c)"],
    ["android orange nothing", "(and android orange nothing)"],
  ]);
});

Deno.test("comparisons take every operator, any spacing, paths and every kind of value", () => {
  assertOutlines([
    ["a=1", "[a = 1]"],
    ["a != 1", "[a != 1]"],
    ["a<1 b<=2 c>3 d>=4 e:5", "(and [a < 1] [b <= 2] [c > 3] [d >= 4] [e : 5])"],
    ["  a\t=\n1  ", "[a = 1]"],
    ["a = -5.25e-3", "[a = -5.25e-3]"],
    ["a = .5", "[a = .5]"],
    ["a < 2026-06-01", "[a < 2026-06-01]"],
    ["a<2026-06-01T08:30:00.5+02:00 b", "(and [a < 2026-06-01T08:30:00.5+02:00] b)"],
    ["(a<2026-06-01T08:30:00Z)", "[a < 2026-06-01T08:30:00Z]"],
    ["a.b.c = d.e", "[a/b/c = d.e]"],
    [`a."odd key".NOT : 'x'`, "[a/odd key/NOT : x]"],
    [`a = "it's" b = 'say "x"'`, `(and [a = it's] [b = say "x"])`],
    [String.raw`a = "\"\'\\\n\t\u00e9"`, `[a = "'\\\n\té]`],
    ["a = *bolt", "[a = %bolt]"],
    ["a = bolt*", "[a = bolt%]"],
    ['a = "*bo*lt*"', "[a = %bo*lt%]"],
    ["a:*", "[a : %]"],
    ['a = "*"', "[a = %]"],
    ["a = **", "[a = %%]"],
    [String.raw`a = "\*bolt\*"`, "[a = *bolt*]"],
    ['a = ""', "[a = ]"],
  ]);
});

Deno.test("a value alone is a search, quoted or not", () => {
  assertOutlines([
    ["bolt", "bolt"],
    ["M6x20 9.99", "(and M6x20 9.99)"],
    ['"hex bolt"', "hex bolt"],
    ['"*"', "%"],
    ['"AND" "or"', "(and AND or)"],
    ["com.google", "com.google"],
    ["müller 釘 🔩", "(and müller 釘 🔩)"],
  ]);
});

Deno.test("syntax errors say what is wrong and where", () => {
  const term = "expected a comparison or a word to search for";
  assertErrors([
    ["a AND", 5, term],
    ["a OR ", 5, term],
    ["NOT", 3, term],
    ["-", 1, term],
    ["()", 1, term],
    ["AND a", 0, `unexpected AND, ${term}`],
    ["a AND OR b", 6, `unexpected OR, ${term}`],
    ["NOT NOT a", 4, `unexpected NOT, ${term}`],
    ["= 5", 0, `unexpected '=', ${term}`],
    ["a = 1, b", 5, "unexpected ',', expected a space, AND or OR"],
    [".5", 0, `unexpected '.', ${term}`],
    ["!a", 0, "unexpected '!', negation is NOT or '-'"],
    ["a -  b", 2, "'-' must stand right before what it negates"],
    ["(a", 0, "this '(' is never closed"],
    ["a AND (b OR (c)", 6, "this '(' is never closed"],
    ["a)", 1, "unexpected ')', nothing is open here"],
    ['a = "b', 4, 'this " is never closed'],
    ["'", 0, "this ' is never closed"],
    ["a =", 3, "expected a value after '='"],
    ["a = )", 4, "expected a value after '='"],
    ["a => 5", 3, "expected a value after '='"],
    ["a = AND b", 4, "expected a value after '='; quote AND if it is the value"],
    ["a == 5", 3, "equality is a single '='"],
    ["a <> 5", 2, "inequality is '!='"],
    ["a = (b OR c)", 4, "a value cannot be in parentheses, repeat the field: a = 1 OR a = 2"],
    ["a = B3:2", 6, "unexpected ':', quote a value that holds it"],
    ["a=b=c", 3, "unexpected '=', quote a value that holds it"],
    ['"a"b', 3, "unexpected 'b', expected a space, AND or OR"],
    ['"a"🔩', 3, "unexpected '🔩', expected a space, AND or OR"],
    ["(a)(b)", 3, "unexpected '(', expected a space, AND or OR"],
    ["a.", 2, "expected a name after '.'"],
    ["a. b", 2, "expected a name after '.'"],
    ["now(5)", 0, "functions are not supported; put a space before '(' to search for the word"],
    ["a < now()", 4, "functions are not supported"],
    ['"a" = 5', 0, "the name of a field is not quoted"],
    ['a."b c"', 7, "expected an operator such as = or :"],
    ["hex*", 3, "a search finds its text anywhere and takes no '*', quote it to search for the character"],
    [String.raw`a = "\x"`, 5, String.raw`unknown escape, there are \\ \" \' \* \n \r \t and \uXXXX`],
    [String.raw`a = "\u12"`, 5, "\\u takes four hexadecimal digits"],
  ]);
});

Deno.test("an operator in the wrong spelling is refused with the right one", () => {
  for (const [text, position, meant] of [["a and b", 2, "AND"], ["a || b", 2, "OR"], ["not a", 0, "NOT"]] as const) {
    const error = assertThrows(() => parseExpression(text), FilterError);
    assertEquals([error.position, error.suggestion], [position, meant]);
    assert(error.message.endsWith(`did you mean '${meant}'?`), error.message);
  }
});

Deno.test("length, depth and the number of comparisons are bounded, and each bound can be reached", () => {
  const { length, depth, comparisons } = filterLimits;
  const nested = (n: number) => "(".repeat(n) + "a" + ")".repeat(n);
  const many = (n: number) => Array(n).fill("a=1").join(" ");

  parseExpression("a".repeat(length));
  parseExpression(nested(depth));
  parseExpression(many(comparisons));
  parseExpression(Array(comparisons).fill("(a)").join(" "));

  assertErrors([
    ["a".repeat(length + 1), length, "the filter has 2001 characters, at most 2000 are allowed"],
    [nested(depth + 1), depth, "parentheses are nested deeper than 50"],
    [many(comparisons + 1), 4 * comparisons, "there are more than 100 comparisons"],
  ]);
});
