import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { JsonSplitter } from "../../lib/cli/flags/data.ts";

function split(text: string, pieceLength = Infinity): string[] {
  const splitter = new JsonSplitter();
  const found: string[] = [];
  for (let at = 0; at < text.length; at += pieceLength) found.push(...splitter.push(text.slice(at, at + pieceLength)));
  const rest = splitter.end();
  return rest === undefined ? found : [...found, rest];
}

const CASES: [string, string[]][] = [
  ["", []],
  [" \n ", []],
  ["{}", ["{}"]],
  ['{"a":1}\n{"a":2}\n', ['{"a":1}', '{"a":2}']],
  ['{"a":1}{"a":[2,{}]}', ['{"a":1}', '{"a":[2,{}]}']],
  ['{"a":"}{\\""} 5 "x" true', ['{"a":"}{\\""}', "5", '"x"', "true"]],
  ['{\n  "a": [\n    1\n  ]\n}\n', ['{\n  "a": [\n    1\n  ]\n}']],
  ['{"a":', ['{"a":']],
];

for (const [text, expected] of CASES) {
  Deno.test(`JSON values of ${JSON.stringify(text)}`, () => assertEquals(split(text), expected));
}

Deno.test("JSON values are found wherever the pieces of the text end", () => {
  fc.assert(fc.property(
    fc.array(fc.oneof(fc.object(), fc.array(fc.jsonValue())).map((value) => JSON.stringify(value))),
    fc.constantFrom("", "\n", " "),
    fc.integer({ min: 1, max: 9 }),
    (values, separator, pieceLength) => assertEquals(split(values.join(separator), pieceLength), values),
  ));
});

Deno.test("a value is given as soon as it is complete, not when the next one comes", () => {
  const splitter = new JsonSplitter();
  assertEquals(splitter.push('{"a":1}'), ['{"a":1}']);
  assertEquals(splitter.push("\n"), []);
});
