/** Something only the user can change stops the start: its message says what to do, and no stack is shown. */
export class StartupError extends Error {
  override readonly name: string = 'StartupError';
}

/** The exit code (sysexits' EX_CONFIG) that tells a supervisor not to start the process again. */
export const EXIT_STARTUP_ERROR = 78;
