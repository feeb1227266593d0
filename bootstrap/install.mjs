// Installs the workspace when the lockfile or a manifest changed since the last install.
// Plain JavaScript for Node 20: this runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BootstrapError } from './bootstrap-error.mjs';

/** @param {string} root */
function manifests(root) {
  const members = ['packages', 'services'].flatMap((parent) =>
    existsSync(join(root, parent))
      ? readdirSync(join(root, parent))
          .sort()
          .map((name) => join(parent, name, 'package.json'))
      : [],
  );
  return ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...members].filter((path) =>
    existsSync(join(root, path)),
  );
}

/** The hash of everything that decides what an install produces. @param {string} root */
function installFingerprint(root) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  for (const path of manifests(root)) {
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(join(root, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** @param {string} root */
function stampPath(root) {
  return join(root, 'node_modules', '.planyard-install');
}

/** @param {string} root */
function isInstalled(root) {
  const stamp = stampPath(root);
  return existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === installFingerprint(root);
}

function registry() {
  const shell = process.platform === 'win32';
  const asked = spawnSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8', shell });
  const url = asked.stdout?.trim();
  return url?.startsWith('http') ? url : 'https://registry.npmjs.org/';
}

/** Says why an install failed, as far as this can be told from outside pnpm. @param {string} command */
async function explainFailure(command) {
  const url = registry();
  try {
    // Any HTTP answer proves the registry reachable; then pnpm's own words above are the best explanation.
    await fetch(url, { signal: AbortSignal.timeout(10_000) });
  } catch {
    return `The packages could not be installed: the registry ${new URL(url).host} cannot be reached from here. Check the network or proxy (npm config get registry), then run the same command again.`;
  }
  return `The packages could not be installed: \`${command}\` failed with the message above.`;
}

/**
 * Makes node_modules match the lockfile. Output goes to stderr, so that a command's stdout stays its own.
 * @param {string} root
 */
export async function ensureInstalled(root) {
  if (isInstalled(root)) return;
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const args = ['--yes', packageManager, 'install', '--frozen-lockfile'];
  process.stderr.write('planyard: installing packages (first start, or the lockfile changed)\n');
  const installed = spawnSync('npx', args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (installed.status !== 0) throw new BootstrapError(await explainFailure(`npx ${args.join(' ')}`));
  mkdirSync(dirname(stampPath(root)), { recursive: true });
  writeFileSync(stampPath(root), `${installFingerprint(root)}\n`);
}
