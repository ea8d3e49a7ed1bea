import { toJson } from "@bufbuild/protobuf";
import { assertEquals, assertRejects } from "@std/assert";
import { csvRows, jsonLineRows, type Row } from "../../lib/cli/commands/csv.ts";
import { LocalError, UsageError } from "../../lib/cli/failure.ts";
import { contract, message } from "../helpers/contract.ts";

const ITEM = message("inventory.Item");

function stream(text: string, pieceLength = 7): ReadableStream<Uint8Array<ArrayBuffer>> {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) controller.close();
      else controller.enqueue(bytes.slice(at, at += pieceLength));
    },
  });
}

function plain(row: Row): unknown {
  if ("problem" in row) return [row.line, row.problem];
  return [row.line, toJson(ITEM, row.item, { registry: contract().registry })];
}

async function csv(text: string): Promise<unknown[]> {
  return (await Array.fromAsync(csvRows(stream(text), ITEM, contract().registry))).map(plain);
}

async function json(text: string): Promise<unknown[]> {
  return (await Array.fromAsync(jsonLineRows(stream(text), ITEM, contract().registry))).map(plain);
}

const ROWS: [string, string, unknown[]][] = [
  ["every column", "name,quantity,price,location,tags,reorder_level,attributes.maker\nBolt,5,0.25,B3,a; b,2,SKF\n", [
    [2, {
      name: "Bolt",
      quantity: 5,
      price: 0.25,
      location: "B3",
      tags: ["a", "b"],
      reorderLevel: 2,
      attributes: { maker: "SKF" },
    }],
  ]],
  [
    "columns in any order, with a byte order mark, CRLF and no last line break",
    "\ufeffprice,Name\r\n1.5,Nut\r\n2,Bolt",
    [
      [2, { name: "Nut", price: 1.5 }],
      [3, { name: "Bolt", price: 2 }],
    ],
  ],
  ["empty cells as nothing", "name,quantity,price,attributes.k\nBolt,,,\n", [[2, { name: "Bolt" }]]],
  ["quotes, commas and other scripts", 'name,location\n"Bolt ""M4"", zinc",Regal 3\nČep 螺栓,"a,b"\n', [
    [2, { name: 'Bolt "M4", zinc', location: "Regal 3" }],
    [3, { name: "Čep 螺栓", location: "a,b" }],
  ]],
  ["the line on which a row begins", 'name,location\n"a","x\ny"\n\nb,z\n', [
    [2, { name: "a", location: "x\ny" }],
    [5, { name: "b", location: "z" }],
  ]],
  ["numbers that are none, by line", 'name,quantity,price\na,1.5,1\nb,1,1e3\nc,1,"1,5"\nd,9999999999,1\n', [
    [2, "quantity is not a whole number: '1.5'"],
    [3, "price is not a number: '1e3'"],
    [4, "price is not a number: '1,5'"],
    [5, "quantity is larger than 2147483647: 9999999999"],
  ]],
  ["every problem of a row at once", "name,quantity,price\na,x,y\n", [
    [2, "quantity is not a whole number: 'x'; price is not a number: 'y'"],
  ]],
  ["rows with cells too many or too few", "name,quantity\na,1,2\nb\n", [
    [2, "has 3 cells for 2 columns"],
    [3, "has 1 cells for 2 columns"],
  ]],
];

for (const [what, text, expected] of ROWS) {
  Deno.test(`CSV: ${what}`, async () => assertEquals(await csv(text), expected));
}

const BROKEN: [string, string, string][] = [
  ["an unknown column", "name,quantty\n", "line 1: unknown column 'quantty'"],
  ["a column twice", "name,name\n", "line 1: the column 'name' is there twice"],
  ["no column for the name", "quantity\n1\n", "line 1: there is no column 'name'"],
  ["nothing", "", "the CSV is empty"],
  ["a quote that never ends", 'name\na\n"b\n', "the CSV cannot be read further"],
];

for (const [what, text, sentence] of BROKEN) {
  Deno.test(`CSV: ${what} is an error`, async () => {
    await assertRejects(() => csv(text), LocalError, sentence);
  });
}

Deno.test("an unknown column names the nearest", async () => {
  const error = await assertRejects(() => csv("name,quantty\n"), LocalError);
  assertEquals(error.hint, "did you mean quantity?");
});

Deno.test("JSON lines: items by line, in either spelling, bad ones with their problem", async () => {
  const rows = await json(
    '{"name":"a","reorderLevel":1}\n\n{"name":"b","reorder_level":2}\n{"name":"c","quantity":"x"}\n{nope\n{"nme":"d"}',
  );
  assertEquals(rows.slice(0, 2), [[1, { name: "a", reorderLevel: 1 }], [3, { name: "b", reorderLevel: 2 }]]);
  assertEquals(rows.slice(2).map((row) => (row as [number])[0]), [4, 5, 6]);
});

Deno.test("JSON lines: an array is refused with the way to mend it", async () => {
  await assertRejects(() => json('[{"name":"a"}]'), UsageError, "one item in each line");
});
