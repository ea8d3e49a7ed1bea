// A page that adds items, lists them, and shows what happens to tasks while it happens.
// ?server=http://localhost:50051&wire=connect says whom to call, and how.
import { Code, ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { TaskEventType } from "../gen/task_manager_pb.js";
import { clientsOf } from "./clients.js";

const query = new URLSearchParams(location.search);
const { inventory, tasks } = clientsOf(query.get("server") ?? "http://localhost:50051", query.get("wire") ?? "connect");
const $ = (selector) => document.querySelector(selector);

function show(list, text) {
  const entry = document.createElement("li");
  entry.textContent = text;
  list.append(entry);
}

/** The code, the sentence, the reason and each field that is wrong. */
function explain(thrown) {
  const error = ConnectError.from(thrown);
  const reasons = error.findDetails(ErrorInfoSchema).map(({ reason }) => reason);
  const fields = error.findDetails(BadRequestSchema)
    .flatMap(({ fieldViolations }) => fieldViolations.map(({ field, description }) => `${field}: ${description}`));
  return [Code[error.code], error.rawMessage, ...reasons, ...fields].join(" | ");
}

$("#add").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const output = form.querySelector("output");
  output.textContent = "";
  try {
    const { item } = await inventory.addItem({
      name: form.elements.name.value,
      quantity: Number(form.elements.quantity.value),
      price: Number(form.elements.price.value),
    });
    const { etag, revision } = await inventory.getItem({ name: item.name });
    output.textContent = `${item.name} is there: revision ${revision}, etag ${etag}`;
  } catch (error) {
    output.textContent = explain(error);
  }
});

$("#list").addEventListener("click", async () => {
  const list = $("#items");
  list.replaceChildren();
  try {
    for await (const { name, quantity, price } of inventory.listItems({})) show(list, `${quantity} x ${name} at ${price}`);
    show(list, "end of list");
  } catch (error) {
    show(list, explain(error));
  }
});

try {
  // The snapshot says that the watch stands: what is changed from then on is seen.
  for await (const { eventType, task, revision } of tasks.watchTasks({ snapshot: true })) {
    if (eventType === TaskEventType.PROGRESS) $("#watch").textContent = `watching from ${revision}`;
    else show($("#tasks"), `${TaskEventType[eventType]} ${task.title}`);
  }
  $("#watch").textContent = "ended";
} catch (error) {
  $("#watch").textContent = explain(error);
}
