/** What a check found, and what to do when it is not well. */
export interface Finding {
  name: string;
  /** `note`: Planyard runs without it. */
  state: 'ok' | 'note' | 'bad';
  detail: string;
  fix?: string;
}
