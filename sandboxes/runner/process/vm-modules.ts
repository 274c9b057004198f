/**
 * Modules of the workspace through `node:vm`. Node starts sooner without its own loader of modules, which nothing else here
 * needs. With Deno's own `import()` a module that waits keeps the process from ever being idle, and errors are copies that
 * have lost their class.
 */
import vm, { type Module } from "node:vm";
import { filesModule, resolveImport } from "../../workspace/module-source.ts";

interface VmModules {
  /** Of a module's URL; rejects with what the module threw. */
  importModule(url: string): Promise<unknown>;
}

/** `sourceOf`: JavaScript of a URL. `files`: what programs import as `node:fs/promises`. */
export function vmModules(sourceOf: (url: string) => string, files: Readonly<Record<string, unknown>>): VmModules {
  const { SourceTextModule, SyntheticModule } = vm;
  const modules = new Map<string, Module>();
  /** One at a time, because two that share a module would link it twice. */
  let linking: Promise<unknown> = Promise.resolve();

  const moduleOf = (name: string): Module => {
    let module = modules.get(name);
    if (module === undefined) {
      module = name === filesModule ? filesOf() : textModule(name);
      modules.set(name, module);
    }
    return module;
  };
  const filesOf = () =>
    new SyntheticModule([...Object.keys(files), "default"], function (this: vm.SyntheticModule) {
      for (const [name, value] of Object.entries({ ...files, default: files })) this.setExport(name, value);
    });
  const textModule = (url: string) =>
    new SourceTextModule(sourceOf(url), {
      identifier: url,
      initializeImportMeta: (meta) => Object.assign(meta, { url }),
      importModuleDynamically: (specifier: string) => evaluated(resolveImport(url, specifier)),
    });
  const link = async (module: Module) => {
    if (module.status === "unlinked")
      await module.link((specifier, { identifier }) => moduleOf(resolveImport(identifier, specifier)));
  };
  const evaluated = async (url: string): Promise<Module> => {
    const module = moduleOf(url);
    const linked = linking.then(() => link(module));
    linking = linked.catch(() => undefined);
    try {
      await linked;
    } catch (error) {
      // The next import finds out for itself.
      modules.delete(url);
      throw error;
    }
    await module.evaluate();
    return module;
  };
  return { importModule: evaluated };
}
