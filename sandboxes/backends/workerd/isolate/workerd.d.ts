/** The parts of workerd that code in an isolate uses and Node's types do not have. */
declare module "workerd:unsafe-eval" {
  const unsafe: { eval(code: string, name: string): unknown };
  export default unsafe;
}
declare module "guest.json" {
  const guest: { readonly entry: string; readonly parts: Readonly<Record<string, string>> };
  export default guest;
}
declare module "isolate.json" {
  const code: object;
  export default code;
}
