// Written by `deno task gen` from proto/. Do not edit.
// Names are those of the .proto files; 64-bit integers are numbers; a message that is absent is null.
// deno-lint-ignore-file camelcase no-empty-interface

export interface HealthCheckRequest {
  service: string;
}

export interface HealthCheckResponse {
  status: number;
}

export const HealthCheckResponse_ServingStatus = {
  UNKNOWN: 0,
  SERVING: 1,
  NOT_SERVING: 2,
  /** Used only by Watch. */
  SERVICE_UNKNOWN: 3,
} as const;

export interface HealthListRequest {
}

export interface HealthListResponse {
  /** The status of each service, by its full name. */
  statuses: Record<string, HealthCheckResponse>;
}

export interface ServerReflectionRequest {
  host: string;
  /** The file of that name. */
  file_by_filename: string;
  /** The file that declares the service, method, message, field or enum of that full name. */
  file_containing_symbol: string;
  /** The file that extends the message with that number. */
  file_containing_extension: ExtensionRequest | null;
  /** The numbers of all known extensions of the message of that full name. */
  all_extension_numbers_of_type: string;
  /** The full names of all services; the value is not looked at. */
  list_services: string;
  /** Which of the fields is set. Not written. */
  readonly message_request?:
    | "file_by_filename"
    | "file_containing_symbol"
    | "file_containing_extension"
    | "all_extension_numbers_of_type"
    | "list_services";
}

export interface ExtensionRequest {
  containing_type: string;
  extension_number: number;
}

export interface ServerReflectionResponse {
  valid_host: string;
  original_request: ServerReflectionRequest | null;
  file_descriptor_response: FileDescriptorResponse | null;
  all_extension_numbers_response: ExtensionNumberResponse | null;
  list_services_response: ListServiceResponse | null;
  error_response: ErrorResponse | null;
  /** Which of the fields is set. Not written. */
  readonly message_response?:
    | "file_descriptor_response"
    | "all_extension_numbers_response"
    | "list_services_response"
    | "error_response";
}

export interface FileDescriptorResponse {
  /** google.protobuf.FileDescriptorProto in binary: the file asked for, then all that it imports. */
  file_descriptor_proto: Uint8Array[];
}

export interface ExtensionNumberResponse {
  base_type_name: string;
  extension_number: number[];
}

export interface ListServiceResponse {
  service: ServiceResponse[];
}

export interface ServiceResponse {
  name: string;
}

export interface ErrorResponse {
  /** A gRPC status code. */
  error_code: number;
  error_message: string;
}

export interface ServerReflectionRequestV1alpha {
  host: string;
  /** The file of that name. */
  file_by_filename: string;
  /** The file that declares the service, method, message, field or enum of that full name. */
  file_containing_symbol: string;
  /** The file that extends the message with that number. */
  file_containing_extension: ExtensionRequestV1alpha | null;
  /** The numbers of all known extensions of the message of that full name. */
  all_extension_numbers_of_type: string;
  /** The full names of all services; the value is not looked at. */
  list_services: string;
  /** Which of the fields is set. Not written. */
  readonly message_request?:
    | "file_by_filename"
    | "file_containing_symbol"
    | "file_containing_extension"
    | "all_extension_numbers_of_type"
    | "list_services";
}

export interface ExtensionRequestV1alpha {
  containing_type: string;
  extension_number: number;
}

export interface ServerReflectionResponseV1alpha {
  valid_host: string;
  original_request: ServerReflectionRequestV1alpha | null;
  file_descriptor_response: FileDescriptorResponseV1alpha | null;
  all_extension_numbers_response: ExtensionNumberResponseV1alpha | null;
  list_services_response: ListServiceResponseV1alpha | null;
  error_response: ErrorResponseV1alpha | null;
  /** Which of the fields is set. Not written. */
  readonly message_response?:
    | "file_descriptor_response"
    | "all_extension_numbers_response"
    | "list_services_response"
    | "error_response";
}

export interface FileDescriptorResponseV1alpha {
  /** google.protobuf.FileDescriptorProto in binary: the file asked for, then all that it imports. */
  file_descriptor_proto: Uint8Array[];
}

export interface ExtensionNumberResponseV1alpha {
  base_type_name: string;
  extension_number: number[];
}

export interface ListServiceResponseV1alpha {
  service: ServiceResponseV1alpha[];
}

export interface ServiceResponseV1alpha {
  name: string;
}

