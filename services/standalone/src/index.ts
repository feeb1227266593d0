// The door of standalone, for deployments that start the services apart.
export { type FirstKey, firstKey } from './first-key.ts';
export { migrateDatabase } from './migrate-database.ts';
