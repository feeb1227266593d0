import { RunId } from '@planyard/contracts';
import { z } from 'zod';

export const RunParams = z.object({ id: RunId });