export interface ErrorResponseV1alpha {
  /** A gRPC status code. */
  error_code: number;
  error_message: string;
}

/** One kind of thing in stock. */
export interface Item {
  /** 1 to 200 characters, no control characters, not beginning or ending with a space. The identity; it never changes. */
  name: string;
  /** Pieces in stock, 0 to 2147483647. */
  quantity: number;
  /** Price of one piece: finite, 0 to 9007199254, at most 6 decimals. Kept exactly, so 9.99 comes back as 9.99. */
  price: number;
  /** Where it lies, at most 200 characters, such as "Shelf B3". */
  location: string;
  /** At most 50, each 1 to 100 characters, no two the same. */
  tags: string[];
  /** Order again when quantity is at or below this; 0 means never. */
  reorder_level: number;
  /** Whatever else is worth keeping: at most 50 entries, keys of 1 to 100 and values of at most 1000 characters. */
  attributes: Record<string, string>;
  /** When it was added. Set by the server. */
  created_at: Timestamp | null;
  /** When it was last changed. Set by the server. */
  updated_at: Timestamp | null;
  /** Names this very state of the item; pass it back to change the item only if nobody else did. */
  etag: string;
  /** The revision of the store that last changed the item. */
  revision: number;
}

export interface AddItemRequest {
  /** See Item.name. */
  name: string;
  /** See Item.quantity. */
  quantity: number;
  /** See Item.price. */
  price: number;
  /** See Item.location. */
  location: string;
  /** See Item.tags. */
  tags: string[];
  /** See Item.reorder_level. */
  reorder_level: number;
  /** See Item.attributes. */
  attributes: Record<string, string>;
  /**
   * At most 100 characters. A second call with the same id within 24 hours gets the first answer and changes
   * nothing; the same id with another request is INVALID_ARGUMENT. Empty means no such protection.
   */
  request_id: string;
}

export interface AddItemResponse {
  name: string;
  /** Always "created". */
  status: string;
  /** The item as it now stands. */
  item: Item | null;
}

export interface GetItemRequest {
  name: string;
}

/** The same fields, by number and meaning, as Item. */
export interface GetItemResponse {
  name: string;
  quantity: number;
  price: number;
  location: string;
  tags: string[];
  reorder_level: number;
  attributes: Record<string, string>;
  created_at: Timestamp | null;
  updated_at: Timestamp | null;
  etag: string;
  revision: number;
}

export interface ListItemsRequest {
  /**
   * Only items for which this holds; empty means all. Fields: name, quantity, price, location, tags, reorder_level,
   * attributes.KEY, created_at, updated_at, revision. Example: `quantity < 10 AND tags:fastener`. See docs/filters.md.
   */
  filter: string;
  /** Only items whose name begins with this. Empty means all. */
  prefix: string;
}

/** The same fields, by number and meaning, as Item. */
export interface ListItemsResponse {
  name: string;
  quantity: number;
  price: number;
  location: string;
  tags: string[];
  reorder_level: number;
  attributes: Record<string, string>;
  created_at: Timestamp | null;
  updated_at: Timestamp | null;
  etag: string;
  revision: number;
}

export interface UpdateItemRequest {
  /** The item to change, by its name, with the new values. created_at, updated_at, etag and revision in it are ignored. */
  item: Item | null;
  /**
   * Which fields to set: quantity, price, location, tags, reorder_level, attributes, or `*` for all of these.
   * Empty means every one of them that is not at its default, so clearing a field takes a mask.
   */
  update_mask: FieldMask | null;
  /** When set, the change happens only if the item still has this etag; otherwise ABORTED. */
  etag: string;
  /** See AddItemRequest.request_id. */
  request_id: string;
}

export interface UpdateItemResponse {
  item: Item | null;
}

export interface RemoveItemRequest {
  name: string;
  /** See UpdateItemRequest.etag. */
  etag: string;
  /** See AddItemRequest.request_id. */
  request_id: string;
}

export interface RemoveItemResponse {
  /** The item as it was before it was removed. */
  item: Item | null;
}

export interface AdjustStockRequest {
  name: string;
  /** Pieces to add (positive) or take (negative). Not zero. */
  delta: number;
  /** Why, at most 200 characters, such as "delivery" or "broken". */
  reason: string;
  /** What it belongs to, at most 200 characters, such as an order number. */
  reference: string;
  /** See UpdateItemRequest.etag. */
  etag: string;
  /** See AddItemRequest.request_id. */
  request_id: string;
}

