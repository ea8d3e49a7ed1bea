import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Comparison, Expression, Operator, Value } from "../../lib/filter/ast.ts";
import { type FieldTable, FilterError, parseFilter } from "../../lib/filter/mod.ts";
import { parseExpression } from "../../lib/filter/parser.ts";

/** What a filter says, without where it says it. */
function withoutPositions(expression: Expression): unknown {
  return JSON.parse(JSON.stringify(expression, (key, value) => /position/i.test(key) ? undefined : value));
}

function printValue({ text, quoted, openStart, openEnd }: Value): string {
  if (!quoted) return text;
  const core = text.slice(openStart ? 1 : 0, openEnd ? -1 : undefined);
  const escaped = core.replace(/["\\*]/g, "\\$&");
  return `"${openStart ? "*" : ""}${escaped}${openEnd ? "*" : ""}"`;
}

/** A text that means the expression; every operand that is no comparison stands in parentheses. */
function print(expression: Expression): string {
  switch (expression.kind) {
    case "and":
    case "or":
      return expression.operands.map(printOperand).join(expression.kind === "and" ? " AND " : " OR ");
    case "not":
      return `NOT ${printOperand(expression.operand)}`;
    case "search":
      return printValue(expression.value);
    case "comparison": {
      const [first, ...rest] = expression.path.map((name) => name.text);
      const path = [first, ...rest.map((name) => JSON.stringify(name))].join(".");
      return `${path} ${expression.operator} ${printValue(expression.value)}`;
    }
  }
}

function printOperand(operand: Expression): string {
  const text = print(operand);
  return operand.kind === "comparison" || operand.kind === "search" ? text : `(${text})`;
}

const position = 0;
const plainWord = fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/).filter((word) => !/^(and|or|not)$/.test(word));
const quotedValue = fc.record({
  core: fc.string({ unit: "binary", maxLength: 8 }),
  open: fc.tuple(fc.boolean(), fc.boolean()),
})
  .map(({ core, open: [openStart, openEnd] }): Value => ({
    // A lone star is the open start.
    text: `${openStart ? "*" : ""}${core}${openEnd && (openStart || core !== "") ? "*" : ""}`,
    quoted: true,
    openStart,
    openEnd: openEnd && (openStart || core !== ""),
    position,
  }));
const bareValue = plainWord.map((text): Value => ({ text, quoted: false, openStart: false, openEnd: false, position }));
const value = fc.oneof(quotedValue, bareValue);
const operator = fc.constantFrom<Operator[]>("=", "!=", "<", "<=", ">", ">=", ":");
const name = (text: string) => ({ text, position });
const comparison = fc.record({
  path: fc.tuple(plainWord, fc.array(fc.stringMatching(/^[a-zA-Z0-9 .]{1,8}$/), { maxLength: 2 }))
    .map(([first, rest]) => [first, ...rest].map(name)),
  operator,
  value,
}).map((parts): Comparison => ({ kind: "comparison", operatorPosition: position, ...parts }));
const expression = fc.letrec<{ node: Expression }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(comparison, value.map((value): Expression => ({ kind: "search", value }))),
    tie("node").map((operand): Expression => ({ kind: "not", operand })),
    fc.record({
      kind: fc.constantFrom("and" as const, "or" as const),
      operands: fc.array(tie("node"), { minLength: 2, maxLength: 3 }),
    }),
  ),
})).node;

Deno.test("a printed expression parses back to itself", () => {
  fc.assert(
    fc.property(expression, (tree) => {
      const text = print(tree);
      fc.pre(text.length <= 2000);
      assertEquals(withoutPositions(parseExpression(text)), withoutPositions(tree), text);
    }),
    { numRuns: 500 },
  );
});

interface Thing {
  a: number;
  b: string;
  c: Record<string, string>;
  d: readonly string[];
}
const table: FieldTable<Thing> = {
  a: { kind: "number", get: (thing) => thing.a },
  b: { kind: "string", get: (thing) => thing.b, search: true },
  c: { kind: "map", get: (thing) => thing.c, search: true },
  d: { kind: "list", get: (thing) => thing.d, search: true },
};
const thing: Thing = { a: 5, b: "five", c: { k: "v" }, d: ["x"] };

