/**
 * What a load client is asked, as JSON in its only argument, and what it answers, as JSON on stdout.
 *
 * @module
 */

/** Which client makes the calls: a whole gRPC stack, or bare frames. */
export type Stack = "grpc-js" | "frames";

export interface UnaryJob {
  readonly kind: "unary";
  readonly stack: Stack;
  readonly method: "GetItem" | "AddItem";
  /** Calls in flight at any time. */
  readonly callers: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** Begins every name that is added. */
  readonly prefix: string;
}

export interface ListJob {
  readonly kind: "list";
  /** How many times the whole list is read, one after the other. */
  readonly times: number;
}

export interface WatchJob {
  readonly kind: "watch";
  readonly watchers: number;
  readonly eventsPerSecond: number;
  readonly seconds: number;
}

/** Opens connections or watches that nothing happens on, twice: the second time their memory is looked at. */
export interface HoldJob {
  readonly kind: "hold";
  readonly what: "connections" | "watchers";
  readonly first: number;
  readonly then: number;
}

/** Sends a full shelf to ImportItems. */
export interface SeedJob {
  readonly kind: "seed";
  readonly rows: number;
  /** Only with the fields of the frozen contract. */
  readonly frozen: boolean;
}

/** Opens ListItems, reads what comes without asking for it, and then nothing. */
export interface StallJob {
  readonly kind: "stall";
  readonly seconds: number;
}

/** Sends rows to ImportItems as fast as the server grants, the same items over and over, each time changed. */
export interface UploadJob {
  readonly kind: "upload";
  readonly seconds: number;
}

export type Job =
  & { readonly address: string; readonly serverPid: number }
  & (
    | UnaryJob
    | ListJob
    | WatchJob
    | HoldJob
    | SeedJob
    | StallJob
    | UploadJob
  );

/** Figures of a timed part of a load, by name. Times of calls are in milliseconds. */
export interface Report {
  readonly calls: number;
  readonly seconds: number;
  /** CPU time of the server in that part. */
  readonly serverCpuSeconds: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  /** Bytes of messages. */
  readonly bytes?: number;
  /** What a load of watchers should have got. */
  readonly expected?: number;
  /** What one of the things held takes of the server's resident memory, in kB (10^3 bytes). */
  readonly kbEach?: number;
}
