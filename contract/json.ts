/** A value that JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A JSON object; what tools take as arguments and return as structured content. */
export type JsonObject = { readonly [key: string]: Json };