export interface AdjustStockResponse {
  item: Item | null;
  movement: Movement | null;
}

/** One line of the ledger. */
export interface Movement {
  /** Counts up from 1 over the whole ledger. */
  id: number;
  /** The item's name. */
  item: string;
  /** Pieces that came (positive) or went (negative). */
  delta: number;
  /** Pieces in stock afterwards. */
  quantity: number;
  /** Why. The server's own reasons: added, updated, removed, imported, task done, task reopened. */
  reason: string;
  /** What it belongs to; for a task, its title. */
  reference: string;
  /** The task that took or returned the pieces, or empty. */
  task_id: string;
  created_at: Timestamp | null;
  /** The revision of the store that made the movement. */
  revision: number;
}

export interface ListMovementsRequest {
  /** Only movements of this item, also of one that is no longer there. Empty means all items. */
  name: string;
  /** At most so many; 0 means 100, more than 1000 means 1000. */
  page_size: number;
  /** next_page_token of the page before, with the same name and filter. Empty means the first page. */
  page_token: string;
  /** Only movements for which this holds. Fields: item, delta, quantity, reason, reference, task_id, created_at, revision. */
  filter: string;
}

export interface ListMovementsResponse {
  movements: Movement[];
  /** Empty on the last page. */
  next_page_token: string;
}

/** What an import does with a row whose item is already there. */
export const ImportMode = {
  /** The same as IMPORT_MODE_CREATE. */
  IMPORT_MODE_UNSPECIFIED: 0,
  /** Report it as failed with ALREADY_EXISTS. */
  IMPORT_MODE_CREATE: 1,
  /** Leave the item as it is and count the row as skipped. */
  IMPORT_MODE_SKIP: 2,
  /** Set every field of the item to what the row says. */
  IMPORT_MODE_REPLACE: 3,
} as const;

/** How to import. At most one message of the stream carries it, and none after a row: otherwise INVALID_ARGUMENT. */
export interface ImportOptions {
  mode: number;
  /** Stop at the first row that fails: later rows are not looked at, earlier ones stay. */
  stop_on_error: boolean;
  /** Check every row, write none. A name that comes twice is noticed within the first 1000000 names. */
  dry_run: boolean;
  /** Report every row in outcomes, not only those that failed. */
  report_all: boolean;
}

export interface ImportRow {
  /** Where the row stands in its source, for the report. 0 means its position in the stream, counted from 1. */
  line: number;
  /** created_at, updated_at, etag and revision in it are ignored. */
  item: Item | null;
}

export interface ImportItemsRequest {
  options: ImportOptions | null;
  rows: ImportRow[];
}

export const ImportStatus = {
  IMPORT_STATUS_UNSPECIFIED: 0,
  IMPORT_STATUS_CREATED: 1,
  IMPORT_STATUS_REPLACED: 2,
  IMPORT_STATUS_SKIPPED: 3,
  IMPORT_STATUS_FAILED: 4,
} as const;

export interface ImportOutcome {
  line: number;
  name: string;
  status: number;
  /** For a failed row: the reason as in google.rpc.ErrorInfo, such as ITEM_EXISTS. */
  reason: string;
  /** For a failed row: a sentence for people. */
  message: string;
}

export interface ImportItemsResponse {
  created: number;
  replaced: number;
  skipped: number;
  failed: number;
  /** The first 1000 outcomes; see ImportOptions.report_all. */
  outcomes: ImportOutcome[];
  /** True when there were more outcomes than are listed. */
  outcomes_truncated: boolean;
  /** True when stop_on_error ended the import early. */
  stopped: boolean;
  /** The store's revision after the last row written; 0 when none was. */
  revision: number;
}

export interface WatchItemsRequest {
  /** Give the changes after this revision; 0 means all there ever were. Absent means from now on. */
  since_revision: number | null;
  /**
   * First give every item there is, as ITEM_EVENT_TYPE_SNAPSHOT events followed by a message without events, then
   * the changes, with no gap and no repeat. Not together with a since_revision above 0.
   */
  snapshot: boolean;
  /** Only events whose item matches before or after the change, so a watcher sees an item leave. As in ListItems. */
  filter: string;
  /** Only items whose name begins with this. */
  prefix: string;
  /**
   * Send a message without events each time this long has passed in silence, so that the watcher knows how far it is.
   * 0.1 s to 1 h; absent means never.
   */
  progress_interval: Duration | null;
}

