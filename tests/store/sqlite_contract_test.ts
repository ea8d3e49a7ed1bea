import { storeContract } from "./contract/mod.ts";
import { withStore } from "./fixture.ts";

storeContract("SQLite store", (test, options) => withStore(test, options));
