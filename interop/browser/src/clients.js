import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { Inventory } from "../gen/inventory_pb.js";
import { TaskManager } from "../gen/task_manager_pb.js";

/** Clients of a server such as `http://localhost:50051`, by `connect`, `connect-json`, or `grpc-web`. */
export function clientsOf(baseUrl, wire) {
  const transport = wire === "grpc-web"
    ? createGrpcWebTransport({ baseUrl })
    : createConnectTransport({ baseUrl, useHttpGet: true, useBinaryFormat: wire === "connect" });
  return { inventory: createClient(Inventory, transport), tasks: createClient(TaskManager, transport) };
}
