// The door of the store: tenant data is read and written only here and in the inventory tools.
export {
  createKey,
  hasKeys,
  isKeyValid,
  listKeys,
  revokeKey,
  touchKey,
  verifyKey,
} from './api-keys.ts';
export { type Archived, archiveRun, type RunArchive } from './archive-run.ts';
export { connectStore, type Store, type StoreOptions } from './connect.ts';
export {
  type Conversation,
  deleteConversation,
  deleteEmptyConversations,
  findConversation,
  keepSummary,
  listTurns,
  type Turn,
} from './conversations.ts';
export type { Database, Executor } from './database.ts';
export { findAnswerStart, readEvents } from './events.ts';
export { type ArchivedGraph, readGraph } from './graph.ts';
export {
  catalog,
  holdsSample,
  INVENTORY_SOURCE,
  inventoryVersion,
  inventoryVersions,
} from './inventory/catalog.ts';
export {
  type InventoryLoad,
  type LoadedBatch,
  type LoadOptions,
  loadInventory,
  type UnknownCode,
} from './inventory/load.ts';
export { loadedCodes } from './inventory/loaded-codes.ts';
export { backstageKinds } from './inventory/replace-catalog.ts';
export {
  beginSideEffect,
  finishSideEffect,
  type JournalEntry,
  listSideEffects,
} from './journal.ts';
export { migrate } from './migrate.ts';
export { deleteModelCalls, insertModelCalls, listModelCalls, type ModelCallRecord } from './model-calls.ts';
export { type EndedPlan, evictPlan, findPlan, findSimilarPlan, planStats } from './plans.ts';
export { copyResult, type ResultRef, readResult, writeResult } from './results.ts';
export { deleteEndedRuns, deleteIdempotencyKeys } from './retention.ts';
export {
  type Accepted,
  bumpIncarnation,
  countOpenRuns,
  deleteRun,
  findAccepted,
  findRun,
  type Idempotency,
  insertAccepted,
  listOpenRuns,
  listRuns,
  type StoredRun,
} from './runs.ts';
export {
  countSchedules,
  deleteSchedule,
  findAnySchedule,
  findSchedule,
  insertSchedule,
  listActiveSchedules,
  listSchedules,
  noteFired,
  pauseSchedule,
  resumeSchedule,
  type StoredSchedule,
} from './schedules.ts';
export { toolStats } from './stats.ts';
export { type ArchivedStep, findStep, listSteps } from './steps.ts';
export type { ToolSpending } from './tool-spending.ts';
export { isUnavailable } from './unavailable.ts';
export { listUsage, sumUsage } from './usage.ts';
