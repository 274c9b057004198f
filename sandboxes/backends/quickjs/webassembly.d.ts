/** The little of WebAssembly's API that is used here; Node's types leave it to the DOM library, which has far too much. */
declare namespace WebAssembly {
  interface Module {
    readonly [Symbol.toStringTag]: "WebAssembly.Module";
  }
  function compile(bytes: Uint8Array): Promise<Module>;
}

declare type BufferSource = ArrayBufferView | ArrayBuffer;