export const ItemEventType = {
  ITEM_EVENT_TYPE_UNSPECIFIED: 0,
  ITEM_EVENT_TYPE_ADDED: 1,
  ITEM_EVENT_TYPE_UPDATED: 2,
  ITEM_EVENT_TYPE_REMOVED: 3,
  /** The item existed when the watch began. */
  ITEM_EVENT_TYPE_SNAPSHOT: 4,
} as const;

export interface ItemEvent {
  event_type: number;
  /** The item after the change; for a removal, as it last was. */
  item: Item | null;
  /** The item before the change, for an update. */
  previous: Item | null;
}

export interface WatchItemsResponse {
  /**
   * The matching changes of one revision, or a part of the snapshot, or nothing: then it says progress only. A revision
   * of more than 8 changes comes in several messages, of which only the last carries the revision.
   */
  events: ItemEvent[];
  /**
   * Everything up to and including this revision has been given: the value to resume from.
   * 0 while a snapshot or a revision is not complete, and in a store that nothing was ever written to.
   */
  revision: number;
  /** When that revision was made. Absent in snapshots and progress. */
  time: Timestamp | null;
}

export interface Duration {
  seconds: number;
  nanos: number;
}

export interface Any {
  type_url: string;
  value: Uint8Array;
}

export interface FieldMask {
  paths: string[];
}

export interface Timestamp {
  seconds: number;
  nanos: number;
}

/** Why the call failed, for programs: the pair of reason and domain is stable. */
export interface ErrorInfo {
  /** UPPER_SNAKE_CASE, at most 63 characters. */
  reason: string;
  /** Who defined the reason; here always "steward". */
  domain: string;
  /** The facts that the message was made from. */
  metadata: Record<string, string>;
}

/** When the call may be tried again. */
export interface RetryInfo {
  retry_delay: Duration | null;
}

/** What happened inside the server. */
export interface DebugInfo {
  stack_entries: string[];
  detail: string;
}

/** Which limits were exceeded. */
export interface QuotaFailure {
  violations: QuotaFailure_Violation[];
}

export interface QuotaFailure_Violation {
  subject: string;
  description: string;
  api_service: string;
  quota_metric: string;
  quota_id: string;
  quota_dimensions: Record<string, string>;
  quota_value: number;
  future_quota_value: number | null;
}

/** What must be mended before the call can succeed. */
export interface PreconditionFailure {
  violations: PreconditionFailure_Violation[];
}

export interface PreconditionFailure_Violation {
  /** The kind of condition, such as STOCK_SHORT. */
  type: string;
  /** What it is about, such as an item's name. */
  subject: string;
  /** A sentence for people. */
  description: string;
}

/** Which fields of the request are wrong, and how. */
export interface BadRequest {
  field_violations: BadRequest_FieldViolation[];
}

export interface BadRequest_FieldViolation {
  /** The path of the field, such as `materials[2].quantity`. */
  field: string;
  /** A sentence for people. */
  description: string;
  /** For programs: UPPER_SNAKE_CASE. */
  reason: string;
  localized_message: LocalizedMessage | null;
}

/** Names the request, so that a report can be matched with the server's log. */
export interface RequestInfo {
  request_id: string;
  serving_data: string;
}

/** Names the thing that the call was about. */
export interface ResourceInfo {
  resource_type: string;
  resource_name: string;
  owner: string;
  description: string;
}

/** Where to read on. */
export interface Help {
  links: Help_Link[];
}

export interface Help_Link {
  description: string;
  url: string;
}

/** A message for end users in their language. */
export interface LocalizedMessage {
  /** As in BCP 47, such as "en-US". */
  locale: string;
  message: string;
}

/** An error with its details. */
export interface Status {
  /** A gRPC status code, 0 to 16. */
  code: number;
  /** A sentence for developers, in English. */
  message: string;
  /** Messages that say more, most often those of error_details.proto. */
  details: Any[];
}

export const TaskStatus = {
  TASK_STATUS_UNSPECIFIED: 0,
  TASK_STATUS_TODO: 1,
  TASK_STATUS_IN_PROGRESS: 2,
  TASK_STATUS_DONE: 3,
} as const;

export const TaskPriority = {
  /** On creation the same as NORMAL; in an update no change. */
  TASK_PRIORITY_UNSPECIFIED: 0,
  TASK_PRIORITY_LOW: 1,
  TASK_PRIORITY_NORMAL: 2,
  TASK_PRIORITY_HIGH: 3,
  TASK_PRIORITY_URGENT: 4,
} as const;

