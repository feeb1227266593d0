// The door of the gateway, for whoever composes services in one process.
export { configSchema, type GatewayConfig } from './config.ts';
export { type Gateway, type StartGatewayDeps, startGateway } from './start-gateway.ts';
