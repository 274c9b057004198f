/** What is used here of WebAssembly's API; Node's types leave it to the DOM library, which has far too much. */
declare namespace WebAssembly {
  interface Memory {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  const Memory: { readonly prototype: Memory };
}
