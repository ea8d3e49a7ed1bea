import { assert, assertEquals } from "@std/assert";
import { moneyText, printable } from "../../lib/cli/output/cells.ts";
import { type Column, layOut, lineOf, stringWidth, titleLine, truncate } from "../../lib/cli/output/table.ts";

const column = (title: string, more: Partial<Column> = {}): Column => ({
  title,
  alignRight: false,
  expendable: false,
  ...more,
});
const COLUMNS = [
  column("NAME"),
  column("COUNT", { alignRight: true }),
  column("WHERE"),
  column("SINCE", { expendable: true }),
];
const ROWS = [["Bolt", "5", "", "2026-01-01"], ["Čep 螺栓", "1200", "", "2026-01-02"]];

function table(width: number): string[] {
  const layout = layOut(COLUMNS, ROWS, width);
  return [titleLine(layout, (text) => text), ...ROWS.map((row) => lineOf(layout, row))];
}

Deno.test("columns are aligned by what they take on screen, and empty ones left out", () => {
  assertEquals(table(Infinity), [
    "NAME      COUNT  SINCE",
    "Bolt          5  2026-01-01",
    "Čep 螺栓   1200  2026-01-02",
  ]);
});

Deno.test("a table never is wider than its terminal", () => {
  for (const width of [40, 27, 26, 20, 17, 16, 12]) {
    for (const line of table(width)) assert(stringWidth(line) <= width, `${width}: ${line}`);
  }
});

Deno.test("expendable columns go first, and are named", () => {
  assertEquals(layOut(COLUMNS, ROWS, 20).omitted, ["SINCE"]);
});

Deno.test("texts are cut at whole characters with an ellipsis", () => {
  assertEquals(truncate("screwdriver", 6), "screw…");
  assertEquals(truncate("螺栓螺栓", 6), "螺栓…");
  assertEquals(truncate("👩‍🔧👩‍🔧👩‍🔧", 4), "👩‍🔧…");
  assertEquals(truncate("Bolt", 4), "Bolt");
});

Deno.test("money has two decimals, more only where they are needed", () => {
  assertEquals([9.99, 9.9, 10, 0.062, 0].map(moneyText), ["9.99", "9.90", "10.00", "0.062", "0.00"]);
});

Deno.test("nothing a server sends can act on the terminal", () => {
  assertEquals(printable("a\x1b[2Jb\r\nc\td\u202e"), "a\\u001b[2Jb\\u000d\\nc\\td\\u202e");
});

Deno.test("an identifier is never cut: other columns give way", () => {
  const columns = [column("ID", { whole: true }), column("TITLE"), column("TEAM")];
  const layout = layOut(columns, [["520b8fc4-6e85-4ff4", "Sharpen the chisels", "carpentry"]], 30);
  assertEquals(
    lineOf(layout, ["520b8fc4-6e85-4ff4", "Sharpen the chisels", "carpentry"]),
    "520b8fc4-6e85-4ff4  Sharpen t…",
  );
});