/** What a task uses up when it is finished. */
export interface Material {
  /** The name of an item in the inventory. It need not be there until the task is finished. */
  item: string;
  /** Pieces, 1 to 2147483647. */
  quantity: number;
}

export interface Task {
  /** Given by the server: a UUID. */
  id: string;
  /** 1 to 200 characters. */
  title: string;
  /** At most 10000 characters. */
  description: string;
  status: number;
  /** ISO 8601 in UTC with milliseconds, such as 2026-05-04T08:30:00.000Z. Set by the server. */
  created_at: string;
  /** As created_at; when the task was last changed. */
  updated_at: string;
  priority: number;
  /** At most 50, each 1 to 100 characters, no two the same. */
  tags: string[];
  /** When it should be done. Absent means whenever. */
  due_at: Timestamp | null;
  /** The id of a user. */
  user_id: number;
  /** The name of a team, 1 to 100 characters. */
  team: string;
  /** At most 100, no item twice. */
  materials: Material[];
  /** Names this very state of the task; pass it back to change the task only if nobody else did. */
  etag: string;
  /** The revision of the store that last changed the task. */
  revision: number;
  /** Which of the fields is set. Not written. */
  readonly assignee?: "user_id" | "team";
}

export interface CreateTaskRequest {
  /** See Task.title. */
  title: string;
  /** See Task.description. */
  description: string;
  priority: number;
  /** See Task.tags. */
  tags: string[];
  due_at: Timestamp | null;
  user_id: number;
  team: string;
  /** See Task.materials. */
  materials: Material[];
  /**
   * At most 100 characters. A second call with the same id within 24 hours gets the first answer and changes
   * nothing; the same id with another request is INVALID_ARGUMENT. Empty means no such protection.
   */
  request_id: string;
  /** Which of the fields is set. Not written. */
  readonly assignee?: "user_id" | "team";
}

export interface CreateTaskResponse {
  task: Task | null;
}

export interface GetTaskRequest {
  id: string;
}

export interface GetTaskResponse {
  task: Task | null;
}

export interface UpdateTaskRequest {
  id: string;
  /** Empty means no change, unless update_mask names it (which is an error: a title is required). */
  title: string;
  /** Empty means no change, unless update_mask names it. */
  description: string;
  /** UNSPECIFIED means no change. */
  status: number;
  /** UNSPECIFIED means no change. */
  priority: number;
  /** Replaces all tags. Empty means no change, unless update_mask names it. */
  tags: string[];
  /** Absent means no change, unless update_mask names it: then the task is due whenever. */
  due_at: Timestamp | null;
  user_id: number;
  team: string;
  /**
   * Replaces all materials. Empty means no change, unless update_mask names it. FAILED_PRECONDITION while the task is
   * DONE and stays so.
   */
  materials: Material[];
  /**
   * The fields to set: title, description, status, priority, tags, due_at, assignee (or user_id, team), materials, or
   * `*` for all. Absent means the rules above.
   */
  update_mask: FieldMask | null;
  /** When set, the change happens only if the task still has this etag; otherwise ABORTED. */
  etag: string;
  /** See CreateTaskRequest.request_id. */
  request_id: string;
  /** Which of the fields is set. Not written. */
  readonly assignee?: "user_id" | "team";
}

export interface UpdateTaskResponse {
  task: Task | null;
}

export interface DeleteTaskRequest {
  id: string;
  /** See UpdateTaskRequest.etag. */
  etag: string;
  /** See CreateTaskRequest.request_id. */
  request_id: string;
}

export interface DeleteTaskResponse {
  /** The task as it was before it was deleted. */
  task: Task | null;
}

export interface ListTasksRequest {
  /** At most so many; 0 means 100, more than 1000 means 1000. */
  page_size: number;
  /** next_page_token of the page before, with the same filter and order. Empty means the first page. */
  page_token: string;
  /**
   * Only tasks for which this holds; empty means all. Fields: id, title, description, status, priority, tags, due_at,
   * user_id, team, materials, created_at, updated_at, revision. Example: `status != DONE AND due_at < "2026-06-01"`.
   * See docs/filters.md.
   */
  filter: string;
  /**
   * Comma-separated fields, each with ` desc` for the other direction: created_at, updated_at, due_at, priority, status,
   * title. Empty means created_at. Tasks without due_at come last in either direction.
   */
  order_by: string;
}

