/**
 * The frozen part of the contract by grpc-js on Node with better-sqlite3, as its users would plainly write it: a
 * transaction an add, WAL, synchronous=FULL, statements kept prepared. One thread does everything, so it needs no lock.
 *
 * `node server.js PROTO DIR` loads the contract from PROTO, keeps its database in DIR, takes a free port and prints
 * `listening on http://HOST:PORT`. It is plain JavaScript, as nothing is to stand between Node and it.
 */
import { randomUUID } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import grpc from "@grpc/grpc-js";
import protoLoader from "@grpc/proto-loader";
import Database from "better-sqlite3";

const [proto, directory] = process.argv.slice(2);
mkdirSync(directory, { recursive: true });
const file = join(directory, "peer.db");
const db = new Database(file);
db.exec(`
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS items (
    name TEXT PRIMARY KEY, quantity INTEGER NOT NULL, price REAL NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS tasks (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, description TEXT NOT NULL, status INTEGER NOT NULL,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL
  ) WITHOUT ROWID;
`);
const insertItem = db.prepare("INSERT INTO items (name, quantity, price) VALUES (?, ?, ?)");
const selectItem = db.prepare("SELECT name, quantity, price FROM items WHERE name = ?");
const insertTask = db.prepare(
  "INSERT INTO tasks (id, title, description, status, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING *",
);
const updateTask = db.prepare(
  "UPDATE tasks SET title = coalesce(nullif(?, ''), title), description = coalesce(nullif(?, ''), description), " +
    "status = coalesce(nullif(?, 0), status), updated_at = ? WHERE id = ? RETURNING *",
);

const TODO = 1, CREATED = 1, UPDATED = 2;
const events = new EventEmitter().setMaxListeners(0);

const inventory = {
  AddItem({ request: { name, quantity, price } }, callback) {
    if (name === "") return callback({ code: grpc.status.INVALID_ARGUMENT, details: "name is required" });
    try {
      insertItem.run(name, quantity, price);
    } catch (error) {
      if (error.code !== "SQLITE_CONSTRAINT_PRIMARYKEY") throw error;
      return callback({ code: grpc.status.ALREADY_EXISTS, details: `item '${name}' already exists` });
    }
    callback(null, { name, status: "created" });
  },

  GetItem({ request: { name } }, callback) {
    const item = selectItem.get(name);
    if (item) callback(null, item);
    else callback({ code: grpc.status.NOT_FOUND, details: `item '${name}' not found` });
  },

  async ListItems(call) {
    // A statement that is read keeps its connection, so a list has its own.
    const reader = new Database(file, { readonly: true });
    try {
      for (const item of reader.prepare("SELECT name, quantity, price FROM items ORDER BY name").iterate()) {
        if (!call.write(item)) await once(call, "drain");
        if (call.cancelled) return;
      }
      call.end();
    } finally {
      reader.close();
    }
  },
};

const taskManager = {
  CreateTask({ request: { title, description } }, callback) {
    if (title === "") return callback({ code: grpc.status.INVALID_ARGUMENT, details: "Title is required" });
    const now = new Date().toISOString();
    const task = insertTask.get(randomUUID(), title, description, TODO, now, now);
    events.emit("event", { event_type: CREATED, task });
    callback(null, { task });
  },

  UpdateTask({ request: { id, title, description, status } }, callback) {
    const task = updateTask.get(title, description, status, new Date().toISOString(), id);
    if (!task) return callback({ code: grpc.status.NOT_FOUND, details: `Task '${id}' not found` });
    events.emit("event", { event_type: UPDATED, task });
    callback(null, { task });
  },

  WatchTasks(call) {
    const send = (event) => call.write(event);
    events.on("event", send);
    call.on("cancelled", () => events.off("event", send));
    call.sendMetadata(new grpc.Metadata());
  },
};

const definition = grpc.loadPackageDefinition(
  protoLoader.loadSync(["inventory.proto", "task_manager.proto"], {
    includeDirs: [proto],
    keepCase: true,
    defaults: true,
    longs: Number,
  }),
);
const server = new grpc.Server();
server.addService(definition.inventory.Inventory.service, inventory);
server.addService(definition.taskmanager.TaskManager.service, taskManager);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`listening on http://127.0.0.1:${port}`);
});
process.on("SIGTERM", () => {
  server.forceShutdown();
  db.close();
  process.exit(0);
});
