/**
 * Start-up, and the whole of an import by our command line.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { type Content, type Load, type Sample, SEEDED_ITEMS } from "../bench.ts";
import { FrameConnection } from "../client/frames.ts";
import { framed, methodOf, seededItem } from "../client/messages.ts";
import { cpuSeconds, output } from "../process.ts";

/** From the start of the process to the line that says where it listens, and to the first answer. */
export function startUp(content: Content): Load {
  return {
    name: content === "empty" ? "Start on a new folder" : `Start on ${SEEDED_ITEMS.toLocaleString("en")} items`,
    ...(content === "seeded" && { oursOnly: true }),
    generator: "harness",
    command: () => "the lane's own, then AddItem",
    async run({ fresh, schema }): Promise<Sample> {
      const { address, pid, startedAt, listeningAt } = await fresh(content);
      const method = methodOf(schema, "inventory.Inventory", "AddItem");
      const connection = await FrameConnection.connect(address);
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const body = framed(method.input.encode({ name: "first", quantity: 1, price: 1 }));
      connection.unary(connection.headerBlock(method.path), body, ({ whole }) => resolve(whole));
      const answered = await Promise.race([promise, connection.failed]);
      const answeredAt = performance.now();
      connection.close();
      if (!answered) throw new Error("the first call failed");
      return [
        { name: "listening", unit: "ms", value: listeningAt - startedAt },
        { name: "first AddItem answered", unit: "ms", value: answeredAt - startedAt },
        { name: "server CPU", unit: "s", value: cpuSeconds(pid) },
      ];
    },
  };
}

const CLIENT = fileURLToPath(new URL("../../client.ts", import.meta.url));

export const importByCommand: Load = {
  oursOnly: true,
  name: `inventory import of ${SEEDED_ITEMS.toLocaleString("en")} rows of CSV`,
  generator: "client.ts",
  command: () => "deno run -A client.ts --server ADDRESS inventory import items.csv -o json",
  async run({ fresh, scratch }) {
    const { address } = await fresh("empty");
    const file = `${scratch}/items.csv`;
    await Deno.writeTextFile(file, csv(SEEDED_ITEMS));
    const startedAt = performance.now();
    const said = await output(
      Deno.execPath(),
      ["run", "-A", CLIENT, "--server", address, "inventory", "import", file, "-o", "json"],
    );
    const seconds = (performance.now() - startedAt) / 1000;
    const created = /"created":\s*"?(\d+)/.exec(said)?.[1];
    if (Number(created) !== SEEDED_ITEMS) throw new Error(`created ${created} of ${SEEDED_ITEMS} rows`);
    return [
      { name: "rows", unit: "/s", value: SEEDED_ITEMS / seconds },
      { name: "whole command", unit: "s", value: seconds },
    ];
  },
};

function csv(rows: number): string {
  const lines = ["name,quantity,price,location,tags"];
  for (let index = 0; index < rows; index++) {
    const { name, quantity, price, location, tags } = seededItem(index);
    lines.push([name, quantity, price, location, tags.join(";")].join(","));
  }
  return lines.join("\n") + "\n";
}