export interface ListTasksResponse {
  tasks: Task[];
  /** Empty on the last page. */
  next_page_token: string;
}

export interface WatchTasksRequest {
  /** Give the changes after this revision; 0 means all there ever were. Absent means from now on. */
  since_revision: number | null;
  /**
   * First give every task there is, as TASK_EVENT_TYPE_SNAPSHOT events followed by one TASK_EVENT_TYPE_PROGRESS, then
   * the changes, with no gap and no repeat. Not together with a since_revision above 0.
   */
  snapshot: boolean;
  /** Only events whose task matches before or after the change, so a watcher sees a task leave. As in ListTasks. */
  filter: string;
  /** Send a TASK_EVENT_TYPE_PROGRESS each time this long has passed in silence. 0.1 s to 1 h; absent means never. */
  progress_interval: Duration | null;
}

export const TaskEventType = {
  TASK_EVENT_TYPE_UNSPECIFIED: 0,
  TASK_EVENT_TYPE_CREATED: 1,
  TASK_EVENT_TYPE_UPDATED: 2,
  TASK_EVENT_TYPE_DELETED: 3,
  /** The task existed when the watch began. Only when snapshot was asked for. */
  TASK_EVENT_TYPE_SNAPSHOT: 4,
  /** No task: everything up to revision has been given. Only when snapshot or progress_interval was asked for. */
  TASK_EVENT_TYPE_PROGRESS: 5,
} as const;

export interface TaskEvent {
  event_type: number;
  /** The task after the change; for a deletion, as it last was. */
  task: Task | null;
  /**
   * Everything up to and including this revision has been given: the value to resume from. 0 while a snapshot is not
   * complete, and in a store that nothing was ever written to.
   */
  revision: number;
  /** The task before the change, for an update. */
  previous: Task | null;
}

/** Every method of every service: its kind, what it takes and what it answers. */
export interface Services {
  "grpc.health.v1.Health": {
    Check: { kind: "unary"; input: HealthCheckRequest; output: HealthCheckResponse };
    List: { kind: "unary"; input: HealthListRequest; output: HealthListResponse };
    Watch: { kind: "server_streaming"; input: HealthCheckRequest; output: HealthCheckResponse };
  };
  "grpc.reflection.v1.ServerReflection": {
    ServerReflectionInfo: { kind: "bidi_streaming"; input: ServerReflectionRequest; output: ServerReflectionResponse };
  };
  "grpc.reflection.v1alpha.ServerReflection": {
    ServerReflectionInfo: {
      kind: "bidi_streaming";
      input: ServerReflectionRequestV1alpha;
      output: ServerReflectionResponseV1alpha;
    };
  };
  "inventory.Inventory": {
    AddItem: { kind: "unary"; input: AddItemRequest; output: AddItemResponse };
    GetItem: { kind: "unary"; input: GetItemRequest; output: GetItemResponse };
    ListItems: { kind: "server_streaming"; input: ListItemsRequest; output: ListItemsResponse };
    UpdateItem: { kind: "unary"; input: UpdateItemRequest; output: UpdateItemResponse };
    RemoveItem: { kind: "unary"; input: RemoveItemRequest; output: RemoveItemResponse };
    AdjustStock: { kind: "unary"; input: AdjustStockRequest; output: AdjustStockResponse };
    ListMovements: { kind: "unary"; input: ListMovementsRequest; output: ListMovementsResponse };
    ImportItems: { kind: "client_streaming"; input: ImportItemsRequest; output: ImportItemsResponse };
    WatchItems: { kind: "server_streaming"; input: WatchItemsRequest; output: WatchItemsResponse };
  };
  "taskmanager.TaskManager": {
    CreateTask: { kind: "unary"; input: CreateTaskRequest; output: CreateTaskResponse };
    GetTask: { kind: "unary"; input: GetTaskRequest; output: GetTaskResponse };
    UpdateTask: { kind: "unary"; input: UpdateTaskRequest; output: UpdateTaskResponse };
    DeleteTask: { kind: "unary"; input: DeleteTaskRequest; output: DeleteTaskResponse };
    ListTasks: { kind: "unary"; input: ListTasksRequest; output: ListTasksResponse };
    WatchTasks: { kind: "server_streaming"; input: WatchTasksRequest; output: TaskEvent };
  };
}
