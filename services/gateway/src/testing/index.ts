// The second door of the gateway, for tests across packages.
export { call, openGateway, type TestGateway } from './open-gateway.ts';
export { type Play, playServices } from './play-services.ts';