/** Text that comes close to a filter: pieces of the grammar and stray characters in any order. */
const almostFilter = fc.array(
  fc.oneof(
    fc.constantFrom(..."abcd()\"'\\.:=!<>-*, \n", "AND", "OR", "NOT", "and", " ", " ", "a<1", "b:x", "c.k=v", "d:*"),
    fc.constantFrom("<=", ">=", "!=", "2026-06-01", "2026-06-01T08:30:00Z", "1e5", "\\u00e9", "null", "\ud800"),
    fc.string({ unit: "binary", maxLength: 3 }),
  ),
  { maxLength: 25 },
).map((pieces) => pieces.join(""));

Deno.test("whatever the text, parsing gives a predicate that answers or a FilterError within the text", () => {
  let parsed = 0;
  fc.assert(
    fc.property(fc.oneof(almostFilter, fc.string({ unit: "binary", maxLength: 40 })), (text) => {
      try {
        const predicate = parseFilter(text, table);
        if (predicate === undefined) return;
        parsed++;
        assertEquals(typeof predicate(thing), "boolean");
      } catch (error) {
        if (!(error instanceof FilterError)) throw error;
        assert(error.position >= 0 && error.position <= text.length, `${error.position} in ${JSON.stringify(text)}`);
        assert(error.message.startsWith(`column ${error.position + 1}: `), error.message);
        assert(error.message.isWellFormed(), JSON.stringify(error.message));
      }
    }),
    { numRuns: 5000 },
  );
  assert(parsed > 50, `only ${parsed} texts were filters, so too little was tried`);
});

/** A filter as a list of AND groups, each a list of OR terms: exactly what fits between two ANDs. */
const groups = fc.array(
  fc.array(fc.record({ not: fc.constantFrom("", "NOT ", "-"), truth: fc.boolean() }), { minLength: 1, maxLength: 4 }),
  { minLength: 1, maxLength: 4 },
);

Deno.test("without parentheses a filter is an AND of ORs, however the ANDs are written", () => {
  fc.assert(
    fc.property(groups, fc.array(fc.constantFrom(" AND ", " "), { minLength: 4, maxLength: 4 }), (ands, joints) => {
      const text = ands.map((ors, i) =>
        ors.map(({ not, truth }) => `${not}a ${truth ? "=" : "!="} 5`).join(" OR ") +
        (i + 1 < ands.length ? joints[i] : "")
      ).join("");
      const expected = ands.every((ors) => ors.some(({ not, truth }) => (not === "") === truth));
      assertEquals(parseFilter(text, table)?.(thing), expected, text);
    }),
  );
});

/** Evaluates a tree of known truths, independently of the compiler. */
type Truth = boolean | { op: "and" | "or"; of: Truth[] } | { op: "not"; of: Truth };
const truth = fc.letrec<{ node: Truth }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.boolean(),
    fc.record({
      op: fc.constantFrom("and" as const, "or" as const),
      of: fc.array(tie("node"), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ op: fc.constant("not" as const), of: tie("node") }),
  ),
})).node;

function evaluate(node: Truth): boolean {
  if (typeof node === "boolean") return node;
  if (node.op === "not") return !evaluate(node.of);
  return node.op === "and" ? node.of.every(evaluate) : node.of.some(evaluate);
}

function write(node: Truth): string {
  if (typeof node === "boolean") return node ? "b:five" : "b:six";
  if (node.op === "not") return `-(${write(node.of)})`;
  return node.of.map((each) => `(${write(each)})`).join(node.op === "and" ? " AND " : " OR ");
}

Deno.test("with parentheses a filter means what they say", () => {
  fc.assert(fc.property(truth, (tree) => {
    const text = write(tree);
    fc.pre(text.length <= 2000);
    assertEquals(parseFilter(text, table)?.(thing), evaluate(tree), text);
  }));
});
