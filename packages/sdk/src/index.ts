export {
  defineTool,
  type Tool,
  type ToolCache,
  type ToolContext,
  type ToolDefinition,
} from './define-tool.ts';
