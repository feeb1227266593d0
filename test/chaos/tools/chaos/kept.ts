import { workTool } from '../../work.ts';

export const tool = workTool('kept');
