import type { Provider } from '../contract.ts';

type Facts = Pick<Provider, 'name' | 'protocol' | 'native_output'>;
export type ProviderCalls = Omit<Provider, keyof Facts>;

/** A provider whose SDK is loaded with the first call: each costs a start 100 to 200 ms, and no installation uses all of them. */
export function loadedOnUse(facts: Facts, open: () => Promise<ProviderCalls>): Provider {
  let opened: Promise<ProviderCalls> | null = null;
  const calls = () => {
    opened ??= open();
    return opened;
  };
  return {
    ...facts,
    async *chat(model, request, signal, onPiece) {
      yield* (await calls()).chat(model, request, signal, onPiece);
    },
    embed: async (model, request, signal) => (await calls()).embed(model, request, signal),
    models: async (signal) => (await calls()).models(signal),
    health: async (signal) => (await calls()).health(signal),
    close() {
      opened?.then(
        (provider) => provider.close(),
        // What could not be opened was told to whoever asked, and has nothing to close.
        () => undefined,
      );
    },
  };
}
