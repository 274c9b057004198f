/** Leaves the driver where the QuickJS worker finds it after restoring a snapshot; the worker takes it off again. */
import { guest } from "./prelude.ts";

Object.defineProperty(globalThis, "__guest", { value: guest, configurable: true });
