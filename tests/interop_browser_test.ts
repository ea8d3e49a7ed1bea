/**
 * A page in Chromium that calls by connect-web, from another origin.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Page, withPage } from "./helpers/chromium.ts";
import { blocksOf } from "./helpers/markdown.ts";
import { ROOT, TestProcess } from "./helpers/process.ts";
import { type ServerProcess, startServer } from "./helpers/server.ts";
import { testsWith } from "./helpers/toolchain.ts";
import { until } from "./helpers/wait.ts";

const testWithBrowser = await testsWith("browser");

const add = (name: string, quantity: number, price: number) =>
  `(() => {
  const form = document.querySelector("#add");
  form.elements.name.value = ${JSON.stringify(name)};
  form.elements.quantity.value = ${quantity};
  form.elements.price.value = ${price};
  form.requestSubmit();
})()`;
const text = (selector: string) => `document.querySelector(${JSON.stringify(selector)}).textContent`;
const entries = (list: string) => `[...document.querySelectorAll("${list} li")].map((entry) => entry.textContent)`;

for (const wire of ["connect", "connect-json", "grpc-web"]) {
  testWithBrowser(`a page of an allowed origin adds, lists and watches by ${wire}`, async (folder) => {
    await using pages = servePages(`${folder}/page`);
    await using server = await startServer({ args: ["--cors-origins", pages.origin] });
    await withPage(`${pages.origin}/?server=http://${server.address}&wire=${wire}`, async (page) => {
      await page.until(`${text("#watch")}.startsWith("watching from")`);
      await page.evaluate(add("Wid⚙et", 100, 9.99));
      await page.until(`${text("#add output")} !== ""`);
      assertMatch(await page.evaluate(text("#add output")), /^Wid⚙et is there: revision 1, etag \S+$/);
      await page.evaluate(add("Wid⚙et", 1, 1));
      await page.until(`${text("#add output")}.startsWith("AlreadyExists")`);
      assertEquals(
        await page.evaluate(text("#add output")),
        "AlreadyExists | item 'Wid⚙et' already exists | ITEM_EXISTS",
      );
      await page.evaluate(add("", -1, 0));
      await page.until(`${text("#add output")}.startsWith("InvalidArgument")`);
      const wrong = await page.evaluate<string>(text("#add output"));
      assertMatch(wrong, /^InvalidArgument \| .* \| INVALID_REQUEST \| name: .+ \| quantity: .+$/);

      await page.evaluate(add("Bolt", 5, 0.1));
      await page.until(`${text("#add output")}.startsWith("Bolt is there")`);
      await page.evaluate('document.querySelector("#list").click()');
      await page.until(`${entries("#items")}.at(-1) === "end of list"`);
      assertEquals(await page.evaluate(entries("#items")), ["5 x Bolt at 0.1", "100 x Wid⚙et at 9.99", "end of list"]);

      const { task } = await call(server, "CreateTask", { title: "Mend the pump" });
      await page.until(`${entries("#tasks")}.length === 1`);
      await call(server, "UpdateTask", { id: task.id, status: "TASK_STATUS_DONE" });
      await call(server, "DeleteTask", { id: task.id });
      await page.until(`${entries("#tasks")}.length === 3`);
      assertEquals(await page.evaluate(entries("#tasks")), [
        "CREATED Mend the pump",
        "UPDATED Mend the pump",
        "DELETED Mend the pump",
      ]);
      await server.stop();
      await page.until(`${text("#watch")}.startsWith("Unavailable | ")`);
    });
  });

  testWithBrowser(`a page of an origin that is not allowed gets nothing by ${wire}`, async (folder) => {
    await using pages = servePages(`${folder}/page`);
    await using server = await startServer({ args: ["--cors-origins", "https://shop.example"] });
    await withPage(`${pages.origin}/?server=http://${server.address}&wire=${wire}`, async (page) => {
      await page.until(`${text("#watch")} !== ""`);
      assertMatch(await page.evaluate(text("#watch")), /Failed to fetch/);
      await page.evaluate(add("Widget", 1, 1));
      await page.until(`${text("#add output")} !== ""`);
      assertMatch(await page.evaluate(text("#add output")), /Failed to fetch/);
      await complained(page);
    });
    const { status } = await fetch(`http://${server.address}/inventory.Inventory/GetItem`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"name":"Widget"}',
    }).then(async (response) => (await response.body?.cancel(), response));
    assertEquals(status, 404, "the browser must not even have sent the call");
  });
}

testWithBrowser("the program in the README for browsers works as it stands", async (folder) => {
  const readme = await Deno.readTextFile(`${ROOT}interop/browser/README.md`);
  const [program, ...more] = blocksOf(readme).filter(({ language }) => language === "js");
  assertEquals(more, []);
  const directory = await Deno.makeTempDir({ dir: folder });
  try {
    await using pages = servePages(directory);
    await using server = await startServer({ args: ["--cors-origins", pages.origin] });
    assert(program!.text.includes("http://localhost:50051"));
    await Deno.writeTextFile(
      `${directory}/app.js`,
      program!.text.replace("http://localhost:50051", `http://${server.address}`).replaceAll('"./gen/', '"../gen/'),
    );
    await using bundler = new TestProcess(null, {
      runtime: [`${folder}/node_modules/.bin/esbuild`],
      args: ["app.js", "--bundle", "--format=esm", "--log-level=warning", "--outfile=main.js"],
      cwd: directory,
    });
    const { code, stderr } = await bundler.end();
    assertEquals(code, 0, stderr);
    await Deno.writeTextFile(`${directory}/index.html`, '<script type="module" src="main.js"></script>');
    await withPage(`${pages.origin}/`, async (page) => {
      await until("the watch stands", async () => {
        const metrics = await (await fetch(`http://${server.address}/metrics`)).text();
        return /^steward_store_watchers 1$/m.test(metrics);
      });
      await call(server, "CreateTask", { title: "Mend the pump" });
      await until("the task is seen", () => page.console.includes("CREATED Mend the pump"));
      const said = page.console.filter((line) => !line.startsWith("Failed to load resource"));
      assertEquals(said[0], "Widget 100 9.99");
      assertMatch(said[1]!, /^name: .+/);
      assertMatch(said[2]!, /^quantity: .+/);
      assertEquals(said.slice(3), ["CREATED Mend the pump"]);
    });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

/** The browser says itself that it was CORS. */
async function complained(page: Page): Promise<void> {
  await until("the browser names CORS", () => page.console.some((line) => /CORS policy/.test(line)));
}

function servePages(folder: string) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    const file = pathname === "/" ? "index.html" : "main.js";
    const type = file === "main.js" ? "text/javascript" : "text/html";
    return new Response(await Deno.readFile(`${folder}/${file}`), { headers: { "content-type": type } });
  });
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function call({ address }: ServerProcess, method: string, request: object) {
  const response = await fetch(`http://${address}/taskmanager.TaskManager/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });
  const answer = await response.json();
  assertEquals(response.status, 200, JSON.stringify(answer));
  return answer;
}
